"""Single postings that arrive at the same moment commit together.

While one transaction is being written, the commands that arrive meanwhile gather; then all of one tenant's are decided
and committed at once: ahead of what is still being written where that can be (`batcher_ahead`), under locks where not
(`batcher_locked`). Each caller gets its own answer, and a refusal does not touch its neighbours. A command's entry is
its own idempotency record: its unique `command_key` and fingerprint commit with it; a refusal the ledger decided is a
small row in the same commit.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from uuid import UUID

import psycopg
import psycopg_pool

from specie.kernel.errors import Unavailable
from specie.ledger import batcher_locked
from specie.ledger.batcher_ahead import Ahead
from specie.ledger.orders import Order, Result
from specie.platform.db import CommitUnknown
from specie.platform.idempotency import KeyInProgress
from specie.platform.metrics import counter
from specie.platform.pipeline import WATCHFUL, is_cut_off

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

_batches = counter("ledger_batches", "Batches of single postings that were committed, by how they were decided.", "how")

_OPTIONS = "-c TimeZone=UTC -c lock_timeout=8000 -c statement_timeout=30000"


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
        self._ahead = Ahead(url)
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
        await self._ahead.close()
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
            if len(batch) > 1 and not is_cut_off(error):
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
        results = await self._ahead.post(tenant, orders)
        if results is not None:
            _batches.labels("ahead").inc()
            return results
        async with self._slots, self._pool.connection() as connection:
            results = await batcher_locked.post(connection, tenant, orders)
        _batches.labels("under_locks").inc()
        return results


def _unavailable(error: psycopg.Error) -> Exception:
    unavailable = Unavailable("the books do not answer; try again with the same key")
    unavailable.__cause__ = error
    return unavailable
