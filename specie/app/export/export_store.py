"""The SQL of exports: streamed row by row through a server-side cursor, so memory does not grow with the books."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Row

from specie.platform.db import UnitOfWork

_TENANTS = "select distinct tenant_id from specie.account order by tenant_id"
_LAST_DAY = """
select greatest(
    (select max(business_date) from specie.account_day where tenant_id = :tenant),
    (select max(opened_at at time zone 'UTC')::date from specie.account where tenant_id = :tenant))
"""
# Entries may be effective before the day their account was opened here.
_ACCOUNTS = """
select a.code, a.type, a.currency, a.exponent, a.name, a.balance_minor,
       string_agg(a.currency, ',') over same_code as currencies,
       min(least((a.opened_at at time zone 'UTC')::date, d.first_day)) over same_code as opened_on
  from specie.account a
  left join lateral (select min(business_date) as first_day from specie.account_day
                      where tenant_id = a.tenant_id and account_id = a.id) d on true
 where a.tenant_id = :tenant and a.type <> 'memo'
window same_code as (partition by a.code)
 order by a.code, a.currency
"""
_POSTINGS = """
select p.entry_id, p.line, p.currency, d.exponent, p.amount_minor, d.code as debit, c.code as credit,
       e.recipe, e.description, e.business_date, e.effective_at, e.recorded_at, e.actor, e.reverses_id
  from specie.posting p
  join specie.journal_entry e on e.tenant_id = p.tenant_id and e.id = p.entry_id
  join specie.account d on d.tenant_id = p.tenant_id and d.id = p.debit_account_id
  join specie.account c on c.tenant_id = p.tenant_id and c.id = p.credit_account_id
 where p.tenant_id = :tenant and not p.is_memo
 order by p.entry_id, p.line
"""


async def tenants(uow: UnitOfWork) -> list[UUID]:
    """Every tenant that keeps books."""
    return list((await uow.execute(text(_TENANTS))).scalars())


async def last_day(uow: UnitOfWork, tenant: UUID) -> Any:
    """The latest business date in a tenant's books; None without any account."""
    return (await uow.execute(text(_LAST_DAY), {"tenant": tenant})).scalar_one()


def accounts(uow: UnitOfWork, tenant: UUID) -> AsyncIterator[Row[Any]]:
    """Every account that holds money, by code and currency, with its balance and its first day."""
    return _streamed(uow, _ACCOUNTS, tenant)


def postings(uow: UnitOfWork, tenant: UUID) -> AsyncIterator[Row[Any]]:
    """Every posting of money with its entry, in the order in which the entries were made."""
    return _streamed(uow, _POSTINGS, tenant)


async def _streamed(uow: UnitOfWork, query: str, tenant: UUID) -> AsyncIterator[Row[Any]]:
    async with uow.connection.stream(text(query), {"tenant": tenant}) as rows:
        async for row in rows:
            yield row
