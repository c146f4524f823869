"""The SQL of financial statements: sums of the totals that the ledger keeps for each account and business date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.ledger import AccountType
from specie.platform.db import UnitOfWork
from specie.reports.statement_model import LedgerLine, Movement, PostingLine

# One code can be an account and the beginning of others; then it names no single one. Of the leaves of control accounts
# (each document has one) only those that can have moved, or held something, are looked at: what was settled before
# sums to nothing. Day totals are added up for each account by itself; the planner would rather add up all there are.
_MOVED = text("""
with recursive control (code) as (
       (select control from specie.account where tenant_id = :tenant and control is not null order by control limit 1)
        union all
       select (select a.control from specie.account a where a.tenant_id = :tenant and a.control > c.code
                order by a.control limit 1)
         from control c where c.code is not null)
select array_to_string(parts[1:least(:depth, cardinality(parts))], ':') as code, type, currency, exponent,
       case when count(*) = 1 and bool_and(cardinality(parts) <= :depth) then (array_agg(id))[1] end as account_id,
       sum(moved) as moved
  from (select a.id, a.type, a.currency, a.exponent, string_to_array(a.code, ':') as parts, d.moved
          from (select * from specie.account where tenant_id = :tenant and control is null and type = any(:types)
                 union all
                select leaf.* from control cross join lateral (
                       select * from specie.account where tenant_id = :tenant and account.control = control.code
                          and settled_on is null and first_on <= :until
                        union all
                       select * from specie.account where tenant_id = :tenant and account.control = control.code
                          and settled_on >= :unsettled_since and first_on <= :until) leaf
                 where split_part(control.code, ':', 1) = any(:types)) a
         cross join lateral (
                select sum(debit_minor - credit_minor) as moved from specie.account_day
                 where tenant_id = :tenant and account_id = a.id and business_date between :since and :until) d
         where d.moved <> 0) account
 group by 1, type, currency, exponent
having sum(moved) <> 0
""")
_LEDGER = text("""
select a.id, a.code, a.type, a.currency, a.exponent,
       coalesce(sum(d.debit_minor - d.credit_minor) filter (where d.business_date < :since), 0) as opening,
       coalesce(sum(d.debit_minor) filter (where d.business_date >= :since), 0) as debit,
       coalesce(sum(d.credit_minor) filter (where d.business_date >= :since), 0) as credit
  from specie.account a
  join specie.account_day d on d.tenant_id = a.tenant_id and d.account_id = a.id and d.business_date <= :until
 where a.tenant_id = :tenant and a.type <> 'memo'
   and (cast(:prefix as text) is null or a.code = :prefix or a.code ^@ (:prefix || ':'))
   and (cast(:currency as text) is null or a.currency = :currency)
   and (cast(:after_code as text) is null or (a.code, a.currency) > (:after_code, :after_currency))
 group by a.id, a.code, a.type, a.currency, a.exponent
 order by a.code, a.currency limit :limit
""")
_POSTINGS = text("""
select p.*, e.recipe, e.description
  from ((select entry_id, line, business_date, recorded_at, amount_minor as debit, 0 as credit, debit_version as version
           from specie.posting
          where tenant_id = :tenant and debit_account_id = :account and business_date between :since and :until
            and (cast(:before as bigint) is null or debit_version < :before)
          order by recorded_at desc, debit_version desc limit :limit)
        union all
        (select entry_id, line, business_date, recorded_at, 0, amount_minor, credit_version
           from specie.posting
          where tenant_id = :tenant and credit_account_id = :account and business_date between :since and :until
            and (cast(:before as bigint) is null or credit_version < :before)
          order by recorded_at desc, credit_version desc limit :limit)) p
  join specie.journal_entry e on e.tenant_id = :tenant and e.id = p.entry_id
 order by p.version desc limit :limit
""")
_FIRST = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last business date, both included; None begins with the books."""

    since: date | None
    until: date

    @property
    def unsettled_since(self) -> date:
        """What was settled before this day moved nothing in the period; one from the beginning counts what is left."""
        return self.since or self.until + timedelta(days=1)


async def movements(
    uow: UnitOfWork, types: Sequence[AccountType], period: Period, compared: Period | None, depth: int
) -> list[Movement]:
    """What accounts moved in a period, summed at the first `depth` parts of their codes; zero lines are left out."""
    now = await _moved(uow, types, period, depth)
    then = await _moved(uow, types, compared, depth) if compared else {}
    return [_movement(key, now.get(key), then.get(key)) for key in sorted(now.keys() | then.keys())]


async def _moved(
    uow: UnitOfWork, types: Sequence[AccountType], period: Period, depth: int
) -> dict[tuple[str, str], Row[Any]]:
    """What was debited less what was credited, by code and currency."""
    values = {
        "tenant": uow.scope.tenant_id.uuid,
        "types": [kind.value for kind in types],
        "since": period.since or _FIRST,
        "until": period.until,
        "unsettled_since": period.unsettled_since,
        "depth": depth,
    }
    return {(row.code, row.currency): row for row in await uow.execute(_MOVED, values)}


def _movement(key: tuple[str, str], now: Row[Any] | None, then: Row[Any] | None) -> Movement:
    found = [row for row in (now, then) if row is not None]
    kind, currency = AccountType(found[0].type), Currency(key[1], found[0].exponent)
    accounts = {row.account_id for row in found}
    sign = 1 if kind.debit_normal else -1
    amount, compared = (Money(sign * int(row.moved) if row is not None else 0, currency) for row in (now, then))
    return Movement(key[0], kind, currency, accounts.pop() if len(accounts) == 1 else None, amount, compared)


async def general_ledger(
    uow: UnitOfWork,
    period: Period,
    *,
    prefix: str | None,
    currency: str | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Page[LedgerLine]:
    """Every account with postings up to the end of a period, by code."""
    values = {
        "tenant": uow.scope.tenant_id.uuid,
        "since": period.since or _FIRST,
        "until": period.until,
        "prefix": prefix,
        "currency": currency,
        "after_code": after[0] if after else None,
        "after_currency": after[1] if after else None,
        "limit": limit + 1,
    }
    rows = [_ledger_line(row) for row in await uow.execute(_LEDGER, values)]
    return Page.cut(rows, limit, lambda line: (line.code, line.opening.currency.code))


def _ledger_line(row: Any) -> LedgerLine:
    kind, currency = AccountType(row.type), Currency(row.currency, row.exponent)
    opening = int(row.opening) if kind.debit_normal else -int(row.opening)
    return LedgerLine(
        row.id,
        row.code,
        kind,
        Money(opening, currency),
        Money(int(row.debit), currency),
        Money(int(row.credit), currency),
    )


async def postings(
    uow: UnitOfWork,
    account_id: AccountId,
    currency: Currency,
    period: Period,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Page[PostingLine]:
    """An account's postings effective in a period, the last recorded first."""
    values = {
        "tenant": uow.scope.tenant_id.uuid,
        "account": account_id.uuid,
        "since": period.since or _FIRST,
        "until": period.until,
        "before": after[0] if after else None,
        "limit": limit + 1,
    }
    page = Page.cut((await uow.execute(_POSTINGS, values)).all(), limit, lambda row: (row.version,))
    return page.map(
        lambda row: PostingLine(
            UUID(str(row.entry_id)),
            row.line,
            row.business_date,
            row.recipe,
            row.description,
            Money(row.debit, currency),
            Money(row.credit, currency),
        )
    )
