"""An invoice as its customer sees it: a page without a script behind a random address, its PDF, and the way to pay."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from specie import payments
from specie.billing import collecting, document, store
from specie.billing.document import Document
from specie.billing.errors import NothingToPay
from specie.billing.invoicing import digest
from specie.billing.model import InvoiceId
from specie.billing.pdf import printed
from specie.kernel.ids import RequestId
from specie.kernel.scope import Mode, Scope
from specie.platform.db import Database, UnitOfWork

pages = APIRouter(include_in_schema=False)

_MAX_TOKEN = 100
_YEAR = 365 * 24 * 3600
_STATES = {
    "issued": "Open",
    "part_paid": "Part paid",
    "paid": "Paid",
    "void": "Cancelled",
    "overdue": "Overdue",
}
_templates = Environment(
    loader=PackageLoader("specie.billing"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@pages.get("/invoice-assets/invoice.css")
async def stylesheet() -> Response:
    """How the page looks; its address changes with its content, so browsers may keep it."""
    headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(_css(), headers=headers, media_type="text/css")


@pages.get("/invoice/{token}")
async def show_page(token: str, request: Request) -> Response:
    """The invoice as it stands now."""
    found = await _visit(request, token)
    if found is None:
        return _page(request, 404, None, is_test=False)
    scope, invoice_id = found
    return _page(request, 200, await _read(request, scope, invoice_id), is_test=scope.mode is Mode.SANDBOX)


@pages.post("/invoice/{token}/pay")
async def pay(token: str, request: Request) -> Response:
    """Go to the hosted page on which what is open is paid; pressing twice leads to the same one."""
    found = await _visit(request, token)
    if found is None:
        return _page(request, 404, None, is_test=False)
    scope, invoice_id = found
    db: Database = request.app.state.db

    async def work(uow: UnitOfWork) -> str | None:
        payment = await collecting.request_payment(uow, request.app.state.services["vault"], invoice_id)
        return await payments.checkout_path(uow, payment)

    try:
        path = await db.run(scope, work, label="billing.page.pay")
    except NothingToPay:
        path = None
    # Nothing to pay any more: the page says how the invoice stands.
    return RedirectResponse(path or f"/invoice/{token}", 303, headers={"Cache-Control": "no-store"})


@pages.get("/invoice/{token}/pdf")
async def download(token: str, request: Request) -> Response:
    """The invoice as PDF."""
    found = await _visit(request, token)
    if found is None:
        return _page(request, 404, None, is_test=False)
    return await pdf_of(await _read(request, *found))


async def pdf_of(read: Document) -> Response:
    """The answer that carries an invoice as PDF."""
    return await pdf_answer(document.told(read), read.colour)


async def pdf_answer(told: dict[str, Any], colour: str) -> Response:
    """The answer that carries a document's words as PDF."""
    content = await asyncio.to_thread(printed, told, colour)
    headers = {
        "Content-Disposition": f'inline; filename="{told["number"]}.pdf"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, headers=headers, media_type="application/pdf")


async def _visit(request: Request, token: str) -> tuple[Scope, InvoiceId] | None:
    db: Database = request.app.state.db
    if not token.isascii() or len(token) > _MAX_TOKEN:
        return None
    found = await db.run(None, lambda uow: store.owner_of_token(uow, digest(token)), label="billing.page.find")
    if found is None:
        return None
    tenant_id, invoice_id = found
    return await request.app.state.services["scope_for_job"](tenant_id, "invoice_page", RequestId.new()), invoice_id


async def _read(request: Request, scope: Scope, invoice_id: InvoiceId) -> Document:
    db: Database = request.app.state.db
    ring = request.app.state.services["vault"]
    return await db.run(scope, lambda uow: document.read(uow, ring, invoice_id), label="billing.page")


def _page(request: Request, status: int, read: Document | None, *, is_test: bool) -> Response:
    nonce, colour = secrets.token_urlsafe(16), read.colour if read else "#1f4fd8"
    html = _templates.get_template("invoice.html").render(
        d=document.told(read) if read else None,
        is_open=read is not None and read.is_open,
        states=_STATES,
        path=request.url.path,
        nonce=nonce,
        colour=colour,
        ink=ink_on(colour),
        stylesheet=stylesheet_path(),
        is_test=is_test,
    )
    return HTMLResponse(html, status, headers=page_headers(nonce))


def page_headers(nonce: str) -> Mapping[str, str]:
    """What a public page may load and where its forms lead."""
    # A form's answer leads on to the checkout, which is on this origin as well.
    policy = (
        f"default-src 'none'; style-src 'self' 'nonce-{nonce}'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour (relative luminance in whole per mille)."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#111827" if 299 * red + 587 * green + 114 * blue > 150_000 else "#ffffff"


def stylesheet_path() -> str:
    """The address of how public documents look; it changes with its content."""
    return f"/invoice-assets/invoice.css?v={hashlib.sha256(_css()).hexdigest()[:12]}"


@cache
def _css() -> bytes:
    return files("specie.billing").joinpath("static", "invoice.css").read_bytes()
