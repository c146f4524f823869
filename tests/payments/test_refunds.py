"""Money back: in full and in parts, within what may be refunded, whatever the provider does."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from specie import wallets
from specie.kernel.clock import BusinessClock
from specie.kernel.ids import PartyId, PaymentId, RequestId
from specie.payments import jobs as payment_jobs
from specie.payments.refund_model import RefundId
from specie.platform.jobs import JobContext
from tests.support.shop import IDR, Shop, rupiah

PRICE = 1_500_000
FEE = 50_000
# From now on the simulator plays no tricks with the payment's refunds.
CALM = "update specie.payment set metadata = '{}' where id = :id"


async def paid(shop: Shop, minor: int = PRICE, **more: Any) -> PaymentId:
    """A payment the customer has made."""
    payment_id = await shop.payment("success", minor=minor, **more)
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")
    return payment_id


async def terms(shop: Shop, **wanted: Any) -> None:
    answer = await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json=wanted, headers=shop.headers)
    assert answer.status_code == 200, answer.text


async def refund(shop: Shop, payment_id: PaymentId, minor: int | None = None, **more: Any) -> Any:
    """Ask for a refund over the API."""
    body = {"reason": "a test"} | ({"amount": {"amount": minor, "currency": "IDR"}} if minor else {})
    return await shop.post(f"/payments/{payment_id}/refunds", body | more)


async def decided(shop: Shop, refund_id: str, wanted: str) -> dict[str, Any]:
    """Run the worker until the refund has the state."""
    for _ in range(300):
        await shop.work()
        shown: dict[str, Any] = (await shop.get(f"/refunds/{refund_id}")).json()
        if shown["status"] == wanted:
            return shown
        await asyncio.sleep(0.1)
    raise AssertionError(f"{shown['status']}, not {wanted}")


async def clearing(shop: Shop) -> int:
    return await shop.balance(f"asset:providers:{shop.connection_id}:clearing")


async def dashboard(shop: Shop, payment_id: PaymentId, minor: int) -> None:
    """What the provider's own staff can do: refund a charge without anybody having asked."""
    charge = await shop.charge_of(payment_id)
    answer = await shop.client.post(f"{shop.simulator_url}/dashboard/{charge}/refund?amount={minor}")
    assert answer.status_code == 303, answer.text


async def refunds_of(shop: Shop, payment_id: PaymentId, count: int) -> list[dict[str, Any]]:
    """The refunds of a payment once there are so many."""
    for _ in range(300):
        await shop.work()
        found: list[dict[str, Any]] = (await shop.get(f"/payments/{payment_id}")).json()["refunds"]
        if len(found) == count:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(found)} refunds, not {count}")


async def test_a_full_refund_takes_everything_from_the_merchant_and_the_clearing_account(shop: Shop) -> None:
    payment_id = await paid(shop)
    before = await clearing(shop)

    answer = await refund(shop, payment_id)
    assert answer.status_code == 201, answer.text
    await decided(shop, answer.json()["id"], "succeeded")

    assert await shop.wallet() == (0, 0)
    assert await clearing(shop) == before - PRICE
    assert (await shop.get(f"/payments/{payment_id}")).json()["refundable"]["amount"] == 0


async def test_many_partial_refunds_never_add_up_to_more_than_was_collected(shop: Shop) -> None:
    payment_id = await paid(shop)
    for minor in (500_000, 999_999):
        made = await refund(shop, payment_id, minor)
        await decided(shop, made.json()["id"], "succeeded")

    refused = await refund(shop, payment_id, 2)
    last = await refund(shop, payment_id, 1)

    assert (refused.status_code, refused.json()["code"]) == (422, "refund_too_large")
    assert refused.json()["available"] == 1
    assert last.status_code == 201
    assert await shop.wallet() == (0, 0)


async def test_of_fifty_refunds_at_the_same_moment_only_those_within_the_limit_are_taken(shop: Shop) -> None:
    payment_id = await paid(shop)
    await paid(shop)

    answers = await asyncio.gather(*(refund(shop, payment_id, 100_000) for _ in range(50)))

    codes = sorted(answer.json().get("code", "taken") for answer in answers)
    assert codes == ["refund_too_large"] * 35 + ["taken"] * 15
    # The merchant has enough for more; it is the limit that refused.
    assert await shop.wallet() == (PRICE, 0)


async def test_a_merchant_who_has_spent_the_money_is_refused_and_nothing_moves(shop: Shop) -> None:
    payment_id = await paid(shop)
    first = await refund(shop, payment_id, 500_000)
    await decided(shop, first.json()["id"], "succeeded")
    await spend(shop, 900_000)

    answer = await refund(shop, payment_id, 100_001)

    assert (answer.status_code, answer.json()["code"]) == (422, "insufficient_funds")
    assert await shop.wallet() == (100_000, 0)
    assert (await shop.get(f"/payments/{payment_id}")).json()["refundable"]["amount"] == 1_000_000


async def spend(shop: Shop, minor: int) -> None:
    async with shop.db.begin(shop.scope) as uow:
        source = await wallets.ensure_wallet(uow, shop.merchant, IDR)
        target = await wallets.ensure_wallet(uow, PartyId.new(), IDR)
        await wallets.transfer(uow, source.id, target.id, rupiah(minor))


async def test_a_dry_run_shows_the_postings_and_moves_nothing(shop: Shop) -> None:
    payment_id = await paid(shop)

    answer = await shop.post(f"/payments/{payment_id}/refunds?dry_run=true", {"reason": "just looking"})

    assert answer.status_code == 200
    assert answer.json()["refundable_after"]["amount"] == 0
    assert any(posting["debit_code"].endswith(":available") for posting in answer.json()["postings"])
    assert await shop.wallet() == (PRICE, 0)
    assert (await shop.get(f"/payments/{payment_id}")).json()["refunds"] == []


async def test_the_platform_keeps_its_fee_and_the_merchant_bears_it(shop: Shop) -> None:
    await terms(shop, fee_fixed={"IDR": FEE})
    payment_id = await paid(shop)
    await paid(shop)

    made = await refund(shop, payment_id)
    await decided(shop, made.json()["id"], "succeeded")

    assert await shop.balance("income:fees:payments") == 2 * FEE
    assert await shop.wallet() == (2 * (PRICE - FEE) - PRICE, 0)


async def test_a_fee_that_goes_back_goes_back_to_the_last_minor_unit_over_many_refunds(shop: Shop) -> None:
    await terms(shop, fee_fixed={"IDR": 50_001}, refund_fee="return")
    payment_id = await paid(shop)

    for minor in (333_333, 333_333, 333_334, 500_000):
        made = await refund(shop, payment_id, minor)
        await decided(shop, made.json()["id"], "succeeded")

    assert await shop.balance("income:fees:payments") == 0
    assert await shop.wallet() == (0, 0)


async def test_a_refund_that_fails_later_puts_everything_back(shop: Shop) -> None:
    payment_id = await paid(shop, metadata={"simulator": "success", "simulator_refund": "fail"})
    before = await clearing(shop)
    made = await refund(shop, payment_id, 400_000)

    shown = await decided(shop, made.json()["id"], "failed")

    assert shown["failure"] == "failed"
    assert await shop.wallet() == (PRICE, 0)
    assert await clearing(shop) == before
    assert (await shop.get(f"/payments/{payment_id}")).json()["refundable"]["amount"] == PRICE


async def test_a_refund_the_provider_refuses_puts_everything_back(shop: Shop) -> None:
    payment_id = await paid(shop, metadata={"simulator": "success", "simulator_refund": "refuse"})
    made = await refund(shop, payment_id, 400_000)

    shown = await decided(shop, made.json()["id"], "failed")

    assert shown["failure"] == "refund_refused"
    assert await shop.wallet() == (PRICE, 0)


@pytest.mark.parametrize("scenario", ["no_answer", "cut", "error_after"])
async def test_a_refund_without_an_answer_stays_reserved_until_the_provider_has_been_asked(
    shop: Shop, scenario: str
) -> None:
    payment_id = await paid(shop, metadata={"simulator": "success", "simulator_refund": f"{scenario}+lost"})
    made = await refund(shop, payment_id, 400_000)
    await decided(shop, made.json()["id"], "unknown")
    assert await shop.wallet() == (PRICE - 400_000, 0)

    await asyncio.sleep(2.1)
    answer = await shop.post(f"/refunds/{made.json()['id']}/check")

    assert answer.json()["status"] == "succeeded"
    assert len(await operations(shop)) == 1


async def operations(shop: Shop) -> list[dict[str, Any]]:
    ids = {charge["id"] for charge in await shop.book()}
    book = (await shop.client.get(f"{shop.simulator_url}/admin/book")).json()
    return [operation for operation in book["operations"] if operation["charge_id"] in ids]


async def test_an_order_that_never_arrived_is_sent_again_under_the_same_reference(shop: Shop) -> None:
    payment_id = await paid(shop, metadata={"simulator": "success", "simulator_refund": "error_before"})
    made = await refund(shop, payment_id, 400_000)
    await decided(shop, made.json()["id"], "unknown")
    refund_id = RefundId.parse(made.json()["id"])
    async with shop.db.begin(shop.scope) as uow:
        await uow.execute(text(CALM), {"id": payment_id.uuid})

    await payment_jobs.refund_poll_job(shop.context, refund=str(refund_id.uuid), polls=0)

    await decided(shop, str(refund_id), "succeeded")
    assert [operation["reference"] for operation in await operations(shop)] == [refund_id.uuid.hex.upper()]


async def planned(shop: Shop, refund_id: RefundId) -> set[str]:
    """After how many questions each planned question about the refund is asked."""
    query = text("select payload ->> 'polls' from specie.due where payload ->> 'refund' = :refund")
    async with shop.db.begin(shop.scope) as uow:
        return set((await uow.execute(query, {"refund": str(refund_id.uuid)})).scalars())


async def test_a_refund_ordered_only_after_many_questions_is_asked_about_as_soon_as_any_other(shop: Shop) -> None:
    payment_id = await paid(shop, metadata={"simulator": "success", "simulator_refund": "error_before"})
    made = await refund(shop, payment_id, 400_000)
    wanted = RefundId.parse(made.json()["id"])

    await payment_jobs.refund_poll_job(shop.context, refund=str(wanted.uuid), polls=7)

    assert await planned(shop, wanted) == {"0"}


async def test_a_refund_whose_order_fails_again_is_asked_about_ever_less_often(shop: Shop) -> None:
    payment_id = await paid(shop, metadata={"simulator": "success", "simulator_refund": "error_before"})
    made = await refund(shop, payment_id, 400_000)
    wanted = RefundId.parse(made.json()["id"])
    await payment_jobs.refund_job(shop.context, refund_id=str(wanted))

    await payment_jobs.refund_poll_job(shop.context, refund=str(wanted.uuid), polls=7)

    assert await planned(shop, wanted) == {"0", "8"}


async def test_sending_the_same_refund_many_times_pays_it_once(shop: Shop) -> None:
    payment_id = await paid(shop)
    made = await refund(shop, payment_id, 400_000)
    refund_id = made.json()["id"]

    await asyncio.gather(*(payment_jobs.refund_job(shop.context, refund_id=refund_id) for _ in range(5)))
    await decided(shop, refund_id, "succeeded")

    assert len(await operations(shop)) == 1
    assert await shop.wallet() == (PRICE - 400_000, 0)


async def test_a_refund_made_at_the_provider_is_booked_once_as_it_happened(shop: Shop) -> None:
    payment_id = await paid(shop)
    before = await clearing(shop)

    await dashboard(shop, payment_id, 600_000)
    [found] = await refunds_of(shop, payment_id, 1)

    assert (found["origin"], found["status"], found["amount"]["amount"]) == ("provider", "succeeded", 600_000)
    assert await shop.wallet() == (PRICE - 600_000, 0)
    assert await clearing(shop) == before - 600_000
    assert (await shop.get(f"/payments/{payment_id}")).json()["refundable"]["amount"] == PRICE - 600_000


async def test_a_refund_made_at_the_provider_of_money_already_spent_becomes_the_merchants_debt(shop: Shop) -> None:
    payment_id = await paid(shop)
    await spend(shop, 1_200_000)

    await dashboard(shop, payment_id, 1_000_000)
    await refunds_of(shop, payment_id, 1)

    assert await shop.wallet() == (0, 0)
    assert await shop.balance(f"asset:debts:{shop.merchant}") == 700_000


async def test_the_next_payment_repays_the_merchants_debt_first(shop: Shop) -> None:
    payment_id = await paid(shop)
    await spend(shop, PRICE)
    await dashboard(shop, payment_id, 1_000_000)
    await refunds_of(shop, payment_id, 1)

    await paid(shop, minor=1_100_000)

    assert await shop.balance(f"asset:debts:{shop.merchant}") == 0
    assert await shop.wallet() == (100_000, 0)


async def test_a_refund_beyond_the_limit_at_the_provider_leaves_nothing_to_refund_when_ours_fails(shop: Shop) -> None:
    payment_id = await paid(shop, metadata={"simulator": "success", "simulator_refund": "error_before"})
    made = await refund(shop, payment_id, 600_000)
    await decided(shop, made.json()["id"], "unknown")
    await dashboard(shop, payment_id, PRICE)
    await refunds_of(shop, payment_id, 2)

    await payment_jobs.refund_poll_job(shop.context, refund=str(RefundId.parse(made.json()["id"]).uuid), polls=0)
    async with shop.db.begin(shop.scope) as uow:
        await uow.execute(text(CALM), {"id": payment_id.uuid})
    await payment_jobs.refund_poll_job(shop.context, refund=str(RefundId.parse(made.json()["id"]).uuid), polls=1)

    await decided(shop, made.json()["id"], "failed")
    assert (await shop.get(f"/payments/{payment_id}")).json()["refundable"]["amount"] == 0


async def test_a_refund_while_the_share_is_on_hold_shrinks_what_is_released(shop: Shop) -> None:
    await terms(shop, hold_days=2)
    payment_id = await paid(shop)
    made = await refund(shop, payment_id, 500_000)
    await decided(shop, made.json()["id"], "succeeded")
    assert await shop.wallet() == (0, 1_000_000)

    await release(shop, payment_id)

    assert await shop.wallet() == (1_000_000, 0)


async def test_a_wholly_refunded_payment_releases_nothing(shop: Shop) -> None:
    await terms(shop, hold_days=2)
    payment_id = await paid(shop)
    made = await refund(shop, payment_id)
    await decided(shop, made.json()["id"], "succeeded")

    await release(shop, payment_id)

    assert await shop.wallet() == (0, 0)
    assert (await shop.get(f"/payments/{payment_id}")).json()["released_at"] is not None


async def release(shop: Shop, payment_id: PaymentId) -> None:
    clock = BusinessClock(shop.scope.clock.zone, offset=timedelta(days=3))
    later = JobContext(shop.db, replace(shop.scope, clock=clock), shop.services)
    await payment_jobs.release_job(later, payment=str(payment_id.uuid))


async def test_what_has_not_been_paid_cannot_be_refunded(shop: Shop) -> None:
    payment_id = await shop.payment()

    answer = await refund(shop, payment_id, 1)

    assert (answer.status_code, answer.json()["code"]) == (409, "refund_impossible")


async def test_another_merchants_refund_is_not_found(shop: Shop) -> None:
    payment_id = await paid(shop)
    made = await refund(shop, payment_id, 1_000)
    stranger = {"test-party": str(PartyId.new())}

    shown = await shop.get(f"/refunds/{made.json()['id']}", **stranger)
    asked = await shop.post(f"/payments/{payment_id}/refunds", {"reason": ""}, **stranger)

    assert (shown.status_code, asked.status_code) == (404, 404)


async def test_the_same_key_refunds_once(shop: Shop) -> None:
    payment_id = await paid(shop)
    key = {"idempotency-key": str(RequestId.new())}
    body = {"amount": {"amount": 100_000, "currency": "IDR"}, "reason": "once"}

    answers = [await shop.post(f"/payments/{payment_id}/refunds", body, **key) for _ in range(3)]

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await shop.wallet() == (PRICE - 100_000, 0)
