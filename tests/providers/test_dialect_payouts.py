"""The contract of every dialect that pays out, over real HTTP."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from specie import payouts
from specie.kernel.ids import AttemptId
from specie.kernel.money import Money
from specie.payouts import BeneficiaryId, beneficiaries
from specie.providers import (
    Accepted,
    AccountHolder,
    BankAccount,
    PayoutAdapter,
    PayoutRail,
    PayoutRequest,
    PayoutState,
    ProviderCall,
    ProviderLink,
    Rejected,
    Unknown,
    perform,
)
from tests.payouts.till import FUNDS, Till, open_till
from tests.providers.counter import PRICE, Counter, all_dialects

HERE = BankAccount(PayoutRail.BANK_ACCOUNT, "014", "1234567890")


@dataclass
class Counterpart:
    """An adapter that pays out."""

    counter: Counter
    link: ProviderLink
    adapter: PayoutAdapter

    def wanted(self, scenario: str = "lost", **more: Any) -> PayoutRequest:
        attempt, amount = AttemptId.new(), Money.of(PRICE, "IDR")
        request = PayoutRequest(
            attempt.uuid.hex.upper(), str(attempt), amount, HERE, "BUDI SANTOSO", "", self.link.callback_url, scenario
        )
        return replace(request, **more)

    async def perform(self, call: ProviderCall[Any]) -> Any:
        return await perform(self.link, call, self.counter.shop.services["outbound"])

    async def made(self, reference: str) -> list[dict[str, Any]]:
        """What the simulator's book knows of our reference."""
        shop = self.counter.shop
        book = (await shop.client.get(f"{shop.simulator_url}/admin/book")).json()
        return [each for each in book["payouts"] if each["reference"] == reference]


async def counterpart(counter: Counter) -> Counterpart:
    link = await counter.link()
    assert isinstance(link.adapter, PayoutAdapter)
    return Counterpart(counter, link, link.adapter)


@all_dialects(pays_out=True)
async def test_a_payout_comes_back_with_our_reference_and_amount(counter: Counter) -> None:
    at = await counterpart(counter)
    wanted = at.wanted()

    made = await at.perform(at.adapter.create_payout(wanted))
    found = await at.perform(at.adapter.get_payout(wanted.reference))

    assert isinstance(made, Accepted)
    assert isinstance(found, Accepted)
    assert (made.value.state, found.value.state) == (PayoutState.PENDING, PayoutState.SUCCEEDED)
    for told in (made.value, found.value):
        assert (told.reference, told.amount) == (wanted.reference, wanted.amount)
        assert told.provider_ref
    [booked] = await at.made(wanted.reference)
    assert (booked["number"], booked["amount"]) == (HERE.number, PRICE)


@all_dialects(pays_out=True)
@pytest.mark.parametrize("forgotten", [False, True])
async def test_the_same_payout_ordered_twice_is_made_once(counter: Counter, forgotten: bool) -> None:
    at = await counterpart(counter)
    wanted = at.wanted()

    await at.perform(at.adapter.create_payout(wanted))
    if forgotten:
        await counter.shop.lever("forget")
    again = await at.perform(at.adapter.create_payout(wanted))

    assert again == Unknown("duplicate") or (isinstance(again, Accepted) and not forgotten)
    assert len(await at.made(wanted.reference)) == 1


@all_dialects(pays_out=True)
@pytest.mark.parametrize("lost", ["cut", "error_after", "no_answer"])
async def test_a_payout_whose_answer_was_lost_is_unknown_and_can_be_asked_about(counter: Counter, lost: str) -> None:
    at = await counterpart(counter)
    wanted = at.wanted(f"{lost}+lost")

    made = await at.perform(at.adapter.create_payout(wanted))
    found = await at.perform(at.adapter.get_payout(wanted.reference))

    assert isinstance(made, Unknown)
    assert isinstance(found, Accepted)
    assert found.value.state is PayoutState.SUCCEEDED


@all_dialects(pays_out=True)
async def test_an_error_before_anything_was_done_says_nothing_either(counter: Counter) -> None:
    at = await counterpart(counter)
    wanted = at.wanted("error_before")

    made = await at.perform(at.adapter.create_payout(wanted))
    found = await at.perform(at.adapter.get_payout(wanted.reference))

    assert isinstance(made, Unknown)
    assert found == Accepted(None)


@all_dialects(pays_out=True)
async def test_a_refused_payout_is_rejected_and_nothing_was_made(counter: Counter) -> None:
    at = await counterpart(counter)
    wanted = at.wanted("refuse")

    made = await at.perform(at.adapter.create_payout(wanted))

    assert isinstance(made, Rejected)
    assert await at.made(wanted.reference) == []


@all_dialects(pays_out=True)
async def test_the_ends_of_a_payout_are_told_apart(counter: Counter) -> None:
    at = await counterpart(counter)
    ends = {"decline": PayoutState.FAILED, "returned": PayoutState.RETURNED, "stuck": PayoutState.PENDING}
    if not counter.told.returns:
        del ends["returned"]
    orders = {scenario: at.wanted(scenario, callback_url="-") for scenario in ends}
    for wanted in orders.values():
        await at.perform(at.adapter.create_payout(wanted))

    found = {scenario: await at.perform(at.adapter.get_payout(each.reference)) for scenario, each in orders.items()}

    assert {scenario: answer.value.state for scenario, answer in found.items()} == ends


@all_dialects(asks_holders=True)
async def test_whose_account_it_is_is_asked_and_silence_is_no_answer(counter: Counter) -> None:
    at = await counterpart(counter)
    asked = {digits: replace(HERE, number=f"12345678{digits}") for digits in ("7890", "0404", "0408")}

    answers = {digits: await at.perform(at.adapter.inquire_account(each)) for digits, each in asked.items()}

    assert isinstance(answers["7890"].value, AccountHolder)
    assert answers["0404"] == Accepted(None)
    assert isinstance(answers["0408"], Unknown)


class KnownTill(Till):
    """A till whose accounts somebody else has confirmed, for providers that cannot be asked whose they are."""

    async def account(self, digits: str) -> BeneficiaryId:
        """A confirmed account."""
        new = payouts.NewBeneficiary(self.party, PayoutRail.BANK_ACCOUNT, HERE.bank_code, f"12345678{digits}")
        assert self.shop.connection_id
        async with self.shop.db.begin(self.shop.scope) as uow:
            ring, whose = self.shop.services["vault"], AccountHolder("BUDI SANTOSO")
            made = await payouts.add_beneficiary(uow, ring, new)
            await beneficiaries.checked(uow, ring, made.id, self.shop.connection_id, whose)
        return made.id


@all_dialects(pays_out=True)
@pytest.mark.parametrize(("scenario", "state"), [("success", "succeeded"), ("decline", "failed")])
async def test_what_became_of_a_payout_arrives_once(counter: Counter, scenario: str, state: str) -> None:
    till = await open_till(counter.shop, KnownTill)
    payout_id = await till.ask(minor=PRICE, scenario=scenario)

    if not counter.told.tells_payouts:
        await till.send(payout_id)
        await payouts.check(counter.shop.context, payout_id)
    ended = await till.ends(payout_id, state, seconds=20)

    left = PRICE + ended.fee.minor if state == "succeeded" else 0
    assert await till.money() == (FUNDS - left, 0)
    assert (await till.clearing() < 0) is (state == "succeeded")


@all_dialects(pays_out=True, tells_payouts=True)
async def test_a_callback_about_a_payout_that_has_not_ended_counts_only_when_wholly_signed(counter: Counter) -> None:
    till = await open_till(counter.shop, KnownTill)
    payout_id = await till.ask(minor=PRICE, scenario="stuck")
    await till.send(payout_id)

    told = await counter.tell_of_payout("paid")
    await counter.shop.work()

    trusted = (await counter.link()).adapter.capabilities().callback_trust == "signed"
    assert told == 200
    assert (await till.see(payout_id)).state == ("succeeded" if trusted else "sent")
