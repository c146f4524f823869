"""Refunds above the tenant's line: somebody else decides, nothing moves before, and a yes reserves once."""

from dataclasses import replace
from typing import Any

import pytest

from specie import approvals, payments
from specie.approvals import service as deciding
from specie.approvals.errors import ApprovalEnded, ApprovalImpossible, MakerCannotDecide
from specie.kernel.ids import ApprovalId, PaymentId, UserId
from specie.kernel.scope import Actor, ActorKind
from tests.payments.test_refunds import clearing, decided, paid, refund
from tests.support.shop import IDR, Shop, rupiah

LINE = 500_000
ABOVE = 600_000


@pytest.fixture(autouse=True)
async def line(shop: Shop) -> None:
    """A line, and the module that hears of decisions."""
    approvals.on_decided(payments.REFUND_KIND, payments.refund_decided)
    async with shop.db.begin(shop.scope) as uow:
        await approvals.set_line(uow, payments.REFUND_KIND, IDR, rupiah(LINE))


async def books(shop: Shop) -> tuple[Any, ...]:
    return await shop.wallet(), await clearing(shop)


async def refunds_of(shop: Shop, payment_id: PaymentId) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await shop.get(f"/refunds?payment_id={payment_id}")).json()["data"]
    return found


async def asked(shop: Shop, payment_id: PaymentId, minor: int = ABOVE) -> ApprovalId:
    """A refund that waits; the id of its request."""
    answer = await refund(shop, payment_id, minor)
    assert (answer.status_code, answer.json()["status"]) == (201, "needs_approval"), answer.text
    return ApprovalId.parse(answer.json()["approval_id"])


async def decide(shop: Shop, approval_id: ApprovalId, decision: Any = deciding.approve) -> None:
    """A second person's word."""
    checker = replace(shop.scope, actor=Actor(ActorKind.USER, str(UserId.new())))
    async with shop.db.begin(checker) as uow:
        await decision(uow, approval_id, "looked at the return slip")


async def test_a_refund_above_the_line_moves_nothing_until_somebody_else_says_yes_and_then_once(shop: Shop) -> None:
    payment_id = await paid(shop)
    before = await books(shop)

    approval_id = await asked(shop, payment_id)

    assert (await books(shop), await refunds_of(shop, payment_id)) == (before, [])
    with pytest.raises(MakerCannotDecide):
        async with shop.db.begin(replace(shop.scope, actor=Actor(ActorKind.JOB, "key_test"))) as uow:
            await deciding.approve(uow, approval_id, "my own request")
    assert (await books(shop), await refunds_of(shop, payment_id)) == (before, [])

    await decide(shop, approval_id)
    with pytest.raises(ApprovalEnded):
        await decide(shop, approval_id)
    (made,) = await refunds_of(shop, payment_id)
    await decided(shop, made["id"], "succeeded")

    assert (made["amount"]["amount"], made["created_by"]) == (ABOVE, "job:key_test")
    (available, pending), held = before
    assert await books(shop) == ((available - ABOVE, pending), held - ABOVE)


async def test_a_no_moves_nothing_and_another_may_be_asked_for(shop: Shop) -> None:
    payment_id = await paid(shop)
    before = await books(shop)
    approval_id = await asked(shop, payment_id)
    again = await refund(shop, payment_id, 1_000)
    assert (again.status_code, again.json()["code"]) == (409, "refund_waits")

    await decide(shop, approval_id, deciding.refuse)

    assert (await books(shop), await refunds_of(shop, payment_id)) == (before, [])
    await asked(shop, payment_id)


async def test_nobody_gets_below_the_line_by_asking_in_small_pieces(shop: Shop) -> None:
    payment_id = await paid(shop)
    first = await refund(shop, payment_id, LINE)
    assert first.json()["status"] == "created", first.text
    await decided(shop, first.json()["id"], "succeeded")
    before = await books(shop)

    await asked(shop, payment_id, 1)

    assert await books(shop) == before


async def test_a_yes_to_what_is_not_possible_any_more_is_refused_and_moves_nothing(shop: Shop) -> None:
    payment_id = await paid(shop)
    await paid(shop)
    approval_id = await asked(shop, payment_id)
    charge = await shop.charge_of(payment_id)
    pressed = await shop.client.post(f"{shop.simulator_url}/dashboard/{charge}/refund?amount=1400000")
    assert pressed.status_code == 303, pressed.text
    for _ in range(300):
        await shop.work()
        if await refunds_of(shop, payment_id):
            break
    before = await books(shop)

    with pytest.raises(ApprovalImpossible) as refused:
        await decide(shop, approval_id)

    assert refused.value.facts["reason"] == "refund_too_large"
    assert await books(shop) == before
    async with shop.db.begin(shop.scope) as uow:
        assert str((await deciding.get(uow, approval_id)).state) == "open"
