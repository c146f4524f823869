"""Background edge: the run of a business day."""

from datetime import date
from uuid import UUID

from specie.installments import collecting, daily, orders
from specie.installments.model import OrderId
from specie.kernel.errors import SpecieError
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


@job(collecting.COLLECT)
async def collect_arrived(context: JobContext, *, order: str) -> None:
    """Pay what is due of an order (named by its uuid) with what has just arrived; a refusal is one more failed try."""
    wanted = OrderId(UUID(order))
    try:
        await context.db.run(context.scope, lambda uow: collecting.collect(uow, wanted), label="installments.collect")
    except SpecieError as refusal:
        code = refusal.code
        await context.db.run(
            context.scope, lambda uow: collecting.missed(uow, wanted, code), label="installments.missed"
        )
