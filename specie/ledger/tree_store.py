"""The chart of accounts as a tree: every branch with the sum of its leaves, now or as of a time gone by."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import TextClause, text

from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
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


def _branches(accounts: str) -> TextClause:
    # What is put together here are the three constants below; every value is a parameter.
    sql = f"""
with account as ({accounts})
select array_to_string(parts[1:level], ':') as branch, type, currency, exponent,
       sum(balance_minor) as balance_minor, count(*) as accounts,
       (array_agg(id) filter (where level = cardinality(parts)))[1] as account_id
  from (select *, string_to_array(code, ':') as parts from account
         where cast(:prefix as text) is null or code ^@ :prefix) chosen
 cross join generate_series(1, least(:depth, cardinality(parts))) as level
 group by branch, type, currency, exponent
 order by branch, currency
"""  # noqa: S608
    return text(sql)


_NOW = _branches("select * from specie.account where tenant_id = :tenant")

_EFFECTIVE = _branches("""
select a.id, a.code, a.type, a.currency, a.exponent,
       case when a.type in ('asset', 'expense', 'memo') then moved.debit else -moved.debit end as balance_minor
  from specie.account a
 cross join lateral (select sum(d.debit_minor - d.credit_minor) as debit from specie.account_day d
                      where d.tenant_id = a.tenant_id and d.account_id = a.id and d.business_date <= :as_of) moved
 where a.tenant_id = :tenant and moved.debit is not null
""")

# The last posting of each side is one look-up; of the two, the one with the higher version has the balance.
_RECORDED = _branches("""
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
 where a.tenant_id = :tenant
""")


async def tree(
    uow: UnitOfWork, *, prefix: str | None, depth: int, as_of: datetime | date | None = None
) -> list[TreeNode]:
    """Every branch of the code tree down to `depth` parts, with the sum of its leaves per currency.

    As of a moment count the postings recorded by then; as of a day those effective up to its end, as known now.
    """
    parameters: dict[str, Any] = {"tenant": uow.scope.tenant_id.uuid, "prefix": prefix, "depth": depth}
    if as_of is None:
        statement = _NOW
    else:
        statement = _RECORDED if isinstance(as_of, datetime) else _EFFECTIVE
        parameters["as_of"] = as_of
    return [
        TreeNode(
            code=row.branch,
            type=AccountType(row.type),
            balance=Money(int(row.balance_minor), Currency(row.currency, row.exponent)),
            accounts=row.accounts,
            account_id=AccountId(row.account_id) if row.account_id else None,
        )
        for row in await uow.execute(statement, parameters)
    ]
