"""What changes a running order besides payments: returns, new schedules, pauses, waivers and charge-off."""

from datetime import date

from specie import audit, ledger, payments, wallets
from specie.installments import extras, position, postings, standing, store
from specie.installments.errors import OrderCannotMove, OrderKept, PauseInPast
from specie.installments.model import OrderEvent, OrderId, OrderState
from specie.installments.orders import require_merchant
from specie.installments.standing import Change, Standing, account
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork


async def return_goods(uow: UnitOfWork, order_id: OrderId, amount: Money, reason: str) -> Standing:
    """As `take_back`, of an order that comes back by itself. Raises OrderKept for one that is a part of something."""
    order = (await standing.load(uow, order_id)).order
    require_merchant(uow, order)
    kept = await extras.keeper_of(uow, order)
    if kept is not None:
        raise OrderKept(f"it comes back with {kept}; give that back")
    return await take_back(uow, order_id, amount, reason)


async def take_back(uow: UnitOfWork, order_id: OrderId, amount: Money, reason: str) -> Standing:
    """Goods came back: the merchant pays, the plan is lowered by its policy, what was paid beyond goes to the wallet.

    Raises OrderMissing, OrderCannotMove, ReturnTooLarge, InsufficientFunds (the merchant's) or WalletFrozen.
    """
    before, day = await _running(uow, order_id), uow.business_date
    order = before.order
    require_merchant(uow, order)
    order.after(OrderEvent.CHANGE)
    if amount.currency.code != order.currency.code:
        raise wallets.WalletCurrency(f"the order is in {order.currency}", param="amount")
    lowered = min(amount.minor, before.left.principal)
    excess = amount.minor - lowered
    lines = position.lower(order.terms, before.opened, lowered, day, order.terms.returns) if lowered else None
    rebate = sum(x.interest for x in before.lines) - sum(x.interest for x in lines) if lines is not None else 0
    sold = await wallets.ensure_wallet(uow, order.merchant_id, order.currency)
    [merchant] = await payments.bearings(uow, [(sold, amount)], on_hold=False)
    customer = await wallets.ensure_wallet(uow, order.customer_id, order.currency)
    draft = postings.give_back(order, lowered, excess, rebate, merchant, customer)
    ends = order.state is OrderState.ACTIVE and before.left.total == lowered + rebate
    event = OrderEvent.PAY_ALL if ends else OrderEvent.CHANGE
    step = Change(event, "returned", {"lowered": lowered, "excess": excess}, draft, lines, "returned")
    after = await standing.change(uow, before, step)
    await store.insert_return(uow, order_id, lowered, excess, reason)
    await _note(uow, "return", order_id, reason, amount_minor=amount.minor)
    return after


async def reschedule(uow: UnitOfWork, order_id: OrderId, parts: int, reason: str) -> Standing:
    """Divide what is open anew over so many parts from today; the schedule's next version.

    Raises OrderMissing or OrderCannotMove.
    """
    before, day = await _active(uow, order_id), uow.business_date
    order = before.order
    lines = position.reschedule(order.terms, before.opened, parts, day)
    paid = sum(line.interest for line in before.lines) - before.left.interest
    more = sum(line.interest for line in lines) - paid - before.left.interest
    step = Change(OrderEvent.CHANGE, "rescheduled", {}, postings.reschedule(order, more), lines, "rescheduled")
    after = await standing.change(uow, before, step, tries=0)
    await _note(uow, "reschedule", order_id, reason, parts=parts)
    return after


async def pause(uow: UnitOfWork, order_id: OrderId, until: date, reason: str) -> Standing:
    """Leave an order alone until a day: nothing is collected, no late fee charged, and the days do not count as late.

    Raises OrderMissing, OrderCannotMove or PauseInPast.
    """
    before, day = await _active(uow, order_id), uow.business_date
    if until <= day:
        raise PauseInPast("choose a day that lies ahead", param="until")
    await store.put_pause(uow, order_id, day, until)
    step = Change(OrderEvent.CHANGE, "paused", {"until": until.isoformat()})
    after = await standing.change(uow, before, step, paused_until=until)
    await _note(uow, "pause", order_id, reason, until=until.isoformat())
    return after


async def waive(uow: UnitOfWork, order_id: OrderId, amount: Money, reason: str) -> Standing:
    """Give up late fees. Raises OrderMissing, OrderCannotMove or NothingOwed."""
    before = await _active(uow, order_id)
    order = before.order
    if amount.currency.code != order.currency.code:
        raise wallets.WalletCurrency(f"the order is in {order.currency}", param="amount")
    draft = postings.waive(order, amount.minor, await account(uow, postings.expense("waived", order.currency)))
    event = OrderEvent.CHANGE if before.left.total > amount.minor else OrderEvent.PAY_ALL
    after = await standing.change(uow, before, Change(event, "late_fee_waived", {"fee": amount.minor}, draft))
    await _note(uow, "waive", order_id, reason, amount_minor=amount.minor)
    return after


async def charge_off(uow: UnitOfWork, order_id: OrderId, reason: str) -> Standing:
    """Expect nothing more: what is owed is a loss, and the customer's credit line takes no new orders.

    Raises OrderMissing or OrderCannotMove.
    """
    before = await _active(uow, order_id)
    order = before.order
    lost = await account(uow, postings.expense("charged_off", order.currency))
    draft = postings.charge_off(order, before.left, before.unearned, lost)
    # Interest that has not run is no longer owed, so it is no loss.
    lost_minor = before.left.total - before.unearned
    step = Change(OrderEvent.CHARGE_OFF, "charged_off", {"lost": lost_minor}, draft)
    after = await standing.change(uow, before, step, ended_at=uow.now)
    await ledger.freeze(uow, order.running().line, debits=False, credits=True, reason=f"{order_id} was charged off")
    await _note(uow, "charge_off", order_id, reason, lost_minor=lost_minor)
    return after


async def _running(uow: UnitOfWork, order_id: OrderId) -> Standing:
    found = await standing.load(uow, order_id, lock=True)
    if found.order.state is not OrderState.ACTIVE:
        return found
    return await standing.caught_up(uow, found, uow.business_date)


async def _active(uow: UnitOfWork, order_id: OrderId) -> Standing:
    found = await _running(uow, order_id)
    require_merchant(uow, found.order)
    if found.order.state is not OrderState.ACTIVE:
        raise OrderCannotMove(f"{order_id} is {found.order.state}", state=found.order.state.value)
    return found


async def _note(uow: UnitOfWork, act: str, order_id: OrderId, reason: str, **after: object) -> None:
    subject = ("installment_order", str(order_id))
    await audit.record(uow, action=f"installment_order.{act}", subject=subject, after=after, reason=reason)
