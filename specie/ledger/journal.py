"""Deciding and writing entries under locks: the one engine behind products, bulk calls and the batcher.

The order is always the same: lock the accounts in the order of their ids, take the recording time, judge each entry in
the order given, write all of them with one statement per table; very many in parts, one behind the other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from specie import events
from specie.events import NewEvent
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, uuid7
from specie.kernel.scope import Scope
from specie.ledger import monitor_store, store
from specie.ledger.decision import Books
from specie.ledger.events import entry_posted
from specie.ledger.model import Account, EntryDraft, JournalEntry
from specie.ledger.monitor_model import crossings
from specie.ledger.store import CommandRecord
from specie.platform.pipeline import Connection, Statement, streamed


@dataclass(frozen=True, slots=True)
class Command:
    """One entry to post with the event that tells of it; `record` makes the entry its own idempotency record."""

    draft: EntryDraft
    event: NewEvent | None = None
    scope: Scope | None = None
    idempotency_key: str | None = None
    record: CommandRecord | None = None


Outcome = JournalEntry | SpecieError
# So few that the first are on their way soon, so many that what a statement costs by itself does not count.
_PART = 250


async def open_books(connection: Connection, scope: Scope, commands: Sequence[Command]) -> tuple[Books, datetime]:
    """Lock every account the commands name; returns their states and the business time read after the locks."""
    wanted = set().union(*(command.draft.account_ids() for command in commands))
    accounts = await store.lock_accounts(connection, scope.tenant_id.uuid, wanted)
    return await books_of(connection, scope, commands, accounts)


async def books_of(
    connection: Connection, scope: Scope, commands: Sequence[Command], accounts: Mapping[AccountId, Account]
) -> tuple[Books, datetime]:
    """The books of accounts that are locked, with what rolling allowances may take back by now."""
    now = scope.clock.now()
    used = [
        (account, account.last_recorded_at)
        for account in map(accounts.get, allowances_of(commands))
        if account is not None
    ]
    # An entry is recorded no earlier than the last one of each of its accounts, which another clock may have told.
    latest = max([now, *(each.last_recorded_at for each in accounts.values() if each.last_recorded_at is not None)])
    released = await store.released(connection, scope.tenant_id.uuid, used, now, latest)
    closed_through = await _closed_through(connection, scope, commands)
    monitors = await monitor_store.of_accounts(connection, scope.tenant_id.uuid, accounts.values())
    return Books(accounts, released, closed_through, monitors), now


def allowances_of(commands: Iterable[Command]) -> set[AccountId]:
    """The rolling allowances that take back what has aged out."""
    return set[AccountId]().union(*(command.draft.refilled() for command in commands))


async def _closed_through(connection: Connection, scope: Scope, commands: Sequence[Command]) -> date | None:
    # What is effective when it is recorded cannot fall into a closed period: only days that are over can be closed.
    if all(command.draft.effective_at is None for command in commands):
        return None
    return await store.closed_through(connection, scope.tenant_id.uuid)


def decide(books: Books, scope: Scope, command: Command, now: datetime) -> JournalEntry:
    """Judge one command against the books. Raises the refusal; the books are then as before."""
    draft = command.draft
    last = books.last_recorded_at(draft.account_ids())
    recorded_at = now if last is None else max(now, last)
    effective_at = draft.effective_at or recorded_at
    if draft.is_fact and not books.is_open(scope.clock.business_date(effective_at)):
        # What has happened is never refused: the first open day takes it, as accountants do with late invoices.
        effective_at = recorded_at
    business_date = scope.clock.business_date(effective_at)
    books.require_open(business_date)
    cause = command.scope or scope
    return JournalEntry(
        id=draft.id,
        recipe=str(draft.recipe),
        description=draft.description,
        effective_at=effective_at,
        recorded_at=recorded_at,
        business_date=business_date,
        postings=books.decide(draft, recorded_at),
        actor=str(cause.actor),
        request_id=cause.request_id.uuid,
        idempotency_key=command.idempotency_key,
        reverses=draft.reverses,
        callback_id=draft.callback_id,
        approver=draft.approver,
        metadata=draft.metadata,
    )


def writing(scope: Scope, books: Books, decided: Sequence[tuple[Command, JournalEntry]]) -> list[Statement]:
    """What writes decided entries, postings and events: as many statements as tables, whatever the number.

    What crosses a watched line of the books is told in the same statement as the entries.
    """
    records: Mapping[UUID, CommandRecord] = {
        entry.id.uuid: command.record for command, entry in decided if command.record is not None
    }
    entries = store.insertions(scope.tenant_id.uuid, [entry for _, entry in decided], records)
    rows = [
        events.row(
            command.scope or scope,
            command.event or entry_posted(entry),
            event_id=entry.id.uuid,
            at=entry.recorded_at,
        )
        for command, entry in decided
    ]
    return [*entries, events.insertion(rows + _crossed(scope, books, decided))]


def _in_parts(scope: Scope, books: Books, decided: Sequence[tuple[Command, JournalEntry]]) -> Iterator[list[Statement]]:
    """What writes many entries, in parts: the database writes one while the next is being put in its form."""
    # A watched line is crossed by what all the entries come to.
    size = len(decided) if books.monitors else _PART
    for start in range(0, len(decided), size):
        yield writing(scope, books, decided[start : start + size])


def _crossed(scope: Scope, books: Books, decided: Sequence[tuple[Command, JournalEntry]]) -> list[tuple[Any, ...]]:
    if not books.monitors:
        return []
    causes = {entry.id: command.scope or scope for command, entry in decided}
    told = crossings(books.monitors, books.accounts, [entry for _, entry in decided])
    return [events.row(causes[entry.id], event, event_id=uuid7(), at=entry.recorded_at) for entry, event in told]


def decide_all(
    books: Books, scope: Scope, commands: Sequence[Command], now: datetime, *, keep_going: bool
) -> tuple[list[Outcome], list[tuple[Command, JournalEntry]]]:
    """Judge commands in order: every outcome, and those that are to be written.

    With `keep_going` a refusal is an outcome and does not stop its neighbours; without it the first is raised.
    """
    outcomes: list[Outcome] = []
    decided: list[tuple[Command, JournalEntry]] = []
    for command in commands:
        try:
            entry = decide(books, scope, command, now)
        except SpecieError as refusal:
            if not keep_going:
                raise
            outcomes.append(refusal)
            continue
        outcomes.append(entry)
        decided.append((command, entry))
    return outcomes, decided


async def post_all(
    connection: Connection, scope: Scope, commands: Sequence[Command], *, keep_going: bool = False
) -> list[Outcome]:
    """Post commands in order in the open transaction; see `decide_all` for `keep_going`."""
    books, now = await open_books(connection, scope, commands)
    outcomes, decided = decide_all(books, scope, commands, now, keep_going=keep_going)
    if decided:
        await streamed(connection, _in_parts(scope, books, decided))
    return outcomes
