"""Every statement on sources, imports, lines and matches."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, cast, column, func, insert, select, update
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.ids import AccountId, ConnectionId, EntryId
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork
from specie.reconciliation.model import (
    CsvMapping,
    Format,
    Import,
    ImportId,
    Line,
    LineId,
    LineState,
    Match,
    MatchId,
    Rule,
    Source,
    SourceId,
    SourceKind,
    StatementFile,
)
from specie.reconciliation.tables import import_, item, line, match, source, statement

_ROWS_AT_ONCE = 1000


async def insert_source(uow: UnitOfWork, new: Source) -> bool:
    """Write a source down; False when its account has one."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "name": new.name,
        "kind": new.kind.value,
        "connection_id": new.connection_id.uuid if new.connection_id else None,
        "currency": new.currency.code,
        "account_id": new.account_id.uuid,
        "target_account_id": new.target_id.uuid,
        "statement_account": new.statement_account,
        "csv": asdict(new.csv) if new.csv else None,
        "tolerance_minor": new.tolerance.minor,
        "window_days": new.window_days,
        "late_after_days": new.late_after_days,
        "created_at": new.created_at,
    }
    made = await uow.execute(
        upsert(source).values(row).on_conflict_do_nothing(constraint="recon_source_account_once").returning(source.c.id)
    )
    return made.one_or_none() is not None


async def change_source(uow: UnitOfWork, source_id: SourceId, wanted: Mapping[str, Any]) -> None:
    """Set some columns of a source."""
    where = (source.c.tenant_id == uow.scope.tenant_id.uuid, source.c.id == source_id.uuid)
    await uow.execute(update(source).where(*where).values(**wanted))


async def source_by_id(uow: UnitOfWork, source_id: SourceId, *, lock: bool = False) -> Source | None:
    """One source, locked against other runs if so asked."""
    query = select(source).where(source.c.tenant_id == uow.scope.tenant_id.uuid, source.c.id == source_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _source(row) if row else None


async def source_of_account(uow: UnitOfWork, account_id: AccountId) -> Source | None:
    """The source whose open items are on an account."""
    query = select(source).where(source.c.tenant_id == uow.scope.tenant_id.uuid, source.c.account_id == account_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _source(row) if row else None


async def source_moving_to(uow: UnitOfWork, account_id: AccountId) -> Source | None:
    """The provider's source whose confirmed money is on an account."""
    query = select(source).where(
        source.c.tenant_id == uow.scope.tenant_id.uuid,
        source.c.target_account_id == account_id.uuid,
        source.c.kind == SourceKind.PROVIDER.value,
    )
    row = (await uow.execute(query)).one_or_none()
    return _source(row) if row else None


async def lock_sources(uow: UnitOfWork, ids: Sequence[SourceId]) -> None:
    """Lock sources against other runs, in the order of their ids."""
    these = (source.c.tenant_id == uow.scope.tenant_id.uuid, source.c.id.in_([each.uuid for each in ids]))
    await uow.execute(select(source.c.id).where(*these).order_by(source.c.id).with_for_update())


async def sources(uow: UnitOfWork) -> list[Source]:
    """Every source of the tenant, the oldest first."""
    query = select(source).where(source.c.tenant_id == uow.scope.tenant_id.uuid).order_by(source.c.id)
    return [_source(row) for row in await uow.execute(query)]


async def plan_balance(uow: UnitOfWork, source_id: SourceId, at: datetime) -> None:
    """Remember when the provider is asked for its balance next."""
    this = (source.c.tenant_id == uow.scope.tenant_id.uuid, source.c.id == source_id.uuid)
    await uow.execute(update(source).where(*this).values(balance_due_at=at))


async def insert_import(uow: UnitOfWork, new: Import, file: StatementFile) -> bool:
    """Write a file and its statements down; False when the file or one of them has been taken in before."""
    tenant = uow.scope.tenant_id.uuid
    row = {
        "tenant_id": tenant,
        "id": new.id.uuid,
        "source_id": new.source_id.uuid,
        "format": new.format.value,
        "file_name": new.file_name,
        "digest": new.digest,
        "lines": new.lines,
        "imported_by": new.imported_by,
        "imported_at": new.imported_at,
    }
    made = await uow.execute(
        upsert(import_).values(row).on_conflict_do_nothing(constraint="recon_import_once").returning(import_.c.id)
    )
    if made.one_or_none() is None:
        return False
    numbered = [each for each in file.statements if each.number]
    rows = [
        {
            "tenant_id": tenant,
            "source_id": new.source_id.uuid,
            "number": each.number,
            "import_id": new.id.uuid,
            "opening_minor": each.opening.minor if each.opening is not None else None,
            "closing_minor": each.closing.minor if each.closing is not None else None,
        }
        for each in numbered
    ]
    if not rows:
        return True
    kept = await uow.execute(
        upsert(statement)
        .values(rows)
        .on_conflict_do_nothing(constraint="recon_statement_once")
        .returning(statement.c.number)
    )
    return len(kept.all()) == len(rows)


async def imports(uow: UnitOfWork, source_id: SourceId, before: UUID | None, limit: int) -> list[Import]:
    """Up to `limit + 1` imports of a source, newest first."""
    query = select(import_).where(
        import_.c.tenant_id == uow.scope.tenant_id.uuid, import_.c.source_id == source_id.uuid
    )
    if before is not None:
        query = query.where(import_.c.id < before)
    rows = await uow.execute(query.order_by(import_.c.id.desc()).limit(limit + 1))
    return [_import(row) for row in rows]


async def insert_lines(uow: UnitOfWork, new: Sequence[Line]) -> None:
    """Write lines down."""
    rows = [
        {
            "tenant_id": uow.scope.tenant_id.uuid,
            "id": each.id.uuid,
            "source_id": each.source_id.uuid,
            "import_id": each.import_id.uuid,
            "number": each.number,
            "amount_minor": each.amount.minor,
            "booked_on": each.booked_on,
            "reference": each.reference,
            "batch": each.batch,
            "key": each.key,
            "text": each.text,
            "fee_minor": each.fee.minor,
            "state": each.state.value,
        }
        for each in new
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await uow.execute(insert(line).values(rows[start : start + _ROWS_AT_ONCE]))


async def open_lines(
    uow: UnitOfWork, of: Source, *, before: UUID | None = None, limit: int | None = None
) -> list[Line]:
    """Lines that nothing has taken, newest first; at most `limit + 1`."""
    query = select(line).where(
        line.c.tenant_id == uow.scope.tenant_id.uuid,
        line.c.source_id == of.id.uuid,
        line.c.state == LineState.OPEN.value,
    )
    if before is not None:
        query = query.where(line.c.id < before)
    query = query.order_by(line.c.id.desc())
    rows = await uow.execute(query if limit is None else query.limit(limit + 1))
    return [_line(row, of.currency) for row in rows]


async def lines_by_ids(uow: UnitOfWork, of: Source, ids: Sequence[LineId]) -> list[Line]:
    """Lines of a source."""
    query = select(line).where(
        line.c.tenant_id == uow.scope.tenant_id.uuid,
        line.c.source_id == of.id.uuid,
        line.c.id.in_([each.uuid for each in ids]),
    )
    return [_line(row, of.currency) for row in await uow.execute(query)]


async def amounts_by_key(uow: UnitOfWork, of: Source, keys: Sequence[str]) -> set[tuple[str, int]]:
    """Those of these keys that lines of the source have, each with the line's amount in minor units."""
    query = select(line.c.key, line.c.amount_minor).where(
        line.c.tenant_id == uow.scope.tenant_id.uuid,
        line.c.source_id == of.id.uuid,
        line.c.key != "",
        line.c.key == func.any(cast(list(keys), pg.ARRAY(pg.TEXT))),
    )
    return {(row.key, row.amount_minor) for row in await uow.execute(query)}


async def said_before(uow: UnitOfWork, of: Source, *, key_only: bool = False) -> set[LineId]:
    """Open lines whose amount and key (or reference) a matched or an earlier line of the source has."""
    other = line.alias()
    same = (other.c.key == line.c.key) & (line.c.key != "")
    if not key_only:
        same |= (other.c.reference == line.c.reference) & (line.c.reference != "")
    query = select(line.c.id).where(
        line.c.tenant_id == uow.scope.tenant_id.uuid,
        line.c.source_id == of.id.uuid,
        line.c.state == LineState.OPEN.value,
        select(1)
        .where(
            other.c.tenant_id == line.c.tenant_id,
            other.c.source_id == line.c.source_id,
            other.c.id != line.c.id,
            other.c.amount_minor == line.c.amount_minor,
            (other.c.state == LineState.MATCHED.value) | (other.c.id < line.c.id),
            same,
        )
        .exists(),
    )
    return {LineId(row.id) for row in await uow.execute(query)}


async def insert_matches(uow: UnitOfWork, new: Sequence[Match]) -> None:
    """Write matches down."""
    rows = [
        {
            "tenant_id": uow.scope.tenant_id.uuid,
            "id": each.id.uuid,
            "source_id": each.source_id.uuid,
            "entry_id": each.entry_id.uuid if each.entry_id else None,
            "rule": each.rule.value,
            "lines_minor": each.lines.minor,
            "items_minor": each.items.minor,
            "made_by": each.made_by,
            "made_at": each.made_at,
            "note": each.note,
        }
        for each in new
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await uow.execute(insert(match).values(rows[start : start + _ROWS_AT_ONCE]))


async def take(
    uow: UnitOfWork, source_id: SourceId, lines: Mapping[LineId, MatchId], items: Mapping[EntryId, MatchId]
) -> None:
    """Say which match has taken which lines and items."""
    tenant = uow.scope.tenant_id.uuid
    if lines:
        taken = _pairs({key.uuid: value.uuid for key, value in lines.items()})
        await uow.execute(
            update(line)
            .where(line.c.tenant_id == tenant, line.c.id == taken.c.thing)
            .values(state=LineState.MATCHED.value, match_id=taken.c.match)
        )
    if items:
        taken = _pairs({key.uuid: value.uuid for key, value in items.items()})
        await uow.execute(
            update(item)
            .where(item.c.tenant_id == tenant, item.c.source_id == source_id.uuid, item.c.entry_id == taken.c.thing)
            .values(match_id=taken.c.match)
        )


async def dismiss(uow: UnitOfWork, line_id: LineId) -> None:
    """A line is not to be matched."""
    this = (line.c.tenant_id == uow.scope.tenant_id.uuid, line.c.id == line_id.uuid)
    await uow.execute(update(line).where(*this).values(state=LineState.DISMISSED.value))


async def match_by_id(uow: UnitOfWork, match_id: MatchId, *, lock: bool = False) -> Match | None:
    """One match."""
    query = (
        select(match, source.c.currency)
        .join(source, (source.c.tenant_id == match.c.tenant_id) & (source.c.id == match.c.source_id))
        .where(match.c.tenant_id == uow.scope.tenant_id.uuid, match.c.id == match_id.uuid)
    )
    row = (await uow.execute(query.with_for_update(of=match) if lock else query)).one_or_none()
    return _match(row, Currency.of(row.currency)) if row else None


async def matches(uow: UnitOfWork, of: Source, before: UUID | None, limit: int) -> list[Match]:
    """Up to `limit + 1` matches of a source, newest first."""
    query = select(match).where(match.c.tenant_id == uow.scope.tenant_id.uuid, match.c.source_id == of.id.uuid)
    if before is not None:
        query = query.where(match.c.id < before)
    rows = await uow.execute(query.order_by(match.c.id.desc()).limit(limit + 1))
    return [_match(row, of.currency) for row in rows]


async def undo_match(uow: UnitOfWork, undone: Match, reopen_entry: EntryId | None) -> None:
    """Let the lines and items of a match be open again."""
    tenant = uow.scope.tenant_id.uuid
    await uow.execute(
        update(match)
        .where(match.c.tenant_id == tenant, match.c.id == undone.id.uuid)
        .values(reopened_at=undone.reopened_at, reopen_entry_id=reopen_entry.uuid if reopen_entry else None)
    )
    await uow.execute(
        update(line)
        .where(line.c.tenant_id == tenant, line.c.match_id == undone.id.uuid)
        .values(state=LineState.OPEN.value, match_id=None)
    )
    await uow.execute(
        update(item).where(item.c.tenant_id == tenant, item.c.match_id == undone.id.uuid).values(match_id=None)
    )


def _pairs(pairs: Mapping[UUID, UUID]) -> Any:
    kind = pg.ARRAY(pg.UUID(as_uuid=True))
    things, takers = cast(list(pairs.keys()), kind), cast(list(pairs.values()), kind)
    shape = (column("thing", pg.UUID(as_uuid=True)), column("match", pg.UUID(as_uuid=True)))
    return func.unnest(things, takers).table_valued(*shape).render_derived(name="taken")


def _source(row: Row[Any]) -> Source:
    currency = Currency.of(row.currency)
    return Source(
        id=SourceId(row.id),
        name=row.name,
        kind=SourceKind(row.kind),
        connection_id=ConnectionId(row.connection_id) if row.connection_id else None,
        currency=currency,
        account_id=AccountId(row.account_id),
        target_id=AccountId(row.target_account_id),
        statement_account=row.statement_account,
        csv=CsvMapping(**row.csv) if row.csv else None,
        tolerance=Money(row.tolerance_minor, currency),
        window_days=row.window_days,
        late_after_days=row.late_after_days,
        created_at=row.created_at,
        seen_version=row.seen_version,
        seen_at=row.seen_at,
        balance_due_at=row.balance_due_at,
    )


def _import(row: Row[Any]) -> Import:
    return Import(
        id=ImportId(row.id),
        source_id=SourceId(row.source_id),
        format=Format(row.format),
        file_name=row.file_name,
        digest=row.digest,
        lines=row.lines,
        imported_by=row.imported_by,
        imported_at=row.imported_at,
    )


def _line(row: Row[Any], currency: Currency) -> Line:
    return Line(
        id=LineId(row.id),
        source_id=SourceId(row.source_id),
        import_id=ImportId(row.import_id),
        number=row.number,
        amount=Money(row.amount_minor, currency),
        booked_on=row.booked_on,
        reference=row.reference,
        batch=row.batch,
        key=row.key,
        text=row.text,
        fee=Money(row.fee_minor, currency),
        state=LineState(row.state),
        match_id=MatchId(row.match_id) if row.match_id else None,
    )


def _match(row: Row[Any], currency: Currency) -> Match:
    return Match(
        id=MatchId(row.id),
        source_id=SourceId(row.source_id),
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        rule=Rule(row.rule),
        lines=Money(row.lines_minor, currency),
        items=Money(row.items_minor, currency),
        made_by=row.made_by,
        made_at=row.made_at,
        note=row.note,
        reopened_at=row.reopened_at,
    )
