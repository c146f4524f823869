"""Setting budgets, telling what is left of them, and counting what is promised for later."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from specie import audit, identity
from specie.kernel.ids import AccountId, ApiKeyId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import ActorKind
from specie.ledger import budget_store, budgets, read_store, service
from specie.ledger.errors import OwnBudget
from specie.ledger.journal import Command
from specie.ledger.model import BUDGETS, AccountSpec, AccountType, Budget, EntryDraft
from specie.ledger.recipes import PROMISE
from specie.platform.db import UnitOfWork

_DAY = 86_400
# What may be moved in a day and in thirty days.
_Limits = tuple[Money | None, Money | None]
_WINDOWS = {"source": None, "day": _DAY, "month": 30 * _DAY}


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """A budget with its limits, None where there is none, and what has been used of them by now."""

    actor: str
    currency: Currency
    per_day: Money | None
    per_month: Money | None
    used_day: Money
    used_month: Money


async def promise(uow: UnitOfWork, amount: Money, *, about: Mapping[str, Any]) -> None:
    """Count money that the platform will move later because the caller says so now. Raises BudgetExceeded."""
    command = Command(EntryDraft(PROMISE, []))
    [counted] = await budgets.limited(await uow.raw(), uow.scope, [command])
    legs = [
        leg for budget in counted.draft.budgets if budget.currency == amount.currency for leg in budget.draw(amount)
    ]
    if legs:
        await service.post(uow, EntryDraft(PROMISE, legs, "Promised", metadata=about, was_counted=True))


async def set_budget(
    uow: UnitOfWork, actor: str, currency: Currency, per_day: Money | None, per_month: Money | None
) -> None:
    """Limit what an actor's postings move in a currency; with neither limit there is none.

    What has been used stays used, and a key's successor keeps its limits when the key has none any more. Raises
    OwnBudget for the caller's own.
    """
    if actor in (str(uow.scope.actor), await identity.person_behind(uow, uow.scope.actor)):
        raise OwnBudget("somebody else sets how much you may move")
    before = {each.currency: each for each in await left(uow) if each.actor == actor}.get(currency)
    specs = _accounts(actor, currency)
    known = await budget_store.all_budgets(uow)
    found = {budget.currency: budget for budget in known if budget.actor == actor}
    budget = found.get(currency) or Budget(
        actor, currency, **{name: (await service.ensure_account(uow, spec)).id for name, spec in specs.items()}
    )
    ends = per_day is None and per_month is None
    # A key and the one that replaced it share their allowances: whoever leaves takes no limit from the other.
    if not (ends and any(each.day == budget.day and each.actor != actor for each in known)):
        for account_id, limit in ((budget.day, per_day), (budget.month, per_month)):
            await service.set_floor(uow, account_id, None if limit is None else -limit, reason="the budget was set")
    if ends:
        await budget_store.drop(uow, actor, currency)
    else:
        await budget_store.put(uow, budget)
    stood = (before.per_day, before.per_month) if before else None
    await _record(uow, actor, currency, stood, (per_day, per_month))


async def inherit(uow: UnitOfWork, old: ApiKeyId, new: ApiKeyId) -> None:
    """A key that replaces another draws on the same allowances: replacing it gives nobody more."""
    heir = f"{ActorKind.API_KEY}:{new}"
    limits = {(each.actor, each.currency): each for each in await left(uow)}
    for budget in await budget_store.all_budgets(uow):
        if budget.actor == f"{ActorKind.API_KEY}:{old}":
            await budget_store.put(uow, replace(budget, actor=heir))
            has = limits[budget.actor, budget.currency]
            await _record(uow, heir, budget.currency, None, (has.per_day, has.per_month))


async def left(uow: UnitOfWork) -> list[BudgetLeft]:
    """Every budget of the tenant, with what the windows have released by now."""
    found = await budget_store.all_budgets(uow)
    ids = [account_id for budget in found for account_id in (budget.day, budget.month)]
    accounts = await read_store.accounts_by_ids(uow, ids) if ids else {}
    released = await service.released(uow, list(accounts.values()))

    def limit(account_id: AccountId) -> Money | None:
        floor = accounts[account_id].floor
        return None if floor is None else -floor

    def used(account_id: AccountId) -> Money:
        return -accounts[account_id].balance - released[account_id]

    return [
        BudgetLeft(each.actor, each.currency, limit(each.day), limit(each.month), used(each.day), used(each.month))
        for each in found
    ]


def _accounts(actor: str, currency: Currency) -> dict[str, AccountSpec]:
    holder = actor.split(":", 1)[1]
    return {
        name: AccountSpec(f"{BUDGETS}{holder}:{name}", AccountType.MEMO, currency, window_seconds=window)
        for name, window in _WINDOWS.items()
    }


async def _record(uow: UnitOfWork, actor: str, currency: Currency, before: _Limits | None, after: _Limits) -> None:
    await audit.record(
        uow,
        action="budget.set",
        subject=("budget", f"{actor}/{currency.code}"),
        before=None if before is None else _told(before),
        after=_told(after),
    )


def _told(limits: _Limits) -> dict[str, int | None]:
    return {"per_day": _minor(limits[0]), "per_month": _minor(limits[1])}


def _minor(limit: Money | None) -> int | None:
    return None if limit is None else limit.minor
