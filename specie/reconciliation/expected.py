"""Money expected from providers: what they owe by the books, by the day on which it should be in our bank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any

from specie import ledger, payments, providers
from specie.kernel.ids import AccountId, ConnectionId
from specie.kernel.money import Money
from specie.kernel.permissions import Permission
from specie.payments import Payment
from specie.platform.db import UnitOfWork
from specie.providers import Connection
from specie.reconciliation import expected_store, postings, running, store
from specie.reconciliation.expected_store import Collected, OpenDay, Untracked
from specie.reconciliation.model import MoneyState, Source, SourceKind


class Stage(StrEnum):
    """How much is known of money on its way."""

    COLLECTED = "collected"
    """The provider has it; no statement of the provider speaks of it yet."""
    CONFIRMED = "confirmed"
    """It stands in the provider's statement; the bank has not shown it yet."""


class Undated(StrEnum):
    """Why nobody can say when money comes."""

    NO_TERMS = "no_terms"
    NO_SOURCE = "no_source"
    NO_BANK = "no_bank"
    NO_CONNECTION = "no_connection"
    NO_CALENDAR = "no_calendar"


@dataclass(frozen=True, slots=True)
class Expected:
    """What should come on one day, or should have; without a day, why none is known.

    Below zero the provider takes it off what it pays over.
    """

    stage: Stage
    on: date | None
    amount: Money
    items: int
    is_past: bool
    undated: Undated | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """What one provider owes in one currency. The rows sum to the balance: collected and confirmed together.

    Without a connection the clearing account was made by hand, and its code is the only name there is.
    """

    connection: Connection | None
    name: str
    account_id: AccountId
    confirmed_account_id: AccountId | None
    collected: Money
    confirmed: Money
    rows: Sequence[Expected]

    @property
    def overdue(self) -> Money:
        """What should have come before today, less what the provider takes off, whatever day that has."""
        zero = Money.zero(self.collected.currency)
        # A refund of today lowers what is owed at once, though its own day is still ahead.
        counted = (row.amount for row in self.rows if row.is_past or row.amount.minor < 0)
        return max(sum(counted, zero), zero)

    def is_overdue(self, row: Expected) -> bool:
        """Whether a row should have come before today and has not been taken off meanwhile."""
        return row.is_past and row.amount.minor > 0 and self.overdue.minor > 0

    @property
    def overdue_since(self) -> date | None:
        """The earliest day of what is overdue; None when nothing is."""
        return min((row.on for row in self.rows if self.is_overdue(row) and row.on is not None), default=None)


async def everything(uow: UnitOfWork) -> list[Owed]:
    """What every provider owes, by connection and currency."""
    connections = {each.id: each for each in await providers.all_connections(uow)}
    sources = await store.sources(uow)
    await store.lock_sources(uow, [each.id for each in sources])
    found = [
        await of_source(uow, source, connections[source.connection_id])
        for source in sources
        if source.kind is SourceKind.PROVIDER and source.connection_id is not None
    ]
    found += await _untracked(uow, connections)
    return sorted(found, key=lambda owed: (owed.name, owed.collected.currency.code))


async def of_source(uow: UnitOfWork, listed: Source, connection: Connection) -> Owed:
    """What a provider owes by the account of its source, and by the one its statements move money on to."""
    source = await _taken_in(uow, listed)
    target = await store.source_of_account(uow, source.target_id)
    collected = (await ledger.get_account(uow, source.account_id)).balance
    confirmed = (await ledger.get_account(uow, source.target_id)).balance
    rows = await _dated(uow, source, connection, Stage.COLLECTED)
    if target is not None:
        rows += await _dated(uow, await _taken_in(uow, target), connection, Stage.CONFIRMED)
    elif confirmed.minor != 0:
        rows.append(_undated(Stage.CONFIRMED, confirmed, Undated.NO_BANK))
    # What nobody can date comes last.
    rows.sort(key=lambda row: row.on or date.max)
    return Owed(connection, connection.name, source.account_id, source.target_id, collected, confirmed, rows)


async def money_of(uow: UnitOfWork, payment: Payment) -> list[dict[str, Any]]:
    """When a payment's money comes from its provider, entry by entry, as plain values; none for who may not read it."""
    if not uow.scope.allows(Permission.RECONCILIATION_READ):
        return []
    connections = {each.id: each for each in await providers.all_connections(uow)}
    found = await expected_store.collected(uow, await payments.entry_ids_of(uow, payment.id), connections)
    return [await _told(uow, each, connections[each.connection_id]) for each in found]


async def _told(uow: UnitOfWork, each: Collected, connection: Connection) -> dict[str, Any]:
    terms = connection.pays_over
    due_on = terms.expected_on(terms.collected_on(each.at, uow.scope.clock.zone)) if terms is not None else None
    waits = each.state in (MoneyState.EXPECTED, MoneyState.CONFIRMED)
    is_late = waits and _is_past(uow, due_on) and each.amount.minor > 0
    return {
        "connection_id": str(each.connection_id),
        "connection_name": connection.name,
        "entry_id": str(each.entry_id),
        "amount": each.amount.as_json(),
        "collected_at": each.at,
        "expected_on": due_on,
        "status": str(each.state),
        "overdue": is_late and await _is_behind(uow, each, connection),
    }


async def _is_behind(uow: UnitOfWork, each: Collected, connection: Connection) -> bool:
    """Whether the provider is late with anything by the account of an entry: what it took off may outweigh it."""
    source = await store.source_of_account(uow, each.account_id)
    if source is None:
        return False
    target = await store.source_of_account(uow, source.target_id)
    await store.lock_sources(uow, [source.id, *([target.id] if target is not None else [])])
    return (await of_source(uow, source, connection)).overdue.minor > 0


async def _taken_in(uow: UnitOfWork, listed: Source) -> Source:
    source = await store.source_by_id(uow, listed.id, lock=True)
    source = source or listed
    await running.take_in(uow, source)
    return source


async def _dated(uow: UnitOfWork, source: Source, connection: Connection, stage: Stage) -> list[Expected]:
    terms = connection.pays_over
    days = await expected_store.open_by_day(uow, source, terms.day_ends_at if terms is not None else time.max)
    if terms is None:
        total = sum((each.amount for each in days), Money.zero(source.currency))
        count = sum(each.items for each in days)
        return [_undated(stage, total, Undated.NO_TERMS, count)] if total.minor != 0 else []
    by_date: dict[date | None, list[OpenDay]] = {}
    for each in days:
        by_date.setdefault(terms.expected_on(each.day), []).append(each)
    return [_row(uow, stage, on, each) for on, each in by_date.items()]


def _row(uow: UnitOfWork, stage: Stage, on: date | None, days: Sequence[OpenDay]) -> Expected:
    amount = sum((each.amount for each in days[1:]), days[0].amount)
    count = sum(each.items for each in days)
    if on is None:
        return _undated(stage, amount, Undated.NO_CALENDAR, count)
    return Expected(stage, on, amount, count, _is_past(uow, on))


def _is_past(uow: UnitOfWork, on: date | None) -> bool:
    return on is not None and on < uow.now.astimezone(uow.scope.clock.zone).date()


def _undated(stage: Stage, amount: Money, why: Undated, items: int = 0) -> Expected:
    return Expected(stage, None, amount, items, is_past=False, undated=why)


async def _untracked(uow: UnitOfWork, connections: Mapping[ConnectionId, Connection]) -> list[Owed]:
    by_code = {postings.clearing_code(each.id): each for each in connections.values()}
    return [_without_statements(each, by_code.get(each.code)) for each in await expected_store.untracked(uow)]


def _without_statements(found: Untracked, connection: Connection | None) -> Owed:
    return Owed(
        connection=connection,
        name=connection.name if connection is not None else found.code,
        account_id=found.account_id,
        confirmed_account_id=None,
        collected=found.balance,
        confirmed=Money.zero(found.balance.currency),
        rows=[
            _undated(
                Stage.COLLECTED,
                found.balance,
                Undated.NO_SOURCE if connection is not None else Undated.NO_CONNECTION,
            )
        ],
    )
