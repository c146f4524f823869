"""Cashback in the background: it matures, warns of its end and runs out in business time."""

from uuid import UUID

from specie.cashback import following, maturing
from specie.cashback.model import AccrualId
from specie.kernel.ids import PaymentId
from specie.platform.jobs import JobContext, job


@job(maturing.MATURE)
async def mature_job(context: JobContext, accrual: str) -> None:
    """Make cashback available whose return window has closed."""
    wanted = AccrualId(UUID(accrual))
    await context.db.run(context.scope, lambda uow: maturing.mature(uow, wanted), label="cashback.mature")


@job(maturing.WARN)
async def warn_job(context: JobContext, accrual: str) -> None:
    """Warn of cashback that runs out soon."""
    wanted = AccrualId(UUID(accrual))
    await context.db.run(context.scope, lambda uow: maturing.warn(uow, wanted), label="cashback.warn")


@job(maturing.EXPIRE)
async def expire_job(context: JobContext, accrual: str) -> None:
    """End the time of cashback that was not spent."""
    wanted = AccrualId(UUID(accrual))
    await context.db.run(context.scope, lambda uow: maturing.expire(uow, wanted), label="cashback.expire")


@job(following.FOLLOW)
async def follow_job(context: JobContext, payment_id: str) -> None:
    """Tell the feed of a paid payment and of what was given back of it, as far as it does not know yet."""
    wanted, ring = PaymentId.parse(payment_id), context.services["vault"]
    await context.db.run(context.scope, lambda uow: following.follow(uow, ring, wanted), label="cashback.follow")
