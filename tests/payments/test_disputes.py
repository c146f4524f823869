"""Disputes: held when they open, decided once, and nothing is refunded meanwhile."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from specie.kernel.clock import machine_now
from specie.kernel.ids import PaymentId
from specie.payments import tables
from specie.platform.db import UnitOfWork
from tests.support.shop import Shop

PRICE = 1_500_000
FEE = 15_000


async def paid(shop: Shop, **more: Any) -> PaymentId:
    payment_id = await shop.payment("success", **more)
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")
    return payment_id


async def press(shop: Shop, payment_id: PaymentId, what: str) -> None:
    """A button of the provider's own staff, or of the customer's bank."""
    charge = await shop.charge_of(payment_id)
    answer = await shop.client.post(f"{shop.simulator_url}/dashboard/{charge}/{what}")
    assert answer.status_code == 303, answer.text


async def dispute(shop: Shop, payment_id: PaymentId, status: str) -> dict[str, Any]:
    """The payment's dispute once it has the state."""
    for _ in range(300):
        await shop.work()
        found: list[dict[str, Any]] = (await shop.get(f"/payments/{payment_id}")).json()["disputes"]
        if found and found[0]["status"] == status:
            return found[0]
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def clearing(shop: Shop) -> int:
    return await shop.balance(f"asset:providers:{shop.connection_id}:clearing")


async def test_a_dispute_holds_the_money_and_costs_a_fee(shop: Shop) -> None:
    payment_id = await paid(shop)
    await paid(shop)
    before = await clearing(shop)

    await press(shop, payment_id, "dispute")
    found = await dispute(shop, payment_id, "open")

    assert (found["amount"]["amount"], found["fee"]["amount"]) == (PRICE, FEE)
    assert await shop.wallet() == (PRICE - FEE, 0)
    assert await clearing(shop) == before - FEE
    assert await shop.balance("income:fees:disputes") == FEE


async def test_disputes_are_listed_by_the_time_until_which_they_can_be_answered(shop: Shop) -> None:
    first, second, decided = await paid(shop), await paid(shop), await paid(shop)
    await paid(shop)
    answers = []
    for payment_id in (first, second, decided):
        await press(shop, payment_id, "dispute")
        answers.append((await dispute(shop, payment_id, "open"))["answer_by"])
    assert all(datetime.fromisoformat(text) > machine_now() + timedelta(days=6) for text in answers)
    await press(shop, decided, "dispute/lost")
    await dispute(shop, decided, "lost")
    # The second must be answered an hour before the first; the provider has told no time for the one that is lost.
    async with shop.db.begin(shop.scope) as uow:
        for payment_id, moment in ((first, uow.now + timedelta(hours=2)), (second, uow.now + timedelta(hours=1))):
            await answered_by(uow, payment_id, moment)
        await answered_by(uow, decided, None)

    seen, cursor = [], ""
    while cursor is not None:
        part = (await shop.get(f"/disputes?limit=1&cursor={cursor}" if cursor else "/disputes?limit=1")).json()
        seen, cursor = seen + [row["payment_id"] for row in part["data"]], part["next_cursor"]
    assert seen == [str(second), str(first), str(decided)]
    lost = (await shop.get("/disputes?status=lost")).json()["data"]
    assert [row["payment_id"] for row in lost] == [str(decided)]
    assert (await shop.get("/disputes?submitted=true")).json()["data"] == []


async def answered_by(uow: UnitOfWork, payment_id: PaymentId, moment: datetime | None) -> None:
    mine = (tables.dispute.c.tenant_id == uow.scope.tenant_id.uuid, tables.dispute.c.payment_id == payment_id.uuid)
    await uow.execute(update(tables.dispute).where(*mine).values(answer_by=moment))


async def test_a_refund_of_a_disputed_payment_is_refused(shop: Shop) -> None:
    payment_id = await paid(shop)
    await paid(shop)
    await press(shop, payment_id, "dispute")
    await dispute(shop, payment_id, "open")

    answer = await shop.post(f"/payments/{payment_id}/refunds", {"reason": "too late"})

    assert (answer.status_code, answer.json()["code"]) == (409, "payment_disputed")
    assert await shop.wallet() == (PRICE - FEE, 0)


async def test_a_dispute_that_is_won_gives_the_money_back_once(shop: Shop) -> None:
    payment_id = await paid(shop)
    await paid(shop)
    await press(shop, payment_id, "dispute")
    await dispute(shop, payment_id, "open")

    await press(shop, payment_id, "dispute/won")
    await dispute(shop, payment_id, "won")
    [*callbacks] = (await shop.get(f"/payments/{payment_id}")).json()["callbacks"]
    for callback in callbacks:
        await shop.post(f"/callbacks/{callback['id']}/replay")
    await shop.work()

    assert await shop.wallet() == (2 * PRICE - FEE, 0)
    assert (await shop.get(f"/payments/{payment_id}")).json()["refundable"]["amount"] == PRICE


async def test_a_dispute_that_is_lost_costs_the_merchant_the_money_and_leaves_nothing_to_refund(shop: Shop) -> None:
    payment_id = await paid(shop)
    await paid(shop)
    before = await clearing(shop)
    await press(shop, payment_id, "dispute")
    await dispute(shop, payment_id, "open")

    await press(shop, payment_id, "dispute/lost")
    await dispute(shop, payment_id, "lost")

    assert await shop.wallet() == (PRICE - FEE, 0)
    assert await clearing(shop) == before - FEE - PRICE
    refused = await shop.post(f"/payments/{payment_id}/refunds", {"amount": {"amount": 1, "currency": "IDR"}})
    assert (refused.status_code, refused.json()["code"]) == (422, "refund_too_large")


async def test_what_the_merchant_lacks_becomes_its_debt(shop: Shop) -> None:
    payment_id = await paid(shop)

    await press(shop, payment_id, "dispute")
    await dispute(shop, payment_id, "open")

    assert await shop.wallet() == (0, 0)
    assert await shop.balance(f"asset:debts:{shop.merchant}") == FEE


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_evidence_is_taken_until_the_bank_has_decided(shop: Shop, outcome: str) -> None:
    payment_id = await paid(shop)
    await press(shop, payment_id, "dispute")
    found = await dispute(shop, payment_id, "open")
    path = f"/disputes/{found['id']}/evidence"

    taken = await shop.post(path, {"note": "Signed for by the customer"})
    await press(shop, payment_id, f"dispute/{outcome}")
    await dispute(shop, payment_id, outcome)
    late = await shop.post(path, {"note": "And a photograph"})

    assert (taken.status_code, taken.json()["evidence"]) == (200, "Signed for by the customer")
    assert (late.status_code, late.json()["code"]) == (409, "dispute_decided")
