"""What customers pay, and what it pays: receipts, allocations, credit used later, and credit paid back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from specie import audit, ledger, parties
from specie.billing import paid_store, postings, store
from specie.billing.errors import (
    AllocatesTooMuch,
    AllocationMismatch,
    InvoiceCannotMove,
    InvoiceMissing,
    ReceiptMissing,
    RefundsTooMuch,
)
from specie.billing.events import invoice_event, receipt_event
from specie.billing.invoicing import Standing, account, income_accounts, note, standings
from specie.billing.model import (
    OPEN_STATES,
    Allocation,
    AllocationId,
    Invoice,
    InvoiceId,
    InvoiceState,
    Method,
    Receipt,
    ReceiptId,
    Source,
    SourceId,
    SourceKind,
    state_of,
)
from specie.events import NewEvent
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import EntryDraft, InsufficientFunds
from specie.platform.db import UnitOfWork

Share = tuple[InvoiceId, Money]
"""So much for one invoice."""


@dataclass(frozen=True, slots=True)
class Receive:
    """Money that arrived outside the platform. Without shares it pays what the customer has owed longest."""

    customer_id: PartyId
    amount: Money
    method: Method
    reference: str = ""
    shares: Sequence[Share] | None = None


async def receive(uow: UnitOfWork, command: Receive) -> Receipt:
    """Note money a customer paid and allocate it; what is left over is the customer's credit.

    Raises PartyMissing, InvoiceMissing, InvoiceCannotMove, AllocatesTooMuch or AllocationMismatch.
    """
    if command.customer_id not in await parties.tiers(uow, [command.customer_id]):
        raise parties.PartyMissing(f"there is no party {command.customer_id}", param="customer_id")
    currency, receipt_id = command.amount.currency, ReceiptId.new()
    credit = await account(uow, postings.credit_account(receipt_id, command.customer_id, currency))
    into = await account(uow, postings.money_account(command.method, currency))
    title, about = f"Received {command.reference}".strip(), {"receipt_id": str(receipt_id)}
    draft = postings.receive(into, credit, command.amount, title=title, about=about)
    receipt = Receipt(
        id=receipt_id,
        customer_id=command.customer_id,
        amount=command.amount,
        method=command.method,
        reference=command.reference,
        received_on=uow.business_date,
        account_id=credit,
        entry_id=draft.id,
        created_at=uow.now,
    )
    await record(uow, receipt, draft, {"method": receipt.method.value})
    await allocate(uow, paid_store.source_of(receipt), command.shares)
    return receipt


async def record(uow: UnitOfWork, receipt: Receipt, draft: EntryDraft, about: dict[str, str]) -> None:
    """Post what a customer paid and keep its receipt; `about` goes into the audit."""
    await ledger.post(uow, draft, receipt_event(receipt))
    await paid_store.insert_receipt(uow, receipt)
    told = {"amount_minor": receipt.amount.minor, **about}
    await audit.record(uow, action="receipt.record", subject=("receipt", str(receipt.id)), after=told)


async def allocate(uow: UnitOfWork, source: Source, shares: Sequence[Share] | None) -> list[Allocation]:
    """Let money pay invoices, in part or whole; without shares those the customer has owed longest.

    Raises InvoiceMissing, InvoiceCannotMove, AllocatesTooMuch or AllocationMismatch; then nothing is allocated.
    """
    if shares is None:
        shares = await _longest_due(uow, source)
    locked = await store.invoices_by_ids(uow, [invoice_id for invoice_id, _ in shares], lock=True)
    made: list[Allocation] = []
    for invoice_id, amount in shares:
        if invoice_id not in locked:
            raise InvoiceMissing(f"there is no invoice {invoice_id}", param="invoice_id")
        allocation, locked[invoice_id] = await pay(uow, source, locked[invoice_id], amount)
        made.append(allocation)
    return made


async def _longest_due(uow: UnitOfWork, source: Source) -> list[Share]:
    opened = await store.open_of_customer(uow, source.customer_id, source.currency)
    # Locked before they are read again: what is open stays as it is until this commit.
    locked = await store.invoices_by_ids(uow, [one.id for one in opened], lock=True)
    left, shares = await left_of(uow, source), list[Share]()
    for one in await standings(uow, [locked[each.id] for each in opened if each.id in locked]):
        part = min(left, one.open_minor)
        if part:
            shares.append((one.invoice.id, Money(part, source.currency)))
            left -= part
    return shares


async def pay(
    uow: UnitOfWork, source: Source, invoice: Invoice, amount: Money, *, cancels: bool = False
) -> tuple[Allocation, Invoice]:
    """Let so much of a source pay an invoice whose row is locked; the invoice afterwards.

    What `cancels` takes the invoice back, so that no deposit is paid by it.
    Raises InvoiceCannotMove, AllocatesTooMuch or AllocationMismatch.
    """
    _require_match(source, invoice, amount)
    [before] = await standings(uow, [invoice])
    if amount.minor > before.open_minor:
        raise AllocatesTooMuch(
            f"{invoice.name} asks for less", param="amount", invoice_id=str(invoice.id), most=before.open_minor
        )
    after = await _paid(uow, before, amount, cancels=cancels)
    draft = await _payment(uow, source, invoice, amount, cancels=cancels)
    try:
        entry = await ledger.post(uow, draft, _told(before, after, amount))
    except InsufficientFunds as refused:
        left = refused.facts.get("available")
        raise AllocatesTooMuch(f"{source.name} has less left", param="amount", most=left) from refused
    made = Allocation(
        id=AllocationId.new(),
        source_kind=source.kind,
        source_id=source.id,
        invoice_id=invoice.id,
        amount_minor=amount.minor,
        entry_id=entry.id,
        allocated_on=uow.business_date,
        created_at=uow.now,
    )
    await paid_store.insert_allocation(uow, made)
    await store.update_invoice(uow, after)
    await note(uow, "allocate", after, {"source_id": str(source.id), "amount_minor": amount.minor})
    return made, after


async def _payment(
    uow: UnitOfWork, source: Source, invoice: Invoice, amount: Money, *, cancels: bool
) -> ledger.EntryDraft:
    title, about = f"{source.name} for {invoice.number}", {"source_id": str(source.id)}
    if invoice.deposit_id is None or cancels:
        return postings.allocate(source.account_id, invoice, amount, title=title, about=about)
    to = await income_accounts(uow, invoice, []) | {"deposit": invoice.deposit_id}
    return postings.pay_deposit(source.account_id, invoice, amount, to, title=title, about=about)


def _require_match(source: Source, invoice: Invoice, amount: Money) -> None:
    if invoice.state not in OPEN_STATES:
        raise InvoiceCannotMove(f"{invoice.name} asks for nothing", state=invoice.state.value)
    if source.customer_id != invoice.customer_id:
        raise AllocationMismatch("money pays the invoices of the customer it came from", param="invoice_id")
    if not source.currency.code == invoice.currency.code == amount.currency.code:
        raise AllocationMismatch(f"{invoice.name} is in {invoice.currency}", param="amount")
    if source.kind is SourceKind.DEPOSIT and invoice.is_deposit:
        raise AllocationMismatch("a deposit is not paid with a deposit", param="invoice_id")
    if amount.minor <= 0:
        raise AllocationMismatch("an allocation is above zero", param="amount")


async def _paid(uow: UnitOfWork, before: Standing, amount: Money, *, cancels: bool) -> Invoice:
    invoice = before.invoice
    received = await paid_store.received_minor(uow, invoice.id)
    if not cancels:
        received += amount.minor
    state = state_of(invoice.total_minor, before.open_minor - amount.minor, received)
    return replace(invoice, state=state, version=invoice.version + 1)


def _told(before: Standing, after: Invoice, amount: Money) -> NewEvent:
    left = before.open_minor - amount.minor
    if after.state is InvoiceState.VOID:
        return invoice_event("voided", after, open=left)
    return invoice_event("part_paid" if left else "paid", after, paid=amount.minor, open=left)


async def left_of(uow: UnitOfWork, source: Source) -> int:
    """What of a source pays nothing yet, in minor units."""
    return (await ledger.accounts_by_ids(uow, [source.account_id]))[source.account_id].balance.minor


async def source_of(uow: UnitOfWork, source_id: SourceId) -> Source:
    """Money the caller may see. Raises ReceiptMissing."""
    found = await paid_store.source_by_id(uow, source_id)
    if found is None:
        raise ReceiptMissing(f"there is no {source_id}")
    return found


async def use_credit(uow: UnitOfWork, invoice_id: InvoiceId) -> list[Allocation]:
    """Let what the customer has left from before pay an invoice, the oldest first.

    Raises InvoiceMissing, InvoiceCannotMove, or AllocatesTooMuch when nothing is left.
    """
    invoice = (await store.invoices_by_ids(uow, [invoice_id], lock=True)).get(invoice_id)
    if invoice is None:
        raise InvoiceMissing(f"there is no invoice {invoice_id}")
    made: list[Allocation] = []
    for source, left in await credits_of(uow, invoice.customer_id, invoice.currency):
        if source.kind is SourceKind.DEPOSIT and invoice.is_deposit:
            continue
        [now] = await standings(uow, [invoice])
        part = min(left, now.open_minor)
        if part:
            allocation, invoice = await pay(uow, source, invoice, Money(part, source.currency))
            made.append(allocation)
    if not made:
        raise AllocatesTooMuch("the customer has no credit for this invoice", most=0)
    return made


async def credits_of(uow: UnitOfWork, customer_id: PartyId, currency: Currency) -> list[tuple[Source, int]]:
    """A customer's credit in a currency, oldest first, with what is left in minor units."""
    found = await paid_store.sources_of_customer(uow, customer_id, currency)
    held = await ledger.accounts_by_ids(uow, [each.account_id for each in found]) if found else {}
    return [(each, held[each.account_id].balance.minor) for each in found if held[each.account_id].balance.minor]


async def refund(uow: UnitOfWork, source_id: SourceId, amount: Money, method: Method, reason: str) -> Source:
    """Pay a customer's credit back by hand. Raises ReceiptMissing, AllocationMismatch or RefundsTooMuch."""
    source = await source_of(uow, source_id)
    if amount.currency.code != source.currency.code:
        raise AllocationMismatch(f"{source.name} is in {source.currency}", param="amount")
    from_ = await account(uow, postings.money_account(method, source.currency))
    draft = postings.refund(
        source.account_id, from_, amount, title=f"{source.name} paid back", about={"source_id": str(source.id)}
    )
    data = {"source_id": str(source.id), "amount": {"amount": amount.minor, "currency": amount.currency.code}}
    event = NewEvent("receipt.refunded", (source.kind.value, str(source.id)), 2, data, party_id=source.customer_id)
    try:
        entry = await ledger.post(uow, draft, event)
    except InsufficientFunds as refused:
        left = refused.facts.get("available")
        raise RefundsTooMuch(f"{source.name} has less left", param="amount", most=left) from refused
    await paid_store.insert_refund(uow, source, entry.id, amount, method, reason)
    about = {"amount_minor": amount.minor, "method": method.value}
    await audit.record(
        uow, action="receipt.refund", subject=(source.kind.value, str(source.id)), after=about, reason=reason
    )
    return source
