"""What customers pay: parts by hand, ahead of time, everything at once, and after a charge-off."""

from collections.abc import Sequence
from datetime import date

from specie import audit
from specie.installments import position, postings, standing, store
from specie.installments.errors import NothingOwed, OrderCannotMove, PaysTooMuch, QuoteMissing, QuoteStale
from specie.installments.model import Ahead, Open, Order, OrderEvent, OrderId, OrderState, Quote, QuoteId
from specie.installments.orders import draws_of, require_customer
from specie.installments.position import Allocation, Payoff
from specie.installments.schedule import Line
from specie.installments.standing import Change, Standing, account
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.wallets import WalletCurrency


async def pay(uow: UnitOfWork, order_id: OrderId, amount: Money | None, ahead: Ahead | None = None) -> Standing:
    """Pay from the customer's wallet: what is due first, the rest ahead as asked or as the plan says.

    Without an amount everything due is paid, or the next part when nothing is. Raises OrderMissing, OrderCannotMove,
    NothingOwed, PaysTooMuch, InsufficientFunds, LimitExceeded or WalletFrozen.
    """
    before, day = await _active(uow, order_id), uow.business_date
    order = before.order
    _require_currency(order.amount, amount)
    minor = _usual(before, day) if amount is None else amount.minor
    how = ahead or order.terms.ahead
    _require_owed(before, minor, how, day)
    done = position.allocate(order.terms, before.opened, before.left.penalty, minor, day, how)
    lines, rebate = _reshaped(before, done, how, day)
    draft = postings.collect(order, done.paid, await draws_of(uow, order, minor), rebate)
    left = before.left.total - minor - rebate
    event = OrderEvent.CHANGE if left else OrderEvent.PAY_ALL
    step = Change(event, "paid", {"paid": minor, "left": left}, draft, lines, "prepaid")
    after = await standing.change(uow, before, step)
    await _note(uow, "pay", order_id, amount_minor=minor, ahead=how.value)
    return after


def _require_currency(wanted: Money, amount: Money | None) -> None:
    if amount is not None and amount.currency.code != wanted.currency.code:
        raise WalletCurrency(f"the order is in {wanted.currency}", param="amount")


def _usual(before: Standing, day: date) -> int:
    due = position.due_minor(before.opened, before.left.penalty, day)
    coming = position.next_due(before.opened, day)
    return due or (coming.total if coming else 0)


def _require_owed(before: Standing, minor: int, how: Ahead, day: date) -> None:
    most = before.left.total
    if how is not Ahead.NEXT:
        coming = sum(each.principal for each in before.opened if each.line.due_on > day)
        # The last of the principal is not paid ahead: ending the order is what a payoff quote prices.
        most = position.due_minor(before.opened, before.left.penalty, day) + max(coming - 1, 0)
    if minor > most:
        raise PaysTooMuch("ask for a payoff quote to pay everything", param="amount", most=most)


def _reshaped(before: Standing, done: Allocation, how: Ahead, day: date) -> tuple[list[Line] | None, int]:
    """The new schedule when principal is paid ahead of it, and the interest that is no longer owed."""
    if not done.ahead:
        return None, 0
    left, paid = before.left, done.paid
    due_paid = Open(
        left.principal - paid.principal + done.ahead,
        left.interest - paid.interest,
        left.fee - paid.fee,
        left.penalty - paid.penalty,
    )
    opened = position.open_lines(before.lines, due_paid)
    lines = position.prepay(before.order.terms, opened, done.ahead, day, how)
    return lines, _interest(before.lines) - _interest(lines)


def _interest(lines: Sequence[Line]) -> int:
    return sum(line.interest for line in lines)


async def quote(uow: UnitOfWork, order_id: OrderId) -> Quote:
    """What paying everything off costs today; the quote holds until the business day ends or the order changes.

    Raises OrderMissing or OrderCannotMove.
    """
    before, day = await _active(uow, order_id), uow.business_date
    ending = _ending(before, day)
    made = Quote(
        id=QuoteId.new(),
        order_id=order_id,
        order_version=before.order.version,
        valid_on=day,
        pays=ending.pays,
        rebate_minor=ending.rebate,
        given_back_minor=ending.given_back,
    )
    await store.insert_quote(uow, made)
    return made


def _ending(before: Standing, day: date) -> Payoff:
    starts_on = before.order.starts_on or day
    return position.payoff(before.lines, before.left, starts_on, day)


async def pay_off(uow: UnitOfWork, order_id: OrderId, quote_id: QuoteId) -> Standing:
    """Pay everything at the quoted price: the order ends.

    Raises OrderMissing, OrderCannotMove, QuoteMissing, QuoteStale, InsufficientFunds, LimitExceeded or WalletFrozen.
    """
    before, day = await _active(uow, order_id), uow.business_date
    order = before.order
    found = await store.quote_by_id(uow, quote_id)
    if found is None or found.order_id != order_id:
        raise QuoteMissing(f"there is no quote {quote_id} for this order", param="quote_id")
    if found.valid_on != day or found.order_version != order.version:
        raise QuoteStale("ask for a new quote", param="quote_id")
    ending = Payoff(found.pays, found.rebate_minor, found.given_back_minor)
    earned = before.unearned - ending.rebate - ending.given_back
    income = await account(uow, postings.income("interest", order.currency))
    draft = postings.pay_off(order, ending, earned, await draws_of(uow, order, found.total_minor), income)
    lines = position.settled(before.opened, ending, day)
    story = {"paid": found.total_minor, "left": 0}
    after = await standing.change(uow, before, Change(OrderEvent.PAY_ALL, "paid", story, draft, lines, "paid_off"))
    await _note(uow, "pay_off", order_id, amount_minor=found.total_minor, quote_id=str(quote_id))
    return after


async def recover(uow: UnitOfWork, order_id: OrderId, amount: Money) -> Standing:
    """Take some of what was charged off from the customer's wallet after all.

    Raises OrderMissing, OrderCannotMove, NothingOwed, InsufficientFunds, LimitExceeded or WalletFrozen.
    """
    before = await standing.load(uow, order_id, lock=True)
    order = before.order
    require_customer(uow, order)
    order.after(OrderEvent.RECOVER)
    _require_currency(order.amount, amount)
    income = await account(uow, postings.income("recovered", order.currency))
    draft = postings.recover(order, await draws_of(uow, order, amount.minor), income)
    step = Change(OrderEvent.RECOVER, "recovered", {"recovered": amount.minor}, draft)
    after = await standing.change(uow, before, step)
    await _note(uow, "recover", order_id, amount_minor=amount.minor)
    return after


async def order_of(uow: UnitOfWork, order_id: OrderId) -> Order:
    """An order the caller may see. Raises OrderMissing."""
    return (await standing.load(uow, order_id)).order


async def _active(uow: UnitOfWork, order_id: OrderId) -> Standing:
    found = await standing.load(uow, order_id, lock=True)
    require_customer(uow, found.order)
    if found.order.state is not OrderState.ACTIVE:
        raise OrderCannotMove(f"{order_id} is {found.order.state}", state=found.order.state.value)
    if not found.left.total:
        raise NothingOwed("everything has been paid")
    return await standing.caught_up(uow, found, uow.business_date)


async def _note(uow: UnitOfWork, act: str, order_id: OrderId, **after: object) -> None:
    subject = ("installment_order", str(order_id))
    await audit.record(uow, action=f"installment_order.{act}", subject=subject, after=after)
