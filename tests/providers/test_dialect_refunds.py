"""The contract of every dialect that gives money back or tells of disputes, over real HTTP."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from specie.kernel.clock import machine_now
from specie.kernel.ids import AttemptId, PaymentId
from specie.kernel.money import Money
from specie.payments import disputes, refunding
from specie.payments.refund_model import RefundId
from specie.providers import (
    AcceptanceRequest,
    Accepted,
    ChargeRequest,
    DisputeFact,
    DisputeQuestion,
    DisputeState,
    OperationState,
    ProviderCall,
    ProviderLink,
    RefundQuestion,
    RefundRequest,
    Rejected,
    Trust,
    Unknown,
    perform,
)
from specie.providers import accepting as as_accepting
from specie.providers import refunding as as_refunding
from specie.providers.refund_model import RefundingAdapter
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.rules import Charge
from specie.providers.stripe.adapter import StripeAdapter
from tests.providers.counter import PRICE, Counter, all_dialects


@dataclass
class Desk:
    """An adapter that refunds, and a charge at the provider that has been paid."""

    counter: Counter
    link: ProviderLink
    adapter: RefundingAdapter
    charge: ChargeRequest
    charge_ref: str

    def wanted(self, minor: int = PRICE, scenario: str = "") -> RefundRequest:
        refund, charge = RefundId.new(), self.charge
        amount = Money.of(minor, "IDR")
        return RefundRequest(
            refund.uuid.hex.upper(), str(refund), charge.reference, self.charge_ref, amount, "", "", scenario
        )

    def question(self, request: RefundRequest) -> RefundQuestion:
        return RefundQuestion(request.reference, request.charge_reference, request.charge_ref)

    async def perform(self, call: ProviderCall[Any]) -> Any:
        return await perform(self.link, call, self.counter.shop.services["outbound"])

    async def refunds(self) -> list[dict[str, Any]]:
        """What the simulator's book knows of this charge."""
        shop = self.counter.shop
        book = (await shop.client.get(f"{shop.simulator_url}/admin/book")).json()
        return [each for each in book["operations"] if each["charge_reference"] == self.charge.reference]


async def desk(counter: Counter) -> Desk:
    link, attempt = await counter.link(), AttemptId.new()
    adapter = as_refunding(link.adapter)
    assert adapter is not None
    kind = next(iter(link.adapter.dialect.kinds))
    ordered, ends = machine_now(), machine_now() + timedelta(hours=1)
    charge = ChargeRequest(
        attempt.uuid.hex.upper(), str(attempt), Money.of(PRICE, "IDR"), kind, ends, "a test", "-",
        scenario="lost", ordered_at=ordered,
    )  # fmt: skip
    made = await perform(link, link.adapter.create_charge(charge), counter.shop.services["outbound"])
    assert isinstance(made, Accepted)
    return Desk(counter, link, adapter, charge, made.value.provider_ref)


@all_dialects(refunds=True)
async def test_a_refund_comes_back_with_our_reference_and_amount(counter: Counter) -> None:
    at = await desk(counter)
    wanted = at.wanted(PRICE // 3)

    made = await at.perform(at.adapter.create_refund(wanted))
    found = await at.perform(at.adapter.get_refund(at.question(wanted)))

    for answer in (made, found):
        assert isinstance(answer, Accepted)
        assert answer.value.state is OperationState.SUCCEEDED
        assert (answer.value.reference, answer.value.amount) == (wanted.reference, wanted.amount)
    assert found.value.provider_ref == made.value.provider_ref


@pytest.mark.parametrize("counter", ["stripe", "xendit"], indirect=True)
async def test_a_refund_can_be_asked_about_by_the_providers_own_id(counter: Counter) -> None:
    at = await desk(counter)
    wanted = at.wanted()
    made = await at.perform(at.adapter.create_refund(wanted))

    found = await at.perform(at.adapter.get_refund(RefundQuestion("", "", at.charge_ref, made.value.provider_ref)))

    assert isinstance(found, Accepted)
    assert found.value.reference == wanted.reference


@all_dialects(refunds=True)
async def test_the_same_refund_ordered_twice_is_made_once(counter: Counter) -> None:
    at = await desk(counter)
    wanted = at.wanted(PRICE // 3)

    answers = [await at.perform(at.adapter.create_refund(wanted)) for _ in range(2)]

    assert isinstance(answers[0], Accepted)
    assert answers[1] == answers[0] or answers[1] == Unknown("duplicate")
    assert len(await at.refunds()) == 1


@all_dialects(refunds=True)
@pytest.mark.parametrize("lost", ["cut", "error_after"])
async def test_a_refund_whose_answer_was_lost_is_unknown_and_can_be_asked_about(counter: Counter, lost: str) -> None:
    at = await desk(counter)
    wanted = at.wanted(scenario=lost)

    made = await at.perform(at.adapter.create_refund(wanted))
    found = await at.perform(at.adapter.get_refund(at.question(wanted)))

    assert isinstance(made, Unknown)
    assert isinstance(found, Accepted)
    assert (found.value.reference, found.value.state) == (wanted.reference, OperationState.SUCCEEDED)
    assert len(await at.refunds()) == 1


@all_dialects(refunds=True)
@pytest.mark.parametrize("reason", ["refused", "more than was paid"])
async def test_a_refused_refund_is_rejected_and_nothing_was_made(counter: Counter, reason: str) -> None:
    at = await desk(counter)
    wanted = at.wanted(scenario="refuse") if reason == "refused" else at.wanted(PRICE + 100)

    made = await at.perform(at.adapter.create_refund(wanted))
    found = await at.perform(at.adapter.get_refund(at.question(wanted)))

    assert isinstance(made, Rejected)
    assert found == Accepted(None)
    assert await at.refunds() == []


@all_dialects(refunds=True)
async def test_a_refund_in_parts_takes_all_of_it_from_the_merchant_and_no_more(counter: Counter) -> None:
    shop = counter.shop
    payment_id = await paid(counter)

    for minor in (PRICE // 3, PRICE - PRICE // 3):
        body = {"reason": "a test", "amount": {"amount": minor, "currency": "IDR"}}
        made = await shop.post(f"/payments/{payment_id}/refunds", body)
        assert made.status_code == 201, made.text
        await refunds(counter, payment_id, lambda found: all(each["status"] == "succeeded" for each in found))
    more = await shop.post(f"/payments/{payment_id}/refunds", {"reason": "a test"})

    assert (more.status_code, more.json()["code"]) == (422, "refund_too_large")
    assert await shop.wallet() == (0, 0)


@pytest.mark.parametrize("counter", ["oy"], indirect=True)
async def test_a_refund_at_a_provider_that_is_not_asked_for_any_is_refused_with_the_reason(counter: Counter) -> None:
    shop = counter.shop
    payment_id = await paid(counter)

    refused = await shop.post(f"/payments/{payment_id}/refunds", {"reason": "a test"})

    assert (refused.status_code, refused.json()["code"]) == (409, "refund_impossible")
    assert "OY! gives back only what was paid through its e-wallet product" in refused.json()["detail"]
    assert await shop.wallet() == (PRICE, 0)


@pytest.mark.parametrize("counter", ["midtrans"], indirect=True)
async def test_a_dispute_at_a_provider_that_is_not_told_is_not_accepted_here(counter: Counter) -> None:
    shop = counter.shop
    payment_id = await paid(counter)
    # Midtrans tells of the end alone; an open one, as another channel might tell of it.
    assert shop.connection_id
    fact = DisputeFact(
        connection_id=shop.connection_id,
        reference="",
        provider_ref="dispute-1",
        charge_reference=(await counter.charge()).reference,
        event_key="",
        state=DisputeState.OPEN,
        raw_state="open",
        amount=Money.of(PRICE, "IDR"),
        fee=None,
        occurred_at=None,
        trust=Trust.QUERIED,
        must_requery=False,
    )
    async with shop.db.begin(shop.scope) as uow:
        await disputes.apply(uow, fact)
    found = await disputed(counter, payment_id, "open")

    refused = await shop.post(f"/disputes/{found['id']}/accept", {})

    assert (refused.status_code, refused.json()["code"]) == (409, "dispute_acceptance_impossible")
    assert "accept it in its dashboard" in refused.json()["detail"]
    assert await shop.balance(f"liability:payments:disputes:{found['id']}") == PRICE


@all_dialects(refunds=True, tells_refunds=True)
async def test_a_refund_made_in_the_providers_dashboard_is_booked_as_it_happened(counter: Counter) -> None:
    shop = counter.shop
    payment_id = await paid(counter)
    charge = await counter.charge()

    await shop.client.post(f"{shop.simulator_url}/dashboard/{charge.id}/refund?amount={PRICE // 3}")
    [found] = await refunds(counter, payment_id, lambda found: len(found) == 1)

    assert (found["status"], found["amount"]["amount"]) == ("succeeded", PRICE // 3)
    assert await shop.wallet() == (PRICE - PRICE // 3, 0)
    assert await exceptions(counter) == []


@all_dialects(disputes=True)
@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_dispute_holds_the_money_until_the_bank_has_decided(counter: Counter, outcome: str) -> None:
    shop = counter.shop
    payment_id = await paid(counter)
    charge = await counter.charge()

    await shop.client.post(f"{shop.simulator_url}/dashboard/{charge.id}/dispute")
    await disputed(counter, payment_id, "open")
    held = await shop.wallet()
    await shop.client.post(f"{shop.simulator_url}/dashboard/{charge.id}/dispute/{outcome}")
    ended = await disputed(counter, payment_id, outcome)

    fee = ended["fee"]["amount"]
    assert fee == PRICE // 100
    # What the merchant no longer has, the debt takes.
    assert held == (0, 0)
    assert await shop.wallet() == (PRICE - fee if outcome == "won" else 0, 0)
    assert await exceptions(counter) == []


@all_dialects(accepts=True)
async def test_a_dispute_that_is_accepted_is_lost_at_the_provider_and_in_the_books(counter: Counter) -> None:
    shop = counter.shop
    payment_id = await paid(counter)
    charge = await counter.charge()
    await shop.client.post(f"{shop.simulator_url}/dashboard/{charge.id}/dispute")
    found = await disputed(counter, payment_id, "open")

    answer = await shop.post(f"/disputes/{found['id']}/accept", {})
    await disputed(counter, payment_id, "lost")

    assert answer.status_code == 200, answer.text
    [told] = Book(shop.services["simulator_book"]).operations.of_charge(charge.id)
    assert told.state == "lost"
    assert await shop.wallet() == (0, 0)
    assert await shop.balance(f"liability:payments:disputes:{found['id']}") == 0
    assert await exceptions(counter) == []


@all_dialects(accepts=True)
@pytest.mark.parametrize("lost", ["cut", "error_after", "error_before", ""])
async def test_a_dispute_accepted_twice_is_lost_once_whatever_became_of_the_answer(counter: Counter, lost: str) -> None:
    at = await desk(counter)
    link, charge = at.link, await charge_at(counter, at.charge_ref)
    book = Book(counter.shop.services["simulator_book"])
    await counter.shop.client.post(f"{counter.shop.simulator_url}/dashboard/{charge.id}/dispute")
    [opened] = book.operations.of_charge(charge.id)
    adapter = as_accepting(link.adapter)
    assert adapter is not None
    reference = opened.id.replace("dis_", "dp_") if link.adapter.name == "stripe" else opened.id
    question = DisputeQuestion(reference, charge.reference)

    first = await at.perform(adapter.accept_dispute(AcceptanceRequest(reference, "dsp_1", lost)))
    asked = await at.perform(adapter.get_dispute(question))
    again = await at.perform(adapter.accept_dispute(AcceptanceRequest(reference, "dsp_1")))

    assert isinstance(first, Unknown if lost else Accepted)
    assert asked.value.state is (DisputeState.OPEN if lost == "error_before" else DisputeState.LOST)
    assert again.value.state is DisputeState.LOST
    assert len(book.operations.of_charge(charge.id)) == 1


@pytest.mark.parametrize("counter", ["midtrans"], indirect=True)
async def test_a_charge_back_of_which_only_the_end_is_told_is_lost_at_once(counter: Counter) -> None:
    shop = counter.shop
    payment_id = await paid(counter)
    charge = await counter.charge()

    await shop.client.post(f"{shop.simulator_url}/dashboard/{charge.id}/dispute")
    lost = await disputed(counter, payment_id, "lost")

    assert lost["amount"]["amount"] == PRICE
    assert await shop.wallet() == (0, 0)
    assert await shop.balance(f"asset:providers:{shop.connection_id}:clearing") == 0
    assert await exceptions(counter) == []


async def charge_at(counter: Counter, charge_ref: str) -> Charge:
    """A charge in the simulator's book by the name its dialect gives it."""
    charges = Book(counter.shop.services["simulator_book"]).charges()
    return next(charge for charge in charges if charge.id.split("_")[1] in charge_ref)


async def paid(counter: Counter) -> PaymentId:
    payment_id, _ = await counter.order("success")
    await counter.shop.settled(payment_id, "paid", seconds=20)
    return payment_id


async def refunds(counter: Counter, payment_id: PaymentId, wanted: Any) -> list[dict[str, Any]]:
    """The payment's refunds once they are as wanted."""
    return await shown(counter, payment_id, "refunds", wanted)


async def disputed(counter: Counter, payment_id: PaymentId, status: str) -> dict[str, Any]:
    """The payment's dispute once it has the state."""
    found = await shown(counter, payment_id, "disputes", lambda told: [each["status"] for each in told] == [status])
    return found[0]


async def shown(counter: Counter, payment_id: PaymentId, name: str, wanted: Any) -> list[dict[str, Any]]:
    for _ in range(300):
        await counter.shop.work()
        found: list[dict[str, Any]] = (await counter.shop.get(f"/payments/{payment_id}")).json()[name]
        if found and wanted(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def exceptions(counter: Counter) -> list[str]:
    return [row["kind"] for row in (await counter.shop.get("/payment-exceptions")).json()["data"]]


async def lost_refund(counter: Counter) -> tuple[PaymentId, RefundId]:
    """A refund that the provider has made and whose answer was lost; nobody has asked about it yet."""
    shop = counter.shop
    metadata = {"simulator": "success", "simulator_refund": "error_after"}
    payment_id = await shop.payment(minor=PRICE, metadata=metadata)
    await shop.pay(payment_id, next(iter((await counter.link()).adapter.dialect.kinds)))
    await shop.settled(payment_id, "paid", seconds=20)
    made = await shop.post(f"/payments/{payment_id}/refunds", {"reason": "a test"})
    refund_id = RefundId.parse(made.json()["id"])
    await refunding.order(shop.context, refund_id)
    return payment_id, refund_id


@pytest.mark.parametrize("counter", ["stripe"], indirect=True)
async def test_a_key_that_is_no_longer_taken_says_nothing_about_a_refund_ordered_before(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = counter.shop
    _, refund_id = await lost_refund(counter)

    with monkeypatch.context() as replaced:
        replaced.setattr(StripeAdapter, "_keys", lambda _: {"Authorization": "Bearer sk_test_replaced"})
        await refunding.check(shop.context, refund_id)
        await refunding.order(shop.context, refund_id)
        doubtful = (await shop.get(f"/refunds/{refund_id}")).json()["status"], await shop.wallet()
    await refunding.check(shop.context, refund_id)

    assert doubtful == ("unknown", (0, 0))
    assert (await shop.get(f"/refunds/{refund_id}")).json()["status"] == "succeeded"
    assert await shop.wallet() == (0, 0)


@pytest.mark.parametrize("counter", ["stripe"], indirect=True)
async def test_an_older_message_about_a_refund_that_has_failed_since_gives_nothing_again(counter: Counter) -> None:
    shop = counter.shop
    metadata = {"simulator": "success", "simulator_refund": "fail+lost"}
    payment_id = await shop.payment(minor=PRICE, metadata=metadata)
    await shop.pay(payment_id, next(iter((await counter.link()).adapter.dialect.kinds)))
    await shop.settled(payment_id, "paid", seconds=20)
    made = (await shop.post(f"/payments/{payment_id}/refunds", {"reason": "a test"})).json()["id"]
    await refunding.order(shop.context, RefundId.parse(made))
    for _ in range(60):
        await refunding.check(shop.context, RefundId.parse(made))
        if (await shop.get(f"/refunds/{made}")).json()["status"] == "failed":
            break
        await asyncio.sleep(0.1)

    told = await counter.tell_of_refund("done")
    await shop.work()

    assert told == 200
    assert (await shop.get(f"/refunds/{made}")).json()["status"] == "failed"
    assert await shop.wallet() == (PRICE, 0)
