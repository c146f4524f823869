"""The SQL of closed periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, select

from specie.kernel.ids import uuid7
from specie.ledger import tables
from specie.ledger.store import period_lock
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Closing:
    """One decision about the books: closed up to and with a business date, or (None) open altogether."""

    closed_through: date | None
    reason: str
    actor: str
    at: datetime


async def lock(uow: UnitOfWork) -> None:
    """Wait until nobody posts with a date of its own, and keep everybody from it until this transaction ends."""
    await uow.execute(select(func.pg_advisory_xact_lock(period_lock(uow.scope.tenant_id.uuid))))


async def history(uow: UnitOfWork) -> Sequence[Closing]:
    """Every closing and reopening, the newest (which is in force) first."""
    c = tables.period_closing.c
    query = select(c.closed_through, c.reason, c.actor, c.at).where(c.tenant_id == uow.scope.tenant_id.uuid)
    rows = await uow.execute(query.order_by(c.id.desc()))
    return [Closing(row.closed_through, row.reason, row.actor, row.at) for row in rows]


async def add(uow: UnitOfWork, closing: Closing) -> UUID:
    """Put a new closing in force. Returns its id."""
    closing_id = uuid7()
    await uow.execute(
        insert(tables.period_closing).values(
            tenant_id=uow.scope.tenant_id.uuid,
            id=closing_id,
            closed_through=closing.closed_through,
            reason=closing.reason,
            actor=closing.actor,
            at=closing.at,
        )
    )
    return closing_id
