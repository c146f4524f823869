"""Background edge: the run of a business day."""

from datetime import date

from specie.installments import daily, orders
from specie.platform.jobs import JobContext, job


@job(orders.RUN_DAY)
async def run_day(context: JobContext, *, day: str) -> None:
    """Run a day page by page, end what nobody accepted, and plan the next day; repeating does no harm."""
    wanted = date.fromisoformat(day)
    while await context.db.run(context.scope, lambda uow: daily.run_page(uow, wanted), label="installments.page"):
        continue
    while await context.db.run(context.scope, daily.expire_offers, label="installments.expire"):
        continue
    await context.db.run(context.scope, lambda uow: daily.finish_day(uow, wanted), label="installments.day")
