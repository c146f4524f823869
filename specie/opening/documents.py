"""Open invoices and bills of an opening position: which are known already, and how their modules take them in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from specie import billing
from specie.billing import InvoiceId
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PrefixedId
from specie.kernel.money import Money
from specie.ledger import JournalEntry
from specie.opening.model import DocumentPlace
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document, how much of it is open, and what is kept with its entry."""

    place: DocumentPlace
    open: Money
    about: Mapping[str, Any]


def new_id() -> tuple[PrefixedId, str]:
    """An id for a document, and the code of the account that will say what is open of it."""
    invoice_id = InvoiceId.new()
    return invoice_id, billing.receivable_code(invoice_id)


async def known(uow: UnitOfWork, places: Sequence[DocumentPlace]) -> set[tuple[str, str]]:
    """The keys of those of these documents that are here already."""
    found = await billing.known_numbers(uow, {(each.party_id, each.number_key) for each in places})
    return {each.key for each in places if (each.party_id, each.number_key) in found}


def known_words(place: DocumentPlace) -> str:
    """Why a document that is here already does not come in, and what corrects it."""
    return f"{place.kind} {place.number} of this party is here; to correct it, reverse the entry that brought it in"


async def bring(
    uow: UnitOfWork, documents: Sequence[OpenDocument], day: date, approver: str | None
) -> list[JournalEntry | SpecieError]:
    """Post what was open at the beginning of a day; the entry of each, or why there is none."""
    return await billing.bring_in(uow, [_invoice(each) for each in documents], day, approver)


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
