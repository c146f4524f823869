"""Background edge: holds that run out, transfers whose time has come, limits that have changed."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from specie.kernel.ids import HoldId, TransferId, WalletId
from specie.kernel.money import Currency
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext, job
from specie.wallets import holds, limits, transfers
from specie.wallets.model import Wallet


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


@job(limits.FOLLOW_JOB)
async def limits_follow(context: JobContext, *, tier: str, currency: str) -> None:
    """Bring every wallet of a tier under its new limits, each in a transaction of its own; repeating does no harm."""
    after: WalletId | None = None
    while True:
        page = await context.db.run(context.scope, _followers(tier, currency, after), label="wallets.limits_followers")
        for wallet in page.items:
            await context.db.run(context.scope, _refresh(wallet.id), label="wallets.limits_follow")
        if page.next_key is None:
            return
        after = WalletId(UUID(page.next_key[0]))


def _followers(tier: str, currency: str, after: WalletId | None) -> Callable[[UnitOfWork], Awaitable[Page[Wallet]]]:
    return lambda uow: limits.followers(uow, tier, Currency.of(currency), after)


def _refresh(wallet_id: WalletId) -> Callable[[UnitOfWork], Awaitable[None]]:
    return lambda uow: limits.refresh(uow, wallet_id)
