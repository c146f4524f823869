"""Budgets over HTTP."""

from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from specie import identity
from specie.kernel.money import Currency, Money
from specie.kernel.permissions import Permission
from specie.ledger import budget_service, errors
from specie.ledger.budget_service import BudgetLeft
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import Amount, CurrencyCode

router = ApiRouter(prefix="/budgets", tags=["Budgets"])

Limit = Annotated[int, Field(ge=0, le=Money.MAX_MINOR, examples=[500_000_000])] | None


class BudgetIn(Schema):
    """How much may be moved; null for no limit. With neither there is no budget."""

    per_day: Limit = Field(description="Minor units in any 24 hours")
    per_month: Limit = Field(description="Minor units in any 30 days")


class BudgetOut(Schema):
    """How much a person or key may move in a currency, and has moved."""

    holder: str = Field(description="The id of a key, or of a member's user")
    holder_name: str | None = Field(description="Of a person; keys have theirs in the list of keys")
    currency: str
    per_day: Amount | None
    per_month: Amount | None
    used_day: Amount
    used_month: Amount

    @classmethod
    def of(cls, found: BudgetLeft, names: dict[str, str]) -> "BudgetOut":
        """The wire form."""
        return cls(
            holder=found.actor.split(":", 1)[1],
            holder_name=names.get(found.actor),
            currency=found.currency.code,
            per_day=None if found.per_day is None else Amount.of(found.per_day),
            per_month=None if found.per_month is None else Amount.of(found.per_month),
            used_day=Amount.of(found.used_day),
            used_month=Amount.of(found.used_month),
        )


class BudgetsOut(Schema):
    """Every budget of the tenant."""

    data: list[BudgetOut]


@router.get("", response_model=BudgetsOut)
async def list_budgets(edge: Edge = requires(Permission.APPROVALS_READ)) -> BudgetsOut:
    """What people and keys may move in 24 hours and in 30 days, and how much of it they have used."""
    return await edge.read(lambda uow: _shown(uow, edge))


@router.put("/{holder}/{currency}", response_model=BudgetsOut)
@refuses(errors.OwnBudget)
async def set_budget(
    holder: str,
    currency: CurrencyCode,
    body: BudgetIn,
    edge: Edge = requires(Permission.TENANT_WRITE, step_up=True),
) -> Response:
    """Limit what a key (by its id) or a member (by the user's id) may move in a currency.

    A key draws on its maker's budget as well. What has been used stays used. Nobody sets their own.
    """
    money = Currency.of(currency)

    async def work(uow: UnitOfWork) -> BudgetsOut:
        actor = await identity.require_holder(uow, holder)
        per_day, per_month = (
            None if minor is None else Money(minor, money) for minor in (body.per_day, body.per_month)
        )
        await budget_service.set_budget(uow, actor, money, per_day, per_month)
        return await _shown(uow, edge)

    return await edge.write(work, lambda shown: shown)


async def _shown(uow: UnitOfWork, edge: Edge) -> BudgetsOut:
    found = await budget_service.left(uow)
    names = await identity.names_of(uow, edge.service(identity.SERVICE), {each.actor for each in found})
    return BudgetsOut(data=[BudgetOut.of(each, names) for each in found])
