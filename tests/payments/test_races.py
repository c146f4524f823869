"""Redirect, callback and poll at the same moment, in every order and however often: one effect."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import psycopg
import pytest

from specie import payments
from specie.kernel.ids import PaymentId
from specie.payments import attempts, charging
from specie.payments.model import reference_of
from specie.platform.crashpoints import TrapSprung, install
from specie.providers import ChargeKind, ChargeState, ErrorClass, ProviderFact, Rejected, Trust
from tests.support.shop import Shop, rupiah

RUNS = 100


async def fact(
    shop: Shop, payment_id: PaymentId, state: ChargeState = ChargeState.PAID, minor: int = 1_500_000
) -> ProviderFact:
    async with shop.db.begin(shop.scope) as uow:
        attempt = (await payments.attempts_of(uow, payment_id))[-1]
    assert shop.connection_id
    return ProviderFact(
        connection_id=shop.connection_id,
        reference=reference_of(attempt.id),
        provider_ref=attempt.provider_ref or "chg_x",
        event_key="e",
        state=state,
        raw_state=state.value,
        amount=rupiah(minor),
        fee=None,
        occurred_at=None,
        trust=Trust.SIGNED,
        must_requery=False,
    )


async def tell(shop: Shop, told: ProviderFact) -> None:
    await shop.db.run(shop.scope, lambda uow: payments.apply(uow, told), label="test.tell")


async def test_return_callback_and_poll_together_complete_a_payment_once(shop: Shop) -> None:
    for _ in range(RUNS):
        payment_id = await shop.payment("lost", minor=1_000)
        await shop.pay(payment_id)
        paid = await fact(shop, payment_id, minor=1_000)
        await asyncio.gather(
            payments.check(shop.context, payment_id),
            tell(shop, paid),
            tell(shop, replace(paid, event_key="poll")),
        )
        assert await shop.state(payment_id) == "paid"

    assert await shop.wallet() == (1_000 * RUNS, 0)
    assert await shop.balance(f"asset:providers:{shop.connection_id}:clearing") <= 1_000 * RUNS


@pytest.mark.parametrize(
    "order", list(permutations([ChargeState.PAID, ChargeState.FAILED, ChargeState.EXPIRED, ChargeState.PENDING]))
)
async def test_whatever_the_order_of_facts_money_that_arrived_is_booked_once(
    shop: Shop, order: tuple[ChargeState, ...]
) -> None:
    payment_id = await shop.payment()
    await shop.pay(payment_id)

    for state in (*order, *order):
        await tell(shop, await fact(shop, payment_id, state))

    assert await shop.state(payment_id) == "paid"
    assert await shop.wallet() == (1_500_000, 0)


@pytest.mark.parametrize("minor", [1_499_999, 1_500_001, 150_000_000, 15_000])
async def test_an_amount_that_is_off_by_anything_never_pays(shop: Shop, minor: int) -> None:
    payment_id = await shop.payment()
    await shop.pay(payment_id)

    await tell(shop, await fact(shop, payment_id, minor=minor))

    assert await shop.state(payment_id) == "pending"
    assert await shop.wallet() == (0, 0)
    assert await shop.balance("liability:suspense:payments") == minor


async def test_a_state_nobody_knows_posts_nothing_and_goes_before_a_person(shop: Shop) -> None:
    payment_id = await shop.payment()
    await shop.pay(payment_id)

    for _ in range(3):
        await tell(shop, replace(await fact(shop, payment_id, ChargeState.UNMAPPED), raw_state="odd"))

    assert await shop.state(payment_id) == "pending"
    exceptions = (await shop.get("/payment-exceptions")).json()["data"]
    assert [found["kind"] for found in exceptions] == ["unmapped_state"]


async def test_money_for_a_cancelled_payment_waits_in_suspense(shop: Shop) -> None:
    payment_id = await shop.payment()
    await shop.pay(payment_id)
    await shop.post(f"/payments/{payment_id}/cancel")

    await tell(shop, await fact(shop, payment_id))

    assert await shop.state(payment_id) == "cancelled"
    assert await shop.wallet() == (0, 0)
    assert await shop.balance("liability:suspense:payments") == 1_500_000


async def test_a_second_charge_of_a_paid_payment_waits_in_suspense(shop: Shop) -> None:
    payment_id = await shop.payment("lost")
    await shop.pay(payment_id)
    await shop.post(f"/payments/{payment_id}/check")

    await tell(shop, replace(await fact(shop, payment_id), provider_ref="chg_other"))

    assert await shop.wallet() == (1_500_000, 0)
    assert await shop.balance("liability:suspense:payments") == 1_500_000


@pytest.mark.parametrize("point", ["payments.charge.claimed", "payments.charge.sent", "payments.claim.commit.after"])
async def test_a_worker_that_dies_around_the_call_orders_once_and_finishes(
    shop: Shop, point: str, superuser_connection: psycopg.Connection
) -> None:
    payment_id = await shop.payment("lost")

    def trap(name: str) -> None:
        if name == point:
            raise TrapSprung(name)

    install(trap)
    try:
        with pytest.raises(TrapSprung):
            await shop.pay(payment_id)
    finally:
        install(None)
    over(superuser_connection, payment_id)
    # The first look may find that the order never left and send it; the second sees how it ended.
    await payments.check(shop.context, payment_id)
    await payments.check(shop.context, payment_id)

    assert await shop.state(payment_id) == "paid"
    assert len(await shop.book()) == 1
    assert await shop.wallet() == (1_500_000, 0)


def over(connection: psycopg.Connection, payment_id: PaymentId) -> None:
    """The lease of whoever was calling has run out."""
    connection.execute(
        "update specie.payment_attempt set leased_until = '2020-01-01Z' where payment_id = %s", [payment_id.uuid]
    )


async def test_a_refusal_before_the_new_owner_has_sent_leaves_the_order_to_it(
    shop: Shop, superuser_connection: psycopg.Connection
) -> None:
    payment_id, toolbox = await shop.payment("success"), shop.services["providers"]
    late = Rejected("timeout", ErrorClass.PROVIDER_DOWN, safe_to_retry=True)
    async with shop.db.begin(shop.scope) as uow:
        attempt = await attempts.start(uow, toolbox, payment_id, ChargeKind.QR)
        slow = await attempts.claim(uow, toolbox, attempt.id)
    over(superuser_connection, payment_id)
    assert slow is not None
    async with shop.db.begin(shop.scope) as uow:
        await attempts.claim(uow, toolbox, attempt.id)
        await attempts.rejected(uow, toolbox, slow.attempt, late)

    assert await shop.state(payment_id) == "pending"
    assert await charging.order(shop.context, attempt.id) is False


async def test_every_try_of_an_attempt_sends_the_same_reference_and_key(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("specie.payments.attempts._LEASE", timedelta(0))
    payment_id = await shop.payment()
    async with shop.db.begin(shop.scope) as uow:
        attempt = await attempts.start(uow, shop.services["providers"], payment_id, ChargeKind.QR)

    tickets = []
    for _ in range(3):
        async with shop.db.begin(shop.scope) as uow:
            tickets.append(await attempts.claim(uow, shop.services["providers"], attempt.id))

    assert len({(ticket.request.key, ticket.request.reference) for ticket in tickets if ticket}) == 1
    assert all(tickets)


async def test_the_database_refuses_a_move_that_is_not_an_edge(
    shop: Shop, superuser_connection: psycopg.Connection
) -> None:
    payment_id = await shop.payment("lost")
    await shop.pay(payment_id)
    await shop.post(f"/payments/{payment_id}/check")

    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        superuser_connection.execute("update specie.payment set state = 'failed' where id = %s", [payment_id.uuid])
    # Others of the table's rules would refuse this row as well.
    assert refused.value.diag.constraint_name == "state_edge"
