"""How many random histories are told, and for how long: few in `make test`, ten thousand where time is given."""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from specie.kernel.errors import Unavailable
from tests.purchases.counter import Counter, open_counter
from tests.purchases.market import open_market
from tests.support.shop import Shop, new_tenant
from tests.support.soundness import Auditor

PROFILE = os.environ.get("SPECIE_ASSAY_PROFILE", "test")
SEED = int(os.environ.get("SPECIE_ASSAY_SEED") or 4711)
COUNTS = {"test": 4, "smoke": 40, "gate": 1_000, "nightly": 10_000, "release": 10_000}
MINUTES = {"test": 1, "smoke": 3, "gate": 15, "nightly": 180, "release": 180}
LANES = 4
"""So many histories go on at once, each in a tenant of its own."""
FRESH_EVERY = 25
"""A tenant's own tables stay small: what a history leaves behind must not matter to the next one."""
LOOK_EVERY = 200
_SECONDS = 60

History = Callable[[Counter, random.Random], Awaitable[None]]


def wanted() -> int:
    """How many histories each test tells; `SPECIE_HISTORIES` names another number."""
    return int(os.environ.get("SPECIE_HISTORIES") or COUNTS[PROFILE])


def minutes() -> float:
    """After how many minutes a test begins no more; `SPECIE_HISTORIES_MINUTES` names another number."""
    return float(os.environ.get("SPECIE_HISTORIES_MINUTES") or MINUTES[PROFILE])


@dataclass
class Telling:
    """Tells histories in several lanes, and lets the auditor look at all books now and then and at the end."""

    shop: Shop
    auditor: Auditor
    name: str
    one: History
    told: int = 0
    begun: int = 0
    broken_off: int = 0
    until: float = field(default_factory=lambda: time.monotonic() + minutes() * _SECONDS)

    async def tell(self) -> int:
        """The first history that is not as a recomputation says ends them, and names its seed. How many were told."""
        async with asyncio.TaskGroup() as lanes:
            for _ in range(min(LANES, wanted())):
                lanes.create_task(self._lane())
        assert self.auditor.broken() == []
        told = f"{self.told} of {wanted()} histories, {self.broken_off} broken off by a busy database"
        print(f"\n{told}: {self.name}; the first had the seed {SEED}")
        return self.told

    async def _lane(self) -> None:
        used, counter = 0, await self._fresh()
        while self.begun < wanted() and time.monotonic() < self.until:
            seed, self.begun = SEED + self.begun, self.begun + 1
            if used == FRESH_EVERY:
                used, counter = 0, await self._fresh()
            used += 1
            try:
                await self._history(counter, seed)
            except Unavailable:
                # A machine so busy that the database gave up has said nothing about the books; how they stand in this
                # tenant is for the auditor, and no longer for a history that was broken off.
                self.broken_off, used = self.broken_off + 1, FRESH_EVERY

    async def _history(self, counter: Counter, seed: int) -> None:
        try:
            await self.one(counter, random.Random(seed))
        except Exception as difference:
            difference.add_note(f"{self.name}: again with SPECIE_HISTORIES=1 SPECIE_ASSAY_SEED={seed}")
            raise
        self.told += 1
        if self.told % LOOK_EVERY == 0:
            assert self.auditor.broken() == []

    async def _fresh(self) -> Counter:
        return await open_counter(await open_market(await new_tenant(self.shop)))
