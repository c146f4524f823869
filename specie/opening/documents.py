"""Open invoices and bills of an opening position: which are known already, and how their modules take them in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from specie import billing, payables
from specie.billing import InvoiceId
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PrefixedId
from specie.kernel.money import Money
from specie.ledger import JournalEntry
from specie.opening.model import DocumentPlace, Kind
from specie.payables import BillId
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document, how much of it is open, and what is kept with its entry."""

    place: DocumentPlace
    open: Money
    about: Mapping[str, Any]


def new_id(kind: Kind) -> tuple[PrefixedId, str]:
    """An id for a document of this kind, and the code of the account that will say what is open of it."""
    if kind is Kind.BILL:
        bill_id = BillId.new()
        return bill_id, payables.owed_code(bill_id)
    invoice_id = InvoiceId.new()
    return invoice_id, billing.receivable_code(invoice_id)


async def known(uow: UnitOfWork, places: Sequence[DocumentPlace]) -> set[tuple[str, str]]:
    """The keys of those of these documents that are here already."""
    asked = {kind: {(each.party_id, each.number_key) for each in places if each.kind is kind} for kind in Kind}
    found = {
        Kind.INVOICE: await billing.known_numbers(uow, asked[Kind.INVOICE]),
        Kind.BILL: await payables.known_numbers(uow, asked[Kind.BILL]),
    }
    return {each.key for each in places if (each.party_id, each.number_key) in found[each.kind]}


def known_words(place: DocumentPlace) -> str:
    """Why a document that is here already does not come in, and what corrects it."""
    return f"{place.kind} {place.number} of this party is here; to correct it, reverse the entry that brought it in"


async def bring(
    uow: UnitOfWork, documents: Sequence[OpenDocument], day: date, approver: str | None
) -> list[tuple[OpenDocument, JournalEntry | SpecieError]]:
    """Post what was open at the beginning of a day; each with its entry, or why there is none."""
    invoices = [each for each in documents if each.place.kind is Kind.INVOICE]
    bills = [each for each in documents if each.place.kind is Kind.BILL]
    posted = await billing.bring_in(uow, [_invoice(each) for each in invoices], day, approver)
    posted += await payables.bring_in(uow, [_bill(each) for each in bills], day, approver)
    return list(zip([*invoices, *bills], posted, strict=True))


def _invoice(of: OpenDocument) -> billing.BringIn:
    place = of.place
    return billing.BringIn(
        id=InvoiceId(place.document_id.uuid),
        customer_id=place.party_id,
        number=place.number,
        issued_on=place.issued_on,
        due_on=place.due_on,
        open=of.open,
        total=place.total,
        note=place.note,
        about=of.about,
    )


def _bill(of: OpenDocument) -> payables.BringIn:
    place = of.place
    return payables.BringIn(
        id=BillId(place.document_id.uuid),
        supplier_id=place.party_id,
        their_number=place.number,
        billed_on=place.issued_on,
        due_on=place.due_on,
        owed=of.open,
        total=place.total,
        note=place.note,
        about=of.about,
    )
