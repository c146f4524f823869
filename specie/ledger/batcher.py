"""Single postings that arrive at the same moment commit together.

While one transaction is being written, the commands that arrive meanwhile gather; then all of one tenant's are decided
under one set of locks and committed at once. Each caller gets its own answer, and a refusal does not touch its
neighbours. A command's entry is its own idempotency record: its unique `command_key` and fingerprint commit with
it; a refusal the ledger decided is a small row in the same commit.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import psycopg
import psycopg_pool
from psycopg.types.json import Jsonb

from specie.events import NewEvent
from specie.kernel.errors import SpecieError, Unavailable
from specie.kernel.ids import AccountId, EntryId
from specie.kernel.scope import Scope
from specie.ledger import budgets, journal, store
from specie.ledger.journal import Command, Outcome
from specie.ledger.model import Account, Books, EntryDraft, JournalEntry
from specie.ledger.store import CommandRecord
from specie.platform import arrays
from specie.platform.basis import Basis, Outdated
from specie.platform.crashpoints import crash_point
from specie.platform.db import CommitUnknown
from specie.platform.idempotency import Answer, Fingerprint, KeyInProgress, KeyReused, lock_number
from specie.platform.pipeline import WATCHFUL, Connection, Rows, Statement, pipelined

_MOST_IN_A_BATCH = 500
_MOST_WAITING = 20_000
# How many batches of a tenant are under way at once, and how many orders are worth a batch beside another one: what a
# batch costs by itself, whatever its size, is more than what smaller ones win by it.
_MOST_WRITERS = 2
_WORTH_A_WRITER = 24
# How long a batch waits for those who are on their way, and how often it looks whether anybody came.
_PATIENCE_SECONDS = 0.010
_MOMENT_SECONDS = 0.001
_TURNS_TO_ARRIVE = 4
# Connection exceptions and the server's shutting down: whether a commit on its way arrived is not known.
_CUT_OFF = ("08", "57")

_OPTIONS = "-c TimeZone=UTC -c lock_timeout=8000 -c statement_timeout=30000"
_LOCK_KEYS = """
select nth, pg_try_advisory_xact_lock(number) as granted, set_config('app.tenant_id', %s, true)
  from unnest(%s::bigint[]) with ordinality as k (number, nth)
"""
# A statement of its own, so that its snapshot is taken after the keys' locks.
_EARLIER = """
select command_key, command_fingerprint as fingerprint, id, null as status, null as media_type, null as body
  from specie.journal_entry where tenant_id = %s and command_key = any(%s) and command_key is not null
 union all
select principal || '/' || key, fingerprint, null, status, media_type, body from specie.idempotency
 where tenant_id = %s and (principal, key) in (select * from unnest(%s::text[], %s::text[]))
"""
_REMEMBER_REFUSALS = """
insert into specie.idempotency (tenant_id, principal, key, fingerprint, status, media_type, body, request_id,
    created_at)
select %s, * from unnest(%s::text[], %s::text[], %s::jsonb[], %s::smallint[], %s::text[], %s::text[], %s::uuid[],
    %s::timestamptz[])
"""


@dataclass(frozen=True, slots=True)
class Order:
    """One keyed posting. `refused` renders the stored answer of a refusal that is a decision.

    It is answered only if each of its `bases` still holds when the accounts are locked. `command_key` is the key as
    stored on the entry: one principal's, so two callers' equal keys never meet.
    """

    scope: Scope
    key: str
    fingerprint: Fingerprint
    draft: EntryDraft
    event: NewEvent
    refused: Callable[[SpecieError], Answer]
    bases: Sequence[Basis] = ()
    command_key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "command_key", f"{self.scope.principal}/{self.key}")


@dataclass(frozen=True, slots=True)
class Posted:
    """The entry was written just now."""

    entry: JournalEntry


@dataclass(frozen=True, slots=True)
class PostedBefore:
    """The same order had been posted under this key; read the entry to answer again."""

    entry_id: EntryId


@dataclass(frozen=True, slots=True)
class RefusedBefore:
    """The same order had been refused under this key, with this answer."""

    answer: Answer
    is_replay: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Refused:
    """The order was refused just now; the answer is stored under its key."""

    answer: Answer
    is_replay: ClassVar[bool] = False


Result = Posted | PostedBefore | Refused | RefusedBefore


class _Waiting:
    """An order and the caller who waits for its result."""

    __slots__ = ("done", "held", "order")

    def __init__(self, order: Order, held: tuple[UUID, str]) -> None:
        self.order = order
        self.held = held
        self.done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

    def resolve(self, result: Result | Exception) -> None:
        if self.done.done():
            return
        if isinstance(result, Exception):
            self.done.set_exception(result)
        else:
            self.done.set_result(result)


class _Lane:
    """One tenant's orders that wait, those who write them, and how many came together last time.

    The database writes one batch while the next is being decided, so very many orders are parted between two writers.
    """

    __slots__ = ("company", "waiting", "writers", "writing")

    def __init__(self) -> None:
        self.waiting: deque[_Waiting] = deque()
        self.writers = 0
        self.writing = 0
        self.company = 1

    @property
    def wants_writer(self) -> bool:
        """Whether one more would help: there is none, or all are busy and enough waits for another."""
        if self.writers > self.writing:
            return False
        return not self.writers or (self.writers < _MOST_WRITERS and len(self.waiting) >= _WORTH_A_WRITER)

    def take(self) -> list[_Waiting]:
        """The next batch: all who wait, or half of them where the other half is worth a batch as well."""
        size = min(len(self.waiting), _MOST_IN_A_BATCH)
        if not self.writing and size >= 2 * _WORTH_A_WRITER:
            size = (size + 1) // 2
        return [self.waiting.popleft() for _ in range(size)]


class Batcher:
    """Gathers orders per tenant and commits them in batches, over a small pool of its own connections.

    One tenant alone never has all of its connections, so a busy one does not keep the others waiting.
    """

    def __init__(self, url: str, *, connections: int = _MOST_WRITERS + 1) -> None:
        self._pool = psycopg_pool.AsyncConnectionPool(
            url,
            min_size=1,
            max_size=connections,
            open=False,
            # Each batch says itself where its transaction begins and ends.
            kwargs={"options": _OPTIONS, "autocommit": True, "prepare_threshold": None, **WATCHFUL},
        )
        self._slots = asyncio.Semaphore(connections)
        self._lanes: dict[UUID, _Lane] = {}
        self._keys: set[tuple[UUID, str]] = set()
        self._loops: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Open the pool."""
        await self._pool.open()

    async def close(self) -> None:
        """Finish what is waiting, then close the pool."""
        while self._loops:
            await asyncio.wait(self._loops)
        await self._pool.close()

    async def submit(self, order: Order) -> Result:
        """Post one order, together with others of its tenant.

        Raises KeyInProgress and KeyReused for the key, Outdated when a basis changed, a refusal that is no decision
        (both free the key), and Unavailable or CommitUnknown when the database fails. A caller that goes away does not
        undo its order.
        """
        tenant = order.scope.tenant_id.uuid
        held = (tenant, order.command_key)
        if held in self._keys:
            raise KeyInProgress
        lane = self._lanes.setdefault(tenant, _Lane())
        if len(lane.waiting) >= _MOST_WAITING:
            raise Unavailable("too many postings are waiting; nothing was written")
        waiting = _Waiting(order, held)
        self._keys.add(held)
        lane.waiting.append(waiting)
        self._man(tenant, lane)
        return await waiting.done

    def _man(self, tenant: UUID, lane: _Lane) -> None:
        """See that the lane has the writers it wants."""
        if not lane.wants_writer:
            return
        lane.writers += 1
        task = asyncio.create_task(self._drain(tenant, lane))
        self._loops.add(task)
        task.add_done_callback(self._loops.discard)

    async def _drain(self, tenant: UUID, lane: _Lane) -> None:
        """Write batch after batch until nothing waits."""
        while lane.waiting:
            async with self._slots:
                await self._gather(lane)
                batch = lane.take()
                if not batch:
                    # Another writer was done at the same moment and took all there was.
                    break
                lane.writing += 1
                self._man(tenant, lane)
                await self._write(tenant, batch)
                lane.writing -= 1
            # Whoever was answered just now may come again, and whoever came meanwhile is here.
            lane.company = len(batch) + len(lane.waiting)
        lane.writers -= 1

    async def _gather(self, lane: _Lane) -> None:
        """Let everybody who is ready join, and as many as there were last time, as long as somebody comes.

        A batch costs the same work whatever its size, so callers in company are served sooner together than in turns;
        a lone caller waits for nobody.
        """
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        until, before = loop.time() + _PATIENCE_SECONDS, 0
        company, lane.company = lane.company, 1
        while before < len(lane.waiting) < company and loop.time() < until:
            before = len(lane.waiting)
            await asyncio.sleep(_MOMENT_SECONDS)
            for _ in range(_TURNS_TO_ARRIVE):
                await asyncio.sleep(0)

    async def _write(self, tenant: UUID, batch: Sequence[_Waiting]) -> None:
        try:
            results = await self._commit(tenant, [waiting.order for waiting in batch])
        except CommitUnknown as error:
            results = [error] * len(batch)
        except psycopg.Error as error:
            if len(batch) > 1 and error.sqlstate is not None and not error.sqlstate.startswith(_CUT_OFF):
                await self._write_one_by_one(tenant, batch)
                return
            results = [_unavailable(error)] * len(batch)
        except Exception as error:
            results = [error] * len(batch)
        for waiting, result in zip(batch, results, strict=True):
            self._keys.discard(waiting.held)
            waiting.resolve(result)

    async def _write_one_by_one(self, tenant: UUID, batch: Sequence[_Waiting]) -> None:
        """A batch the database refused as a whole is tried again in parts, so that only the culprit fails."""
        for waiting in batch:
            await self._write(tenant, [waiting])

    async def _commit(self, tenant: UUID, orders: Sequence[Order]) -> list[Result | Exception]:
        async with self._pool.connection() as connection:
            results, written = await _decide(connection, tenant, orders)
            try:
                # Rows and commit travel together; the server takes them in this order or not at all.
                crash_point("ledger.batch.commit.before")
                await pipelined(connection, [*_writing(tenant, orders[0].scope, written), Statement("commit")])
            except psycopg.OperationalError as error:
                if error.sqlstate is not None and not error.sqlstate.startswith(_CUT_OFF):
                    raise
                raise CommitUnknown("the connection broke during the commit; ask again with the same key") from error
            crash_point("ledger.batch.commit.after")
            return results


def _unavailable(error: psycopg.Error) -> Exception:
    unavailable = Unavailable("the books do not answer; try again with the same key")
    unavailable.__cause__ = error
    return unavailable


class _Written:
    """What a batch has decided to write."""

    def __init__(self) -> None:
        self.books = Books({}, {})
        self.entries: Sequence[tuple[Command, JournalEntry]] = ()
        self.refusals: list[tuple[Order, Answer]] = []


async def _decide(
    connection: Connection, tenant: UUID, orders: Sequence[Order]
) -> tuple[list[Result | Exception], _Written]:
    """Keys first, then stored answers and budgets, then account locks: in that order everywhere, in one trip."""
    scope, commands = orders[0].scope, [_command(order) for order in orders]
    by = budgets.givers(scope, commands)
    wanted = _accounts_of(commands)
    statements = [
        Statement("begin"),
        _key_locks(tenant, orders),
        _earlier(tenant, orders),
        budgets.known_to(scope, by),
        store.account_locks(tenant, wanted, by.actors, by.keys),
        *_versions(tenant, orders),
    ]
    _, locked_keys, earlier, asked, locked, *standing = await pipelined(connection, statements)
    limited, accounts = budgets.attached(asked, scope, commands), store.locked(locked)
    if limited is not commands and not _accounts_of(limited) - wanted <= accounts.keys():
        # A budget ended between the two statements; what it drew on is there as long as its row was seen.
        accounts |= await store.lock_accounts(connection, tenant, _accounts_of(limited))
    known = _known(orders, locked_keys, earlier, {row.id: row.version for rows in standing for row in rows})
    fresh = [each for each, result in zip(zip(orders, limited, strict=True), known, strict=True) if result is None]
    decided, written = await _judge(connection, fresh, accounts)
    answers = iter(decided)
    return [next(answers) if result is None else result for result in known], written


def _accounts_of(commands: Sequence[Command]) -> set[AccountId]:
    return set[AccountId]().union(*(command.draft.account_ids() for command in commands))


async def _judge(
    connection: Connection, fresh: Sequence[tuple[Order, Command]], accounts: dict[AccountId, Account]
) -> tuple[list[Result | Exception], _Written]:
    written = _Written()
    if not fresh:
        return [], written
    # The first order's scope stands for the tenant; each command carries its own as cause.
    scope, commands = fresh[0][0].scope, [command for _, command in fresh]
    written.books, now = await journal.books_of(connection, scope, commands, accounts)
    outcomes, written.entries = journal.decide_all(written.books, scope, commands, now, keep_going=True)
    return [
        _result(order, outcome, written.refusals) for (order, _), outcome in zip(fresh, outcomes, strict=True)
    ], written


def _writing(tenant: UUID, scope: Scope, written: _Written) -> list[Statement]:
    entries = journal.writing(scope, written.books, written.entries) if written.entries else []
    refusals = [_remembering(tenant, written.refusals)] if written.refusals else []
    return entries + refusals


def _command(order: Order) -> Command:
    record = CommandRecord(order.command_key, order.fingerprint.parts)
    return Command(order.draft, order.event, order.scope, order.key, record)


def _result(order: Order, outcome: Outcome, refusals: list[tuple[Order, Answer]]) -> Result | Exception:
    if isinstance(outcome, JournalEntry):
        return Posted(outcome)
    if not outcome.is_decision:
        return outcome
    answer = order.refused(outcome)
    refusals.append((order, answer))
    return Refused(answer)


def _key_locks(tenant: UUID, orders: Sequence[Order]) -> Statement:
    numbers = [lock_number(f"{tenant}/{order.command_key}") for order in orders]
    return Statement(_LOCK_KEYS, [str(tenant), arrays.bigints(numbers)])


def _earlier(tenant: UUID, orders: Sequence[Order]) -> Statement:
    commands = arrays.texts([order.command_key for order in orders])
    principals = arrays.texts([order.scope.principal for order in orders])
    keys = arrays.texts([order.key for order in orders])
    return Statement(_EARLIER, [tenant, commands, tenant, principals, keys])


def _versions(tenant: UUID, orders: Sequence[Order]) -> list[Statement]:
    """What the orders' bases are now: a statement for each kind of rows."""
    wanted: dict[str, set[UUID]] = {}
    for order in orders:
        for basis in order.bases:
            wanted.setdefault(basis.query, set()).update(basis.versions)
    return [Statement(query, [tenant, arrays.uuids(list(ids))]) for query, ids in wanted.items()]


def _known(
    orders: Sequence[Order], locked_keys: Rows, earlier: Rows, versions: Mapping[UUID, str]
) -> list[Result | Exception | None]:
    """For each order: somebody else holds its key, it was answered before, it is outdated, or None when it is new."""
    granted = [row.granted for row in sorted(locked_keys)]
    answered = {row.command_key: row for row in earlier}
    return [
        _answered(order, answered.get(order.command_key), versions) if free else KeyInProgress()
        for order, free in zip(orders, granted, strict=True)
    ]


def _answered(order: Order, row: Any | None, versions: Mapping[UUID, str]) -> Result | Exception | None:
    if not all(_stands(basis, versions) for basis in order.bases):
        return Outdated()
    if row is None:
        return None
    reused = _reused(order, row.fingerprint)
    if reused is not None:
        return reused
    if row.id is not None:
        return PostedBefore(EntryId(row.id))
    return RefusedBefore(Answer(row.status, row.body, row.media_type))


def _stands(basis: Basis, versions: Mapping[UUID, str]) -> bool:
    return all(versions.get(each) == version for each, version in basis.versions.items())


def _reused(order: Order, parts: dict[str, str]) -> Exception | None:
    differing = order.fingerprint.differences(parts)
    if not differing:
        return None
    return KeyReused(f"the first request differs in: {', '.join(differing)}", differs=differing)


def _remembering(tenant: UUID, refusals: Sequence[tuple[Order, Answer]]) -> Statement:
    rows = [
        (
            order.scope.principal,
            order.key,
            Jsonb(order.fingerprint.parts),
            answer.status,
            answer.media_type,
            answer.body,
            order.scope.request_id.uuid,
            order.scope.clock.now(),
        )
        for order, answer in refusals
    ]
    return Statement(_REMEMBER_REFUSALS, [tenant, *map(list, zip(*rows, strict=True))])
