"""The publisher: gives committed events their numbers, in a loop of its own as `specie_system`.

Any number of processes may run it. A lock of the numbering transaction itself picks the one that publishes, so a
process that has lost its connection never believes that it still leads.
"""

import asyncio
from collections.abc import Callable

import structlog

from specie.events import service
from specie.platform.crashpoints import crash_point
from specie.platform.db import Database

_BATCH = 2000
_BUSY_SECONDS = 0.01
_IDLE_SECONDS = 0.1
_TROUBLE_SECONDS = 1.0

_log = structlog.get_logger(__name__)


async def publish(db: Database) -> int:
    """Number one batch of committed events in one transaction. Returns how many."""
    async with db.system() as uow:
        numbered = await service.number_pending(uow, _BATCH)
        crash_point("events.publish.commit_before")
    crash_point("events.publish.commit_after")
    return numbered


async def run_publisher(
    db: Database, stop: asyncio.Event, wake: asyncio.Event, *, then: Callable[[], None] | None = None
) -> None:
    """Publish until `stop` is set. `wake` ends a pause early; `then` is called after each batch that held something.

    A failing database is logged and tried again every second.
    """
    idle = _BUSY_SECONDS
    while not stop.is_set():
        try:
            numbered = await publish(db)
        except Exception:
            _log.exception("publishing failed")
            await pause(wake, stop, _TROUBLE_SECONDS)
            continue
        if numbered and then is not None:
            then()
        idle = _BUSY_SECONDS if numbered else min(idle * 2, _IDLE_SECONDS)
        if numbered < _BATCH:
            await pause(wake, stop, idle)


async def pause(wake: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    """Wait until one of the two is set or the time is over; `wake` is used up."""
    waiting = [asyncio.ensure_future(wake.wait()), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
    wake.clear()
