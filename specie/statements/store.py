"""The SQL of statements."""

from datetime import date
from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork
from specie.statements import tables
from specie.statements.model import Statement, StatementId


async def lock_number(uow: UnitOfWork) -> int:
    """The tenant's last number, locked: the next one is given once or, rolled back, not at all."""
    n = tables.number
    await uow.execute(upsert(n).values(tenant_id=uow.scope.tenant_id.uuid, last_n=0).on_conflict_do_nothing())
    query = select(n.c.last_n).where(n.c.tenant_id == uow.scope.tenant_id.uuid).with_for_update()
    return int((await uow.execute(query)).scalar_one())


async def save_number(uow: UnitOfWork, last: int) -> None:
    """Store the tenant's last number, which is locked."""
    n = tables.number
    await uow.execute(update(n).where(n.c.tenant_id == uow.scope.tenant_id.uuid).values(last_n=last))


async def insert_statement(uow: UnitOfWork, made: Statement) -> None:
    """Add a statement."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": made.id.uuid,
        "n": made.n,
        "party_id": made.party_id.uuid,
        "currency": made.currency.code,
        "from_day": made.from_day,
        "through_day": made.through_day,
        "content": made.content,
        "digest": made.digest,
        "created_at": made.created_at,
        "created_by": made.created_by,
        "addressee": made.addressee,
    }
    await uow.execute(insert(tables.statement).values(row))


async def statement_by_id(uow: UnitOfWork, statement_id: StatementId) -> Statement | None:
    """One statement the caller may see."""
    row = (await uow.execute(_visible(uow).where(tables.statement.c.id == statement_id.uuid))).one_or_none()
    return _statement(row) if row else None


async def statement_of(
    uow: UnitOfWork, party_id: PartyId, currency: Currency, from_day: date, through_day: date
) -> Statement | None:
    """The statement of a party, currency and period."""
    s = tables.statement.c
    query = _visible(uow).where(
        s.party_id == party_id.uuid,
        s.currency == currency.code,
        s.from_day == from_day,
        s.through_day == through_day,
    )
    row = (await uow.execute(query)).one_or_none()
    return _statement(row) if row else None


async def statements(uow: UnitOfWork, party_id: PartyId | None, before: int | None, limit: int) -> Page[Statement]:
    """Statements the caller may see, newest first."""
    s = tables.statement.c
    query = _visible(uow)
    if party_id is not None:
        query = query.where(s.party_id == party_id.uuid)
    if before is not None:
        query = query.where(s.n < before)
    rows = (await uow.execute(query.order_by(s.n.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (row.n,)).map(_statement)


def _visible(uow: UnitOfWork) -> Select[Any]:
    s = tables.statement.c
    query = select(tables.statement).where(s.tenant_id == uow.scope.tenant_id.uuid)
    party = uow.scope.party_id
    return query if party is None else query.where(s.party_id == party.uuid)


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        id=StatementId(row.id),
        n=row.n,
        party_id=PartyId(row.party_id),
        currency=Currency.of(row.currency),
        from_day=row.from_day,
        through_day=row.through_day,
        content=row.content,
        digest=bytes(row.digest),
        created_at=row.created_at,
        created_by=row.created_by,
        addressee=bytes(row.addressee),
    )
