"""The SQL of balance monitors."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import text

from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.ledger.model import Account
from specie.ledger.monitor_model import Direction, Monitor, MonitorId
from specie.platform import arrays
from specie.platform.db import UnitOfWork
from specie.platform.pipeline import Connection, Statement, pipelined

_OF_ACCOUNTS = """
select id, account_id, direction, limit_minor, created_at from specie.balance_monitor
 where tenant_id = %s and account_id = any(%s::uuid[]) and ended_at is null order by id
"""


async def of_accounts(connection: Connection, tenant: UUID, accounts: Iterable[Account]) -> list[Monitor]:
    """The monitors of those accounts that are flagged, which are locked; no query when none is."""
    watched = {account.id.uuid: account for account in accounts if account.is_monitored}
    if not watched:
        return []
    [rows] = await pipelined(connection, [Statement(_OF_ACCOUNTS, [tenant, arrays.uuids(list(watched))])])
    return [_monitor(row, watched[row.account_id].currency) for row in rows]


def _monitor(row: Any, currency: Currency) -> Monitor:
    limit = Money(row.limit_minor, currency)
    return Monitor(MonitorId(row.id), AccountId(row.account_id), Direction(row.direction), limit, row.created_at)


async def add(uow: UnitOfWork, monitor: Monitor) -> None:
    """Store a monitor."""
    statement = text("""
    insert into specie.balance_monitor (tenant_id, id, account_id, direction, limit_minor, created_at)
    values (:tenant, :id, :account, :direction, :limit, :at)
    """)
    values = {
        "tenant": uow.scope.tenant_id.uuid,
        "id": monitor.id.uuid,
        "account": monitor.account_id.uuid,
        "direction": monitor.direction.value,
        "limit": monitor.limit.minor,
        "at": monitor.created_at,
    }
    await uow.execute(statement, values)


async def flag(uow: UnitOfWork, account_id: AccountId) -> None:
    """Let the account, which is locked, say whether anybody watches it."""
    statement = text("""
    update specie.account a set is_monitored = exists (
        select from specie.balance_monitor m
        where m.tenant_id = a.tenant_id and m.account_id = a.id and m.ended_at is null
    ) where a.tenant_id = :tenant and a.id = :account
    """)
    await uow.execute(statement, {"tenant": uow.scope.tenant_id.uuid, "account": account_id.uuid})


async def account_of(uow: UnitOfWork, monitor_id: MonitorId) -> AccountId | None:
    """The account of a monitor that has not been ended."""
    query = text("""
    select account_id from specie.balance_monitor where tenant_id = :tenant and id = :id and ended_at is null
    """)
    values = {"tenant": uow.scope.tenant_id.uuid, "id": monitor_id.uuid}
    found = (await uow.execute(query, values)).scalar_one_or_none()
    return AccountId(found) if found else None


async def end(uow: UnitOfWork, monitor_id: MonitorId) -> bool:
    """End a monitor; whether it had not been ended before."""
    statement = text("""
    update specie.balance_monitor set ended_at = :now where tenant_id = :tenant and id = :id and ended_at is null
    """)
    values = {"now": uow.now, "tenant": uow.scope.tenant_id.uuid, "id": monitor_id.uuid}
    return bool((await uow.execute(statement, values)).rowcount)
