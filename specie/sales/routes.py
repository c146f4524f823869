"""Quotes over HTTP."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import billing, catalogue, crm, parties
from specie.kernel.ids import PartyId
from specie.kernel.money import AmountOutOfRange
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, SearchText, id_text
from specie.sales import document, errors, looks, mailing, ordering, quoting, store
from specie.sales.model import QuoteId
from specie.sales.schemas import (
    SalesOrderDetail,
    SalesQuoteAcceptIn,
    SalesQuoteDeclineIn,
    SalesQuoteDetail,
    SalesQuoteIn,
    SalesQuoteOut,
    SalesQuoteVersionIn,
)
from specie.sales.store import SalesFilter

router = ApiRouter(prefix="/quotes", tags=["Sales"])

Limit = Annotated[int, Query(ge=1, le=100)]
State = Literal["draft", "sent", "accepted", "declined", "expired"]
LINES = (
    *(billing.LineInvalid, catalogue.LineUnfit, AmountOutOfRange, catalogue.ProductMissing),
    *(catalogue.TaxRateMissing, catalogue.TaxRateArchived),
)
_MOVES = (errors.QuoteMissing, errors.QuoteCannotMove)
_ANSWERS = (*_MOVES, errors.QuoteChanged, errors.QuoteExpired)


def _id(quote_id: str) -> QuoteId:
    return id_text(QuoteId, quote_id, "quote_id")


@router.get("", response_model=ListOf[SalesQuoteOut])
async def list_quotes(
    edge: Edge = requires(Permission.BILLING_READ),
    state: State | None = None,
    customer_id: str | None = None,
    q: SearchText | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Quotes, newest first; a customer sees its own once they were sent."""
    key = edge.cursor("quotes", cursor)
    customer = id_text(PartyId, customer_id, "customer_id") if customer_id else None

    async def read(uow: UnitOfWork) -> Page[SalesQuoteOut]:
        page = await store.quotes(uow, SalesFilter(state, customer, q), UUID(key[0]) if key else None, limit)
        return Page(await looks.quotes(uow, edge.service("vault"), page.items), page.next_key)

    return edge.page("quotes", await edge.read(read), lambda shown: shown)


@router.post("", status_code=201, response_model=SalesQuoteDetail)
@refuses(*LINES, parties.PartyMissing, crm.OpportunityMissing, errors.QuoteUnfit)
async def draft_quote(body: SalesQuoteIn, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Write a quote that its customer does not see yet."""
    to, command = body.offered(), body.command()

    async def work(uow: UnitOfWork) -> SalesQuoteDetail:
        made = await quoting.draft(uow, edge.service("vault"), to, command)
        return await looks.quote(uow, edge.service("vault"), made.id)

    return await edge.write(work, lambda shown: shown, status=201)


@router.get("/{quote_id}", response_model=SalesQuoteDetail)
@refuses(errors.QuoteMissing)
async def show_quote(quote_id: str, edge: Edge = requires(Permission.BILLING_READ)) -> SalesQuoteDetail:
    """One quote with every version."""
    wanted = _id(quote_id)
    return await edge.read(lambda uow: looks.quote(uow, edge.service("vault"), wanted))


@router.put("/{quote_id}", response_model=SalesQuoteDetail)
@refuses(*_MOVES, *LINES, errors.QuoteUnfit)
async def change_quote(
    quote_id: str, body: SalesQuoteVersionIn, edge: Edge = requires(Permission.BILLING_WRITE)
) -> Response:
    """Give a quote a new version; the earlier ones stay readable, and the new one has to be sent."""
    wanted, command = _id(quote_id), body.command()

    async def work(uow: UnitOfWork) -> SalesQuoteDetail:
        await quoting.change(uow, wanted, command)
        return await looks.quote(uow, edge.service("vault"), wanted)

    return await edge.write(work, lambda shown: shown)


@router.get("/{quote_id}/pdf", response_class=Response)
@refuses(errors.QuoteMissing)
async def print_quote(quote_id: str, edge: Edge = requires(Permission.BILLING_READ)) -> Response:
    """The newest version as PDF, a draft as well."""
    wanted = _id(quote_id)
    read = await edge.read(lambda uow: document.read(uow, edge.service("vault"), wanted))
    return await billing.pdf_answer(document.told(read), read.head.colour)


@router.post("/{quote_id}/send", response_model=SalesQuoteDetail)
@refuses(*_MOVES, errors.QuoteEmpty, errors.QuoteUnfit)
async def send_quote(quote_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Let the customer answer the newest version at its public address."""
    wanted = _id(quote_id)

    async def work(uow: UnitOfWork) -> SalesQuoteDetail:
        await quoting.send(uow, edge.service("vault"), wanted)
        return await looks.quote(uow, edge.service("vault"), wanted)

    return await edge.write(work, lambda shown: shown)


@router.post("/{quote_id}/accept", response_model=SalesQuoteDetail)
@refuses(*_ANSWERS)
async def accept_quote(
    quote_id: str, body: SalesQuoteAcceptIn, edge: Edge = requires(Permission.BILLING_WRITE)
) -> Response:
    """Note that the customer accepted; a deal the quote belongs to is won."""
    wanted = _id(quote_id)

    async def work(uow: UnitOfWork) -> SalesQuoteDetail:
        await quoting.accept(uow, edge.service("vault"), wanted, body.version, body.name)
        return await looks.quote(uow, edge.service("vault"), wanted)

    return await edge.write(work, lambda shown: shown)


@router.post("/{quote_id}/decline", response_model=SalesQuoteDetail)
@refuses(*_ANSWERS)
async def decline_quote(
    quote_id: str, body: SalesQuoteDeclineIn, edge: Edge = requires(Permission.BILLING_WRITE)
) -> Response:
    """Note that the customer declined."""
    wanted = _id(quote_id)

    async def work(uow: UnitOfWork) -> SalesQuoteDetail:
        await quoting.decline(uow, edge.service("vault"), wanted, body.version, body.reason)
        return await looks.quote(uow, edge.service("vault"), wanted)

    return await edge.write(work, lambda shown: shown)


@router.post("/{quote_id}/mail", status_code=202, response_model=billing.LetterOut)
@refuses(*_MOVES, billing.NoAddress, billing.TooManyLetters)
async def mail_quote(quote_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Send the quote to its customer's mail address, with the PDF and the way to answer."""
    wanted = _id(quote_id)
    return await edge.write(
        lambda uow: mailing.mail_quote(uow, edge.service("vault"), wanted), billing.LetterOut.of, status=202
    )


@router.get("/{quote_id}/mail", response_model=list[billing.LetterOut])
@refuses(errors.QuoteMissing)
async def show_quote_letters(quote_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> list[billing.LetterOut]:
    """The mails with a quote, oldest first."""
    wanted = _id(quote_id)

    async def read(uow: UnitOfWork) -> list[billing.Letter]:
        await quoting.get(uow, wanted)
        return await billing.letters_of(uow, wanted.uuid)

    found = await edge.read(read)
    return [billing.LetterOut.of(each) for each in found]


@router.post("/{quote_id}/order", response_model=SalesOrderDetail)
@refuses(*_MOVES, *LINES, errors.QuoteEmpty, parties.PartyMissing)
async def order_quote(quote_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """The order of an accepted quote, made the first time and given again afterwards."""
    wanted = _id(quote_id)

    async def work(uow: UnitOfWork) -> SalesOrderDetail:
        made = await ordering.from_quote(uow, wanted)
        return await looks.order(uow, edge.service("vault"), made.id)

    return await edge.write(work, lambda shown: shown)
