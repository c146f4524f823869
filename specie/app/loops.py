"""Loops that must keep running: each step does some work, each failure waits longer, and each says how it fares."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from specie.kernel.clock import machine_timestamp, monotonic
from specie.platform.metrics import counter, gauge

Step = Callable[[], Awaitable[int]]
"""Does one portion of work and returns how much; 0 means that there was nothing to do."""

_LONGEST_WAIT_SECONDS = 30.0

_log = structlog.get_logger(__name__)
_last_success = gauge("loop_last_success_timestamp", "When each loop last finished a step, in Unix seconds.", "loop")
_failures = counter("loop_failures", "Steps of background loops that raised.", "loop")
_done = counter("loop_work", "Pieces of work done by background loops.", "loop")


@dataclass(slots=True)
class Loop:
    """One step, repeated.

    `pause` is the wait in seconds after a step that found nothing; with `longest_pause` it doubles with each further
    such step up to that, so that a quiet installation costs little. What a step has done wakes the loops `then`.
    """

    name: str
    step: Step
    pause: float
    longest_pause: float = 0.0
    then: "Sequence[Loop]" = ()
    last_success: float = 0.0
    step_began: float | None = None
    failures_in_a_row: int = 0
    _empty_in_a_row: int = 0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, stopping: asyncio.Event) -> None:
        """Repeat until told to stop; a step that has begun is finished."""
        while not stopping.is_set():
            self._woken.clear()
            wait = await self._once()
            if wait:
                await _sleep(wait, stopping, self._woken)

    def wake(self) -> None:
        """Take the next step at once: there is work."""
        self._empty_in_a_row = 0
        self._woken.set()

    @property
    def busy_seconds(self) -> float:
        """How long the present step has been running; 0 between two steps."""
        return monotonic() - self.step_began if self.step_began is not None else 0.0

    async def _once(self) -> float:
        self.step_began = monotonic()
        try:
            done = await self.step()
        except Exception:
            self.failures_in_a_row += 1
            _failures.labels(self.name).inc()
            _log.warning("loop_step_failed", loop=self.name, failures=self.failures_in_a_row, exc_info=True)
            return _back_off(self.failures_in_a_row)
        finally:
            self.step_began = None
        self.failures_in_a_row = 0
        self.last_success = monotonic()
        _last_success.labels(self.name).set(machine_timestamp())
        _done.labels(self.name).inc(done)
        return self._wait_after(done)

    def _wait_after(self, done: int) -> float:
        if done:
            self._empty_in_a_row = 0
            for loop in self.then:
                loop.wake()
            return 0.0
        self._empty_in_a_row += 1
        grown = self.pause * 2.0 ** min(self._empty_in_a_row - 1, 10)
        return max(self.pause, min(grown, self.longest_pause))


def _back_off(failures: int) -> float:
    # Jitter spreads processes that lost the same database at the same moment.
    ceiling = min(_LONGEST_WAIT_SECONDS, 0.5 * 2 ** min(failures, 10))
    return random.uniform(ceiling / 2, ceiling)  # noqa: S311


async def _sleep(seconds: float, *reasons_to_wake: asyncio.Event) -> None:
    waiting = [asyncio.create_task(reason.wait()) for reason in reasons_to_wake]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


async def run_all(loops: Sequence[Loop], stopping: asyncio.Event) -> None:
    """Run loops side by side until told to stop."""
    await asyncio.gather(*(loop.run(stopping) for loop in loops))
