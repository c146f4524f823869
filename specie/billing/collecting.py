"""Invoices paid through a payment of this platform: the request, and what happens when it has been paid."""

from collections.abc import Sequence
from dataclasses import replace

from specie import audit, parties, payments, wallets
from specie.billing import paid_store, postings, receiving, store
from specie.billing.errors import AllocatesTooMuch, NothingToPay
from specie.billing.invoicing import Standing, account, note, standing, standings
from specie.billing.model import OPEN_STATES, InvoiceId, Method, Receipt, ReceiptId
from specie.kernel.ids import PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.parties import PartyKind
from specie.payments import CreatePayment, Payment, PaymentKind, PaymentState
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing


async def request_payment(
    uow: UnitOfWork, ring: KeyRing, invoice_id: InvoiceId, amount: Money | None = None
) -> Payment:
    """A payment that collects what is open of an invoice, or so much of it; one that still waits is given again.

    Raises InvoiceMissing, NothingToPay or AllocatesTooMuch.
    """
    found = await standing(uow, invoice_id, lock=True)
    invoice = found.invoice
    if invoice.state not in OPEN_STATES:
        raise NothingToPay(f"{invoice.name} asks for no payment", state=invoice.state.value)
    wanted = _wanted(found, amount)
    made = await store.requests_of(uow, invoice_id)
    waiting = await _waiting(uow, made, wanted)
    if waiting is not None:
        return waiting
    payment = await _created(uow, ring, f"{invoice.number}-{len(made) + 1}", wanted, f"Invoice {invoice.number}")
    await store.insert_request(uow, payment.id, invoice_id)
    await note(uow, "request_payment", invoice, {"payment_id": str(payment.id), "amount_minor": wanted.minor})
    return payment


async def request_all(uow: UnitOfWork, ring: KeyRing, customer_id: PartyId, currency: Currency) -> Payment:
    """A payment that collects everything a customer owes in a currency; one that still waits is given again.

    It pays what has been owed longest by the time it is paid. Raises NothingToPay.
    """
    opened = await _opened(uow, customer_id, currency)
    wanted = Money(sum(one.open_minor for one in opened), currency)
    if not wanted.minor:
        raise NothingToPay("nothing is left to pay")
    made = await store.requests_of_customer(uow, customer_id)
    waiting = await _waiting(uow, made, wanted)
    if waiting is not None:
        return waiting
    first, more = opened[0].invoice, len(opened) - 1
    title = f"Invoice {first.number}" + (f" and {more} more" if more else "")
    payment = await _created(uow, ring, f"{first.number}-all-{len(made) + 1}", wanted, title)
    await store.insert_customer_request(uow, payment.id, customer_id)
    about = {"payment_id": str(payment.id), "amount_minor": wanted.minor, "currency": currency.code}
    await audit.record(uow, action="billing.request_all", subject=("party", str(customer_id)), after=about)
    return payment


async def _opened(uow: UnitOfWork, customer_id: PartyId, currency: Currency) -> list[Standing]:
    """What a customer owes, the longest due first; it stays as it is read until the commit."""
    opened = await store.open_of_customer(uow, customer_id, currency, everybody=True)
    locked = await store.invoices_by_ids(uow, [one.id for one in opened], lock=True, everybody=True)
    return await standings(uow, [locked[one.id] for one in opened])


async def _waiting(uow: UnitOfWork, made: Sequence[PaymentId], wanted: Money) -> Payment | None:
    """The payment of these that still waits for just this amount."""
    for payment_id in made:
        earlier = await payments.get_payment(uow, payment_id)
        if earlier.is_open and earlier.expires_at > uow.now and earlier.amount == wanted:
            return earlier
    return None


async def _created(uow: UnitOfWork, ring: KeyRing, reference: str, amount: Money, title: str) -> Payment:
    command = CreatePayment(
        party_id=await business_party(uow, ring),
        reference=reference,
        amount=amount,
        description=title,
        kind=PaymentKind.INVOICE,
    )
    return await payments.create(uow, ring, command)


def _wanted(found: Standing, amount: Money | None) -> Money:
    most = Money(found.open_minor, found.invoice.currency)
    if amount is None:
        return most
    if amount.currency.code != most.currency.code or not 0 < amount.minor <= most.minor:
        raise AllocatesTooMuch(f"{found.invoice.name} asks for {most}", param="amount", most=most.minor)
    return amount


async def business_party(uow: UnitOfWork, ring: KeyRing) -> PartyId:
    """The party that stands for the business itself: what is paid to it is the tenant's own money."""
    profile = await store.profile(uow)
    if profile.collector_id is not None:
        return profile.collector_id
    known = {"name": profile.name or "Own business"}
    party = await parties.create_party(uow, ring, kind=PartyKind.COMPANY, roles=["merchant"], known=known)
    await store.put_profile(uow, replace(profile, collector_id=party.id))
    return party.id


async def keeper(uow: UnitOfWork, payment: Payment) -> str | None:
    """What a payment pays, an invoice or a customer's account; it comes back through the customer's credit."""
    invoice = await store.invoice_of_payment(uow, payment.id)
    if invoice is not None:
        return f"invoice {invoice}"
    customer = await store.customer_of_payment(uow, payment.id)
    return None if customer is None else f"the account of {customer}"


async def payment_settled(uow: UnitOfWork, payment: Payment) -> None:
    """Let a payment that has been paid pay what it was made for, in the unit of work in which it was paid.

    What is no longer asked for, because it was paid or credited meanwhile, is the customer's credit.
    """
    if payment.kind is not PaymentKind.INVOICE or payment.state is not PaymentState.PAID or payment.net is None:
        return
    asked = await _asked_by(uow, payment)
    if asked is None or await paid_store.receipt_of_payment(uow, payment.id) is not None:
        return
    customer_id, opened = asked
    receipt = await _collected(uow, payment, customer_id, payment.net)
    source, left = paid_store.source_of(receipt), receipt.amount.minor
    for one in opened:
        part = min(one.open_minor, left)
        if part:
            await receiving.pay(uow, source, one.invoice, Money(part, payment.net.currency))
            left -= part


async def _asked_by(uow: UnitOfWork, payment: Payment) -> tuple[PartyId, Sequence[Standing]] | None:
    """Who was asked for a payment, and the invoices that it pays, in their order and locked."""
    invoice_id = await store.invoice_of_payment(uow, payment.id)
    if invoice_id is not None:
        invoice = (await store.invoices_by_ids(uow, [invoice_id], lock=True, everybody=True))[invoice_id]
        return invoice.customer_id, await standings(uow, [invoice])
    customer_id = await store.customer_of_payment(uow, payment.id)
    return None if customer_id is None else (customer_id, await _opened(uow, customer_id, payment.amount.currency))


async def _collected(uow: UnitOfWork, payment: Payment, customer_id: PartyId, net: Money) -> Receipt:
    wallet = await wallets.ensure_wallet(uow, payment.party_id, net.currency)
    receipt_id = ReceiptId.new()
    credit = await account(uow, postings.credit_account(receipt_id, customer_id, net.currency))
    debt = await account(uow, wallets.debt_account(payment.party_id, net.currency))
    draft = postings.collect(
        wallet.available_account,
        debt,
        credit,
        net,
        title=f"Paid online: {payment.description}",
        about={"receipt_id": str(receipt_id), "payment_id": str(payment.id)},
        limits=wallets.leaving_legs(wallet, net),
    )
    receipt = Receipt(
        id=receipt_id,
        customer_id=customer_id,
        amount=net,
        method=Method.PAYMENT,
        reference=payment.reference,
        received_on=uow.business_date,
        account_id=credit,
        entry_id=draft.id,
        payment_id=payment.id,
        created_at=uow.now,
    )
    await receiving.record(uow, receipt, draft, {"payment_id": str(payment.id)})
    return receipt
