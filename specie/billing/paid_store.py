"""The SQL of payments received, credit notes, and what was allocated to what."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select

from specie.billing import store, tables
from specie.billing.model import (
    Allocation,
    AllocationId,
    CreditNote,
    CreditNoteId,
    Invoice,
    InvoiceId,
    Method,
    Receipt,
    ReceiptId,
    Source,
    SourceId,
    SourceKind,
)
from specie.kernel.ids import AccountId, EntryId, PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork


async def insert_receipt(uow: UnitOfWork, receipt: Receipt) -> None:
    """Add a payment received."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": receipt.id.uuid,
        "customer_id": receipt.customer_id.uuid,
        "currency": receipt.amount.currency.code,
        "amount_minor": receipt.amount.minor,
        "method": receipt.method.value,
        "reference": receipt.reference,
        "received_on": receipt.received_on,
        "account_id": receipt.account_id.uuid,
        "entry_id": receipt.entry_id.uuid,
        "payment_id": receipt.payment_id.uuid if receipt.payment_id else None,
        "created_at": receipt.created_at,
    }
    await uow.execute(insert(tables.receipt).values(row))


async def receipt_by_id(uow: UnitOfWork, receipt_id: ReceiptId) -> Receipt | None:
    """One payment received that the caller may see."""
    query = select(tables.receipt).where(*_mine(uow, tables.receipt), tables.receipt.c.id == receipt_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _receipt(row) if row else None


async def receipt_of_payment(uow: UnitOfWork, payment_id: PaymentId) -> Receipt | None:
    """What a payment brought, if it has been received."""
    r = tables.receipt
    query = select(r).where(*_mine(uow, r), r.c.payment_id == payment_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _receipt(row) if row else None


async def receipts(uow: UnitOfWork, customer_id: PartyId | None, before: UUID | None, limit: int) -> Page[Receipt]:
    """Payments received that the caller may see, newest first."""
    r = tables.receipt
    query = select(r).where(*_mine(uow, r))
    if customer_id is not None:
        query = query.where(r.c.customer_id == customer_id.uuid)
    if before is not None:
        query = query.where(r.c.id < before)
    rows = (await uow.execute(query.order_by(r.c.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_receipt)


async def insert_note(uow: UnitOfWork, note: CreditNote, lines: Sequence[tuple[int, Decimal, int, int]]) -> None:
    """Add a credit note with its lines: which line of the invoice, how much of it, net and tax in minor units."""
    tenant = {"tenant_id": uow.scope.tenant_id.uuid}
    row = tenant | {
        "id": note.id.uuid,
        "invoice_id": note.invoice_id.uuid,
        "customer_id": note.customer_id.uuid,
        "currency": note.currency.code,
        "account_id": note.account_id.uuid,
        "entry_id": note.entry_id.uuid,
        **{name: getattr(note, name) for name in _NOTE},
    }
    await uow.execute(insert(tables.credit_note).values(row))
    of = tenant | {"credit_note_id": note.id.uuid, "invoice_id": note.invoice_id.uuid}
    rows = [of | {"n": n, "quantity": quantity, "net_minor": net, "tax_minor": tax} for n, quantity, net, tax in lines]
    await uow.execute(insert(tables.credit_line).values(rows))


_NOTE = ("number", "n", "reason", "issued_on", "net_minor", "tax_minor", "created_at", "billed_to", "letterhead")


async def notes_of(uow: UnitOfWork, invoice_id: InvoiceId) -> list[CreditNote]:
    """The credit notes of an invoice, oldest first."""
    c = tables.credit_note
    query = select(c).where(*_mine(uow, c), c.c.invoice_id == invoice_id.uuid)
    return [_note(row) for row in await uow.execute(query.order_by(c.c.id))]


async def note_by_id(uow: UnitOfWork, note_id: CreditNoteId) -> CreditNote | None:
    """One credit note the caller may see."""
    c = tables.credit_note
    row = (await uow.execute(select(c).where(*_mine(uow, c), c.c.id == note_id.uuid))).one_or_none()
    return _note(row) if row else None


async def taken_by(uow: UnitOfWork, note_id: CreditNoteId) -> dict[int, tuple[Decimal, int]]:
    """How much of each line a credit note takes back and what that comes to net, in minor units, by line number."""
    one = tables.credit_line.c
    query = select(one.n, one.quantity, one.net_minor).where(
        one.tenant_id == uow.scope.tenant_id.uuid, one.credit_note_id == note_id.uuid
    )
    return {row.n: (row.quantity.normalize(), row.net_minor) for row in await uow.execute(query)}


async def credited(uow: UnitOfWork, invoice_id: InvoiceId) -> dict[int, Decimal]:
    """How much of each line has been credited, by the line's number."""
    one = tables.credit_line.c
    query = select(one.n, func.sum(one.quantity).label("quantity")).where(
        one.tenant_id == uow.scope.tenant_id.uuid, one.invoice_id == invoice_id.uuid
    )
    return {row.n: row.quantity.normalize() for row in await uow.execute(query.group_by(one.n))}


async def credited_minor(uow: UnitOfWork, invoice_id: InvoiceId) -> dict[int, int]:
    """What has been credited of each line before tax, in minor units, by the line's number."""
    one = tables.credit_line.c
    query = select(one.n, func.sum(one.net_minor).label("net_minor")).where(
        one.tenant_id == uow.scope.tenant_id.uuid, one.invoice_id == invoice_id.uuid
    )
    return {row.n: int(row.net_minor) for row in await uow.execute(query.group_by(one.n))}


async def source_by_id(uow: UnitOfWork, source_id: SourceId) -> Source | None:
    """Money to allocate: a payment received or a credit note the caller may see."""
    if isinstance(source_id, ReceiptId):
        receipt = await receipt_by_id(uow, source_id)
        return source_of(receipt) if receipt else None
    if isinstance(source_id, CreditNoteId):
        note = await note_by_id(uow, source_id)
        return source_of(note) if note else None
    deposit = await store.invoice_by_id(uow, source_id)
    return deposit_source(deposit) if deposit else None


def deposit_source(invoice: Invoice) -> Source | None:
    """What was paid of a deposit as money to allocate; None for an invoice that is none, or a draft."""
    if invoice.deposit_id is None:
        return None
    name = f"Deposit {invoice.number}"
    return Source(SourceKind.DEPOSIT, invoice.id, invoice.customer_id, invoice.currency, invoice.deposit_id, name)


async def currencies_of_customer(uow: UnitOfWork, customer_id: PartyId) -> list[Currency]:
    """The currencies in which a customer was ever charged, paid or was credited, by code."""
    found: set[str] = set()
    for table in (tables.invoice, tables.receipt, tables.credit_note):
        query = select(table.c.currency).where(*_mine(uow, table), table.c.customer_id == customer_id.uuid)
        found |= set((await uow.execute(query.distinct())).scalars())
    return [Currency.of(code) for code in sorted(found)]


async def sources_of_customer(uow: UnitOfWork, customer_id: PartyId, currency: Currency) -> list[Source]:
    """Everything a customer has paid or was credited in a currency, oldest first; most of it is used up."""
    found: list[Source] = []
    for table, read in ((tables.credit_note, _note), (tables.receipt, _receipt)):
        query = select(table).where(
            *_mine(uow, table), table.c.customer_id == customer_id.uuid, table.c.currency == currency.code
        )
        found += [source_of(read(row)) for row in await uow.execute(query.order_by(table.c.id))]
    deposits = [deposit_source(each) for each in await store.deposits_of(uow, customer_id, currency)]
    return found + [each for each in deposits if each is not None]


def source_of(of: Receipt | CreditNote) -> Source:
    """What a payment received or a credit note is as money to allocate."""
    if isinstance(of, Receipt):
        name = f"Payment {of.reference}" if of.reference else "Payment"
        return Source(SourceKind.RECEIPT, of.id, of.customer_id, of.amount.currency, of.account_id, name)
    name = f"Credit note {of.number}"
    return Source(SourceKind.CREDIT_NOTE, of.id, of.customer_id, of.currency, of.account_id, name)


async def insert_allocation(uow: UnitOfWork, made: Allocation) -> None:
    """Remember what was allocated to what."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": made.id.uuid,
        "source_kind": made.source_kind.value,
        "source_id": made.source_id.uuid,
        "invoice_id": made.invoice_id.uuid,
        "amount_minor": made.amount_minor,
        "entry_id": made.entry_id.uuid,
        "allocated_on": made.allocated_on,
        "created_at": made.created_at,
    }
    await uow.execute(insert(tables.allocation).values(row))


async def allocations_to(uow: UnitOfWork, invoice_id: InvoiceId) -> list[Allocation]:
    """What was allocated to an invoice, oldest first."""
    a = tables.allocation.c
    query = select(tables.allocation).where(a.tenant_id == uow.scope.tenant_id.uuid, a.invoice_id == invoice_id.uuid)
    return [_allocation(row) for row in await uow.execute(query.order_by(a.id))]


async def allocations_from(uow: UnitOfWork, ids: Sequence[ReceiptId]) -> dict[SourceId, list[Allocation]]:
    """What each of these payments has paid, oldest first, with one statement."""
    a = tables.allocation.c
    query = select(tables.allocation).where(
        a.tenant_id == uow.scope.tenant_id.uuid, a.source_id.in_([each.uuid for each in ids])
    )
    found: dict[SourceId, list[Allocation]] = {}
    for row in await uow.execute(query.order_by(a.id)):
        made = _allocation(row)
        found.setdefault(made.source_id, []).append(made)
    return found


async def received_minor(uow: UnitOfWork, invoice_id: InvoiceId) -> int:
    """How much of an invoice was paid, in minor units, be it with another's credit; the rest was taken back of it."""
    a, c, tenant = tables.allocation.c, tables.credit_note.c, uow.scope.tenant_id.uuid
    own = select(c.id).where(c.tenant_id == tenant, c.invoice_id == invoice_id.uuid)
    query = select(func.coalesce(func.sum(a.amount_minor), 0)).where(
        a.tenant_id == tenant, a.invoice_id == invoice_id.uuid, a.source_id.not_in(own)
    )
    return int((await uow.execute(query)).scalar_one())


async def refunds_from(uow: UnitOfWork, source_id: SourceId) -> list[EntryId]:
    """The entries that paid a source back."""
    r = tables.refund.c
    query = select(r.entry_id).where(r.tenant_id == uow.scope.tenant_id.uuid, r.source_id == source_id.uuid)
    return [EntryId(row.entry_id) for row in await uow.execute(query.order_by(r.created_at))]


async def insert_refund(
    uow: UnitOfWork, source: Source, entry_id: EntryId, amount: Money, method: Method, reason: str
) -> None:
    """Remember what of a customer's credit was paid back."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "entry_id": entry_id.uuid,
        "source_kind": source.kind.value,
        "source_id": source.id.uuid,
        "amount_minor": amount.minor,
        "method": method.value,
        "reason": reason,
        "created_at": uow.now,
    }
    await uow.execute(insert(tables.refund).values(row))


def _mine(uow: UnitOfWork, table: Any) -> list[Any]:
    conditions = [table.c.tenant_id == uow.scope.tenant_id.uuid]
    if uow.scope.party_id is not None:
        conditions.append(table.c.customer_id == uow.scope.party_id.uuid)
    return conditions


def _receipt(row: Row[Any]) -> Receipt:
    return Receipt(
        id=ReceiptId(row.id),
        customer_id=PartyId(row.customer_id),
        amount=Money(row.amount_minor, Currency.of(row.currency)),
        method=Method(row.method),
        reference=row.reference,
        received_on=row.received_on,
        account_id=AccountId(row.account_id),
        entry_id=EntryId(row.entry_id),
        payment_id=PaymentId(row.payment_id) if row.payment_id else None,
        created_at=row.created_at,
    )


def _note(row: Row[Any]) -> CreditNote:
    return CreditNote(
        id=CreditNoteId(row.id),
        invoice_id=InvoiceId(row.invoice_id),
        customer_id=PartyId(row.customer_id),
        currency=Currency.of(row.currency),
        account_id=AccountId(row.account_id),
        entry_id=EntryId(row.entry_id),
        **{name: getattr(row, name) for name in _NOTE},
    )


_SOURCES: dict[SourceKind, Callable[[UUID], SourceId]] = {
    SourceKind.RECEIPT: ReceiptId,
    SourceKind.CREDIT_NOTE: CreditNoteId,
    SourceKind.DEPOSIT: InvoiceId,
}


def _allocation(row: Row[Any]) -> Allocation:
    kind = SourceKind(row.source_kind)
    return Allocation(
        id=AllocationId(row.id),
        source_kind=kind,
        source_id=_SOURCES[kind](row.source_id),
        invoice_id=InvoiceId(row.invoice_id),
        amount_minor=row.amount_minor,
        entry_id=EntryId(row.entry_id),
        allocated_on=row.allocated_on,
        created_at=row.created_at,
    )
