"""A supplier's bills are paid by a payout: settled when it arrives, owed again when not, and never paid twice."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from specie import approvals, ledger, payables, payouts, wallets
from specie.approvals import service as approval_service
from specie.approvals import store as approval_store
from specie.billing import LineDraft, Method
from specie.kernel.errors import SpecieError
from specie.kernel.ids import UserId
from specie.kernel.money import Money
from specie.kernel.scope import Actor, ActorKind
from specie.ledger import InsufficientFunds
from specie.payables import paying, paying_out, payout_routes, recording
from specie.payables.errors import BillCannotMove, BillMissing, PaysTooMuch, SupplierMismatch
from specie.payables.model import Bill, BillId, BillState
from specie.payables.paying import Pay
from specie.payables.paying_out import PayOut
from specie.payables.payout_model import SupplierPayout, WayState
from specie.payables.recording import RecordBill
from specie.payouts import BeneficiaryId
from specie.payouts import service as payout_service
from specie.payouts.errors import PayoutPartyRequired
from tests.payouts.till import Till, open_till
from tests.support.asgi import calling
from tests.support.shop import IDR, Shop

PAID, OPEN, PAYING = BillState.PAID, BillState.OPEN, BillState.PAYING


@dataclass
class Desk:
    """A business that owes a supplier, whose account is in the book."""

    till: Till

    async def bill(self, minor: int, number: str) -> Bill:
        async with self.till.shop.db.begin(self.till.scope()) as uow:
            day, line = uow.business_date, LineDraft("Beans", Decimal(1), minor)
            said = RecordBill(self.till.party, IDR, number, [(line, None)], day, day + timedelta(days=14), None)
            return await recording.record(uow, said)

    async def brought(self, minor: int, number: str) -> Bill:
        """A bill that was owed in the system used before."""
        async with self.till.shop.db.begin(self.till.scope()) as uow:
            day, money = uow.business_date, Money(minor, IDR)
            before = day - timedelta(days=20)
            said = payables.BringIn(BillId.new(), self.till.party, number, before, day, money, money, "", {})
            await payables.bring_in(uow, [said], day)
            return await recording.get(uow, said.id)

    async def order(self, *bills: Bill, to: BeneficiaryId | None = None) -> SupplierPayout:
        command = PayOut(to or self.till.beneficiary, [each.id for each in bills])
        async with self.till.shop.db.begin(self.till.scope()) as uow:
            return await paying_out.pay_out(uow, command)

    async def by_hand(self, bill: Bill, minor: int) -> None:
        money = Money(minor, IDR)
        async with self.till.shop.db.begin(self.till.scope()) as uow:
            await paying.pay(uow, Pay(self.till.party, money, Method.BANK, "by hand", [(bill.id, money)]))

    async def stand(self, *bills: Bill) -> list[tuple[BillState, int]]:
        """The state of each bill, and what is owed of it."""
        async with self.till.shop.db.begin(self.till.shop.scope) as uow:
            found = [await recording.get(uow, each.id) for each in bills]
            owed = await paying.owed_of(uow, found)
        return [(each.state, owed[each.id]) for each in found]

    async def left_in_wallet(self) -> int:
        code = f"liability:wallets:{self.till.party}:{wallets.PASSING}:available"
        async with self.till.shop.db.begin(self.till.shop.scope) as uow:
            return sum(each.balance.minor for each in await ledger.accounts_with_code(uow, code))


@pytest_asyncio.fixture(loop_scope="session")
async def desk(shop: Shop) -> Desk:
    payouts.follow(payables.follow)
    return Desk(await open_till(shop))


async def test_bills_are_on_their_way_at_once_and_paid_when_the_payout_arrives(desk: Desk) -> None:
    first, second = await desk.bill(300_000, "F-1"), await desk.bill(200_000, "F-2")
    await desk.by_hand(second, 50_000)
    made = await desk.order(first, second)
    assert (made.amount.minor, made.state) == (450_000, WayState.UNDER_WAY)
    assert await desk.stand(first, second) == [(PAYING, 0), (PAYING, 0)]

    paid = await desk.till.ends(made.payout_id, "succeeded")

    assert (paid.amount.minor, paid.fee.minor, paid.description) == (450_000, 0, "F-1, F-2")
    assert await desk.stand(first, second) == [(PAID, 0), (PAID, 0)]
    assert [each["amount"] for each in await desk.till.book()] == [450_000]
    assert (await desk.till.clearing(), await desk.left_in_wallet()) == (-450_000 - 2_500, 0)


async def test_what_was_owed_in_the_system_used_before_is_paid_by_a_payout_and_not_withdrawn_meanwhile(
    desk: Desk,
) -> None:
    ledger.on_reversal(payables.WITHDRAWAL)
    old, new = await desk.brought(300_000, "OLD-1"), await desk.bill(200_000, "F-2")
    made = await desk.order(old, new)
    assert old.entry_id is not None
    with pytest.raises(InsufficientFunds):
        async with desk.till.shop.db.begin(desk.till.scope()) as uow:
            await ledger.reverse(uow, old.entry_id, effective_at=uow.now, reason="it was paid before")
    assert await desk.stand(old, new) == [(PAYING, 0), (PAYING, 0)]

    paid = await desk.till.ends(made.payout_id, "succeeded")

    assert (paid.amount.minor, paid.description) == (500_000, "OLD-1, F-2")
    assert await desk.stand(old, new) == [(PAID, 0), (PAID, 0)]


@pytest.mark.parametrize(("digits", "end"), [("0001", "failed"), ("0004", "returned")])
async def test_bills_are_owed_again_when_the_payout_fails_or_comes_back(desk: Desk, digits: str, end: str) -> None:
    whole, part = await desk.bill(300_000, "F-1"), await desk.bill(200_000, "F-2")
    await desk.by_hand(part, 50_000)
    made = await desk.order(whole, part, to=await desk.till.account(digits))
    await desk.till.ends(made.payout_id, end)
    assert await desk.stand(whole, part) == [(OPEN, 300_000), (BillState.PART_PAID, 150_000)]
    assert await desk.left_in_wallet() == 0

    again = await desk.order(whole, part)
    await desk.till.ends(again.payout_id, "succeeded")
    assert await desk.stand(whole, part) == [(PAID, 0), (PAID, 0)]


async def test_a_payout_that_is_called_off_leaves_its_bill_owed(desk: Desk) -> None:
    bill = await desk.bill(300_000, "F-1")
    made = await desk.order(bill)
    async with desk.till.shop.db.begin(desk.till.scope()) as uow:
        await payout_service.cancel(uow, made.payout_id)
    assert await desk.stand(bill) == [(OPEN, 300_000)]


async def test_above_the_line_nothing_leaves_before_a_second_person_has_said_yes(desk: Desk) -> None:
    shop = desk.till.shop
    async with shop.db.begin(desk.till.scope()) as uow:
        await approvals.set_line(uow, payouts.KIND, IDR, Money(1, IDR))
    bill = await desk.bill(300_000, "F-1")
    made = await desk.order(bill)
    assert (await desk.stand(bill), await desk.till.send(made.payout_id)) == ([(PAYING, 0)], False)
    async with shop.db.begin(desk.till.scope()) as uow:
        asked = (await approval_store.find_approvals(uow, states=["open"], kind=None, before=None, limit=1))[0]
        await approval_service.refuse(uow, asked.id, "we have not ordered this")
    assert await desk.stand(bill) == [(OPEN, 300_000)]


async def test_of_all_who_pay_a_bill_at_the_same_moment_one_does(desk: Desk) -> None:
    bill, other = await desk.bill(300_000, "F-1"), await desk.bill(100_000, "F-2")
    tries = [desk.order(bill), desk.order(other, bill), desk.order(bill), desk.by_hand(bill, 300_000)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    refused = [each for each in done if isinstance(each, BaseException)]
    assert len(refused) == 3
    assert all(isinstance(each, BillCannotMove | PaysTooMuch) for each in refused)
    for made in done:
        if isinstance(made, SupplierPayout):
            await desk.till.ends(made.payout_id, "succeeded")
    assert (await desk.stand(bill))[0] == (PAID, 0)
    assert sum(each["amount"] for each in await desk.till.book()) in (0, 300_000, 400_000)


async def test_a_bill_on_its_way_can_be_paid_by_nothing_else(desk: Desk) -> None:
    bill = await desk.bill(300_000, "F-1")
    made = await desk.order(bill)
    for refusal in (desk.by_hand(bill, 1), desk.order(bill)):
        with pytest.raises(BillCannotMove):
            await refusal
    assert await desk.stand(bill) == [(PAYING, 0)]
    assert (await desk.till.see(made.payout_id)).amount.minor == 300_000


async def test_what_is_taken_back_of_a_bill_on_its_way_is_an_advance_and_takes_it_back_if_it_is_owed_again(
    desk: Desk,
) -> None:
    bill = await desk.bill(300_000, "F-1")
    made = await desk.order(bill, to=await desk.till.account("0001"))
    async with desk.till.shop.db.begin(desk.till.scope()) as uow:
        await paying.debit(uow, bill.id, "all of it was bad")
    await desk.till.ends(made.payout_id, "failed")
    assert await desk.stand(bill) == [(OPEN, 300_000)]
    async with desk.till.shop.db.begin(desk.till.scope()) as uow:
        await paying.use_advances(uow, bill.id)
    assert await desk.stand(bill) == [(BillState.VOID, 0)]


async def test_no_limit_counts_what_we_owe_and_nothing_else_arrives_where_it_passes(desk: Desk) -> None:
    shop, party = desk.till.shop, desk.till.party
    async with shop.db.begin(shop.scope) as uow:
        await wallets.set_policy(uow, wallets.LimitPolicy("unverified", IDR, per_item=Money(1, IDR)))
    bill = await desk.bill(300_000, "F-1")
    made = await desk.order(bill, to=await desk.till.account("0007"))
    asked = await shop.post("/wallets", {"party_id": str(party), "currency": "IDR", "purpose": wallets.PASSING})
    assert (asked.status_code, asked.json()["param"]) == (422, "purpose")
    async with shop.db.begin(shop.scope) as uow:
        main = await wallets.ensure_wallet(uow, party, IDR)
        passing = await wallets.passing_wallet(uow, party, IDR)
        assert (passing.limits, passing.per_item) == (None, None)
    with pytest.raises(wallets.WalletFrozen):
        async with shop.db.begin(shop.scope) as uow:
            await wallets.transfer(uow, main.id, passing.id, Money(1, IDR))
    assert (await desk.till.see(made.payout_id)).amount.minor == 300_000


async def test_what_does_not_belong_together_is_refused_and_moves_nothing(desk: Desk) -> None:
    bill = await desk.bill(300_000, "F-1")
    stranger = replace(desk.till, party=await desk.till.shop.other_party("supplier"))
    other = await Desk(stranger).bill(100_000, "F-1")
    refusals: list[tuple[type[SpecieError], PayOut]] = [
        (SupplierMismatch, PayOut(desk.till.beneficiary, [bill.id, other.id])),
        (BillMissing, PayOut(desk.till.beneficiary, [bill.id, BillId.new()])),
        (PayoutPartyRequired, PayOut(desk.till.beneficiary, [other.id])),
        (payouts.BeneficiaryMissing, PayOut(BeneficiaryId.new(), [bill.id])),
    ]
    for refusal, command in refusals:
        with pytest.raises(refusal):
            async with desk.till.shop.db.begin(desk.till.scope()) as uow:
                await paying_out.pay_out(uow, command)
    assert await desk.stand(bill, other) == [(OPEN, 300_000), (OPEN, 100_000)]


async def test_over_http_a_person_pays_and_a_key_alone_does_not(desk: Desk) -> None:
    bill, shop = await desk.bill(300_000, "F-1"), desk.till.shop
    body = {"beneficiary_id": str(desk.till.beneficiary), "bill_ids": [str(bill.id)]}
    key = replace(shop.scope, actor=Actor(ActorKind.API_KEY, "key_x"))
    for scope, status in ((key, 403), (replace(shop.scope, actor=Actor(ActorKind.USER, str(UserId.new()))), 201)):
        async with calling(shop.db, scope, [payout_routes.router], shop.services) as client:
            answer = await client.post("/payables/payouts", json=body, headers={"Idempotency-Key": f"pay-{status}"})
            shown = (await client.get("/payables/payouts")).json()["data"]
        assert (answer.status_code, len(shown)) == (status, int(status == 201))
    assert answer.json() == shown[0]
    assert (shown[0]["state"], shown[0]["payout_status"]) == ("under_way", "approved")
    assert [each["number"] for each in shown[0]["bills"]] == [bill.number]
