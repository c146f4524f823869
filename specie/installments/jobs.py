"""Background edge: the run of a business day."""

from datetime import date
from uuid import UUID

from specie.installments import collecting, daily, orders
from specie.installments.model import OrderId
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PaymentId
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
    refused = await _collect(context, wanted)
    if refused is not None:
        # Another order of the customer may have emptied a purse between our look at it and our draw on it.
        refused = await _collect(context, wanted)
    if refused is not None:
        code = refused
        await context.db.run(
            context.scope, lambda uow: collecting.missed(uow, wanted, code), label="installments.missed"
        )


async def _collect(context: JobContext, order_id: OrderId) -> str | None:
    """Collect from the wallet; the code of what was refused. Raises refusals that are worth trying again."""
    try:
        await context.db.run(context.scope, lambda uow: collecting.collect(uow, order_id), label="installments.collect")
    except SpecieError as refusal:
        if refusal.retryable:
            raise
        return refusal.code
    return None


@job(collecting.LOOK)
async def look_at_charge(context: JobContext, *, payment: str) -> None:
    """Find out what became of a charge (its payment named by its uuid) that ended while its outcome was unknown."""
    wanted = PaymentId(UUID(payment))
    await context.db.run(context.scope, lambda uow: collecting.look(uow, wanted), label="installments.look")
