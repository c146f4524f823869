"""A quote as its customer sees it: a page without a script behind a random address, its PDF, and the answer."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from specie import billing
from specie.kernel.ids import RequestId
from specie.kernel.scope import Mode, Scope
from specie.platform.db import Database, UnitOfWork
from specie.sales import document, quoting, store
from specie.sales.document import Document
from specie.sales.errors import QuoteCannotMove, QuoteChanged, QuoteExpired
from specie.sales.model import Quote, QuoteId, QuoteState

pages = APIRouter(include_in_schema=False)

_MAX_TOKEN = 100
_STATES = {
    "draft": "Being revised",
    "sent": "Awaits your answer",
    "accepted": "Accepted",
    "declined": "Declined",
    "expired": "No longer valid",
}
_template = billing.template_of("specie.sales", "quote.html")


@pages.get("/quote/{token}")
async def show_page(token: str, request: Request) -> Response:
    """The quote as it was sent last."""
    found = await _visit(request, token)
    return await _page(request, found)


@pages.post("/quote/{token}/accept")
async def accept(
    token: str,
    request: Request,
    version: Annotated[int, Form()],
    name: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    """Accept the version that was read; once accepted, pressing again changes nothing."""
    said = name.replace("\x00", "").strip()
    found = await _visit(request, token)
    if found is not None and not said:
        return await _page(request, found, status=422, fault="Write your name to accept.")

    async def work(uow: UnitOfWork, quote_id: QuoteId) -> Quote:
        return await quoting.accept(uow, request.app.state.services["vault"], quote_id, version, said)

    return await _answer(request, token, found, work)


@pages.post("/quote/{token}/decline")
async def decline(
    token: str,
    request: Request,
    version: Annotated[int, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Decline the version that was read."""
    found = await _visit(request, token)
    said = reason.replace("\x00", "").strip()

    async def work(uow: UnitOfWork, quote_id: QuoteId) -> Quote:
        return await quoting.decline(uow, request.app.state.services["vault"], quote_id, version, said)

    return await _answer(request, token, found, work)


@pages.get("/quote/{token}/pdf")
async def download(token: str, request: Request) -> Response:
    """The quote as PDF."""
    found = await _visit(request, token)
    read = await _read(request, *found) if found else None
    if read is None:
        return await _page(request, None)
    return await billing.pdf_answer(document.told(read), read.head.colour)


_Visit = tuple[Scope, QuoteId]


async def _answer(
    request: Request, token: str, found: _Visit | None, work: Callable[[UnitOfWork, QuoteId], Awaitable[Quote]]
) -> Response:
    if found is None:
        return await _page(request, None)
    scope, quote_id = found
    db: Database = request.app.state.db
    try:
        await db.run(scope, lambda uow: work(uow, quote_id), label="sales.page.answer")
    except (QuoteCannotMove, QuoteExpired):
        # Somebody answered before, or its day has passed: the page says how the quote stands.
        pass
    except QuoteChanged:
        return await _page(request, found, status=409, fault="The quote has changed since you read it.")
    return RedirectResponse(f"/quote/{token}", 303, headers={"Cache-Control": "no-store"})


async def _visit(request: Request, token: str) -> _Visit | None:
    db: Database = request.app.state.db
    if not token.isascii() or len(token) > _MAX_TOKEN:
        return None
    found = await db.run(None, lambda uow: store.owner_of_token(uow, billing.digest(token)), label="sales.page.find")
    if found is None:
        return None
    tenant_id, quote_id = found
    scope: Scope = await request.app.state.services["scope_for_job"](tenant_id, "quote_page", RequestId.new())
    return scope, quote_id


async def _read(request: Request, scope: Scope, quote_id: QuoteId) -> Document | None:
    """The quote as it was sent last; None for one that never was, which is nobody's to read."""
    db: Database = request.app.state.db
    ring = request.app.state.services["vault"]
    read = await db.run(scope, lambda uow: document.read(uow, ring, quote_id, sent=True), label="sales.page")
    return read if read.quote.sent_version is not None else None


async def _page(request: Request, found: _Visit | None, *, status: int = 200, fault: str = "") -> Response:
    read = await _read(request, *found) if found else None
    return billing.public_page(
        _template,
        document.told(read) if read else None,
        read.head.colour if read else None,
        status=status if read else 404,
        path=f"/quote/{request.path_params['token']}",
        states=_STATES,
        is_test=found is not None and found[0].mode is Mode.SANDBOX,
        is_answerable=read is not None and read.is_answerable,
        is_revised=read is not None and read.state is QuoteState.DRAFT,
        fault=fault,
    )
