"""A credit note as its customer reads it: the lines it takes back, at what they were charged."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from specie import parties
from specie.billing import crediting, paid_store, store
from specie.billing.document import Charged, day_words, sheet, written
from specie.billing.errors import CreditNoteMissing
from specie.billing.heading import letterhead_on
from specie.billing.invoicing import get
from specie.billing.model import CreditNote, CreditNoteId, Invoice, InvoiceId, Letterhead, Line
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing


@dataclass(frozen=True, slots=True)
class CreditDocument:
    """Everything that stands on a credit note."""

    note: CreditNote
    invoice: Invoice
    head: Letterhead
    charged: Charged


async def read(uow: UnitOfWork, ring: KeyRing, note_id: CreditNoteId) -> CreditDocument:
    """A credit note with all that stands on it. Raises CreditNoteMissing."""
    note = await paid_store.note_by_id(uow, note_id)
    if note is None:
        raise CreditNoteMissing(f"there is no credit note {note_id}")
    invoice = await get(uow, note.invoice_id)
    taken = await paid_store.taken_by(uow, note_id)
    charged = Charged(
        to=await parties.addressee_on(uow, ring, note.customer_id, crediting.TABLE, str(note_id), note.billed_to),
        currency=note.currency,
        includes_tax=invoice.includes_tax,
        reference=invoice.reference,
        note=note.reason,
        lines=[_part(line, taken) for line in await store.lines_of(uow, invoice.id) if line.n in taken],
        taxes=await store.taxes_of(uow, note_id),
        net_minor=note.net_minor,
        total_minor=note.total_minor,
    )
    return CreditDocument(note, invoice, await letterhead_on(uow, note.letterhead), charged)


async def read_numbered(uow: UnitOfWork, ring: KeyRing, invoice_id: InvoiceId, number: str) -> CreditDocument:
    """The credit note of an invoice with this number. Raises CreditNoteMissing."""
    for note in await paid_store.notes_of(uow, invoice_id):
        if note.number == number:
            return await read(uow, ring, note.id)
    raise CreditNoteMissing("there is no such credit note of this invoice")


def told(document: CreditDocument) -> dict[str, Any]:
    """The words of a credit note, all as text, in the order of its lines."""
    note = document.note
    return sheet(document.head, document.charged) | {
        "kind": "Credit note",
        "number": note.number,
        "to": "Credited to",
        "facts": [
            ("Issued", day_words(note.issued_on)),
            ("For invoice", document.invoice.name),
            ("Credited", written(note.total_minor, note.currency)),
        ],
    }


def _part(line: Line, taken: Mapping[int, tuple[Decimal, int]]) -> Line:
    quantity, net_minor = taken[line.n]
    return replace(line, quantity=quantity, net_minor=net_minor)
