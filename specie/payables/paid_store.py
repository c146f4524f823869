"""The SQL of payments made, debit notes, what they paid, and what was owed on a day."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select

from specie import ledger
from specie.billing import OpenDocument, documents_of
from specie.kernel.ids import AccountId, EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.payables import payout_store, tables
from specie.payables.model import (
    Allocation,
    BillId,
    BillLine,
    DebitNote,
    DebitNoteId,
    Payment,
    Source,
    SourceKind,
    SupplierPaymentId,
)
from specie.payables.payout_model import PayoutShare, SupplierPayout, WayState
from specie.payables.postings import PAYABLE
from specie.payables.store import insert_lines
from specie.platform.db import UnitOfWork


async def insert_payment(uow: UnitOfWork, made: Payment) -> None:
    """Add a payment made."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": made.id.uuid,
        "supplier_id": made.supplier_id.uuid,
        "currency": made.amount.currency.code,
        "amount_minor": made.amount.minor,
        "account_id": made.account_id.uuid,
        "entry_id": made.entry_id.uuid,
        **{name: getattr(made, name) for name in _PAYMENT},
    }
    await uow.execute(insert(tables.payment).values(row))


_PAYMENT = ("method", "reference", "paid_on", "created_at")


async def payments(uow: UnitOfWork, supplier_id: PartyId | None, before: UUID | None, limit: int) -> Page[Payment]:
    """Payments made, newest first."""
    p = tables.payment.c
    query = select(tables.payment).where(p.tenant_id == uow.scope.tenant_id.uuid)
    if supplier_id is not None:
        query = query.where(p.supplier_id == supplier_id.uuid)
    if before is not None:
        query = query.where(p.id < before)
    rows = (await uow.execute(query.order_by(p.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_payment)


async def insert_note(uow: UnitOfWork, note: DebitNote, lines: Sequence[BillLine], order_id: Any) -> None:
    """Add a debit note with its lines."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": note.id.uuid,
        "bill_id": note.bill_id.uuid,
        "supplier_id": note.supplier_id.uuid,
        "currency": note.currency.code,
        "account_id": note.account_id.uuid,
        "entry_id": note.entry_id.uuid,
        **{name: getattr(note, name) for name in _NOTE},
    }
    await uow.execute(insert(tables.debit_note).values(row))
    await insert_lines(uow, note.id, order_id, lines)


_NOTE = ("number", "n", "reason", "issued_on", "net_minor", "tax_minor", "created_at")


async def notes_of(uow: UnitOfWork, bill_id: BillId) -> list[DebitNote]:
    """The debit notes of a bill, oldest first."""
    d = tables.debit_note.c
    query = select(tables.debit_note).where(d.tenant_id == uow.scope.tenant_id.uuid, d.bill_id == bill_id.uuid)
    return [_note(row) for row in await uow.execute(query.order_by(d.id))]


async def debited(uow: UnitOfWork, bill_id: BillId) -> dict[int, Decimal]:
    """How much of each line of a bill was taken back, by the line's number."""
    one, d = tables.line.c, tables.debit_note.c
    query = (
        select(one.n, func.sum(one.quantity).label("quantity"))
        .join_from(tables.line, tables.debit_note, (d.tenant_id == one.tenant_id) & (d.id == one.document_id))
        .where(d.tenant_id == uow.scope.tenant_id.uuid, d.bill_id == bill_id.uuid)
    )
    return {row.n: row.quantity.normalize() for row in await uow.execute(query.group_by(one.n))}


async def insert_allocation(uow: UnitOfWork, made: Allocation) -> None:
    """Remember what was paid with what."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "entry_id": made.entry_id.uuid,
        "source_kind": made.source_kind.value,
        "source_id": made.source_id.uuid,
        "bill_id": made.bill_id.uuid,
        "amount_minor": made.amount_minor,
        "allocated_on": made.allocated_on,
    }
    await uow.execute(insert(tables.allocation).values(row))


async def allocations_to(uow: UnitOfWork, bill_id: BillId) -> list[Allocation]:
    """What paid a bill, oldest first: what was allocated to it, and payouts that reached the supplier."""
    a = tables.allocation.c
    query = select(tables.allocation).where(a.tenant_id == uow.scope.tenant_id.uuid, a.bill_id == bill_id.uuid)
    found = [_allocation(row) for row in await uow.execute(query)]
    for made in await payout_store.of_bill(uow, bill_id):
        if made.state is WayState.PAID:
            found += [_paid_out(made, share) for share in made.shares if share.bill_id == bill_id]
    return sorted(found, key=lambda each: each.entry_id.uuid)


def _paid_out(made: SupplierPayout, share: PayoutShare) -> Allocation:
    day = made.ended_on or made.asked_on
    return Allocation(share.entry_id, SourceKind.PAYOUT, made.id, share.bill_id, share.amount_minor, day)


async def paid_minor(uow: UnitOfWork, bill_id: BillId) -> int:
    """How much of a bill was paid, in minor units, be it with what another bill left; the rest was taken back of it."""
    own = {note.id for note in await notes_of(uow, bill_id)}
    return sum(each.amount_minor for each in await allocations_to(uow, bill_id) if each.source_id not in own)


async def sources_of(uow: UnitOfWork, supplier_id: PartyId, currency: Currency) -> list[Source]:
    """Everything a supplier was paid or was debited in a currency, oldest first; most of it is used up."""
    found: list[Source] = []
    for table, read in ((tables.debit_note, _note_source), (tables.payment, _payment_source)):
        query = select(table).where(
            table.c.tenant_id == uow.scope.tenant_id.uuid,
            table.c.supplier_id == supplier_id.uuid,
            table.c.currency == currency.code,
        )
        found += [read(row) for row in await uow.execute(query.order_by(table.c.id))]
    return found


def _note_source(row: Row[Any]) -> Source:
    return source_of_note(_note(row))


def _payment_source(row: Row[Any]) -> Source:
    return source_of_payment(_payment(row))


def source_of_note(note: DebitNote) -> Source:
    """A debit note as what pays a bill."""
    name = f"Debit note {note.number}"
    return Source(SourceKind.DEBIT_NOTE, note.id, note.supplier_id, note.currency, note.account_id, name)


def source_of_payment(made: Payment) -> Source:
    """A payment made as what pays a bill."""
    name = f"Payment {made.reference}".strip()
    return Source(SourceKind.PAYMENT, made.id, made.supplier_id, made.amount.currency, made.account_id, name)


async def owed_on(uow: UnitOfWork, currency: Currency, day: date) -> tuple[list[OpenDocument], int]:
    """Bills owed at the end of a business date, the longest due first, and what all their accounts held."""
    leaf = ledger.leaves(uow, PAYABLE, currency, day)
    return await documents_of(uow, leaf, tables.bill, "supplier_id", BillId, sign=-1)


def _payment(row: Row[Any]) -> Payment:
    return Payment(
        id=SupplierPaymentId(row.id),
        supplier_id=PartyId(row.supplier_id),
        amount=Money(row.amount_minor, Currency.of(row.currency)),
        account_id=AccountId(row.account_id),
        entry_id=EntryId(row.entry_id),
        **{name: getattr(row, name) for name in _PAYMENT},
    )


def _note(row: Row[Any]) -> DebitNote:
    return DebitNote(
        id=DebitNoteId(row.id),
        bill_id=BillId(row.bill_id),
        supplier_id=PartyId(row.supplier_id),
        currency=Currency.of(row.currency),
        account_id=AccountId(row.account_id),
        entry_id=EntryId(row.entry_id),
        **{name: getattr(row, name) for name in _NOTE},
    )


_SOURCES: dict[SourceKind, Callable[[UUID], SupplierPaymentId | DebitNoteId]] = {
    SourceKind.PAYMENT: SupplierPaymentId,
    SourceKind.DEBIT_NOTE: DebitNoteId,
}


def _allocation(row: Row[Any]) -> Allocation:
    kind = SourceKind(row.source_kind)
    return Allocation(
        entry_id=EntryId(row.entry_id),
        source_kind=kind,
        source_id=_SOURCES[kind](row.source_id),
        bill_id=BillId(row.bill_id),
        amount_minor=row.amount_minor,
        allocated_on=row.allocated_on,
    )
