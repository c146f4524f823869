"""Invoices paid through a payment of this platform: the request, and what happens when it has been paid."""

from dataclasses import replace

from specie import parties, payments, wallets
from specie.billing import paid_store, postings, receiving, store
from specie.billing.errors import AllocatesTooMuch, NothingToPay
from specie.billing.invoicing import Standing, account, note, standing, standings
from specie.billing.model import OPEN_STATES, Invoice, InvoiceId, Method, Receipt, ReceiptId
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
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
    for payment_id in made:
        earlier = await payments.get_payment(uow, payment_id)
        if earlier.is_open and earlier.expires_at > uow.now and earlier.amount == wanted:
            return earlier
    command = CreatePayment(
        party_id=await business_party(uow, ring),
        reference=f"{invoice.number}-{len(made) + 1}",
        amount=wanted,
        description=f"Invoice {invoice.number}",
        kind=PaymentKind.INVOICE,
    )
    payment = await payments.create(uow, ring, command)
    await store.insert_request(uow, payment.id, invoice_id)
    await note(uow, "request_payment", invoice, {"payment_id": str(payment.id), "amount_minor": wanted.minor})
    return payment


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
    """The invoice that a payment is for; what it paid comes back through the customer's credit."""
    found = await store.invoice_of_payment(uow, payment.id)
    return None if found is None else f"invoice {found}"


async def payment_settled(uow: UnitOfWork, payment: Payment) -> None:
    """Let a payment that has been paid pay its invoice, in the unit of work in which it was paid.

    What the invoice no longer asks for, because it was paid or credited meanwhile, is the customer's credit.
    """
    if payment.kind is not PaymentKind.INVOICE or payment.state is not PaymentState.PAID or payment.net is None:
        return
    invoice_id = await store.invoice_of_payment(uow, payment.id)
    if invoice_id is None or await paid_store.receipt_of_payment(uow, payment.id) is not None:
        return
    invoice = (await store.invoices_by_ids(uow, [invoice_id], lock=True, everybody=True))[invoice_id]
    receipt = await _collected(uow, payment, invoice, payment.net)
    [now] = await standings(uow, [invoice])
    part = min(now.open_minor, receipt.amount.minor)
    if part:
        await receiving.pay(uow, paid_store.source_of(receipt), invoice, Money(part, invoice.currency))


async def _collected(uow: UnitOfWork, payment: Payment, invoice: Invoice, net: Money) -> Receipt:
    wallet = await wallets.ensure_wallet(uow, payment.party_id, net.currency)
    receipt_id = ReceiptId.new()
    credit = await account(uow, postings.credit_account(receipt_id, invoice.customer_id, net.currency))
    debt = await account(uow, wallets.debt_account(payment.party_id, net.currency))
    draft = postings.collect(
        wallet.available_account,
        debt,
        credit,
        net,
        title=f"Paid online for {invoice.number}",
        about={"receipt_id": str(receipt_id), "payment_id": str(payment.id)},
        limits=wallets.leaving_legs(wallet, net),
    )
    receipt = Receipt(
        id=receipt_id,
        customer_id=invoice.customer_id,
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
