"""What business time does to payments: expiry, late money, holds. The tenant's clock is moved by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from specie import payments
from specie.kernel.clock import BusinessClock
from specie.kernel.ids import PaymentId
from specie.payments import attempts, service
from specie.payments import jobs as payment_jobs
from specie.payments.attempts import IN_FLIGHT
from specie.platform.jobs import JobContext
from specie.providers import ChargeKind
from tests.support.shop import Shop


def later(shop: Shop, **ahead: int) -> JobContext:
    """The shop as it is after some time."""
    clock = BusinessClock(shop.scope.clock.zone, offset=timedelta(**ahead))
    return JobContext(shop.db, replace(shop.scope, clock=clock), shop.services)


async def expired(shop: Shop, payment_id: PaymentId) -> None:
    await payment_jobs.expire_job(later(shop, hours=2), payment_id=str(payment_id))


async def test_a_payment_nobody_paid_expires(shop: Shop) -> None:
    untouched, chosen = await shop.payment(), await shop.payment()
    await shop.pay(chosen)

    await expired(shop, untouched)
    await expired(shop, chosen)

    assert await shop.state(untouched) == "expired"
    assert await shop.state(chosen) == "expired"
    with pytest.raises(payments.PaymentCannotMove):
        await shop.pay(untouched)


async def test_expiry_asks_a_last_time_before_it_gives_up(shop: Shop) -> None:
    payment_id = await shop.payment("lost")
    await shop.pay(payment_id)

    await expired(shop, payment_id)

    assert await shop.state(payment_id) == "paid"


async def test_money_after_expiry_pays_late_and_is_booked_once(shop: Shop) -> None:
    payment_id = await shop.payment()
    attempt = await shop.pay(payment_id)
    await expired(shop, payment_id)
    await shop.lever("play", charge=attempt.provider_ref, play="doubled")
    await shop.settled(payment_id, "paid")
    await shop.callbacks_answered(2)
    await shop.work()

    detail = (await shop.get(f"/payments/{payment_id}")).json()
    assert detail["paid_late"] is True
    assert await shop.wallet() == (1_500_000, 0)


async def test_where_late_money_is_not_wanted_it_waits_in_suspense(shop: Shop) -> None:
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json={"accept_late": False}, headers=shop.headers)
    payment_id = await shop.payment()
    attempt = await shop.pay(payment_id)
    await expired(shop, payment_id)

    await shop.lever("play", charge=attempt.provider_ref, play="success")
    await shop.callbacks_answered(1)
    await shop.work()

    assert await shop.state(payment_id) == "expired"
    assert await shop.wallet() == (0, 0)
    assert await shop.balance("liability:suspense:payments") == 1_500_000


async def test_an_order_that_is_unknown_at_expiry_stays_unknown_until_the_provider_tells(shop: Shop) -> None:
    payment_id = await shop.payment("no_answer")
    attempt = await shop.pay(payment_id)
    connection = {"timeout_ms": 100}
    await shop.client.patch(
        f"{shop.url}/api/v1/connections/{attempt.connection_id}", json=connection, headers=shop.headers
    )
    async with shop.db.begin(later(shop, hours=2).scope) as uow:
        await service.expire(uow, payment_id)

    async with shop.db.begin(shop.scope) as uow:
        [kept] = await payments.attempts_of(uow, payment_id)
    assert await shop.state(payment_id) == "expired"
    assert kept.state is payments.AttemptState.UNKNOWN


async def test_a_share_on_hold_becomes_available_on_its_day_once(shop: Shop) -> None:
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json={"hold_days": 3}, headers=shop.headers)
    payment_id = await shop.payment("lost")
    await shop.pay(payment_id)
    await shop.post(f"/payments/{payment_id}/check")

    await payment_jobs.release_job(later(shop, days=2), payment=str(payment_id.uuid))
    assert await shop.wallet() == (0, 1_500_000)
    for _ in range(2):
        await payment_jobs.release_job(later(shop, days=3, minutes=1), payment=str(payment_id.uuid))

    assert await shop.wallet() == (1_500_000, 0)


async def test_an_order_that_may_never_have_arrived_is_asked_about_when_that_answer_begins_to_count(shop: Shop) -> None:
    payment_id = await shop.payment("error_before")
    attempt = await shop.pay(payment_id)

    await payment_jobs.poll_job(later(shop, seconds=36), attempt=str(attempt.id.uuid), polls=3)

    planned = text("select max(due_at) from specie.due where payload ->> 'attempt' = :attempt")
    async with shop.db.begin(shop.scope) as uow:
        latest = (await uow.execute(planned, {"attempt": str(attempt.id.uuid)})).scalar_one()
    assert latest == attempt.updated_at + IN_FLIGHT
    await payment_jobs.poll_job(later(shop, seconds=61), attempt=str(attempt.id.uuid), polls=4)
    assert await shop.state(payment_id) == "failed"


async def test_what_is_ordered_after_its_request_died_and_stays_unanswered_is_asked_about_at_once(shop: Shop) -> None:
    payment_id = await shop.payment("no_answer+lost")
    async with shop.db.begin(shop.scope) as uow:
        attempt = await attempts.start(uow, shop.services["providers"], payment_id, ChargeKind.QR)

    await payment_jobs.charge_job(shop.context, attempt_id=str(attempt.id))

    assert await shop.state(payment_id) == "paid"


async def test_a_charge_that_stays_unknown_goes_before_a_person(shop: Shop) -> None:
    payment_id = await shop.payment("error_before")
    attempt = await shop.pay(payment_id)

    await payment_jobs.poll_job(shop.context, attempt=str(attempt.id.uuid), polls=8)

    [found] = (await shop.get("/payment-exceptions")).json()["data"]
    assert found["kind"] == "unknown_too_long"
