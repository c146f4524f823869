"""Watching balances: a line on an account, and the event that is told in the very commit that crosses it.

A posting to an account that nobody watches costs nothing more: whether somebody does is a flag of the account, read
under the lock that every posting takes anyway.
"""

from specie import audit
from specie.kernel.errors import NotFound
from specie.kernel.ids import AccountId
from specie.kernel.money import Money
from specie.ledger import monitor_store, service
from specie.ledger.errors import PostingCurrency
from specie.ledger.monitor_model import Direction, Monitor, MonitorId
from specie.platform.db import UnitOfWork


async def watch(uow: UnitOfWork, account_id: AccountId, direction: Direction, limit: Money, *, reason: str) -> Monitor:
    """Tell whenever a commit takes the balance from one side of the limit to the other in this direction.

    Raises AccountMissing, or PostingCurrency for a limit in another currency.
    """
    account = await service.get_account(uow, account_id, lock=True)
    if limit.currency.code != account.currency.code:
        raise PostingCurrency(f"{account.code} is kept in {account.currency}", param="limit")
    monitor = Monitor(MonitorId.new(), account_id, direction, limit, uow.now)
    await monitor_store.add(uow, monitor)
    await monitor_store.flag(uow, account_id)
    await audit.record(
        uow,
        action="ledger.monitor.create",
        subject=("account", str(account_id)),
        after={"monitor": str(monitor.id), "direction": direction.value, "limit_minor": limit.minor},
        reason=reason,
    )
    return monitor


async def unwatch(uow: UnitOfWork, monitor_id: MonitorId) -> None:
    """Stop watching. Raises NotFound for a monitor that is not there or has been ended."""
    account_id = await monitor_store.account_of(uow, monitor_id)
    if account_id is None:
        raise NotFound("no such balance monitor", param="monitor_id")
    # The account first, as postings do; who comes second then finds that the monitor has ended.
    await service.get_account(uow, account_id, lock=True)
    if not await monitor_store.end(uow, monitor_id):
        raise NotFound("no such balance monitor", param="monitor_id")
    await monitor_store.flag(uow, account_id)
    await audit.record(
        uow,
        action="ledger.monitor.end",
        subject=("account", str(account_id)),
        before={"monitor": str(monitor_id)},
    )
