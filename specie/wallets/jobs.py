"""Background edge: holds that run out and transfers whose time has come."""

from specie.kernel.ids import HoldId, TransferId
from specie.platform.jobs import JobContext, job
from specie.wallets import holds, transfers


@job(holds.EXPIRE_JOB)
async def hold_expire(context: JobContext, *, hold_id: str) -> None:
    """Give back what a hold still holds."""
    wanted = HoldId.parse(hold_id)
    await context.db.run(context.scope, lambda uow: holds.expire_hold(uow, wanted), label="wallets.hold_expire")


@job(transfers.DUE_JOB)
async def transfer_due(context: JobContext, *, transfer_id: str) -> None:
    """Make a scheduled transfer."""
    wanted = TransferId.parse(transfer_id)
    await context.db.run(context.scope, lambda uow: transfers.make_due(uow, wanted), label="wallets.transfer_due")
