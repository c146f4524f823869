"""Goods that come, go, come back, are counted and carried: stock and books move together or not at all."""

import asyncio
from datetime import timedelta

import pytest

from specie import catalogue, ledger, stock
from specie.catalogue import Particulars, ProductKind
from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money
from specie.ledger.errors import NotReversible
from specie.stock import (
    Against,
    BackdatingUnconfirmed,
    Cause,
    DeliverLine,
    Kind,
    Method,
    MovedBefore,
    MovementUnfit,
    NotStocked,
    Occasion,
    OutOfStock,
    Policy,
    ReceiveLine,
    ReturnedTooMuch,
    ReturnLine,
)
from tests.stock.rooms import EUR, Room, q


async def test_the_entry_of_goods_is_not_reversed_in_the_ledger_while_the_goods_are_there(room: Room) -> None:
    moved = await room.receive("10", 1_000)
    assert moved.entry_id is not None
    entry_id = moved.entry_id
    with pytest.raises(NotReversible, match="stock: return the goods to the supplier"):
        await room.do(lambda uow: ledger.reverse(uow, entry_id, effective_at=uow.now, reason="keyed twice"))
    assert await room.state() == ("10", 1_000)


async def test_goods_leave_at_the_cost_of_the_oldest_and_the_books_say_so(room: Room) -> None:
    await room.receive("10", 1_000)
    await room.receive("10", 2_000)
    assert await room.state() == ("20", 3_000)
    assert await room.balance("liability:received-not-billed") == 3_000
    moved = await room.deliver("15")
    assert (moved.movements[0].value.minor, await room.state()) == (-2_000, ("5", 1_000))
    assert await room.cost_of_goods() == 2_000
    assert moved.entry_id is not None


async def test_by_the_average_all_goods_of_a_product_cost_the_same(room: Room) -> None:
    await room.do(lambda uow: stock.set_method(uow, room.product, Method.AVERAGE))
    await room.receive("10", 1_000)
    await room.receive("10", 2_000)
    await room.deliver("15")
    assert (await room.state(), await room.cost_of_goods()) == (("5", 750), 2_250)
    with pytest.raises(MovementUnfit):
        await room.do(lambda uow: stock.set_method(uow, room.product, Method.FIFO))


async def test_more_than_there_is_does_not_leave_and_nothing_moves(room: Room) -> None:
    await room.receive("2", 200)
    with pytest.raises(OutOfStock) as refused:
        await room.deliver("2.000001")
    assert (refused.value.code, refused.value.facts["available"]) == ("out_of_stock", "2")
    assert await room.state() == ("2", 200)


async def test_of_deliveries_that_race_for_the_last_goods_only_as_many_succeed_as_there_are(room: Room) -> None:
    await room.receive("3", 300)
    answers = await asyncio.gather(*(room.deliver("1") for _ in range(6)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Moved"] * 3 + ["OutOfStock"] * 3
    assert (await room.state(), await room.cost_of_goods()) == (("0", 0), 300)


async def test_where_stock_may_go_below_zero_a_receipt_settles_what_the_goods_really_cost(room: Room) -> None:
    await room.do(lambda uow: stock.set_policy(uow, Policy(may_go_below=True), "we sell before we count"))
    await room.receive("1", 100)
    await room.deliver("3")
    assert (await room.state(), await room.cost_of_goods()) == (("-2", -200), 300)
    receipt = await room.receive("5", 750)
    assert receipt.movements[0].correction.minor == 100
    assert (await room.state(), await room.cost_of_goods()) == (("3", 450), 400)
    await room.do(lambda uow: stock.set_policy(uow, Policy(), "no longer"))
    with pytest.raises(OutOfStock):
        await room.deliver("4")


async def test_a_line_of_a_document_moves_stock_once(room: Room) -> None:
    await room.receive("5", 500)
    sale = Occasion(cause=Cause("invoice", "inv_1"))
    await room.deliver("1", sale)
    with pytest.raises(MovedBefore):
        await room.deliver("1", sale)
    assert await room.state() == ("4", 400)
    moved = await room.do(lambda uow: stock.movements_of(uow, Cause("invoice", "inv_1")))
    assert [str(each.quantity) for each in moved] == ["-1"]


async def test_what_comes_back_brings_its_cost_back_and_no_more_comes_back_than_left(room: Room) -> None:
    await room.receive("3", 100)
    delivery = (await room.deliver("3")).movements[0]
    for part in ("1", "1"):
        await room.do(lambda uow, part=part: stock.return_in(uow, [ReturnLine(delivery.id, q(part))], Occasion()))
    with pytest.raises(ReturnedTooMuch) as refused:
        await room.do(lambda uow: stock.return_in(uow, [ReturnLine(delivery.id, q("2"))], Occasion()))
    assert refused.value.facts["left"] == "1"
    assert (await room.state(), await room.cost_of_goods()) == (("2", 67), 33)
    await room.do(lambda uow: stock.return_in(uow, [ReturnLine(delivery.id, q("1"))], Occasion()))
    assert (await room.state(), await room.cost_of_goods()) == (("3", 100), 0)


async def test_goods_given_back_to_a_supplier_lower_what_is_owed_for_them(room: Room) -> None:
    await room.receive("4", 400)
    lines = [DeliverLine(room.product, q("1"))]
    await room.do(lambda uow: stock.return_out(uow, room.warehouse.id, lines, Occasion()))
    assert (await room.state(), await room.balance("liability:received-not-billed")) == (("3", 300), 300)


async def test_opening_goods_come_from_equity(room: Room) -> None:
    line = ReceiveLine(room.product, q("2"), Money(50, EUR))
    await room.do(lambda uow: stock.receive(uow, room.warehouse.id, [line], Occasion(), Against.OPENING))
    assert (await room.state(), await room.balance("equity:opening")) == (("2", 50), 50)


async def test_a_count_writes_off_what_is_missing_and_moves_nothing_where_it_agrees(room: Room) -> None:
    await room.receive("10", 1_000)
    counted = await room.do(lambda uow: stock.count(uow, room.warehouse.id, [(room.product, q("7"))], Occasion()))
    assert (counted.movements[0].kind, await room.state()) == (Kind.COUNT, ("7", 700))
    adjustments = f"expense:stock-adjustments:{room.warehouse.id}"
    assert await room.balance(adjustments) == 300
    again = await room.do(lambda uow: stock.count(uow, room.warehouse.id, [(room.product, q("7"))], Occasion()))
    assert (again.movements, again.entry_id) == ((), None)
    await room.do(lambda uow: stock.adjust(uow, room.warehouse.id, room.product, q("1"), Occasion()))
    assert (await room.state(), await room.balance(adjustments)) == (("8", 800), 200)


async def test_a_transfer_carries_the_cost_to_the_other_warehouse_and_costs_nothing(room: Room) -> None:
    await room.receive("10", 1_000)
    shop = await room.another("SHOP")
    lines = [DeliverLine(room.product, q("4"))]
    await room.do(lambda uow: stock.transfer(uow, room.warehouse.id, shop.id, lines, Occasion()))
    assert (await room.state(), await room.state(shop.id)) == (("6", 600), ("4", 400))
    assert await room.cost_of_goods() == 0
    with pytest.raises(MovementUnfit):
        await room.do(lambda uow: stock.transfer(uow, shop.id, shop.id, lines, Occasion()))


async def test_opposite_transfers_at_the_same_time_both_happen(room: Room) -> None:
    await room.receive("10", 1_000)
    shop = await room.another("SHOP")
    line = [DeliverLine(room.product, q("1"))]
    here = room.warehouse.id
    await room.do(lambda uow: stock.transfer(uow, here, shop.id, [DeliverLine(room.product, q("5"))], Occasion()))
    ways = [(here, shop.id), (shop.id, here)] * 3
    await asyncio.gather(*(room.do(lambda uow, a=a, b=b: stock.transfer(uow, a, b, line, Occasion())) for a, b in ways))
    assert (await room.state(), await room.state(shop.id)) == (("5", 500), ("5", 500))


async def test_a_back_dated_delivery_is_shown_first_and_refused_where_there_was_too_little(room: Room) -> None:
    start = await room.now()
    await room.receive("2", 200)
    room.days = 2
    await room.receive("8", 800)
    room.days = 4
    yesterday = start + timedelta(days=1)
    with pytest.raises(BackdatingUnconfirmed) as refused:
        await room.deliver("1", Occasion(effective_at=yesterday))
    assert refused.value.facts["movements"] == 1
    with pytest.raises(OutOfStock) as short:
        await room.deliver("3", Occasion(effective_at=yesterday, confirmed=True))
    assert short.value.facts["available"] == "2"
    assert await room.state() == ("10", 1_000)
    moved = await room.deliver("1", Occasion(effective_at=yesterday, confirmed=True))
    assert [(str(each.before), str(each.after)) for each in moved.later] == [("10", "9")]
    assert await room.state() == ("9", 900)
    [level] = await room.do(lambda uow: stock.find_levels(uow, stock.LevelFilter(), None, 5))
    goods = await room.do(lambda uow: ledger.get_account(uow, level.account_id))
    that_day = await room.do(lambda uow: ledger.balance_effective_by(uow, goods, yesterday.date()))
    assert that_day == Money(100, EUR)


async def test_what_is_reserved_is_kept_for_its_document(room: Room) -> None:
    await room.receive("5", 500)
    order = Cause("order", "ord_1")
    lines = [DeliverLine(room.product, q("4"))]
    await room.do(lambda uow: stock.reserve(uow, room.warehouse.id, lines, order))
    with pytest.raises(OutOfStock):
        await room.do(lambda uow: stock.reserve(uow, room.warehouse.id, lines, Cause("order", "ord_2")))
    with pytest.raises(OutOfStock) as refused:
        await room.deliver("2")
    assert refused.value.facts["available"] == "1"
    assert refused.value.detail == "Main can give out 1 of Coffee, the rest is promised to others"
    await room.deliver("3", Occasion(reserved_for=order))
    assert await room.state() == ("2", 200)
    await room.do(lambda uow: stock.release(uow, order))
    await room.deliver("2")
    assert await room.state() == ("0", 0)


async def test_a_product_is_low_when_its_available_stock_comes_down_to_the_reorder_point(room: Room) -> None:
    await room.receive("5", 500)
    await room.do(lambda uow: stock.set_reorder_point(uow, room.warehouse.id, room.product, q("3")))
    low = stock.LevelFilter(is_low=True)
    assert await room.do(lambda uow: stock.find_levels(uow, low, None, 5)) == []
    await room.deliver("2")
    assert [str(each.available) for each in await room.do(lambda uow: stock.find_levels(uow, low, None, 5))] == ["3"]


async def test_services_archived_products_and_other_currencies_are_not_taken_in(room: Room) -> None:
    said = Particulars.checked(kind=ProductKind.SERVICE, name="Course", sku="K", unit="hour")
    course = await room.do(lambda uow: catalogue.add_product(uow, said))
    for product_id, cost, refusal in (
        (course.id, Money(1, EUR), NotStocked),
        (room.product, Money(1, Currency.of("IDR")), MovementUnfit),
        (room.product, Money(-1, EUR), MovementUnfit),
    ):
        line = ReceiveLine(product_id, q("1"), cost)
        with pytest.raises(refusal) as refused:
            await room.do(lambda uow, line=line: stock.receive(uow, room.warehouse.id, [line], Occasion()))
        assert isinstance(refused.value, SpecieError)
    assert await room.state() == ("0", 0)


async def test_goods_that_cost_nothing_move_without_an_entry(room: Room) -> None:
    gift = await room.receive("3", 0)
    assert (gift.entry_id, await room.state()) == (None, ("3", 0))
    await room.deliver("3")
    assert await room.state() == ("0", 0)
