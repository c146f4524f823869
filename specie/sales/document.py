"""A quote as its customer reads it, for the page and for the printed form."""

from dataclasses import dataclass
from typing import Any

from specie import billing, parties
from specie.billing import Charged, Letterhead, day_words, sheet, written
from specie.parties import Addressee
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.sales import quoting, store
from specie.sales.model import Quote, QuoteId, QuoteState, QuoteVersion
from specie.sales.quoting import Answer


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that stands on a quote. `is_past`: nobody answered while it was valid."""

    quote: Quote
    said: QuoteVersion
    head: Letterhead
    to: Addressee
    answer: Answer
    is_past: bool

    @property
    def state(self) -> QuoteState:
        """How it stands today, also before the job has come that ends it."""
        return QuoteState.EXPIRED if self.is_past else self.quote.state

    @property
    def is_answerable(self) -> bool:
        """Whether its customer may answer."""
        return self.state is QuoteState.SENT


async def read(uow: UnitOfWork, ring: KeyRing, quote_id: QuoteId, *, sent: bool = False) -> Document:
    """A quote with all that stands on it: its newest version, or the one its customer was sent. Raises QuoteMissing."""
    quote = await quoting.get(uow, quote_id)
    version = (quote.sent_version if sent else None) or quote.version
    is_sent = version == quote.sent_version
    kept = quote.offered_to if is_sent else b""
    return Document(
        quote=quote,
        said=await store.version_of(uow, quote_id, version),
        head=await billing.letterhead_on(uow, quote.letterhead if is_sent else None),
        to=await parties.addressee_on(uow, ring, quote.customer_id, quoting.TABLE, str(quote_id), kept),
        answer=(await quoting.answers(uow, ring, [quote]))[0],
        is_past=quote.state is QuoteState.SENT and quote.valid_until < uow.business_date,
    )


def told(document: Document) -> dict[str, Any]:
    """The words of a quote, all as text, in the order of its lines."""
    quote, said = document.quote, document.said
    charged = Charged(
        to=document.to,
        currency=quote.currency,
        includes_tax=said.includes_tax,
        reference=said.reference,
        note=said.note,
        lines=[each.line for each in said.lines],
        taxes=said.taxes,
        net_minor=said.net_minor,
        total_minor=said.total_minor,
    )
    until = day_words(said.valid_until)
    return sheet(document.head, charged) | {
        "kind": "Quote",
        "number": quote.number,
        "to": "Offered to",
        "facts": [
            ("Version", str(said.version)),
            ("Valid until", until),
            ("Total", written(said.total_minor, quote.currency)),
        ],
        "version": said.version,
        "valid_until": until,
        "state": document.state.value,
        "decided_by": document.answer.decided_by,
        "reason": document.answer.reason,
    }
