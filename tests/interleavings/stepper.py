"""Two units of work side by side in sessions of their own, stopped before every statement and let go one at a time.

A statement is sent when its flow is given a step. Whoever then waits for a lock is passed over until the lock is free,
as PostgreSQL says; a deadlock is left to PostgreSQL, and the platform's own retry goes on from there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

_LOOK_SECONDS = 0.003
_LONGEST_SECONDS = 120.0
# It only tells row security who works, and nobody else can see it.
_UNSEEN = ("select set_config(",)
_current: ContextVar["Flow | None"] = ContextVar("flow", default=None)

Work = Callable[[], Awaitable[str]]


@dataclass
class Flow:
    """One unit of work on its way; `steps` are the statements it has sent."""

    name: str
    steps: list[str] = field(default_factory=list)
    outcome: str = ""
    task: asyncio.Task[None] | None = None
    pids: set[int] = field(default_factory=set)
    at_gate: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_done(self) -> bool:
        return self.task is not None and self.task.done()

    async def stop(self, statement: str, pid: int) -> None:
        """Wait before a statement until the scheduler gives a step."""
        self.pids.add(pid)
        self.at_gate.set()
        await self.go.wait()
        self.go.clear()
        self.steps.append(statement)


@contextmanager
def statements_stop() -> Iterator[None]:
    """Every statement and every commit of the driver stops at its flow's gate; who belongs to no flow passes."""
    execute, commit = psycopg.AsyncCursor.execute, psycopg.AsyncConnection.commit

    async def stopping_execute(self: Any, query: Any, *more: Any, **named: Any) -> Any:
        flow = _current.get()
        words = " ".join(str(query).split())[:200]
        if flow is not None and not words.startswith(_UNSEEN):
            await flow.stop(words, self.connection.info.backend_pid)
        return await execute(self, query, *more, **named)

    async def stopping_commit(self: Any) -> None:
        flow = _current.get()
        if flow is not None:
            await flow.stop("commit", self.info.backend_pid)
        await commit(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", stopping_execute)
        patch.setattr(psycopg.AsyncConnection, "commit", stopping_commit)
        yield


class Stepper:
    """Runs flows in a given order of steps. `observer` asks PostgreSQL who waits for whom."""

    def __init__(self, observer: psycopg.AsyncConnection[Any]) -> None:
        self._observer = observer
        self.waits = 0

    async def run(self, works: dict[str, Work], segments: Sequence[tuple[int, int]]) -> list[Flow]:
        """Give flow `i` at most `n` steps for each `(i, n)` in turn, then everybody the rest; in the end all are done.

        A flow that waits for a lock gives its place to the next one.
        """
        flows = [Flow(name) for name in works]
        for flow, work in zip(flows, works.values(), strict=True):
            flow.task = asyncio.create_task(_follow(flow, work))
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                await self._lead(flows, segments)
        finally:
            for flow in flows:
                if flow.task:
                    flow.task.cancel()
        for flow in flows:
            assert flow.task
            flow.task.result()
        return flows

    async def _lead(self, flows: Sequence[Flow], segments: Sequence[tuple[int, int]]) -> None:
        for number, steps in segments:
            for _ in range(steps):
                if not await self._step(flows, flows[number]):
                    break
        while any(not flow.is_done for flow in flows):
            for flow in flows:
                while await self._step(flows, flow):
                    pass

    async def _step(self, flows: Sequence[Flow], flow: Flow) -> bool:
        """One step of a flow; whether there was one to take. Everybody stands still afterwards."""
        await self._still(flow)
        if flow.is_done or not flow.at_gate.is_set():
            return False
        flow.at_gate.clear()
        flow.go.set()
        # What it commits may set others free, who then run to their own next gate.
        for one in (flow, *(other for other in flows if other is not flow)):
            await self._still(one)
        return True

    async def _still(self, flow: Flow) -> None:
        """Wait until the flow stands before a statement, has ended, or waits for a lock."""
        assert flow.task
        gate = asyncio.ensure_future(flow.at_gate.wait())
        try:
            while not flow.is_done and not flow.at_gate.is_set():
                await asyncio.wait({gate, flow.task}, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if not flow.is_done and not flow.at_gate.is_set() and await self._waits_for_lock(flow):
                    self.waits += 1
                    return
        finally:
            gate.cancel()

    async def _waits_for_lock(self, flow: Flow) -> bool:
        query = "select exists (select from pg_locks where pid = any(%s) and not granted)"
        found = await (await self._observer.execute(query, [list(flow.pids)])).fetchone()
        return bool(found and found[0])


async def _follow(flow: Flow, work: Work) -> None:
    _current.set(flow)
    flow.outcome = await work()
