"""Every statement on exceptions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, or_, select, update

from specie.kernel.ids import EntryId
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork
from specie.reconciliation.model import ExceptionKind, LineId, ReconException, ReconExceptionId, Source, SourceId
from specie.reconciliation.tables import exception, item, line, source

_ROWS_AT_ONCE = 1000


async def insert_exceptions(uow: UnitOfWork, new: Sequence[ReconException]) -> None:
    """Write exceptions down."""
    rows = [
        {
            "tenant_id": uow.scope.tenant_id.uuid,
            "id": each.id.uuid,
            "source_id": each.source_id.uuid,
            "kind": each.kind.value,
            "line_id": each.line_id.uuid if each.line_id else None,
            "entry_id": each.entry_id.uuid if each.entry_id else None,
            "amount_minor": each.amount.minor,
            "expected_minor": each.expected.minor if each.expected is not None else None,
            "about": each.about,
            "opened_at": each.opened_at,
            "owner": each.owner,
            "note": each.note,
            "version": each.version,
        }
        for each in new
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await uow.execute(insert(exception).values(rows[start : start + _ROWS_AT_ONCE]))


async def save(uow: UnitOfWork, changed: ReconException) -> None:
    """Write down owner, note and end of an exception."""
    this = (exception.c.tenant_id == uow.scope.tenant_id.uuid, exception.c.id == changed.id.uuid)
    values = {
        "owner": changed.owner,
        "note": changed.note,
        "resolved_at": changed.resolved_at,
        "resolution": changed.resolution,
        "version": changed.version,
    }
    await uow.execute(update(exception).where(*this).values(values))


async def by_id(uow: UnitOfWork, wanted: ReconExceptionId, *, lock: bool = False) -> ReconException | None:
    """One exception."""
    query = _query(uow).where(exception.c.id == wanted.uuid)
    row = (await uow.execute(query.with_for_update(of=exception) if lock else query)).one_or_none()
    return _exception(row) if row else None


async def find(
    uow: UnitOfWork, source_id: SourceId | None, *, is_open: bool, before: UUID | None, limit: int | None
) -> list[ReconException]:
    """Exceptions, newest first; at most `limit + 1`."""
    query = _query(uow).where(exception.c.resolved_at.is_(None) if is_open else exception.c.resolved_at.is_not(None))
    if source_id is not None:
        query = query.where(exception.c.source_id == source_id.uuid)
    if before is not None:
        query = query.where(exception.c.id < before)
    query = query.order_by(exception.c.id.desc())
    rows = await uow.execute(query if limit is None else query.limit(limit + 1))
    return [_exception(row) for row in rows]


async def settled(uow: UnitOfWork, of: Source) -> list[ReconException]:
    """Open exceptions whose line or item has been dealt with since."""
    query = (
        _query(uow)
        .outerjoin(line, (line.c.tenant_id == exception.c.tenant_id) & (line.c.id == exception.c.line_id))
        .outerjoin(
            item,
            (item.c.tenant_id == exception.c.tenant_id)
            & (item.c.source_id == exception.c.source_id)
            & (item.c.entry_id == exception.c.entry_id),
        )
        .where(
            exception.c.source_id == of.id.uuid,
            exception.c.resolved_at.is_(None),
            or_(line.c.state != "open", item.c.match_id.is_not(None)),
        )
    )
    return [_exception(row) for row in await uow.execute(query)]


async def open_standing(uow: UnitOfWork, of: Source, kind: ExceptionKind) -> ReconException | None:
    """The open exception of a kind that is about a source as a whole."""
    query = _query(uow).where(
        exception.c.source_id == of.id.uuid,
        exception.c.kind == kind.value,
        exception.c.resolved_at.is_(None),
    )
    row = (await uow.execute(query)).one_or_none()
    return _exception(row) if row else None


async def open_numbers(uow: UnitOfWork) -> dict[SourceId, tuple[int, datetime]]:
    """For each source with open exceptions how many there are, and since when the oldest is open."""
    query = (
        select(exception.c.source_id, func.count(), func.min(exception.c.opened_at))
        .where(exception.c.tenant_id == uow.scope.tenant_id.uuid, exception.c.resolved_at.is_(None))
        .group_by(exception.c.source_id)
    )
    rows: Any = await uow.execute(query)
    return {SourceId(row[0]): (row[1], row[2]) for row in rows}


def _query(uow: UnitOfWork) -> Any:
    return (
        select(exception, source.c.currency)
        .join(source, (source.c.tenant_id == exception.c.tenant_id) & (source.c.id == exception.c.source_id))
        .where(exception.c.tenant_id == uow.scope.tenant_id.uuid)
    )


def _exception(row: Row[Any]) -> ReconException:
    currency = Currency.of(row.currency)
    return ReconException(
        id=ReconExceptionId(row.id),
        source_id=SourceId(row.source_id),
        kind=ExceptionKind(row.kind),
        line_id=LineId(row.line_id) if row.line_id else None,
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        amount=Money(row.amount_minor, currency),
        expected=Money(row.expected_minor, currency) if row.expected_minor is not None else None,
        about=row.about,
        opened_at=row.opened_at,
        owner=row.owner,
        note=row.note,
        resolved_at=row.resolved_at,
        resolution=row.resolution,
        version=row.version,
    )
