"""What the wallet lacks for a due part is charged to the customer's saved way to pay, and pays the part on arrival.

The charge is a payment into the customer's own wallet. It is booked whatever becomes of the order; the part is then
collected from the wallet in a unit of work of its own, as on any other day.
"""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from specie import events, payments, wallets
from specie.installments import collecting_store, position, postings, standing
from specie.installments.collecting_store import COLLECTED, MISSED, OPEN, Collection
from specie.installments.events import order_event
from specie.installments.model import Ahead, Order, OrderEvent, OrderId, OrderState
from specie.installments.orders import draws_of
from specie.installments.standing import Change
from specie.kernel.ids import PaymentId
from specie.kernel.money import Money
from specie.payments import Payment, PaymentState, SavedMethod
from specie.platform import due
from specie.platform.db import UnitOfWork

COLLECT = "installments.collect_arrived"
LOOK = "installments.look_at_charge"
_LOOK_AGAIN = timedelta(minutes=5)
_ENDED = (PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an order's customer is charged because the wallet has too little."""

    order: Order
    method: SavedMethod
    lacks_minor: int


async def ask(uow: UnitOfWork, asked: Asked, day: date) -> None:
    """Charge a saved method for what the wallet lacks of the parts due on a day. Raises what payments refuse."""
    order = asked.order
    amount = Money(asked.lacks_minor, order.currency)
    why = f"Installment of {order.reference}"
    # Customers choose the references of their own top-ups: one that could be guessed could be taken in advance.
    reference = f"{order.id}-{day.isoformat()}-{secrets.token_hex(8)}"
    payment = await payments.charge_saved(uow, asked.method, reference, amount, why)
    made = Collection(order.id, day, payment.id, amount.minor, OPEN)
    await collecting_store.insert_collection(uow, made)
    told = {"due": amount.minor, "payment_id": str(payment.id), "method": asked.method.label}
    await events.record(uow, order_event("method_charged", order, **told))


async def payment_paid(uow: UnitOfWork, payment: Payment) -> None:
    """Money for a part has arrived: plan its collection. Other payments are none of our business."""
    if payment.method_id is None or payment.state is not PaymentState.PAID:
        return
    found = await collecting_store.of_payment(uow, payment.id)
    if found is not None and await collecting_store.turn(uow, payment.id, COLLECTED):
        await due.schedule(uow, kind=COLLECT, at=uow.now, payload={"order": str(found.order_id.uuid)})


async def payment_ended(uow: UnitOfWork, payment: Payment) -> None:
    """A charge for a part failed: it counts as a try, and the retry ladder goes on.

    While the provider may still take the money for it, nothing is decided, and the charge is looked at again.
    """
    if payment.method_id is None:
        return
    found = await collecting_store.of_payment(uow, payment.id)
    if found is None:
        return
    if await payments.live_attempt(uow, payment.id) is not None:
        # A second charge now could take the same money twice: the first one may have succeeded without our knowing.
        await due.schedule(uow, kind=LOOK, at=uow.now + _LOOK_AGAIN, payload={"payment": str(payment.id.uuid)})
    elif await collecting_store.turn(uow, payment.id, MISSED):
        await missed(uow, found.order_id, payment.failure or payment.state.value)


async def look(uow: UnitOfWork, payment_id: PaymentId) -> None:
    """Find out whether a charge that ended without its provider's answer has come to nothing. Raises PaymentMissing."""
    payment = await payments.get_payment(uow, payment_id, lock=True)
    if payment.state in _ENDED:
        await payment_ended(uow, payment)


async def collect(uow: UnitOfWork, order_id: OrderId) -> None:
    """Pay what is due of an order from the wallet as far as that goes. Raises what the ledger refuses."""
    found, day = await standing.load(uow, order_id, lock=True), uow.business_date
    order = found.order
    if order.state is not OrderState.ACTIVE:
        return
    before = await standing.caught_up(uow, found, day)
    owed = position.due_minor(before.opened, before.left.penalty, day)
    minor = min(owed, await _has(uow, order))
    if minor <= 0:
        return
    paid = position.allocate(order.terms, before.opened, before.left.penalty, minor, day, Ahead.NEXT).paid
    draft = postings.collect(order, paid, await draws_of(uow, order, minor))
    left = before.left.total - minor
    event = OrderEvent.CHANGE if left else OrderEvent.PAY_ALL
    await standing.change(uow, before, Change(event, "paid", {"paid": minor, "left": left}, draft))


async def _has(uow: UnitOfWork, order: Order) -> int:
    purses = [
        one for one in await wallets.wallets_of(uow, order.customer_id) if one.currency.code == order.currency.code
    ]
    have = await wallets.balances(uow, purses)
    return sum(max(have[purse.id].available.minor, 0) for purse in purses)


async def missed(uow: UnitOfWork, order_id: OrderId, reason: str) -> None:
    """Count a failed try of an order that is still running, and say when the next one is."""
    found, day = await standing.load(uow, order_id, lock=True), uow.business_date
    if found.order.state is not OrderState.ACTIVE:
        return
    tries = found.order.tries + 1
    owed = position.due_minor(found.opened, found.left.penalty, day)
    story = {"due": owed, "reason": reason, "tries": tries, "next_try": standing.next_try(found, day)}
    await standing.change(uow, found, Change(OrderEvent.CHANGE, "collection_failed", story), tries=tries)
