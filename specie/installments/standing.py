"""An order with its lines and what is open of it, as the ledger has it now; and what every change of it shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from specie import events, ledger, wallets
from specie.events import NewEvent
from specie.installments import postings, store
from specie.installments.errors import (
    CreditLineBlocked,
    CreditLineExceeded,
    NothingOwed,
    OrderMissing,
    ReturnTooLarge,
)
from specie.installments.events import order_event
from specie.installments.model import Component, Open, Order, OrderEvent, OrderId, OrderState
from specie.installments.position import (
    OpenLine,
    bucket_of,
    is_earned,
    late_days,
    open_lines,
    past_due,
    unearned_after,
)
from specie.installments.schedule import Line
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import AccountFrozen, AccountSpec, EntryDraft, InsufficientFunds, JournalEntry
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Standing:
    """An order as it stands: its lines in force, what is open by kind, and interest not yet earned, in minor units."""

    order: Order
    lines: Sequence[Line]
    left: Open
    unearned: int

    @property
    def opened(self) -> list[OpenLine]:
        """What is open of each line."""
        return open_lines(self.lines, self.left)


def start_of(scope: Scope, day: date) -> datetime:
    """The first moment of a business date."""
    return scope.clock.end_of(day - timedelta(days=1)) + timedelta(microseconds=1)


async def load(uow: UnitOfWork, order_id: OrderId, *, lock: bool = False) -> Standing:
    """One order the caller may see, with its lines and balances. Raises OrderMissing.

    Every change of an order's accounts holds the order's lock, so with `lock` the balances stay as they are read.
    """
    order = await store.order_by_id(uow, order_id, lock=lock)
    if order is None:
        raise OrderMissing(f"there is no installment order {order_id}")
    [standing] = await load_many(uow, [order])
    return standing


async def load_many(uow: UnitOfWork, orders: Sequence[Order]) -> list[Standing]:
    """Orders with their lines and balances, with two statements however many they are."""
    lines = await store.lines_of(uow, orders)
    ids = [account for order in orders for account in _accounts(order)]
    found = await ledger.accounts_by_ids(uow, ids) if ids else {}
    balances = {account_id: account.balance.minor for account_id, account in found.items()}
    return [_standing(order, lines[order.id], balances) for order in orders]


async def of_customer(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> list[Standing]:
    """Every order of a customer in a currency that has ever begun, as it stands now, oldest first."""
    begun = await _begun(uow, party_id, currency)
    return await load_many(uow, begun) if begun else []


async def of_customer_by(
    uow: UnitOfWork, party_id: PartyId, currency: Currency, since: datetime, until: datetime
) -> list[Standing]:
    """A customer's orders that ran in a period, each as it stood at the end of it, oldest first.

    Recording times count, from `since` and before `until`: lines are those in force then, and what is open is what
    the books had by then, whatever was paid, returned or agreed anew later. Orders charged off before the period are
    among them, because they may be paid in it after all.
    """
    ran = [one for one in await _begun(uow, party_id, currency) if _may_move(one, since)]
    lines = await store.lines_of_by(uow, ran, until) if ran else {}
    accounts = await ledger.accounts_by_ids(uow, [each for one in ran for each in _accounts(one)]) if ran else {}
    last = until - timedelta(microseconds=1)
    found = []
    for order in ran:
        if order.id not in lines:
            continue
        balances = {
            each: (await ledger.balance_recorded_by(uow, accounts[each], last)).minor for each in _accounts(order)
        }
        found.append(_standing(_as_by(order, until), lines[order.id], balances))
    return found


def _may_move(order: Order, since: datetime) -> bool:
    """Whether an order may have been paid from a moment on."""
    return order.ended_at is None or order.ended_at >= since or order.state is OrderState.CHARGED_OFF


def _as_by(order: Order, until: datetime) -> Order:
    """The order with the state it had by then: one that has ended since was running."""
    if order.ended_at is not None and order.ended_at >= until:
        return replace(order, state=OrderState.ACTIVE, ended_at=None)
    return order


async def _begun(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> list[Order]:
    found: list[Order] = []
    wanted = store.OrderFilter(customer_id=party_id)
    while True:
        page = await store.orders(uow, wanted, found[-1].id.uuid if found else None, _PAGE)
        found += page.items
        if page.next_key is None:
            break
    return [order for order in found[::-1] if order.accounts and order.currency.code == currency.code]


def _accounts(order: Order) -> list[AccountId]:
    kept = order.accounts
    return [kept.principal, kept.interest, kept.fee, kept.penalty, kept.unearned] if kept else []


def _standing(order: Order, lines: Sequence[Line], balances: dict[AccountId, int]) -> Standing:
    values = [balances[account] for account in _accounts(order)] or [0] * 5
    return Standing(order, lines, Open(*values[:4]), values[4])


async def caught_up(uow: UnitOfWork, standing: Standing, day: date) -> Standing:
    """The standing with interest earned through a day, so that no change meets a line whose run is overdue."""
    order = replace(standing.order, earned_through=day)
    amount = to_earn(standing, day)
    if amount:
        draft = postings.earn(order, amount, await account(uow, postings.income("interest", order.currency)))
        await post(uow, order, draft, "earn")
        await store.update_order(uow, order)
    return replace(standing, order=order, unearned=standing.unearned - amount)


def to_earn(standing: Standing, day: date) -> int:
    """The interest that has run by the end of a day and is not yet in the books."""
    return max(standing.unearned - unearned_after(standing.lines, day), 0)


async def account(uow: UnitOfWork, spec: AccountSpec) -> AccountId:
    """The account of a specification, opened now if it is not there."""
    return (await ledger.ensure_account(uow, spec)).id


async def post(
    uow: UnitOfWork, order: Order, draft: EntryDraft, kind: str, event: NewEvent | None = None
) -> JournalEntry:
    """Post an entry of an order and remember that it is the order's. Refusals are told in the words of installments."""
    try:
        entry = await ledger.post(uow, draft, event)
    except SpecieError as refusal:
        raise explained(refusal, order.currency) from refusal
    await store.note_entries(uow, entry.business_date, [(order, entry.id, kind)])
    return entry


def explained(refusal: SpecieError, currency: Currency) -> SpecieError:
    """A refusal of the ledger as one of installments: a floor is a credit line, or what is left of something."""
    code = str(refusal.facts.get("account", ""))
    if code.startswith("memo:installments:") and isinstance(refusal, AccountFrozen):
        return CreditLineBlocked("the customer's credit line takes no new orders")
    if not isinstance(refusal, InsufficientFunds):
        return wallets.explained(refusal, currency)
    left = Money(int(refusal.facts["available"]), currency)
    if code.endswith(":line") and code.startswith("memo:installments:"):
        return CreditLineExceeded(f"{left} is left of the credit line", left=left.minor, param="amount")
    if code.endswith(":returnable"):
        return ReturnTooLarge(f"{left} of the purchase is left", left=left.minor, param="amount")
    if code.endswith((":written_off", *(f":{kind.value}" for kind in Component))):
        return NothingOwed(f"{left} is open", left=left.minor)
    return wallets.explained(refusal, currency)


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to an order in one step: its event, what is told, the entry, and the new lines with their reason."""

    event: OrderEvent
    told: str
    story: Mapping[str, Any]
    draft: EntryDraft | None = None
    lines: Sequence[Line] | None = None
    reason: str = ""


async def change(uow: UnitOfWork, before: Standing, step: Change, **changes: Any) -> Standing:
    """Post an order's step, store its new lines and state, and find out when something is due on it next.

    An order of which nothing is open any more ends, and is told of as paid off. Raises OrderCannotMove, and what
    `post` raises.
    """
    schedule = before.order.schedule + (step.lines is not None)
    order = before.order.after(step.event, schedule=schedule, **changes)
    told = order_event(step.told, order, **step.story)
    if step.draft is None:
        await events.record(uow, told)
    else:
        await post(uow, order, step.draft, step.told, told)
    if step.lines is not None:
        await store.insert_schedule(uow, order, step.lines, step.reason)
    after = await _reread(uow, order, before.lines if step.lines is None else step.lines)
    if order.state is OrderState.PAID and before.order.state is not OrderState.PAID:
        after = await _ended(uow, after)
    order = await _looked_ahead(uow, after)
    await store.update_order(uow, order)
    return replace(after, order=order)


async def _looked_ahead(uow: UnitOfWork, after: Standing) -> Order:
    """The order with how late it is now, and the day on which something is due next."""
    order, day = after.order, uow.business_date
    if order.state is not OrderState.ACTIVE:
        return replace(order, act_on=None, bucket=0, tries=0)
    pauses = (await store.pauses_of(uow, [order.id]))[order.id]
    days = late_days(after.opened, day, pauses)
    return replace(
        order,
        act_on=next_act(after, day),
        bucket=min(bucket_of(order.terms, days), order.bucket),
        tries=order.tries if past_due(after.opened, day) else 0,
    )


async def _reread(uow: UnitOfWork, order: Order, lines: Sequence[Line]) -> Standing:
    found = await ledger.accounts_by_ids(uow, _accounts(order))
    return _standing(order, lines, {account_id: account.balance.minor for account_id, account in found.items()})


async def _ended(uow: UnitOfWork, standing: Standing) -> Standing:
    """Interest that was paid before it ran is earned when nothing is left to run."""
    order = replace(standing.order, ended_at=uow.now)
    if standing.unearned:
        income = await account(uow, postings.income("interest", order.currency))
        await post(uow, order, postings.earn(order, standing.unearned, income), "earn")
    await events.record(uow, order_event("paid_off", order))
    return replace(standing, order=order, unearned=0)


def next_act(standing: Standing, day: date) -> date:
    """The next day after a day on which an order needs looking at: a due date, a reminder, a retry, a step of lateness.

    Pauses move lateness; the days after a pause are looked at once it ends.
    """
    terms, found = standing.order.terms, [standing.order.paused_until or day]
    for each in standing.opened:
        due = each.line.due_on
        if not is_earned(each.line, day) or each.total:
            found.append(due)
        if each.total:
            found += [due - timedelta(days=ahead) for ahead in terms.remind_days]
            found += [due + timedelta(days=late) for late in (*terms.retry_days, *terms.buckets, terms.grace_days + 1)]
    return min((each for each in found if each > day), default=day + _WEEK)


def days_to_collect(standing: Standing) -> set[date]:
    """The days on which an order as it is now is collected by itself, past ones too.

    Each due date of an open part, the steps of the retry ladder after it, and a pause's end.
    """
    order, due = standing.order, [each.line.due_on for each in standing.opened if each.total]
    days = {due_on + timedelta(days=step) for due_on in due for step in (0, *order.terms.retry_days)}
    if order.paused_until is None:
        return days
    return {each for each in days if each >= order.paused_until} | {order.paused_until}


def next_try(standing: Standing, day: date) -> str | None:
    """The next day after a day on which what is due is collected by itself, as events tell it; None for never."""
    return min((each.isoformat() for each in days_to_collect(standing) if each > day), default=None)


_WEEK = timedelta(days=7)
_PAGE = 200
