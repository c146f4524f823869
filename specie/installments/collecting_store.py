"""The SQL of collections that are charged to saved ways to pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select, update

from specie.installments.model import OrderId
from specie.installments.tables import collection
from specie.kernel.ids import PaymentId
from specie.platform.db import UnitOfWork

OPEN, COLLECTED, MISSED = "open", "collected", "missed"


@dataclass(frozen=True, slots=True)
class Collection:
    """What one day's run charged to a saved method for an order: open, collected or missed."""

    order_id: OrderId
    day: date
    payment_id: PaymentId
    amount_minor: int
    state: str


async def insert_collection(uow: UnitOfWork, made: Collection) -> None:
    """Add a collection."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "order_id": made.order_id.uuid,
        "day": made.day,
        "payment_id": made.payment_id.uuid,
        "amount_minor": made.amount_minor,
        "state": made.state,
    }
    await uow.execute(insert(collection).values(row))


async def of_payment(uow: UnitOfWork, payment_id: PaymentId) -> Collection | None:
    """The collection a payment was made for; None for any other payment."""
    c = collection.c
    query = select(collection).where(c.tenant_id == uow.scope.tenant_id.uuid, c.payment_id == payment_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _collection(row) if row else None


async def turn(uow: UnitOfWork, payment_id: PaymentId, state: str) -> bool:
    """Store how a collection ended, once; whether it was this call that did. What was collected stays collected."""
    c = collection.c
    where = (c.tenant_id == uow.scope.tenant_id.uuid, c.payment_id == payment_id.uuid)
    before = (OPEN, MISSED) if state == COLLECTED else (OPEN,)
    statement = update(collection).where(*where, c.state.in_(before)).values(state=state)
    return (await uow.execute(statement.returning(c.payment_id))).one_or_none() is not None


async def under_way(uow: UnitOfWork, orders: Sequence[OrderId]) -> set[OrderId]:
    """Those of some orders whose last charge is not decided."""
    c = collection.c
    ids = [one.uuid for one in orders]
    query = select(c.order_id).where(c.tenant_id == uow.scope.tenant_id.uuid, c.order_id.in_(ids), c.state == OPEN)
    return {OrderId(row.order_id) for row in await uow.execute(query)}


async def of_order(uow: UnitOfWork, order_id: OrderId) -> list[Collection]:
    """The collections of an order, newest first."""
    c = collection.c
    query = select(collection).where(c.tenant_id == uow.scope.tenant_id.uuid, c.order_id == order_id.uuid)
    return [_collection(row) for row in await uow.execute(query.order_by(c.day.desc()))]


def _collection(row: Row[Any]) -> Collection:
    return Collection(OrderId(row.order_id), row.day, PaymentId(row.payment_id), row.amount_minor, row.state)
