"""The run of a business day: interest earned, due parts collected, late fees, lateness and reminders, page by page.

Each page is one transaction with the same number of statements however many orders it holds. An order's next day of
action is moved on in the same commit, so that a run that dies goes on where it was and a second one finds nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from specie import events, ledger, payments, wallets
from specie.events import NewEvent
from specie.installments import collecting, collecting_store, day_store, position, postings, standing, store
from specie.installments.collecting import Asked
from specie.installments.events import order_event
from specie.installments.model import Open, Order, OrderEvent, OrderId
from specie.installments.orders import schedule_day
from specie.installments.schedule import rounded
from specie.installments.standing import Standing
from specie.installments.store import Charged
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, PartyId, uuid7
from specie.kernel.money import Currency, Money
from specie.ledger import EntryDraft
from specie.payments import SavedMethod
from specie.platform.db import UnitOfWork
from specie.wallets import Draw, Wallet

PAGE = 200

Pauses = Sequence[tuple[date, date]]


@dataclass(slots=True)
class _Work:
    """One order of a page on its way through the day."""

    standing: Standing
    order: Order
    pauses: Pauses
    charged: Sequence[Charged]
    refusal: str | None = None
    asked: Asked | None = None
    paid: Open | None = None
    fee_refusal: str | None = None


@dataclass(frozen=True, slots=True)
class _Posting:
    work: _Work
    draft: EntryDraft
    kind: str
    event: NewEvent | None = None
    paid: Open | None = None


async def run_page(uow: UnitOfWork, day: date, limit: int = PAGE) -> int:
    """Do what a day asks of some running orders. Returns how many; 0 when the day is done.

    A refusal is its own order's, wherever it comes from. Raises refusals that are worth trying again.
    """
    orders = await store.to_act(uow, day, limit)
    if not orders:
        return 0
    try:
        async with uow.savepoint():
            await _run(uow, orders, day)
    except SpecieError as refusal:
        if refusal.retryable:
            raise
        await _run_apart(uow, orders, day)
    return len(orders)


async def _run_apart(uow: UnitOfWork, orders: Sequence[Order], day: date) -> None:
    """Do a day's work order by order, because it could not be done for all of them at once."""
    for order in orders:
        try:
            async with uow.savepoint():
                await _run(uow, [order], day)
        except SpecieError as refusal:
            if refusal.retryable:
                raise
            await _put_off(uow, order, day, refusal.code)


async def _put_off(uow: UnitOfWork, order: Order, day: date, reason: str) -> None:
    """Leave everything of an order as it is until something is due on it next, and tell that a try has failed."""
    [found] = await standing.load_many(uow, [order])
    # A next time is what keeps one order from holding up its tenant's days for ever.
    again = standing.next_act(found, day)
    tries = order.tries + bool(position.past_due(found.opened, day))
    await day_store.update_after_day(uow, [replace(order, version=order.version + 1, act_on=again, tries=tries)])
    due = position.due_minor(found.opened, found.left.penalty, day)
    told = {"due": due, "reason": reason, "tries": tries, "next_try": standing.next_try(found, day)}
    await events.record(uow, order_event("collection_failed", order, **told))


async def _run(uow: UnitOfWork, orders: Sequence[Order], day: date) -> None:
    page = await _opened(uow, orders)
    await _collect(uow, await _collections(uow, page, day))
    await _charge_methods(uow, page, day)
    await _late_fees(uow, page, day)
    await _finish(uow, page, day)


async def _opened(uow: UnitOfWork, orders: Sequence[Order]) -> list[_Work]:
    ids = [order.id for order in orders]
    pauses, charged = await store.pauses_of(uow, ids), await store.late_fees_of(uow, ids)
    page = []
    for found in await standing.load_many(uow, orders):
        order = replace(found.order, version=found.order.version + 1)
        page.append(_Work(found, order, pauses[order.id], charged[order.id]))
    return page


async def _collections(uow: UnitOfWork, page: Sequence[_Work], day: date) -> list[_Posting]:
    """Interest that has run, and what is due from the customers' purses."""
    income = await _accounts(uow, page, "interest")
    purses, methods = await _Purses.of(uow, page), await _Methods.of(uow, page)
    found: list[_Posting] = []
    for work in page:
        amount = standing.to_earn(work.standing, day)
        if amount:
            draft = postings.earn(work.order, amount, income[work.order.currency.code])
            found.append(_Posting(work, draft, "earn"))
        if should_collect(work.standing, day):
            found += _collection(work, purses, methods, day)
    return found


def should_collect(found: Standing, day: date) -> bool:
    """Whether something is due on a day that is one on which it is collected."""
    return bool(position.past_due(found.opened, day)) and day in standing.days_to_collect(found)


def _collection(work: _Work, purses: "_Purses", methods: "_Methods", day: date) -> list[_Posting]:
    found = work.standing
    due = position.due_minor(found.opened, found.left.penalty, day)
    lacks = due - purses.has(work.order.customer_id, work.order.currency)
    if lacks > 0 and methods.pays(work, lacks):
        # The order takes the rest from the purses once the charge has arrived: no other order may count on it.
        purses.keep(work.order.customer_id, work.order.currency)
        return []
    draws = purses.draw(work.order.customer_id, Money(due, work.order.currency))
    if not draws:
        work.refusal = wallets.WalletMissing.code
        return []
    terms = work.order.terms
    paid = position.allocate(terms, found.opened, found.left.penalty, due, day, terms.ahead).paid
    left = found.left.total - due
    event = order_event("paid", work.order, paid=due, left=left)
    return [_Posting(work, postings.collect(work.order, paid, draws), "paid", event, paid)]


async def _charge_methods(uow: UnitOfWork, page: Sequence[_Work], day: date) -> None:
    """Charge saved methods; a refusal is its own order's missed try. Raises refusals that are worth trying again."""
    for work in page:
        if work.asked is None:
            continue
        try:
            async with uow.savepoint():
                await collecting.ask(uow, work.asked, day)
        except SpecieError as refusal:
            if refusal.retryable:
                raise
            work.refusal = refusal.code


async def _collect(uow: UnitOfWork, wanted: Sequence[_Posting]) -> None:
    for each, refusal in zip(wanted, await _post(uow, wanted), strict=True):
        if refusal is None:
            each.work.paid = each.paid or each.work.paid
        else:
            each.work.refusal = refusal


async def _post(uow: UnitOfWork, wanted: Sequence[_Posting]) -> list[str | None]:
    """Post everything in one go and answer the code of each one's refusal, which its neighbours do not notice."""
    if not wanted:
        return []
    drafts, told = [each.draft for each in wanted], [each.event for each in wanted]
    outcomes = await ledger.post_many(uow, drafts, told, keep_going=True)
    noted, refusals = [], list[str | None]()
    for each, outcome in zip(wanted, outcomes, strict=True):
        if isinstance(outcome, SpecieError):
            refusals.append(standing.explained(outcome, each.work.order.currency).code)
            continue
        noted.append((each.work.order, outcome.id, outcome.business_date, each.kind))
        refusals.append(None)
    for business_date in {each[2] for each in noted}:
        same = [(order, entry, kind) for order, entry, on, kind in noted if on == business_date]
        await store.note_entries(uow, business_date, same)
    return refusals


async def _late_fees(uow: UnitOfWork, page: Sequence[_Work], day: date) -> None:
    """Charge what is late. A fee that was not posted is not charged: the order is looked at again the next day."""
    charged = [(work, fee) for work in page if work.paid is None for fee in late_fees(work, day)]
    if not charged:
        return
    income = await _accounts(uow, [work for work, _ in charged], "late_fees")
    wanted = []
    for work, fee in charged:
        event = order_event("late_fee_charged", work.order, fee=fee.amount_minor)
        draft = postings.late_fee(work.order, fee.amount_minor, income[work.order.currency.code])
        wanted.append(_Posting(work, draft, "late_fee", event))
    posted = []
    for (work, fee), refusal in zip(charged, await _post(uow, wanted), strict=True):
        if refusal is None:
            posted.append((work.order, fee))
        else:
            work.fee_refusal = refusal
    await store.insert_late_fees(uow, posted)


def late_fees(work: _Work, day: date) -> list[Charged]:
    """What is charged on a day: once for each part open beyond its grace, never more in all than the cap."""
    order, terms = work.order, work.order.terms
    if order.paused_until is not None and day < order.paused_until:
        return []
    before = {fee.due_on for fee in work.charged}
    room = terms.late_fee_cap_minor
    total = sum(fee.amount_minor for fee in work.charged)
    found = []
    for each in position.past_due(work.standing.opened, day):
        due_on = each.line.due_on
        if due_on in before or position.days_since(due_on, day, work.pauses) <= terms.grace_days:
            continue
        amount = rounded(each.total * terms.late_fee_rate) + terms.late_fee_minor
        amount = amount if room is None else min(amount, room - total)
        if amount > 0:
            found.append(Charged(due_on, amount, day))
            before.add(due_on)
            total += amount
    return found


async def _finish(uow: UnitOfWork, page: Sequence[_Work], day: date) -> None:
    """Store each order's state and next day of action, and tell what nobody's entry tells."""
    fresh = await standing.load_many(uow, [work.order for work in page])
    stored, told = [], []
    for work, after in zip(page, fresh, strict=True):
        order, facts = _decided(uow, work, after, day)
        stored.append(order)
        told += facts
    await day_store.update_after_day(uow, stored)
    rows = [events.row(uow.scope, each, event_id=uuid7(), at=uow.now) for each in told]
    if rows:
        await events.insert_many(await uow.raw(), rows)


def _decided(uow: UnitOfWork, work: _Work, after: Standing, day: date) -> tuple[Order, list[NewEvent]]:
    before = work.standing.order
    # A customer who paid in the meantime has brought the interest further already.
    earned_through = max(before.earned_through or day, day)
    order = replace(work.order, earned_through=earned_through, tries=_tries(work, after, day))
    if order.paused_until is not None and day >= order.paused_until:
        order = replace(order, paused_until=None)
    if not after.left.total:
        ended = replace(
            before.after(OrderEvent.PAY_ALL), earned_through=earned_through, tries=0, bucket=0, ended_at=uow.now
        )
        ended = replace(ended, act_on=None, paused_until=None)
        return ended, [order_event("paid_off", ended)]
    days = position.late_days(after.opened, day, work.pauses)
    order = replace(order, bucket=position.bucket_of(order.terms, days))
    act_on = standing.next_act(replace(after, order=order), day)
    order = replace(order, act_on=act_on if work.fee_refusal is None else day + timedelta(days=1))
    told = []
    if work.fee_refusal is not None:
        told.append(order_event("late_fee_put_off", order, reason=work.fee_refusal))
    if order.bucket != before.bucket:
        told.append(order_event("bucket_changed", order, bucket=order.bucket, late_days=days))
    if work.refusal is not None:
        due = position.due_minor(after.opened, after.left.penalty, day)
        again = standing.next_try(replace(after, order=order), day)
        about = {"reason": work.refusal, "tries": order.tries, "next_try": again}
        told.append(order_event("collection_failed", order, due=due, **about))
    return order, told + _reminders(order, after, day)


def _tries(work: _Work, after: Standing, day: date) -> int:
    if not position.past_due(after.opened, day):
        return 0
    return work.order.tries + (work.refusal is not None)


def _reminders(order: Order, after: Standing, day: date) -> list[NewEvent]:
    coming = position.next_due(after.opened, day)
    if coming is None or (coming.line.due_on - day).days not in order.terms.remind_days:
        return []
    return [order_event("reminder", order, due_on=coming.line.due_on.isoformat(), due=coming.total)]


async def _accounts(uow: UnitOfWork, page: Sequence[_Work], name: str) -> dict[str, AccountId]:
    currencies: set[Currency] = {work.order.currency for work in page}
    return {one.code: await standing.account(uow, postings.income(name, one)) for one in currencies}


@dataclass(frozen=True, slots=True)
class _Purses:
    """The customers' purses and what is left in them as the page is planned; the ledger has the last word."""

    purses: Mapping[PartyId, Sequence[Wallet]]
    left: dict[AccountId, int]

    @classmethod
    async def of(cls, uow: UnitOfWork, page: Sequence[_Work]) -> "_Purses":
        """The purses of everybody on a page, with two statements."""
        customers = list({work.order.customer_id for work in page})
        purses = await wallets.wallets_of_parties(uow, customers)
        ids = [purse.available_account for owned in purses.values() for purse in owned]
        found = await ledger.accounts_by_ids(uow, ids) if ids else {}
        return cls(purses, {one: account.balance.minor for one, account in found.items()})

    def has(self, party_id: PartyId, currency: Currency) -> int:
        """What all of a customer's purses in a currency still have."""
        owned = [one for one in self.purses[party_id] if one.currency.code == currency.code]
        return sum(max(self.left[one.available_account], 0) for one in owned)

    def keep(self, party_id: PartyId, currency: Currency) -> None:
        """Count what a customer's purses in a currency have as spoken for."""
        for one in self.purses[party_id]:
            if one.currency.code == currency.code:
                self.left[one.available_account] = 0

    def draw(self, party_id: PartyId, amount: Money) -> list[Draw]:
        """Which purses pay an amount; what they do not have stays with the last, whose floor refuses it."""
        owned = [one for one in self.purses[party_id] if one.currency.code == amount.currency.code]
        have = [(one, Money(self.left[one.available_account], amount.currency)) for one in owned]
        draws = wallets.plan_draw(have, amount)
        if sum(has.minor for _, has in have) >= amount.minor:
            for each in draws:
                self.left[each.wallet.available_account] -= each.amount.minor
        return draws


@dataclass(frozen=True, slots=True)
class _Methods:
    """The saved methods of a page's customers, and the orders for which one is being charged already."""

    methods: Mapping[PartyId, SavedMethod]
    under_way: set[OrderId]

    @classmethod
    async def of(cls, uow: UnitOfWork, page: Sequence[_Work]) -> "_Methods":
        """The methods of everybody on a page, with two statements."""
        methods = await payments.methods_to_charge(uow, list({work.order.customer_id for work in page}))
        return cls(methods, await collecting_store.under_way(uow, [work.order.id for work in page]))

    def pays(self, work: _Work, lacks_minor: int) -> bool:
        """Whether a method makes up for what the wallet lacks: it is to be charged now, or that is under way."""
        if work.order.id in self.under_way:
            return True
        method = self.methods.get(work.order.customer_id)
        if method is not None:
            work.asked = Asked(work.order, method, lacks_minor)
        return method is not None


async def expire_offers(uow: UnitOfWork, limit: int = PAGE) -> int:
    """End offers nobody accepted in time. Returns how many; 0 when there are none left."""
    found = await store.expired_offers(uow, uow.now, limit)
    for order in found:
        ended = replace(order.after(OrderEvent.EXPIRE), ended_at=uow.now)
        await store.update_order(uow, ended)
        await events.record(uow, order_event("expired", ended))
    return len(found)


async def finish_day(uow: UnitOfWork, day: date) -> bool:
    """Count a day as run and plan the next, once; whether it was this run that did."""
    last = await day_store.last_day(uow)
    if last is None or last >= day:
        return False
    await day_store.finish_day(uow, day)
    await schedule_day(uow, day + timedelta(days=1))
    return True
