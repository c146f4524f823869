"""What a payment that pays a part of a purchase does to the purchase, in the payment's own unit of work."""

from specie import payments
from specie.installments import Order
from specie.kernel.ids import PaymentId
from specie.payments import Payment, PaymentState
from specie.platform import jobs
from specie.platform.db import UnitOfWork
from specie.purchases import service, store
from specie.purchases.model import PurchaseId, PurchaseState

RETURN_LATE = "purchases.return_late"


async def keeper(uow: UnitOfWork, payment: Payment) -> str | None:
    """The purchase that a payment is a part of; it comes back with that alone."""
    found = await purchase_of(uow, payment)
    return None if found is None else f"purchase {found}"


async def order_keeper(uow: UnitOfWork, order: Order) -> str | None:
    """The purchase that an order in parts is a part of; it comes back with that alone."""
    found = await store.purchase_of_order(uow, order.id)
    return None if found is None else f"purchase {found}"


async def purchase_of(uow: UnitOfWork, payment: Payment) -> PurchaseId | None:
    """The purchase that a payment pays a part of."""
    found = await store.purchase_of_payment(uow, payment.id)
    return None if found is None else found[0]


async def payment_paid(uow: UnitOfWork, payment: Payment) -> None:
    """The provider's part has arrived: the purchase is completed, once, in this commit.

    Money that arrives for a purchase that has given everything back already is returned to whoever sent it.
    """
    found = await store.purchase_of_payment(uow, payment.id)
    if found is None or payment.state is not PaymentState.PAID:
        return
    purchase_id, attempt = found
    purchase = await service.get(uow, purchase_id, lock=True)
    if purchase.attempt == attempt and purchase.state is PurchaseState.HELD:
        await service.complete(uow, purchase, await service.legs_of(uow, purchase))
    elif purchase.attempt != attempt or purchase.state is not PurchaseState.COMPLETED:
        await jobs.defer(uow, RETURN_LATE, payment_id=str(payment.id))


async def payment_ended(uow: UnitOfWork, payment: Payment) -> None:
    """The provider's part will not arrive, as far as anybody knows: the purchase is looked at."""
    found = await store.purchase_of_payment(uow, payment.id)
    if found is not None:
        await jobs.defer(uow, service.LOOK, purchase=str(found[0].uuid))


async def return_late(uow: UnitOfWork, payment_id: PaymentId) -> None:
    """Give back a payment that arrived when its purchase had let everything go."""
    payment = await payments.get_payment(uow, payment_id, lock=True)
    left = await payments.refundable(uow, payment)
    if left.minor:
        await payments.reserve_refund(uow, payment_id, left, "it arrived too late for its purchase", "specie")
