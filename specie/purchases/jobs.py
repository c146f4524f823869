"""Purchases in the background: they run out, are looked at when a payment ends, and late money goes back."""

from uuid import UUID

from specie.kernel.ids import PaymentId
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext, job
from specie.purchases import following, service
from specie.purchases.model import PurchaseId


@job(service.EXPIRE)
async def expire_job(context: JobContext, purchase: str) -> None:
    """End an open purchase whose time is over."""
    wanted = PurchaseId(UUID(purchase))

    async def work(uow: UnitOfWork) -> None:
        await service.expire(uow, await service.get(uow, wanted, lock=True))

    await context.db.run(context.scope, work, label="purchases.expire")


@job(service.LOOK)
async def look_job(context: JobContext, purchase: str) -> None:
    """Give everything back when the payment has come to nothing."""
    wanted = PurchaseId(UUID(purchase))
    await context.db.run(context.scope, lambda uow: service.look(uow, wanted), label="purchases.look")


@job(service.EARN)
async def earn_job(context: JobContext, purchase: str) -> None:
    """Give cashback that could not be given in the purchase's own commit."""
    wanted = PurchaseId(UUID(purchase))

    async def work(uow: UnitOfWork) -> None:
        await service.earn(uow, await service.get(uow, wanted))

    await context.db.run(context.scope, work, label="purchases.earn")


@job(following.RETURN_LATE)
async def return_late_job(context: JobContext, payment_id: str) -> None:
    """Give back what arrived too late."""
    wanted = PaymentId.parse(payment_id)
    await context.db.run(context.scope, lambda uow: following.return_late(uow, wanted), label="purchases.return_late")
