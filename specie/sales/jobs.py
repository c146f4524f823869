"""Background edge: quotes that nobody answered run out."""

from specie.platform.jobs import JobContext, job
from specie.sales import quoting


@job(quoting.EXPIRE)
async def expire(context: JobContext) -> None:
    """End what was valid until a day that has passed; repeating does no harm."""
    while await context.db.run(context.scope, quoting.expire, label="sales.expire"):
        continue
