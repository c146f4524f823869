"""Background edge: parties that were known before names could be found become findable."""

from uuid import UUID

from specie.parties import finding
from specie.platform import jobs
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext, job

FIND_NAMES = "parties.find_names"
_AT_ONCE = 500


@job(FIND_NAMES)
async def find_names(context: JobContext, after: str | None = None) -> None:
    """Let some parties be found by their names, and leave the rest to the next job; repeating does no harm."""

    async def work(uow: UnitOfWork) -> None:
        vault = context.services["vault"]
        last = await finding.make_findable_after(uow, vault, UUID(after) if after else None, _AT_ONCE)
        if last is not None:
            await jobs.defer(uow, FIND_NAMES, after=str(last))

    await context.db.run(context.scope, work, label="parties.find_names")
