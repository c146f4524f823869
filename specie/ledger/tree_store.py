"""The chart of accounts as a tree: every branch with the sum of its leaves, now or as of a time gone by."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import TextClause, text

from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.ledger.branch_store import CONTROLS, HELD, MOST_BRANCHES, held_by, require_narrow
from specie.ledger.model import AccountType
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class TreeNode:
    """The sum of the accounts at or below a code, in one currency; `account_id` when the code is itself an account."""

    code: str
    type: AccountType
    balance: Money
    accounts: int
    account_id: AccountId | None


def _tree(accounts: str) -> TextClause:
    # What is put together here are constants; every value is a parameter.
    sql = f"""
with recursive {CONTROLS}, account as ({accounts})
select array_to_string(parts[1:level], ':') as branch, type, currency, exponent,
       sum(balance_minor) as balance_minor, count(*) as accounts,
       (array_agg(id) filter (where level = cardinality(parts)))[1] as account_id
  from (select *, string_to_array(code, ':') as parts from account
         where cast(:prefix as text) is null or code ^@ :prefix) chosen
 cross join generate_series(1, least(:depth, cardinality(parts))) as level
 group by branch, type, currency, exponent
 order by branch, currency
 limit :most
"""  # noqa: S608
    return text(sql)


_NOW = _tree("""
select * from specie.account where tenant_id = :tenant and control is null
 union all
select leaf.* from control cross join lateral (
       select * from specie.account
        where tenant_id = :tenant and account.control = control.code and settled_on is null) leaf
""")

_EFFECTIVE = _tree(f"""
select id, code, type, currency, exponent,
       case when type in ('asset', 'expense', 'memo') then moved else -moved end as balance_minor
  from ({HELD}) account
 where exists (select from specie.account_day
                where tenant_id = :tenant and account_id = account.id and business_date <= :until)
""")  # noqa: S608

# What has not moved since still has the balance it had, and what is settled has none. Of the others the last posting of
# each side is one look-up; of the two, the one with the higher version has the balance.
_RECORDED = _tree("""
select id, code, type, currency, exponent, balance_minor
  from specie.account where tenant_id = :tenant and last_recorded_at <= :as_of and settled_on is null
 union all
select a.id, a.code, a.type, a.currency, a.exponent, last.balance_minor
  from specie.account a
 cross join lateral (
   select * from (
     (select p.debit_version as version, p.debit_balance_minor as balance_minor from specie.posting p
       where p.tenant_id = a.tenant_id and p.debit_account_id = a.id and p.recorded_at <= :as_of
       order by p.recorded_at desc, p.debit_version desc limit 1)
     union all
     (select p.credit_version, p.credit_balance_minor from specie.posting p
       where p.tenant_id = a.tenant_id and p.credit_account_id = a.id and p.recorded_at <= :as_of
       order by p.recorded_at desc, p.credit_version desc limit 1)) side
   order by version desc limit 1) last
 where a.tenant_id = :tenant and a.last_recorded_at > :as_of and a.opened_at <= :as_of
""")


async def tree(
    uow: UnitOfWork, *, prefix: str | None, depth: int, as_of: datetime | date | None = None
) -> list[TreeNode]:
    """Every branch of the code tree down to `depth` parts, with the sum of its leaves per currency.

    As of a moment count the postings recorded by then; as of a day those effective up to its end, as known now. Leaves
    that are settled for good are not among the accounts.

    Raises:
        ChartTooWide: there are more branches than one answer holds.
    """
    statement, moment = _as_of(as_of)
    parameters = {"tenant": uow.scope.tenant_id.uuid, "prefix": prefix, "depth": depth, "most": MOST_BRANCHES + 1}
    rows = (await uow.execute(statement, parameters | moment)).all()
    require_narrow(len(rows))
    return [
        TreeNode(
            code=row.branch,
            type=AccountType(row.type),
            balance=Money(int(row.balance_minor), Currency(row.currency, row.exponent)),
            accounts=row.accounts,
            account_id=AccountId(row.account_id) if row.account_id else None,
        )
        for row in rows
    ]


def _as_of(as_of: datetime | date | None) -> tuple[TextClause, dict[str, Any]]:
    if as_of is None:
        return _NOW, {}
    if isinstance(as_of, datetime):
        return _RECORDED, {"as_of": as_of}
    return _EFFECTIVE, held_by(as_of, list(AccountType))
