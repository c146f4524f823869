"""The SQL of budgets."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from specie.kernel.ids import AccountId
from specie.kernel.money import Currency
from specie.ledger.model import Budget
from specie.platform import arrays
from specie.platform.db import UnitOfWork
from specie.platform.pipeline import Rows, Statement

OF_GIVERS = """
b.tenant_id = %s and (b.actor = any(%s::text[]) or exists (
      select from specie.api_key k
       where k.tenant_id = b.tenant_id and k.created_by = b.actor and k.id = any(%s::uuid[])))
"""
"""Whether a budget `b` limits any of these actors or keys of a tenant."""

# A key is its maker's hand: it draws on the maker's budget as well.
_OF_TENANT = """
select b.actor, b.currency, b.source_account_id, b.day_account_id, b.month_account_id,
       array(select k.id from specie.api_key k
              where k.tenant_id = b.tenant_id and k.created_by = b.actor and k.id = any(%s::uuid[])) as hands
  from specie.budget b where b.tenant_id = %s order by b.actor, b.currency
"""
_ALL = text("select actor, currency, source_account_id, day_account_id, month_account_id from specie.budget"
            " where tenant_id = :tenant order by actor, currency")  # fmt: skip
_PUT = text("""
insert into specie.budget (tenant_id, actor, currency, source_account_id, day_account_id, month_account_id, set_at)
values (:tenant, :actor, :currency, :source, :day, :month, :now)
on conflict (tenant_id, actor, currency) do update set set_at = excluded.set_at
""")
_DROP = text("delete from specie.budget where tenant_id = :tenant and actor = :actor and currency = :currency")


def of_tenant(tenant: UUID, keys: Sequence[UUID]) -> Statement:
    """Reads the budgets of a tenant; `with_hands` takes the answer."""
    return Statement(_OF_TENANT, [arrays.uuids(keys), tenant])


def with_hands(rows: Rows) -> list[tuple[Budget, frozenset[UUID]]]:
    """The budgets that were read, each with those of the keys that are its owner's hands."""
    return [(_budget(row), frozenset(row.hands)) for row in rows]


async def all_budgets(uow: UnitOfWork) -> list[Budget]:
    """Every budget of the tenant."""
    return [_budget(row) for row in await uow.execute(_ALL, {"tenant": uow.scope.tenant_id.uuid})]


async def put(uow: UnitOfWork, budget: Budget) -> None:
    """Let an actor's postings in a currency draw on allowances; one that has them keeps them."""
    values = {
        "tenant": uow.scope.tenant_id.uuid,
        "actor": budget.actor,
        "currency": budget.currency.code,
        "source": budget.source.uuid,
        "day": budget.day.uuid,
        "month": budget.month.uuid,
        "now": uow.now,
    }
    await uow.execute(_PUT, values)


async def drop(uow: UnitOfWork, actor: str, currency: Currency) -> None:
    """Let an actor's postings in a currency draw on nothing."""
    await uow.execute(_DROP, {"tenant": uow.scope.tenant_id.uuid, "actor": actor, "currency": currency.code})


def _budget(row: Any) -> Budget:
    actor, currency, source, day, month = row[:5]
    return Budget(actor, Currency.of(currency), AccountId(source), AccountId(day), AccountId(month))
