"""How far the background work is behind: seconds that the oldest piece of each kind has been waiting."""

import asyncio
from dataclasses import dataclass

from specie.app import lag_store
from specie.kernel.clock import machine_now, monotonic
from specie.platform.db import Database
from specie.platform.metrics import gauge

_KNOWN_SECONDS = 5.0

_seconds = gauge("lag_seconds", "How long the oldest waiting piece of background work has waited; 0 for none.", "part")


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of work: how many seconds it may wait (None: it is only shown), and what is wrong when it waits longer."""

    limit_seconds: int | None
    fault: str


PARTS: dict[str, Part] = {
    "queue": Part(60, "Jobs are not taken: the oldest has been due for {age}."),
    "publisher": Part(30, "Events are not numbered: the oldest has waited for {age}, and webhooks wait with it."),
    "fan_out": Part(60, "Events are not handed to webhook endpoints: the oldest has waited for {age}."),
    "webhooks": Part(60, "Webhooks are not sent: one to an endpoint that answers has been due for {age}."),
    # Somebody else's server decides how long this takes, so it says nothing about this installation.
    "undelivered": Part(None, ""),
    "ledger_sealer": Part(120, "The ledger is not sealed: the oldest event outside the chain is {age} old."),
    "audit_sealer": Part(120, "The audit trail is not sealed: the oldest act outside the chain is {age} old."),
}


@dataclass(frozen=True, slots=True)
class Lag:
    """How long the oldest piece of a kind has waited, in whole seconds of machine time."""

    part: str
    seconds: int

    @property
    def fault(self) -> str | None:
        """What is wrong, as a sentence; None while the work keeps up."""
        part = PARTS[self.part]
        is_late = part.limit_seconds is not None and self.seconds > part.limit_seconds
        return part.fault.format(age=_spoken(self.seconds)) if is_late else None


class Lags:
    """The lags as they were at most a few seconds ago: the page is public, and asking again costs no query."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._asking = asyncio.Lock()
        self._known: list[Lag] = []
        self._until = 0.0

    async def now(self) -> list[Lag]:
        """Every lag; none when this process has no connection of the sweeping role. Raises Unavailable."""
        if self._db.system_url is None:
            return []
        async with self._asking:
            if monotonic() >= self._until:
                self._known = await measure(self._db)
                self._until = monotonic() + _KNOWN_SECONDS
            return self._known


async def measure(db: Database) -> list[Lag]:
    """Every lag, now; the gauges show them too. Needs the sweeping role's connection. Raises Unavailable."""
    now = machine_now()
    since = await lag_store.oldest(db, now)
    lags = []
    for name in PARTS:
        begun = since[name]
        seconds = max(0.0, (now - begun).total_seconds()) if begun else 0.0
        _seconds.labels(name).set(seconds)
        lags.append(Lag(name, int(seconds)))
    return lags


def _spoken(seconds: int) -> str:
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}s"
    return f"{seconds} seconds"
