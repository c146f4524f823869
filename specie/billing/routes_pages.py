"""An invoice as its customer sees it: a page without a script behind a random address, its PDF, and the way to pay."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from specie import payments
from specie.billing import collecting, credit_document, document, store
from specie.billing.document import Document
from specie.billing.errors import CreditNoteMissing, NothingToPay
from specie.billing.invoicing import digest
from specie.billing.model import InvoiceId
from specie.billing.public import css, pdf_answer, public_page, template_of
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
_template = template_of("specie.billing", "invoice.html")


@pages.get("/invoice-assets/invoice.css")
async def stylesheet() -> Response:
    """How the page looks; its address changes with its content, so browsers may keep it."""
    headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(css(), headers=headers, media_type="text/css")


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


@pages.get("/invoice/{token}/credit-notes/{number}/pdf")
async def download_credit_note(token: str, number: str, request: Request) -> Response:
    """A credit note of the invoice as PDF."""
    found = await _visit(request, token)
    if found is None:
        return _page(request, 404, None, is_test=False)
    scope, invoice_id = found
    db: Database = request.app.state.db
    ring = request.app.state.services["vault"]
    try:
        read = await db.run(
            scope,
            lambda uow: credit_document.read_numbered(uow, ring, invoice_id, number),
            label="billing.page.credit_note",
        )
    except CreditNoteMissing:
        return _page(request, 404, None, is_test=False)
    return await pdf_answer(credit_document.told(read), read.head.colour)


async def pdf_of(read: Document) -> Response:
    """The answer that carries an invoice as PDF."""
    return await pdf_answer(document.told(read), read.colour)


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
    return public_page(
        _template,
        document.told(read) if read else None,
        read.colour if read else None,
        status=status,
        path=request.url.path,
        states=_STATES,
        is_test=is_test,
        is_open=read is not None and read.is_open,
    )
