"""Authorised now, captured later: in parts, never more than was agreed, and let go in the end."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from specie import payments
from specie.kernel.clock import BusinessClock
from specie.kernel.ids import PaymentId
from specie.kernel.money import Money
from specie.payments import capturing
from specie.payments import jobs as payment_jobs
from specie.payments.capture_model import CaptureId
from specie.platform.jobs import JobContext
from specie.providers import ChargeKind, Unknown
from specie.providers.base import certain
from specie.providers.simulator.adapter import SimulatorAdapter
from tests.support.shop import Shop

PRICE = 1_500_000


async def authorized(shop: Shop, **more: Any) -> PaymentId:
    """A payment the customer has agreed to by card."""
    payment_id = await shop.payment("success", capture="manual", **more)
    await shop.pay(payment_id, ChargeKind.CARD)
    await shop.settled(payment_id, "authorized")
    return payment_id


async def capture(shop: Shop, payment_id: PaymentId, minor: int | None = None, *, final: bool = False) -> Any:
    """Ask for a capture over the API."""
    body = {"amount": {"amount": minor, "currency": "IDR"}} if minor else {}
    return await shop.post(f"/payments/{payment_id}/captures", body | {"final": final})


async def shown(shop: Shop, payment_id: PaymentId) -> dict[str, Any]:
    detail: dict[str, Any] = (await shop.get(f"/payments/{payment_id}")).json()
    return detail


async def decided(shop: Shop, payment_id: PaymentId, *wanted: str) -> None:
    """Run the worker until the payment's captures have these states."""
    for _ in range(300):
        await shop.work()
        states = [each["status"] for each in (await shown(shop, payment_id))["captures"]]
        if states == list(wanted):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{states}, not {wanted}")


async def test_an_authorised_payment_moves_no_money(shop: Shop) -> None:
    payment_id = await authorized(shop)

    detail = await shown(shop, payment_id)

    assert (detail["status"], detail["capturable"]["amount"], detail["net"]) == ("authorized", PRICE, None)
    assert await shop.wallet() == (0, 0)
    assert await shop.balance(f"asset:providers:{shop.connection_id}:clearing") == 0


async def test_several_captures_are_booked_one_by_one_until_the_payment_is_paid(shop: Shop) -> None:
    fees = {"fee_rate": "0.01", "fee_fixed": {"IDR": 10_000}}
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json=fees, headers=shop.headers)
    payment_id = await authorized(shop)

    await capture(shop, payment_id, 500_000)
    await decided(shop, payment_id, "succeeded")
    first = await shown(shop, payment_id)
    await capture(shop, payment_id)
    await shop.settled(payment_id, "paid")

    assert (first["status"], first["captured"]["amount"]) == ("partly_captured", 500_000)
    # Together they cost what the payment would have cost at once: one per cent and one fixed part.
    assert await shop.balance("income:fees:payments") == 25_000
    assert await shop.wallet() == (PRICE - 25_000, 0)


async def test_of_fifty_captures_at_the_same_moment_only_those_within_the_limit_are_taken(shop: Shop) -> None:
    payment_id = await authorized(shop)

    answers = await asyncio.gather(*(capture(shop, payment_id, 100_000) for _ in range(50)))

    codes = sorted(answer.json().get("code", "taken") for answer in answers)
    assert codes == ["capture_too_large"] * 35 + ["taken"] * 15
    await shop.settled(payment_id, "paid", 20)
    assert await shop.wallet() == (PRICE, 0)


async def test_the_rest_is_let_go_after_a_final_capture(shop: Shop) -> None:
    payment_id = await authorized(shop)

    await capture(shop, payment_id, 600_000, final=True)
    await shop.settled(payment_id, "paid")

    assert await shop.wallet() == (600_000, 0)
    assert (await shop.book())[0]["state"] == "cancelled"
    refused = await capture(shop, payment_id, 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "capture_impossible")


async def test_a_void_without_any_capture_cancels_the_payment(shop: Shop) -> None:
    payment_id = await authorized(shop)

    answer = await shop.post(f"/payments/{payment_id}/void")
    refused = await capture(shop, payment_id, 1)
    await shop.settled(payment_id, "cancelled")

    assert answer.status_code == 200, answer.text
    assert (refused.status_code, refused.json()["code"]) == (422, "capture_too_large")
    assert await shop.wallet() == (0, 0)
    assert (await shown(shop, payment_id))["capturable"]["amount"] == 0


async def test_a_capture_that_fails_can_be_tried_again(shop: Shop) -> None:
    payment_id = await authorized(shop, metadata={"simulator": "success", "simulator_capture": "fail"})

    await capture(shop, payment_id, 400_000)
    await decided(shop, payment_id, "failed")

    detail = await shown(shop, payment_id)
    assert (detail["status"], detail["capturable"]["amount"]) == ("authorized", PRICE)
    assert await shop.wallet() == (0, 0)


@pytest.mark.parametrize("scenario", ["cut", "error_after"])
async def test_a_capture_without_an_answer_is_asked_about_and_booked_once(shop: Shop, scenario: str) -> None:
    metadata = {"simulator": "success", "simulator_capture": f"{scenario}+lost"}
    payment_id = await authorized(shop, metadata=metadata)
    made = await capture(shop, payment_id, 400_000)
    await decided(shop, payment_id, "unknown")

    await asyncio.sleep(2.1)
    wanted = str(CaptureId.parse(made.json()["id"]).uuid)
    await payment_jobs.capture_poll_job(shop.context, capture=wanted, polls=0)
    await payment_jobs.capture_poll_job(shop.context, capture=wanted, polls=1)

    assert await shop.wallet() == (400_000, 0)
    assert len((await shown(shop, payment_id))["captures"]) == 1


async def planned(shop: Shop, capture_id: CaptureId) -> set[str]:
    """After how many questions each planned question about the capture is asked."""
    query = text("select payload ->> 'polls' from specie.due where payload ->> 'capture' = :capture")
    async with shop.db.begin(shop.scope) as uow:
        return set((await uow.execute(query, {"capture": str(capture_id.uuid)})).scalars())


async def test_a_capture_ordered_only_after_many_questions_is_asked_about_as_soon_as_any_other(shop: Shop) -> None:
    payment_id = await authorized(shop, metadata={"simulator": "success", "simulator_capture": "error_before"})
    made = await capture(shop, payment_id, 400_000)
    wanted = CaptureId.parse(made.json()["id"])

    await payment_jobs.capture_poll_job(shop.context, capture=str(wanted.uuid), polls=7)

    assert await planned(shop, wanted) == {"0"}


async def test_a_capture_whose_order_fails_again_is_asked_about_ever_less_often(shop: Shop) -> None:
    payment_id = await authorized(shop, metadata={"simulator": "success", "simulator_capture": "error_before"})
    made = await capture(shop, payment_id, 400_000)
    wanted = CaptureId.parse(made.json()["id"])
    await payment_jobs.capture_job(shop.context, capture_id=str(wanted))

    await payment_jobs.capture_poll_job(shop.context, capture=str(wanted.uuid), polls=7)

    assert await planned(shop, wanted) == {"0", "8"}


async def test_an_authorisation_nobody_captures_is_over_after_a_week(shop: Shop) -> None:
    payment_id = await authorized(shop)
    clock = BusinessClock(shop.scope.clock.zone, offset=timedelta(days=8))
    later = JobContext(shop.db, replace(shop.scope, clock=clock), shop.services)

    await payment_jobs.void_job(later, payment_id=str(payment_id))

    assert await shop.state(payment_id) == "expired"
    assert (await shop.book())[0]["state"] == "cancelled"
    assert (await shown(shop, payment_id))["capturable"]["amount"] == 0


async def test_what_was_captured_can_be_refunded_and_no_more(shop: Shop) -> None:
    payment_id = await authorized(shop)
    await capture(shop, payment_id, 600_000)
    await decided(shop, payment_id, "succeeded")

    refused = await shop.post(f"/payments/{payment_id}/refunds", {"amount": {"amount": 600_001, "currency": "IDR"}})
    taken = await shop.post(f"/payments/{payment_id}/refunds", {"amount": {"amount": 600_000, "currency": "IDR"}})

    assert (refused.status_code, refused.json()["code"]) == (422, "refund_too_large")
    assert taken.status_code == 201
    assert await shop.wallet() == (0, 0)


async def test_a_payment_without_an_authorisation_cannot_be_captured(shop: Shop) -> None:
    payment_id = await shop.payment()

    answer = await capture(shop, payment_id, 1)

    assert (answer.status_code, answer.json()["code"]) == (409, "capture_impossible")


async def test_a_qr_code_is_not_offered_for_a_payment_that_is_captured_later(shop: Shop) -> None:
    payment_id = await shop.payment(capture="manual")

    with pytest.raises(payments.MethodUnavailable):
        await shop.pay(payment_id, ChargeKind.QR)


async def test_a_refusal_says_nothing_about_a_capture_ordered_before_while_nobody_can_be_asked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = {"simulator": "success", "simulator_capture": "error_after+lost"}
    payment_id = await authorized(shop, metadata=metadata)
    made = await capture(shop, payment_id, 400_000)
    await decided(shop, payment_id, "unknown")
    async with shop.db.begin(shop.scope) as uow:
        refusing = text('update specie.payment set metadata = \'{"simulator_capture": "refuse"}\' where id = :id')
        await uow.execute(refusing, {"id": payment_id.uuid})
    wanted = CaptureId.parse(made.json()["id"])

    with monkeypatch.context() as silent:
        silent.setattr(SimulatorAdapter, "get_capture", lambda *_: certain("get_capture", Unknown("timeout")))
        await capturing.order(shop.context, wanted)
    doubtful = [each["status"] for each in (await shown(shop, payment_id))["captures"]]
    await asyncio.sleep(2.1)
    await capturing.check(shop.context, wanted)

    assert doubtful == ["unknown"]
    assert await shop.wallet() == (400_000, 0)


async def test_a_capture_that_no_account_has_room_for_is_before_a_person_until_there_is_room(shop: Shop) -> None:
    payment_id = await authorized(shop)
    clearing = f"asset:providers:{shop.connection_id}:clearing"
    await shop.fill(clearing)
    await capture(shop, payment_id)
    await shop.work()

    [found] = (await shop.get("/payment-exceptions")).json()["data"]
    assert (found["kind"], found["facts"]["account"]) == ("balance_range", clearing)
    assert (await shop.state(payment_id), await shop.wallet()) == ("authorized", (0, 0))

    await shop.fill(clearing, -Money.MAX_MINOR)
    [asked] = (await shown(shop, payment_id))["captures"]
    await capturing.check(shop.context, CaptureId.parse(asked["id"]))
    assert (await shop.state(payment_id), (await shop.wallet())[0]) == ("paid", PRICE)


async def test_a_yes_that_no_account_has_room_for_is_before_a_person(shop: Shop) -> None:
    await shop.fill(f"memo:payments:{shop.merchant}:authorized", -Money.MAX_MINOR)
    payment_id = await shop.payment("success", capture="manual")
    await shop.pay(payment_id, ChargeKind.CARD)
    await shop.callbacks_answered(1)
    await shop.work()

    [found] = (await shop.get("/payment-exceptions")).json()["data"]
    assert (found["payment_id"], found["kind"]) == (str(payment_id), "balance_range")
    assert await shop.state(payment_id) == "pending"
