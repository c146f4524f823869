"""Payments that Specie collects for a merchant of cashback are purchases by themselves.

The payment's own commit only plans the work: a payment is a fact that no offer may hold up, and an offer's budget would
otherwise be one lock that all of a merchant's payments wait for. The job looks at the payment as it is and may run as
often as it likes.
"""

from specie import parties, payments
from specie.cashback import offer_store, purchases, reversing, store
from specie.cashback.model import MerchantState, Purchase
from specie.cashback.purchases import PAYMENT, NewPurchase
from specie.kernel.ids import PartyId, PaymentId
from specie.payments import Payment, PaymentKind, RefundState
from specie.platform import jobs
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

FOLLOW = "cashback.follow"

PART_OF_PURCHASE = "purchase_id"
"""Metadata of a payment that pays only a part of a purchase, which is told of as a whole."""


async def payment_settled(uow: UnitOfWork, payment: Payment) -> None:
    """Plan the look at a payment that was paid or partly given back, when its merchant has to do with cashback."""
    if payment.kind is not PaymentKind.MERCHANT or PART_OF_PURCHASE in payment.metadata:
        return
    if await offer_store.merchant_of(uow, payment.party_id) is not None:
        await jobs.defer(uow, FOLLOW, payment_id=str(payment.id))


async def follow(uow: UnitOfWork, ring: KeyRing, payment_id: PaymentId) -> None:
    """Record a paid payment of a known customer as a purchase, and each refund of it as a return, once each."""
    payment = await payments.get_payment(uow, payment_id)
    purchase = await store.purchase_told(uow, payment.party_id, PAYMENT, str(payment_id))
    if purchase is None:
        purchase = await _record(uow, ring, payment)
    if purchase is None:
        return
    told = {each.external_id for each in await store.returns_of(uow, purchase)}
    for refund in await payments.refunds_of(uow, payment_id):
        # The provider may give back more than was collected; the purchase cannot lose more than it was.
        amount = min(refund.amount, purchase.kept)
        if refund.state is RefundState.SUCCEEDED and str(refund.id) not in told and amount.minor > 0:
            purchase = await reversing.return_goods(uow, purchase.id, str(refund.id), amount)


async def _record(uow: UnitOfWork, ring: KeyRing, payment: Payment) -> Purchase | None:
    merchant = await offer_store.merchant_of(uow, payment.party_id)
    if merchant is None or merchant.state is not MerchantState.ACTIVE:
        return None
    customer = await _customer(uow, ring, payment)
    if customer is None or customer == payment.party_id:
        return None
    new = NewPurchase(
        merchant_id=payment.party_id,
        party_id=customer,
        external_id=str(payment.id),
        amount=payment.captured,
        occurred_at=payment.paid_at,
        is_confirmed=True,
        source=PAYMENT,
    )
    return (await purchases.record(uow, new)).purchase


async def _customer(uow: UnitOfWork, ring: KeyRing, payment: Payment) -> PartyId | None:
    """Who paid, when the address or number the merchant gave is that of somebody with a wallet here."""
    known = (await payments.open_customers(uow, ring, [payment.id])).get(payment.id, {})
    for text in (known.get("email"), known.get("phone")):
        found = await parties.find_by_contact(uow, ring, text) if text else None
        if found is not None:
            return found
    return None
