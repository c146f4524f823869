"""The publisher: gives committed events their numbers, batch by batch, as `specie_system`.

Any number of processes may run it. A lock of the numbering transaction itself picks the one that publishes, so a
process that has lost its connection never believes that it still leads.
"""

from specie.events import service
from specie.platform.crashpoints import crash_point
from specie.platform.db import Database

_BATCH = 2000


async def publish(db: Database) -> int:
    """Number one batch of committed events in one transaction. Returns how many; 0 when there is nothing to do."""
    async with db.system() as uow:
        numbered = await service.number_pending(uow, _BATCH)
        crash_point("events.publish.commit_before")
    crash_point("events.publish.commit_after")
    return numbered
