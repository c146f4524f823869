"""The SQL of financial statements: sums of the totals that the ledger keeps for each account and business date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from specie import ledger
from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.ledger import AccountType, Branch
from specie.platform.db import UnitOfWork
from specie.reports.statement_model import LedgerLine, Movement, PostingLine

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


async def movements(
    uow: UnitOfWork, types: Sequence[AccountType], period: Period, compared: Period | None, depth: int
) -> list[Movement]:
    """What accounts moved in a period, summed at the first `depth` parts of their codes; zero lines are left out."""
    now = await _moved(uow, types, period, depth)
    then = await _moved(uow, types, compared, depth) if compared else {}
    return [_movement(key, now.get(key), then.get(key)) for key in sorted(now.keys() | then.keys())]


async def _moved(
    uow: UnitOfWork, types: Sequence[AccountType], period: Period, depth: int
) -> dict[tuple[str, str], Branch]:
    found = await ledger.branches(uow, types, since=period.since, until=period.until, depth=depth)
    return {(branch.code, branch.currency.code): branch for branch in found}


def _movement(key: tuple[str, str], now: Branch | None, then: Branch | None) -> Movement:
    found = [branch for branch in (now, then) if branch is not None]
    kind, currency = found[0].type, found[0].currency
    accounts = {branch.account_id for branch in found}
    sign = 1 if kind.debit_normal else -1
    amount, compared = (Money(sign * branch.debit_minor if branch else 0, currency) for branch in (now, then))
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
