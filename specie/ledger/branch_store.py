"""Balances summed by the beginnings of codes, at a cost of what is held and not of what was ever opened.

Of the leaves of control accounts (each document has one) only those that can have moved, or held something, are looked
at: what was settled before sums to nothing. The balance of a day is the one of now without the days that came after it,
so today's adds up no days at all. Days are added up for each account by itself; the planner would rather add up all
there are.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import TextClause, text

from specie.kernel.ids import AccountId
from specie.kernel.money import Currency
from specie.ledger.errors import ChartTooWide
from specie.ledger.model import AccountType
from specie.platform.db import UnitOfWork

MOST_BRANCHES = 10_000
# Memo accounts hold limits and counts, no money.
MONEY_TYPES = tuple(kind for kind in AccountType if kind is not AccountType.MEMO)

# Every control account that has leaves, each found by one step of the index by control account.
CONTROLS = """
control (code) as (
       (select control from specie.account where tenant_id = :tenant and control is not null order by control limit 1)
        union all
       select (select a.control from specie.account a where a.tenant_id = :tenant and a.control > c.code
                order by a.control limit 1)
         from control c where c.code is not null)"""

# Accounts of some types that can have moved by a business date, or since another one.
_ACCOUNTS = """(select * from specie.account where tenant_id = :tenant and control is null and type = any(:types)
         union all
        select leaf.* from control cross join lateral (
               select * from specie.account where tenant_id = :tenant and account.control = control.code
                  and settled_on is null and first_on <= :until
                union all
               select * from specie.account where tenant_id = :tenant and account.control = control.code
                  and settled_on >= :unsettled_since and first_on <= :until) leaf
         where split_part(control.code, ':', 1) = any(:types)) a"""

# What each had at the end of a business date, debits less credits. Once for each account: without the fence the planner
# copies the sum to wherever it is named.
HELD = f"""
select a.id, a.code, a.type, a.currency, a.exponent,
       case when a.type in ('asset', 'expense', 'memo') then a.balance_minor else -a.balance_minor end
     - coalesce((select sum(debit_minor - credit_minor) from specie.account_day
                  where tenant_id = :tenant and account_id = a.id and business_date > :until), 0) as moved
  from {_ACCOUNTS}
offset 0"""  # noqa: S608

# What each moved from one business date to another, debits less credits; null is nothing at all.
_MOVED = f"""
select a.id, a.code, a.type, a.currency, a.exponent, d.moved
  from {_ACCOUNTS}
 cross join lateral (
        select sum(debit_minor - credit_minor) as moved from specie.account_day
         where tenant_id = :tenant and account_id = a.id and business_date between :since and :until) d"""  # noqa: S608


def _branches(accounts: str) -> TextClause:
    # One code can be an account and the beginning of others; then it names no single one.
    sql = f"""
with recursive {CONTROLS}
select array_to_string(parts[1:least(:depth, cardinality(parts))], ':') as code, type, currency, exponent,
       case when count(*) = 1 and bool_and(cardinality(parts) <= :depth) then (array_agg(id))[1] end as account_id,
       sum(moved) as moved, count(*) as accounts
  from (select *, string_to_array(code, ':') as parts from ({accounts}) account where moved <> 0) account
 group by 1, type, currency, exponent
having sum(moved) <> 0
 order by 1, currency
 limit :most
"""  # noqa: S608 - what is put together here are constants; every value is a parameter.
    return text(sql)


_HELD_BRANCHES, _MOVED_BRANCHES = _branches(HELD), _branches(_MOVED)


@dataclass(frozen=True, slots=True)
class Branch:
    """What the accounts at or below a code moved in one currency: debits less credits, in minor units.

    `accounts` is how many of them did; `account_id` is set when the code is a single account.
    """

    code: str
    type: AccountType
    currency: Currency
    debit_minor: int
    accounts: int
    account_id: AccountId | None


async def branches(
    uow: UnitOfWork, types: Collection[AccountType], *, since: date | None = None, until: date, depth: int
) -> list[Branch]:
    """What moved from one business date to another, both included, summed at the first `depth` parts of codes.

    Without `since` it is the balance at the end of `until`. Sums of zero are left out.

    Raises:
        ChartTooWide: more than `MOST_BRANCHES` branches have moved.
    """
    values = {"tenant": uow.scope.tenant_id.uuid, "depth": depth, "most": MOST_BRANCHES + 1}
    statement, period = _HELD_BRANCHES, held_by(until, types)
    if since is not None:
        statement, period = _MOVED_BRANCHES, period | {"since": since, "unsettled_since": since}
    found = [
        Branch(
            code=row.code,
            type=AccountType(row.type),
            currency=Currency(row.currency, row.exponent),
            debit_minor=int(row.moved),
            accounts=row.accounts,
            account_id=AccountId(row.account_id) if row.account_id else None,
        )
        for row in await uow.execute(statement, values | period)
    ]
    require_narrow(len(found))
    return found


def held_by(until: date, types: Collection[AccountType]) -> dict[str, Any]:
    """What `HELD` asks for, besides the tenant; what was settled by the day held nothing at its end."""
    return {"types": [kind.value for kind in types], "until": until, "unsettled_since": until + timedelta(days=1)}


def require_narrow(rows: int) -> None:
    """Refuse what is more than a page or a file can show.

    Raises:
        ChartTooWide: there are more rows than `MOST_BRANCHES`.
    """
    if rows > MOST_BRANCHES:
        raise ChartTooWide(f"more than {MOST_BRANCHES:,} lines", param="depth")
