"""The portal as its customer sees it: a page without a script behind a random address."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from specie import billing, identity, payments
from specie.billing import InvoiceId
from specie.kernel.ids import InvalidId, PartyId, RequestId
from specie.kernel.money import Currency, UnknownCurrency
from specie.kernel.scope import Mode, Scope
from specie.platform.db import Database, UnitOfWork
from specie.portal import service, store, words
from specie.portal.errors import PortalMissing
from specie.portal.model import Overview

pages = APIRouter(include_in_schema=False)

_MAX_TOKEN = 100
_STATES = {
    "issued": "Open",
    "part_paid": "Part paid",
    "paid": "Paid",
    "void": "Cancelled",
    "overdue": "Overdue",
}
_template = billing.template_of("specie.portal", "portal.html")


_Visit = tuple[Scope, PartyId]


@pages.get("/portal/{token}")
async def show_page(token: str, request: Request, before: str = "") -> Response:
    """What the customer owes, is offered and has paid; `before`: from which invoice on older ones are listed."""
    found = await _visit(request, token)
    return await _page(request, token, found, before)


@pages.post("/portal/{token}/pay")
async def pay(token: str, request: Request, currency: Annotated[str, Form(max_length=3)]) -> Response:
    """Go to the hosted page on which all that is open in a currency is paid; pressing twice leads to the same one."""
    found = await _visit(request, token)
    if found is None:
        return await _page(request, token, None, "")
    scope, customer_id = found
    db: Database = request.app.state.db

    async def work(uow: UnitOfWork) -> str | None:
        ring = request.app.state.services["vault"]
        payment = await billing.request_all(uow, ring, customer_id, Currency.of(currency))
        return await payments.checkout_path(uow, payment)

    try:
        path = await db.run(scope, work, label="portal.page.pay")
    except (billing.NothingToPay, UnknownCurrency):
        path = None
    # Nothing to pay any more: the page says how things stand.
    return RedirectResponse(path or f"/portal/{token}", 303, headers={"Cache-Control": "no-store"})


async def _visit(request: Request, token: str) -> _Visit | None:
    db: Database = request.app.state.db
    if not token.isascii() or len(token) > _MAX_TOKEN:
        return None
    found = await db.run(None, lambda uow: store.owner_of_token(uow, billing.digest(token)), label="portal.page.find")
    if found is None:
        return None
    tenant_id, customer_id = found
    scope: Scope = await request.app.state.services["scope_for_job"](tenant_id, "portal_page", RequestId.new())
    return scope, customer_id


async def _page(request: Request, token: str, found: _Visit | None, before: str) -> Response:
    read = await _read(request, found, _before(before)) if found else None
    return billing.public_page(
        _template,
        words.told(read) if read else None,
        read.head.colour if read else None,
        status=200 if read else 404,
        path=f"/portal/{token}",
        states=_STATES,
        is_test=found is not None and found[0].mode is Mode.SANDBOX,
        is_first=not before,
    )


def _before(text: str) -> UUID | None:
    # What is no invoice's id is somebody's typing: the page then begins at the newest.
    try:
        return InvoiceId.parse(text).uuid if text else None
    except InvalidId:
        return None


async def _read(request: Request, found: _Visit, before: UUID | None) -> Overview | None:
    """What the customer may see: it reads what is its own, whatever is asked for."""
    scope, customer_id = found
    db: Database = request.app.state.db
    ring = request.app.state.services["vault"]
    own = identity.limited_to(scope, customer_id)
    try:
        return await db.run(own, lambda uow: service.overview(uow, ring, before), label="portal.page")
    except PortalMissing:
        # It was withdrawn while it was being opened.
        return None
