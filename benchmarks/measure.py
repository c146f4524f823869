"""Closed-loop load: so many callers, each sending its next call when the last one is answered."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure: calls per second and latencies in milliseconds."""

    name: str
    callers: int
    hot: bool
    per_second: float
    p50_ms: float
    p99_ms: float

    def __str__(self) -> str:
        kind = "hot" if self.hot else "uniform"
        return (
            f"{self.name:<44} {self.callers:>4} callers {kind:<8} {self.per_second:>9,.0f}/s"
            f"  p50 {self.p50_ms:>7.2f} ms  p99 {self.p99_ms:>7.2f} ms"
        )


async def drive(
    name: str, callers: int, hot: bool, total: int, call: Callable[[int], Awaitable[None]], *, units: int = 1
) -> Measured:
    """Make `total` calls from `callers` tasks; `units` is how many transfers one call stands for."""
    numbers = iter(range(total))
    latencies: list[float] = []

    async def caller() -> None:
        for number in numbers:
            started = time.perf_counter()
            await call(number)
            latencies.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    elapsed = time.perf_counter() - started
    return summarised(name, callers, hot, total * units / elapsed, latencies)


def summarised(name: str, callers: int, hot: bool, per_second: float, latencies: list[float]) -> Measured:
    """A figure from latencies in seconds."""
    cuts = statistics.quantiles(latencies, n=100) if len(latencies) > 1 else latencies * 99
    return Measured(name, callers, hot, per_second, cuts[49] * 1000, cuts[98] * 1000)


def median(runs: list[Measured]) -> Measured:
    """The run in the middle, by rate."""
    return sorted(runs, key=lambda run: run.per_second)[len(runs) // 2]
