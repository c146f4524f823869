"""Orders that are one tender of a larger purchase: consented to now, begun or let go once the rest is decided.

The credit line is taken up at the consent, under its floor, so that beginning can no longer be refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from specie import events, ledger, wallets
from specie.installments import day_store, orders, postings, standing, store
from specie.installments.errors import CostChanged
from specie.installments.events import order_event
from specie.installments.model import Open, Order, OrderEvent, OrderId
from specie.installments.orders import Cost, cost_of
from specie.installments.schedule import merchant_fee_of
from specie.installments.standing import Change, account
from specie.kernel.ids import AccountId, EntryId, HoldId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Reserved:
    """An order whose credit is set aside, and the down payment its customer has to set aside from a wallet."""

    order: Order
    down_payment: Money


async def reserve(uow: UnitOfWork, order_id: OrderId, fingerprint: str) -> Reserved:
    """Take the customer's consent to the cost named by its fingerprint and set the credit aside; nobody is paid yet.

    Raises OrderMissing, OrderCannotMove, CostChanged, CreditLineExceeded or CreditLineBlocked.
    """
    before, day = await standing.load(uow, order_id, lock=True), uow.business_date
    cost = cost_of(before.order.terms, before.order.amount, day)
    if cost.fingerprint != fingerprint:
        raise CostChanged("show the cost again and ask for consent to it", param="fingerprint")
    consent = cost.shown() | {"at": uow.now.isoformat(), "by": str(uow.scope.actor)}
    order = before.order.after(OrderEvent.RESERVE, starts_on=day, consent=consent)
    await store.update_order(uow, order)
    credit = Money(order.amount.minor - cost.down_payment, order.currency)
    draft = postings.reserve(order, credit, await _reserved(uow, order), await _line(uow, order))
    await standing.post(uow, order, draft, "reserved", order_event("reserved", order))
    return Reserved(order, Money(cost.down_payment, order.currency))


async def begin(uow: UnitOfWork, order_id: OrderId, down: Sequence[HoldId]) -> EntryId:
    """The purchase stands: the merchant is paid, the schedule consented to begins. `down` holds the down payment.

    Returns the entry, which only a state can refuse. Raises OrderMissing, OrderCannotMove, HoldMissing or HoldEnded.
    """
    before = await standing.load(uow, order_id, lock=True)
    before.order.after(OrderEvent.BEGIN)
    accounts = await orders.open_accounts(uow, before.order)
    ready = replace(before, order=replace(before.order, accounts=accounts))
    day = ready.order.starts_on or uow.business_date
    cost = cost_of(ready.order.terms, ready.order.amount, day)
    taken = await wallets.take_holds(uow, down)
    draft = await _beginning(uow, ready.order, cost, taken)
    step = Change(OrderEvent.BEGIN, "accepted", {}, draft, cost.lines, "booked")
    await standing.change(uow, ready, step, earned_through=day)
    await wallets.close_taken(uow, taken)
    await ledger.close_account(uow, await _reserved(uow, ready.order), reason="the order has begun")
    if await day_store.start_days(uow, uow.business_date):
        await orders.schedule_day(uow, uow.business_date + timedelta(days=1))
    return draft.id


async def let_go(uow: UnitOfWork, order_id: OrderId) -> Order:
    """The purchase does not happen: the credit line has its room again. Raises OrderMissing or OrderCannotMove."""
    found = await standing.load(uow, order_id, lock=True)
    order = found.order.after(OrderEvent.LET_GO, ended_at=uow.now)
    await store.update_order(uow, order)
    reserved = await _reserved(uow, order)
    left = (await ledger.get_account(uow, reserved)).balance
    told = order_event("cancelled", order)
    if left.minor:
        draft = postings.let_go(order, left, reserved, await _line(uow, order))
        await standing.post(uow, order, draft, "let_go", told)
    else:
        await events.record(uow, told)
    await ledger.close_account(uow, reserved, reason="the order was let go")
    return order


async def _beginning(
    uow: UnitOfWork, order: Order, cost: Cost, taken: Sequence[wallets.TakenHold]
) -> ledger.EntryDraft:
    places = await orders.places_of(uow, order)
    merchant = await orders.seller_of(uow, order)
    over = await account(uow, postings.over_limit_account(order.currency))
    owed = Open(order.amount.minor, cost.interest, cost.fee, 0)
    fee = merchant_fee_of(order.terms, order.amount.minor)
    reserved = await _reserved(uow, order)
    return postings.begin(order, owed, taken, merchant, fee, places | {"reserved": reserved, "over": over})


async def _reserved(uow: UnitOfWork, order: Order) -> AccountId:
    return await account(uow, postings.reserved_account(order))


async def _line(uow: UnitOfWork, order: Order) -> AccountId:
    return await account(uow, postings.line_accounts(order.customer_id, order.currency)["line"])
