"""How a worker fares, in a file: it has no port that could be asked.

The file says when it was written, how often each loop has failed in a row, and how long the present step of each has
been running. Whoever watches sees a process that stands still by the file's age, and a loop that does by its step.
"""

import asyncio
import json
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from specie.app.loops import Loop
from specie.kernel.clock import machine_timestamp

_WRITTEN_EVERY_SECONDS = 5.0
_OLDEST_SECONDS = 30.0
_LONGEST_STEP_SECONDS = 300.0
# Every promise of large books is looked at in one step.
_LONG_STEPS = {"verify": 12 * 3600.0}


def file_of(state: Path) -> Path:
    """Where the worker of this machine writes; several machines may share one state folder."""
    return state / f"worker.{socket.gethostname()}.health"


def reporter(loops: Sequence[Loop], state: Path) -> Loop:
    """The loop that writes how these loops fare."""
    file = file_of(state)

    async def report() -> int:
        await asyncio.to_thread(_write, file, json.dumps(_document(loops)))
        return 0

    return Loop("health", report, _WRITTEN_EVERY_SECONDS)


def forget(state: Path) -> None:
    """Take the file away: a worker that has stopped is not stuck."""
    file_of(state).unlink(missing_ok=True)


def faults(state: Path) -> list[str]:
    """One sentence for each thing that is wrong with the worker of this machine; empty when it works."""
    try:
        document = json.loads(file_of(state).read_text())
    except FileNotFoundError:
        return ["it has not reported yet, or it was stopped"]
    return list(_faults(document, machine_timestamp()))


def _faults(document: dict[str, Any], now: float) -> Iterator[str]:
    age = now - document["at"]
    if age > _OLDEST_SECONDS:
        yield f"it last reported {age:.0f} seconds ago"
    for name, seconds in document["busy_seconds"].items():
        if seconds > _LONG_STEPS.get(name, _LONGEST_STEP_SECONDS):
            yield f"its loop {name} has been in one step for {seconds:.0f} seconds"


def _document(loops: Sequence[Loop]) -> dict[str, Any]:
    return {
        "at": machine_timestamp(),
        "failures": {loop.name: loop.failures_in_a_row for loop in loops},
        "busy_seconds": {loop.name: round(loop.busy_seconds, 1) for loop in loops},
    }


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".new")
    unfinished.write_text(text)
    unfinished.rename(file)
