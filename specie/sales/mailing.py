"""Quotes sent to customers by mail."""

from uuid import UUID

from specie import billing
from specie.billing import Content, Letter, LetterKind
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.sales import document, quoting
from specie.sales.errors import QuoteCannotMove
from specie.sales.model import QuoteId, QuoteState


async def mail_quote(uow: UnitOfWork, ring: KeyRing, quote_id: QuoteId) -> Letter:
    """Send a quote that awaits its answer. Raises QuoteMissing, QuoteCannotMove or NoAddress."""
    quote = await quoting.get(uow, quote_id)
    if quote.state is not QuoteState.SENT:
        raise QuoteCannotMove(f"{quote.number} awaits no answer", state=quote.state.value)
    return await billing.request_letter(uow, ring, LetterKind.QUOTE, quote_id.uuid, quote.customer_id)


async def _quote(uow: UnitOfWork, ring: KeyRing, document_id: UUID) -> Content | None:
    read = await document.read(uow, ring, QuoteId(document_id), sent=True)
    if not read.is_answerable:
        return None
    told = document.told(read)
    return Content(
        told=told,
        colour=read.head.colour,
        subject=f"Quote {told['number']} from {told['seller']}",
        sentence=(
            f"here is our quote {told['number']} for {told['total']}, valid until {told['valid_until']}. "
            "It is attached; you can accept or decline it here:"
        ),
        path=f"/quote/{read.quote.token}",
    )


billing.compose_as(LetterKind.QUOTE, _quote)
