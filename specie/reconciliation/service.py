"""Sources and imports: use cases inside the caller's unit of work."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from specie import audit, events, ledger, providers
from specie.kernel.ids import ConnectionId
from specie.kernel.money import Currency, Money
from specie.platform import due
from specie.platform.db import UnitOfWork
from specie.reconciliation import exception_store, files, item_store, overdue, postings, running, store
from specie.reconciliation.errors import SourceMissing, SourceTaken, StatementRefused
from specie.reconciliation.events import imported
from specie.reconciliation.model import (
    BALANCE_JOB,
    CsvMapping,
    Format,
    Import,
    ImportId,
    Line,
    LineId,
    Outcome,
    Source,
    SourceId,
    SourceKind,
    StatementFile,
    StatementLine,
)

_log = structlog.get_logger(__name__)
_BALANCE_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source to make. `bank` names the bank account that a bank statement is of; the tolerance is in minor units."""

    name: str
    kind: SourceKind
    connection_id: ConnectionId
    currency: Currency
    bank: str = ""
    statement_account: str = ""
    csv: CsvMapping | None = None
    tolerance_minor: int = 0
    window_days: int = 3
    late_after_days: int = 0


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source with what is open in it now."""

    source: Source
    account_code: str
    target_code: str
    balance: Money
    open_items: int
    open_amount: Money
    exceptions: int
    oldest_exception_at: datetime | None
    last_import: Import | None


async def create_source(uow: UnitOfWork, new: NewSource) -> Source:
    """Reconcile an account from now on. Raises ConnectionMissing, or SourceTaken when its account has a source."""
    await providers.get_connection(uow, new.connection_id)
    settled = postings.settled_account(new.connection_id, new.currency)
    if new.kind is SourceKind.PROVIDER:
        account, target = postings.clearing_account(new.connection_id, new.currency), settled
    else:
        account, target = settled, postings.bank_account(new.bank, new.currency)
    made = Source(
        id=SourceId.new(),
        name=new.name,
        kind=new.kind,
        connection_id=new.connection_id,
        currency=new.currency,
        account_id=(await ledger.ensure_account(uow, account)).id,
        target_id=(await ledger.ensure_account(uow, target)).id,
        statement_account=new.statement_account,
        csv=new.csv,
        tolerance=Money(new.tolerance_minor, new.currency),
        window_days=new.window_days,
        late_after_days=new.late_after_days,
        created_at=uow.now,
    )
    if not await store.insert_source(uow, made):
        raise SourceTaken(f"{account.code} has a source already", account=account.code)
    if made.kind is SourceKind.PROVIDER:
        await plan_balance(uow, made)
    await audit.record(
        uow,
        action="reconciliation_source.create",
        subject=("reconciliation_source", str(made.id)),
        after={"name": made.name, "account": account.code, "target": target.code, "csv": _plain(made.csv)},
    )
    return made


async def change_source(uow: UnitOfWork, source_id: SourceId, wanted: Mapping[str, Any]) -> Source:
    """Change how a source's statements are read and matched from now on. Raises SourceMissing.

    A change of the rules leaves what has been matched as it is.
    """
    source = await get_source(uow, source_id, lock=True)
    before = asdict(source) | {"tolerance_minor": source.tolerance.minor}
    if wanted:
        await store.change_source(uow, source_id, wanted)
        await audit.record(
            uow,
            action="reconciliation_source.change",
            subject=("reconciliation_source", str(source_id)),
            before={name: before[name] for name in wanted},
            after=dict(wanted),
        )
    return await get_source(uow, source_id)


async def plan_balance(uow: UnitOfWork, source: Source) -> None:
    """Compare a provider's balance with the books a day from now."""
    at = uow.now + _BALANCE_EVERY
    await store.plan_balance(uow, source.id, at)
    await due.schedule(uow, kind=BALANCE_JOB, at=at, payload={"source": str(source.id.uuid), "at": at.isoformat()})


async def get_source(uow: UnitOfWork, source_id: SourceId, *, lock: bool = False) -> Source:
    """One source. Raises SourceMissing."""
    found = await store.source_by_id(uow, source_id, lock=lock)
    if found is None:
        raise SourceMissing(f"there is no source {source_id}")
    return found


async def locked_source(uow: UnitOfWork, source_id: SourceId) -> Source:
    """One source, locked together with the one before or behind it on its money's way. Raises SourceMissing."""
    found = await get_source(uow, source_id)
    if found.kind is SourceKind.PROVIDER:
        other = await store.source_of_account(uow, found.target_id)
    else:
        other = await store.source_moving_to(uow, found.account_id)
    await store.lock_sources(uow, [found.id, *([other.id] if other is not None else [])])
    return await get_source(uow, source_id)


async def fresh_source(uow: UnitOfWork, source_id: SourceId) -> Source:
    """One source, locked, with everything its account has seen taken in as items. Raises SourceMissing."""
    source = await get_source(uow, source_id, lock=True)
    await running.take_in(uow, source)
    return source


async def states(uow: UnitOfWork) -> list[SourceState]:
    """Every source with what is open in it."""
    exceptions = await exception_store.open_numbers(uow)
    found = []
    for listed in await store.sources(uow):
        source = await fresh_source(uow, listed.id)
        account = await ledger.get_account(uow, source.account_id)
        target = await ledger.get_account(uow, source.target_id)
        number, total = await item_store.open_total(uow, source)
        count, oldest = exceptions.get(source.id, (0, None))
        last = await store.imports(uow, source.id, None, 1)
        found.append(
            SourceState(
                source=source,
                account_code=account.code,
                target_code=target.code,
                balance=account.balance,
                open_items=number,
                open_amount=total,
                exceptions=count,
                oldest_exception_at=oldest,
                last_import=last[0] if last else None,
            )
        )
    return found


async def import_file(uow: UnitOfWork, source_id: SourceId, file: StatementFile) -> Outcome:
    """Take a statement in and match what is open; all of it or nothing.

    Of a statement that was fetched, lines that an earlier window had are passed over.
    Raises SourceMissing, or StatementRefused for another account, another currency, lines that do not lead to the
    closing balance, or a statement that has been taken in before.
    """
    source = await locked_source(uow, source_id)
    if source.kind is SourceKind.PROVIDER and source.balance_due_at is None:
        # A source from before balances were compared.
        await plan_balance(uow, source)
    files.check(file, source.currency, source.statement_account)
    told = await _not_fetched_before(uow, source, file)
    taken = Import(
        id=ImportId.new(),
        source_id=source.id,
        format=file.format,
        file_name=file.name,
        digest=file.digest,
        lines=len(told),
        imported_by=str(uow.scope.actor),
        imported_at=uow.now,
    )
    if not await store.insert_import(uow, taken, file):
        raise StatementRefused("doubled", "this statement has been imported before")
    await store.insert_lines(uow, _kept(source, taken, told))
    await audit.record(
        uow,
        action="reconciliation.import",
        subject=("reconciliation_import", str(taken.id)),
        after={"source": str(source.id), "digest": taken.digest, "lines": taken.lines},
    )
    await events.record(uow, imported(taken))
    covered = max((line.booked_on for line in told), default=None)
    outcome = await running.run(uow, source, covered)
    await _look_for_overdue(uow, source)
    return replace(outcome, taken=taken, lines=len(told))


async def run_again(uow: UnitOfWork, source_id: SourceId) -> Outcome:
    """Match what is open now, without a new statement. Raises SourceMissing."""
    source = await locked_source(uow, source_id)
    outcome = await running.run(uow, source)
    await _look_for_overdue(uow, source)
    return outcome


async def _look_for_overdue(uow: UnitOfWork, source: Source) -> None:
    """Look at what is overdue; the daily look tries again what fails here, so that statements are taken in anyway."""
    try:
        async with uow.savepoint():
            await overdue.look(uow, source)
    except Exception:
        _log.exception("overdue_not_looked_at", source_id=str(source.id))


async def _not_fetched_before(uow: UnitOfWork, source: Source, file: StatementFile) -> list[StatementLine]:
    """The lines of a file; of a fetched one only what no window before it had, for windows may overlap."""
    lines = file.lines()
    if file.format is not Format.PROVIDER:
        return lines
    known = await store.amounts_by_key(uow, source, [line.key for line in lines if line.key])
    return [line for line in lines if (line.key, line.amount.minor) not in known]


def _kept(source: Source, taken: Import, told: Sequence[StatementLine]) -> list[Line]:
    return [
        Line(
            id=LineId.new(),
            source_id=source.id,
            import_id=taken.id,
            number=line.number,
            amount=line.amount,
            booked_on=line.booked_on,
            reference=line.reference,
            batch=line.batch,
            key=line.key,
            text=line.text,
            fee=line.fee if line.fee is not None else Money.zero(source.currency),
        )
        for line in told
    ]


def _plain(mapping: CsvMapping | None) -> dict[str, str] | None:
    return {name: str(value) for name, value in asdict(mapping).items() if value} if mapping else None
