"""Every statement on what is promised to documents. Whoever changes a promise holds the lock of its level."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.stock.model import Cause, Promise
from specie.stock.store import Place, at, key_of, place_of
from specie.stock.tables import reservation


async def promises_to(uow: UnitOfWork, cause: Cause) -> dict[Place, Promise]:
    """What is promised to a document, place by place."""
    rows = await uow.execute(select(reservation).where(*_of(uow, cause)))
    return {place_of(row): Promise(Quantity(row.wanted), Quantity(row.quantity)) for row in rows}


async def put_promise(uow: UnitOfWork, cause: Cause, place: Place, promise: Promise) -> None:
    """Set what is promised to a document; nothing, when it wants nothing. A new one comes last in turn."""
    if promise.wanted.millionths == 0:
        await uow.execute(delete(reservation).where(*_of(uow, cause), at(uow, reservation, [place])))
        return
    key = key_of(uow, place) | {"cause_kind": cause.kind, "cause_id": cause.id}
    values = {"wanted": promise.wanted.millionths, "quantity": promise.kept.millionths}
    # Turns of zero and less are those of before there were any.
    last = select(func.greatest(func.max(reservation.c.turn), 0)).where(at(uow, reservation, [place]))
    statement = upsert(reservation).values(key | values | {"turn": last.scalar_subquery() + 1})
    await uow.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


async def waiting_at(uow: UnitOfWork, place: Place) -> list[tuple[Cause, Promise]]:
    """Who wants more of a place than is kept aside for them, the first in turn first."""
    r = reservation.c
    query = select(reservation).where(at(uow, reservation, [place]), r.wanted > r.quantity)
    return [
        (Cause(row.cause_kind, row.cause_id), Promise(Quantity(row.wanted), Quantity(row.quantity)))
        for row in await uow.execute(query.order_by(r.turn))
    ]


def causes_waiting(uow: UnitOfWork, kind: str) -> Select[tuple[UUID]]:
    """The ids of the documents of a kind that want more than is kept aside for them, to narrow a list of those with."""
    r = reservation.c
    mine = (r.tenant_id == uow.scope.tenant_id.uuid, r.cause_kind == kind)
    return select(func.specie.id_uuid(r.cause_id, type_=Uuid)).where(*mine, r.wanted > r.quantity)


def _of(uow: UnitOfWork, cause: Cause) -> tuple[ColumnElement[bool], ...]:
    r = reservation.c
    return r.tenant_id == uow.scope.tenant_id.uuid, r.cause_kind == cause.kind, r.cause_id == cause.id
