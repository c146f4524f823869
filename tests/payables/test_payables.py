"""A bill is owed as far as it agrees with its order and with what came; what is owed is the balance of its account."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from specie.payables import ordering, paying, recording, store
from specie.payables.errors import (
    BillCannotMove,
    BillKnown,
    BillUnfit,
    DebitsTooMuch,
    PaysTooMuch,
    PurchaseOrderClosed,
    ReceivesTooMuch,
    SupplierMismatch,
)
from specie.payables.model import BillState
from specie.payables.recording import RecordBill
from specie.platform.db import Database
from tests.payables.buyer import Buyer, open_buyer

RECEIVED = "liability:received-not-billed"
DIFFERENCES = "expense:payables:price-differences"


@pytest.fixture
async def buyer(database: Database) -> Buyer:
    return await open_buyer(database)


async def test_a_bill_of_what_was_ordered_and_came_is_owed_at_once_and_nothing_stays_received_and_not_billed(
    buyer: Buyer,
) -> None:
    order = await buyer.order(buyer.line(), buyer.service())
    await buyer.receive(order, _1="4")
    assert (await buyer.stock_value(), await buyer.books(RECEIVED)) == (4_000, 4_000)
    first = await buyer.bill(order, "F-1")
    assert (first.number, first.state, first.total_minor) == ("BILL-00001", BillState.OPEN, 4_440 + 500)
    assert await buyer.books(RECEIVED) == 0
    await buyer.receive(order)
    second = await buyer.bill(order, "F-2")
    assert (second.net_minor, await buyer.books(RECEIVED), await buyer.books(DIFFERENCES)) == (6_000, 0, 0)
    assert (await buyer.stock_value(), await buyer.books("expense:payables:bought")) == (10_000, 500)
    assert await buyer.books(f"asset:payables:tax:{buyer.office.vat}") == 1_100
    lines = await buyer.run(lambda uow: store.order_lines(uow, order.id))
    assert [(each.received, each.billed) for each in lines.values()] == [(10, 10), (0, 1)]


async def test_a_bill_of_more_than_came_is_held_and_owed_once_the_rest_has_come(buyer: Buyer) -> None:
    order = await buyer.order()
    await buyer.receive(order, _1="4")
    held = await buyer.bill(order, "F-1", [(buyer.line("10"), 1)])
    assert (held.state, [each.code for each in held.problems]) == (BillState.HELD, ["quantity"])
    assert held.problems[0].words == "Green beans: 10 billed, 4 came and is not billed"
    assert (await buyer.owed(held), await buyer.books(RECEIVED)) == ((BillState.HELD, 0), 4_000)
    with pytest.raises(BillCannotMove) as refused:
        await buyer.pay(100, (held, 100))
    assert (refused.value.code, await buyer.books("asset:bank:billing")) == ("bill_state", 0)
    await buyer.run(lambda uow: recording.rematch(uow, held.id))
    assert (await buyer.owed(held))[0] is BillState.HELD
    await buyer.receive(order)
    await buyer.run(lambda uow: recording.rematch(uow, held.id))
    assert (await buyer.owed(held), await buyer.books(RECEIVED)) == ((BillState.OPEN, 11_100), 0)


async def test_a_bill_at_another_price_is_held_and_what_is_accepted_above_the_order_is_a_difference(
    buyer: Buyer,
) -> None:
    order = await buyer.order()
    await buyer.receive(order)
    dear = await buyer.bill(order, "F-1", [(buyer.line("6", 1_200), 1)])
    assert [each.code for each in dear.problems] == ["price"]
    await buyer.run(lambda uow: recording.accept(uow, dear.id, "frost in Gayo"))
    assert (await buyer.owed(dear), await buyer.books(DIFFERENCES)) == ((BillState.OPEN, 7_992), 1_200)
    cheap = await buyer.bill(order, "F-2", [(buyer.line("4", 900), 1)])
    await buyer.run(lambda uow: recording.accept(uow, cheap.id, "they made a mistake"))
    assert (await buyer.owed(cheap), await buyer.books(DIFFERENCES)) == ((BillState.OPEN, 3_996), 800)
    assert (await buyer.books(RECEIVED), await buyer.stock_value()) == (0, 10_000)


async def test_what_was_not_ordered_is_held_and_a_rejected_bill_may_come_again(buyer: Buyer) -> None:
    order = await buyer.order()
    await buyer.receive(order)
    odd = await buyer.bill(order, "F-1", [(buyer.line(), 1), (buyer.service(), None)])
    assert [each.words for each in odd.problems] == ["Freight: was not ordered"]
    with pytest.raises(BillKnown) as again:
        await buyer.bill(order, "F-1")
    assert again.value.code == "bill_recorded_before"
    await buyer.run(lambda uow: recording.reject(uow, odd.id, "no freight was agreed"))
    with pytest.raises(BillCannotMove):
        await buyer.run(lambda uow: recording.accept(uow, odd.id, "changed my mind"))
    good = await buyer.bill(order, "F-1")
    assert (good.number, await buyer.owed(good)) == ("BILL-00002", (BillState.OPEN, 11_100))


async def test_two_bills_of_the_same_goods_at_once_are_owed_once(buyer: Buyer) -> None:
    order = await buyer.order()
    await buyer.receive(order)
    lines = [(buyer.line(), 1)]
    made = await asyncio.gather(buyer.bill(order, "F-1", lines), buyer.bill(order, "F-2", lines))
    assert sorted(each.state for each in made) == [BillState.HELD, BillState.OPEN]
    assert await buyer.books(RECEIVED) == 0


async def test_two_lines_of_one_bill_about_the_same_goods_take_them_out_of_received_once(buyer: Buyer) -> None:
    order = await buyer.order()
    await buyer.receive(order)
    double = await buyer.bill(order, "F-1", [(buyer.line(), 1), (buyer.line(), 1)])
    assert (double.state, [each.code for each in double.problems]) == (BillState.HELD, ["quantity"])
    await buyer.run(lambda uow: recording.accept(uow, double.id, "we owe them as much"))
    assert (await buyer.books(RECEIVED), await buyer.books(DIFFERENCES)) == (0, 10_000)


async def test_what_a_held_bill_takes_out_of_received_is_known_when_it_is_owed(buyer: Buyer) -> None:
    order = await buyer.order()
    first, second = [await buyer.bill(order, name, [(buyer.line(), 1)]) for name in ("F-1", "F-2")]
    assert (first.state, second.state) == (BillState.HELD, BillState.HELD)
    await buyer.receive(order)
    await buyer.run(lambda uow: recording.rematch(uow, first.id))
    await buyer.run(lambda uow: recording.accept(uow, second.id, "sent twice, paid twice"))
    assert (await buyer.books(RECEIVED), await buyer.books(DIFFERENCES)) == (0, 10_000)


async def test_what_was_debited_has_gone_back_and_is_not_billed_again_by_itself(buyer: Buyer) -> None:
    order = await buyer.order()
    await buyer.receive(order)
    bill = await buyer.bill(order)
    await buyer.run(lambda uow: paying.debit(uow, bill.id, "two sacks were wet", {1: Decimal(2)}))
    again = await buyer.bill(order, "F-2", [(buyer.line("2"), 1)])
    assert (again.state, [each.code for each in again.problems]) == (BillState.HELD, ["quantity"])


async def test_a_bill_with_another_tax_is_held_and_one_due_before_its_day_refused(buyer: Buyer) -> None:
    order = await buyer.order()
    await buyer.receive(order)
    untaxed = await buyer.bill(order, "F-1", [(replace(buyer.line(), taxes=()), 1)])
    assert (untaxed.state, [each.code for each in untaxed.problems]) == (BillState.HELD, ["tax"])
    day = buyer.office.day
    early = RecordBill(buyer.supplier, buyer.office.currency, "F-2", [], day, day - timedelta(days=1), order.id)
    with pytest.raises(BillUnfit) as refused:
        await buyer.run(lambda uow: recording.record(uow, early))
    assert (refused.value.param, await buyer.books("liability:payables:owed")) == ("due_on", 0)


async def test_a_price_may_be_rounded_otherwise_by_one_minor_unit(buyer: Buyer) -> None:
    order = await buyer.order(replace(buyer.line("3", 105), discount=Decimal("0.1")))
    states = []
    for name in ("F-1", "F-2", "F-3"):
        await buyer.receive(order, _1="1")
        states.append((await buyer.bill(order, name)).state)
    assert (states, await buyer.books(RECEIVED)) == ([BillState.OPEN] * 3, 0)


async def test_an_order_takes_in_no_more_than_was_ordered_and_nothing_once_it_is_closed(buyer: Buyer) -> None:
    order = await buyer.order(buyer.line(), buyer.service())
    for wrong in ({"_1": "10.5"}, {"_2": "1"}, {"_3": "1"}):
        with pytest.raises(ReceivesTooMuch) as refused:
            await buyer.receive(order, **wrong)
        assert (refused.value.code, await buyer.stock_value()) == ("purchase_receipt_too_large", 0)
    await buyer.run(lambda uow: ordering.close(uow, order.id))
    with pytest.raises(PurchaseOrderClosed):
        await buyer.receive(order)
    with pytest.raises(PurchaseOrderClosed):
        await buyer.bill(order)
    with pytest.raises(BillUnfit):
        await buyer.bill(None)


async def test_payments_pay_the_longest_owed_first_and_what_is_left_is_an_advance(buyer: Buyer) -> None:
    one = await buyer.bill(None, "F-1", [(buyer.service(500), None)])
    two = await buyer.bill(None, "F-2", [(buyer.service(300), None)])
    await buyer.pay(600)
    assert (await buyer.owed(one), await buyer.owed(two)) == ((BillState.PAID, 0), (BillState.PART_PAID, 200))
    with pytest.raises(PaysTooMuch) as refused:
        await buyer.pay(900, (two, 201))
    assert (refused.value.facts["most"], await buyer.owed(two)) == (200, (BillState.PART_PAID, 200))
    assert await buyer.books("asset:bank:billing") == -600
    await buyer.pay(1_000)
    later = await buyer.bill(None, "F-3", [(buyer.service(1_000), None)])
    await buyer.run(lambda uow: paying.use_advances(uow, later.id))
    assert await buyer.owed(later) == (BillState.PART_PAID, 200)
    with pytest.raises(PaysTooMuch):
        await buyer.run(lambda uow: paying.use_advances(uow, later.id))
    stranger = replace(buyer, office=replace(buyer.office, customer=await buyer.office.another_customer()))
    with pytest.raises(SupplierMismatch) as other:
        await stranger.pay(100, (later, 100))
    assert (other.value.code, await buyer.owed(later)) == ("supplier_allocation_mismatch", (BillState.PART_PAID, 200))


async def test_a_debit_note_takes_back_no_more_than_was_billed_and_what_was_paid_becomes_an_advance(
    buyer: Buyer,
) -> None:
    order = await buyer.order()
    await buyer.receive(order)
    bill = await buyer.bill(order)
    await buyer.pay(10_000, (bill, 10_000))
    await buyer.run(lambda uow: paying.debit(uow, bill.id, "three sacks were wet", {1: Decimal(3)}))
    assert (await buyer.owed(bill), await buyer.books(RECEIVED)) == ((BillState.PAID, 0), 3_000)
    advances = await buyer.run(lambda uow: paying.advances_of(uow, buyer.supplier, buyer.office.currency))
    assert [left for _, left in advances] == [3_330 - 1_100]
    with pytest.raises(DebitsTooMuch) as refused:
        await buyer.run(lambda uow: paying.debit(uow, bill.id, "all of it", {1: Decimal(8)}))
    assert (refused.value.code, refused.value.facts["most"]) == ("debit_note_too_large", "7")
    await buyer.run(lambda uow: paying.debit(uow, bill.id, "the rest"))
    with pytest.raises(DebitsTooMuch):
        await buyer.run(lambda uow: paying.debit(uow, bill.id, "once more"))
    assert await buyer.books(f"asset:payables:tax:{buyer.office.vat}") == 0


async def test_the_ages_of_what_is_owed_sum_to_the_accounts_on_any_day(buyer: Buyer) -> None:
    bill = await buyer.bill(None, "F-1", [(buyer.service(500), None)])
    first_day = buyer.office.day
    buyer.office.pass_days(50)
    await buyer.bill(None, "F-2", [(buyer.service(300), None)])
    await buyer.pay(100, (bill, 100))
    now = await buyer.run(lambda uow: paying.ages(uow, buyer.office.currency, None))
    assert (now.buckets["31_60"], now.buckets["not_due"], now.control) == (400, 300, 700)
    then = await buyer.run(lambda uow: paying.ages(uow, buyer.office.currency, first_day))
    assert (sum(then.buckets.values()), then.control, then.buckets["not_due"]) == (500, 500, 500)
