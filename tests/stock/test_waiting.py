"""Goods that a document waits for are kept aside for it as soon as they are there, and nobody overtakes it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import psycopg
import pytest

from specie import catalogue, events, stock
from specie.catalogue import Particulars, ProductKind
from specie.events import EventFilter
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.stock import Cause, DeliverLine, Occasion, OutOfStock, Policy, ReturnLine, moving
from tests.stock.rooms import EUR, Room, q
from tests.support.damage import is_noticed, is_noticed_after

NOBODY_WAITS = stock.INVARIANTS["nobody waits for goods that are promised to nobody"]
EARLY, LATE = Cause("order", "ord_1"), Cause("order", "ord_2")


async def wants(room: Room, cause: Cause, quantity: str) -> None:
    """A document wants so much from the only warehouse."""
    lines = [DeliverLine(room.product, q(quantity))] if quantity != "0" else []
    await room.do(lambda uow: stock.promise(uow, room.warehouse.id, lines, cause))


async def kept(room: Room, *causes: Cause) -> list[str]:
    """How much is kept aside for each document, and what it waits for."""

    async def read(uow: UnitOfWork) -> list[str]:
        found = [(await stock.promised(uow, cause)).get(room.product, stock.Promise()) for cause in causes]
        return [f"{each.kept}, waits for {each.missing}" for each in found]

    return await room.do(read)


async def receipt(room: Room) -> None:
    await room.receive("4", 400)


async def adjustment(room: Room) -> None:
    cost = Money(400, EUR)
    await room.do(lambda uow: stock.adjust(uow, room.warehouse.id, room.product, q("4"), Occasion(), cost))


async def count(room: Room) -> None:
    await room.do(lambda uow: stock.count(uow, room.warehouse.id, [(room.product, q("5"))], Occasion()))


async def transfer(room: Room) -> None:
    """The other warehouse has four, and sends them over."""
    far = await room.another("FAR")
    there = replace(room, warehouse=far)
    await there.receive("4", 400)
    carried = [DeliverLine(room.product, q("4"))]
    await room.do(lambda uow: stock.transfer(uow, far.id, room.warehouse.id, carried, Occasion()))


@pytest.mark.parametrize("arrival", [receipt, adjustment, count, transfer], ids=lambda each: each.__name__)
async def test_goods_that_arrive_are_kept_aside_for_those_who_wait_in_their_turn(
    room: Room, arrival: Callable[[Room], Awaitable[None]]
) -> None:
    await room.receive("1", 100)
    await wants(room, EARLY, "3")
    await wants(room, LATE, "5")
    assert await kept(room, EARLY, LATE) == ["1, waits for 2", "0, waits for 5"]
    await arrival(room)
    assert await kept(room, EARLY, LATE) == ["3, waits for 0", "2, waits for 3"]
    with pytest.raises(OutOfStock):
        await room.deliver("1")
    assert (await room.state())[0] == "5"


async def test_goods_that_come_back_are_kept_aside_too(room: Room) -> None:
    await room.receive("2", 200)
    [sent] = (await room.deliver("2")).movements
    await wants(room, EARLY, "3")
    back = [ReturnLine(sent.id, q("1"))]
    await room.do(lambda uow: stock.return_in(uow, back, Occasion()))
    assert await kept(room, EARLY) == ["1, waits for 2"]


async def test_what_one_document_wants_no_longer_is_the_next_ones(room: Room) -> None:
    await room.receive("4", 400)
    await wants(room, EARLY, "4")
    await wants(room, LATE, "3")
    await wants(room, EARLY, "2")
    assert await kept(room, EARLY, LATE) == ["2, waits for 0", "2, waits for 1"]
    await room.do(lambda uow: stock.release(uow, EARLY))
    assert await kept(room, EARLY, LATE) == ["0, waits for 0", "3, waits for 0"]
    assert (await room.deliver("1")).movements[0].on_hand == q("3")


async def test_a_purchase_cannot_take_what_somebody_waits_for(room: Room) -> None:
    await wants(room, EARLY, "3")
    await room.receive("3", 300)
    lines = [DeliverLine(room.product, q("1"))]
    with pytest.raises(OutOfStock):
        await room.do(lambda uow: stock.reserve(uow, room.warehouse.id, lines, Cause("purchase", "pur_1")))
    assert await kept(room, EARLY) == ["3, waits for 0"]


async def test_a_product_that_was_never_here_is_waited_for(room: Room) -> None:
    said = Particulars.checked(kind=ProductKind.PRODUCT, name="Tea", sku="T1", unit="bag")
    new = replace(room, product=(await room.do(lambda uow: catalogue.add_product(uow, said))).id)
    await wants(new, EARLY, "2")
    assert await kept(new, EARLY) == ["0, waits for 2"]
    await new.receive("5", 500)
    assert await kept(new, EARLY) == ["2, waits for 0"]


async def test_it_is_told_when_goods_are_kept_aside_for_who_waited(room: Room) -> None:
    await wants(room, EARLY, "3")
    await room.receive("2", 200)
    async with room.database.system() as uow:
        await events.number_pending(uow, 10_000)

    async def read(uow: UnitOfWork) -> list[dict[str, object]]:
        wanted = EventFilter(type="stock.kept_aside")
        return [dict(each.data) for each in await events.after(uow, room.scope.tenant_id, 0, 5, wanted)]

    assert await room.do(read) == [
        {
            "warehouse_id": str(room.warehouse.id),
            "product_id": str(room.product),
            "cause": "ord_1",
            "quantity": "2",
            "missing": "1",
        }
    ]


async def test_who_waits_while_goods_arrive_at_once_gets_them_in_turn(room: Room) -> None:
    await wants(room, EARLY, "4")
    await asyncio.gather(wants(room, LATE, "4"), *[room.receive("1", 100) for _ in range(6)])
    assert await kept(room, EARLY, LATE) == ["4, waits for 0", "2, waits for 2"]


async def test_where_stock_may_go_below_zero_nobody_waits(room: Room) -> None:
    await room.do(lambda uow: stock.set_policy(uow, Policy(may_go_below=True), "made to order"))
    await wants(room, EARLY, "3")
    assert await kept(room, EARLY) == ["3, waits for 0"]


async def test_goods_left_lying_while_somebody_waits_are_noticed(
    room: Room, superuser_connection: psycopg.Connection
) -> None:
    await room.receive("2", 200)
    await wants(room, EARLY, "3")
    assert is_noticed(superuser_connection, room.scope, NOBODY_WAITS, "update specie.stock_level set reserved = 1")


async def test_an_arrival_that_forgets_those_who_wait_is_noticed(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await room.receive("2", 200)
    await wants(room, EARLY, "3")

    async def keeps_all(_uow: UnitOfWork, level: stock.Level) -> stock.Level:
        return level

    monkeypatch.setattr(moving, "share_out", keeps_all)
    got = [stock.ReceiveLine(room.product, q("1"), Money(100, EUR))]
    assert await is_noticed_after(
        room.database, room.scope, NOBODY_WAITS, lambda uow: stock.receive(uow, room.warehouse.id, got, Occasion())
    )
