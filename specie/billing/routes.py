"""Invoices over HTTP: writing, issuing, crediting and reading them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import catalogue, ledger, parties, payments, stock
from specie.billing import (
    ageing,
    collecting,
    crediting,
    delivering,
    document,
    errors,
    figures,
    invoicing,
    looks,
    receiving,
    store,
)
from specie.billing.model import InvoiceId
from specie.billing.paid_schemas import AgesOut, CreditNoteIn, DeliveryIn, InvoiceDetail, IssueIn
from specie.billing.pay_schemas import PayLinkIn, PayLinkOut
from specie.billing.routes_pages import pdf_of
from specie.billing.schemas import (
    BillingProfile,
    FiguresOut,
    InvoiceIn,
    InvoiceOut,
    InvoicePreviewIn,
    InvoiceRef,
    drafts,
)
from specie.billing.store import InvoiceFilter
from specie.kernel.ids import PartyId
from specie.kernel.money import AmountOutOfRange, Currency
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import BusinessDay, CurrencyCode, ListOf, SearchText, id_text

router = ApiRouter(prefix="/billing", tags=["Billing"])

Limit = Annotated[int, Query(ge=1, le=100)]
State = Literal["draft", "issued", "part_paid", "paid", "void"]
_MOVES = (errors.InvoiceMissing, errors.InvoiceCannotMove)
_LINES = (
    *(errors.LineInvalid, catalogue.LineUnfit, AmountOutOfRange, catalogue.ProductMissing),
    *(catalogue.TaxRateMissing, catalogue.TaxRateArchived),
)
_STOCK = (stock.OutOfStock, stock.WarehouseMissing, stock.NotStocked, stock.MovementUnfit)
_SAYS = (*_LINES, parties.PartyMissing)


def _id(invoice_id: str) -> InvoiceId:
    return id_text(InvoiceId, invoice_id, "invoice_id")


@router.get("/invoices", response_model=ListOf[InvoiceOut])
async def list_invoices(
    edge: Edge = requires(Permission.BILLING_READ),
    state: State | None = None,
    customer_id: str | None = None,
    overdue: bool = False,
    q: SearchText | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Invoices, newest first, found by state, customer, number or reference; a customer sees its own once issued."""
    key = edge.cursor("invoices", cursor)
    customer = id_text(PartyId, customer_id, "customer_id") if customer_id else None

    async def read(uow: UnitOfWork) -> Page[InvoiceOut]:
        wanted = InvoiceFilter(state, customer, uow.business_date if overdue else None, q)
        page = await store.invoices(uow, wanted, UUID(key[0]) if key else None, limit)
        return Page(await looks.invoices(uow, edge.service("vault"), page.items), page.next_key)

    return edge.page("invoices", await edge.read(read), lambda shown: shown)


@router.post("/invoices", status_code=201, response_model=InvoiceDetail)
@refuses(*_SAYS)
async def draft_invoice(body: InvoiceIn, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Write an invoice that nobody owes yet."""
    command = body.command()

    async def work(uow: UnitOfWork) -> InvoiceDetail:
        made = await invoicing.draft(uow, command)
        return await looks.detail(uow, edge.service("vault"), made.id)

    return await edge.write(work, lambda shown: shown, status=201)


@router.post("/preview", response_model=FiguresOut)
@refuses(*_LINES)
async def preview_invoice(body: InvoicePreviewIn, edge: Edge = requires(Permission.BILLING_READ)) -> FiguresOut:
    """What lines come to, as an invoice of them would: net, each tax and total."""
    currency, lines = Currency.of(body.currency), drafts(body.lines, body.currency)

    customer = id_text(PartyId, body.customer_id, "customer_id") if body.customer_id else None

    async def read(uow: UnitOfWork) -> FiguresOut:
        found = await figures.figures_of(uow, lines, currency, includes_tax=body.includes_tax, customer_id=customer)
        return FiguresOut.of(found, body.currency)

    return await edge.read(read)


@router.get("/invoices/{invoice_id}", response_model=InvoiceDetail)
@refuses(errors.InvoiceMissing)
async def show_invoice(invoice_id: str, edge: Edge = requires(Permission.BILLING_READ)) -> InvoiceDetail:
    """One invoice with its lines, taxes, payments and credit notes."""
    wanted = _id(invoice_id)
    return await edge.read(lambda uow: looks.detail(uow, edge.service("vault"), wanted))


@router.get("/invoices/{invoice_id}/pdf", response_class=Response)
@refuses(errors.InvoiceMissing)
async def print_invoice(invoice_id: str, edge: Edge = requires(Permission.BILLING_READ)) -> Response:
    """The invoice as PDF, a draft as well."""
    wanted = _id(invoice_id)
    return await pdf_of(await edge.read(lambda uow: document.read(uow, edge.service("vault"), wanted)))


@router.put("/invoices/{invoice_id}", response_model=InvoiceDetail)
@refuses(*_MOVES, *_SAYS)
async def change_invoice(invoice_id: str, body: InvoiceIn, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Rewrite a draft; what has been issued is credited instead."""
    wanted, command = _id(invoice_id), body.command()

    async def work(uow: UnitOfWork) -> InvoiceDetail:
        await invoicing.change(uow, wanted, command)
        return await looks.detail(uow, edge.service("vault"), wanted)

    return await edge.write(work, lambda shown: shown)


@router.post("/invoices/{invoice_id}/discard", response_model=InvoiceRef)
@refuses(*_MOVES)
async def discard_invoice(invoice_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Throw a draft away; it never had a number."""
    wanted = _id(invoice_id)
    return await edge.write(lambda uow: invoicing.discard(uow, wanted), InvoiceRef.of)


@router.post("/invoices/{invoice_id}/issue", response_model=InvoiceDetail)
@refuses(*_MOVES, errors.InvoiceEmpty, *_STOCK, ledger.PeriodClosed)
async def issue_invoice(
    invoice_id: str, body: IssueIn | None = None, edge: Edge = requires(Permission.BILLING_WRITE)
) -> Response:
    """Give a draft its number and due date and post it: from now on the customer owes it.

    With a warehouse its goods leave in the same moment and what they cost is posted beside what they earn; naming one
    takes the permission `stock:move`. Without a word the setting of the business decides.
    """
    wanted = _id(invoice_id)

    async def work(uow: UnitOfWork) -> InvoiceDetail:
        place = await _leaves_from(uow, body)
        await delivering.issue(uow, edge.service("vault"), wanted, place)
        return await looks.detail(uow, edge.service("vault"), wanted)

    return await edge.money(work, lambda shown: shown, status=200)


async def _leaves_from(uow: UnitOfWork, body: IssueIn | None) -> stock.WarehouseId | None:
    if body is None or "deliver_from" not in body.model_fields_set:
        return (await store.profile(uow)).delivers_from
    if body.deliver_from is None:
        return None
    uow.scope.require(Permission.STOCK_MOVE)
    return id_text(stock.WarehouseId, body.deliver_from, "deliver_from")


@router.post("/invoices/{invoice_id}/credit-notes", status_code=201, response_model=InvoiceDetail)
@refuses(*_MOVES, errors.CreditsTooMuch, errors.LineInvalid, errors.InvoiceKept, ledger.PeriodClosed)
async def credit_invoice(
    invoice_id: str, body: CreditNoteIn, edge: Edge = requires(Permission.BILLING_MANAGE)
) -> Response:
    """Take an invoice back, in full or by line; what was paid already becomes the customer's credit.

    Of a deposit what nobody paid is taken back: all of it, or an amount. Goods of an order that are credited before
    they were sent are not sent any more, unless `keeps_order` says so.
    """
    wanted, quantities = _id(invoice_id), body.quantities()
    amount = body.amount.money() if body.amount else None

    async def work(uow: UnitOfWork) -> InvoiceDetail:
        await crediting.credit(
            uow, edge.service("vault"), wanted, body.reason, quantities, amount, keeps_order=body.keeps_order
        )
        return await looks.detail(uow, edge.service("vault"), wanted)

    return await edge.money(work, lambda shown: shown)


@router.post("/invoices/{invoice_id}/delivery", status_code=201, response_model=InvoiceDetail)
@refuses(*_MOVES, errors.NothingToDeliver, *_STOCK, ledger.PeriodClosed)
async def deliver_invoice(invoice_id: str, body: DeliveryIn, edge: Edge = requires(Permission.STOCK_MOVE)) -> Response:
    """Give out the goods that an invoice sells from a warehouse; what they cost is posted with it, once."""
    wanted, place = _id(invoice_id), id_text(stock.WarehouseId, body.warehouse_id, "warehouse_id")

    async def work(uow: UnitOfWork) -> InvoiceDetail:
        await delivering.deliver(uow, wanted, place)
        return await looks.detail(uow, edge.service("vault"), wanted)

    return await edge.money(work, lambda shown: shown)


@router.post("/invoices/{invoice_id}/use-credit", response_model=InvoiceDetail)
@refuses(*_MOVES, errors.AllocatesTooMuch)
async def use_credit(invoice_id: str, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Let what the customer has left from before pay this invoice, the oldest first."""
    wanted = _id(invoice_id)

    async def work(uow: UnitOfWork) -> InvoiceDetail:
        await receiving.use_credit(uow, wanted)
        return await looks.detail(uow, edge.service("vault"), wanted)

    return await edge.money(work, lambda shown: shown, status=200)


@router.post("/invoices/{invoice_id}/pay-link", status_code=201, response_model=PayLinkOut)
@refuses(errors.InvoiceMissing, errors.NothingToPay, errors.AllocatesTooMuch)
async def pay_link(invoice_id: str, body: PayLinkIn, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """A hosted page on which the customer pays what is open, or so much of it."""
    wanted, amount = _id(invoice_id), body.amount.money() if body.amount else None

    async def work(uow: UnitOfWork) -> PayLinkOut:
        payment = await collecting.request_payment(uow, edge.service("vault"), wanted, amount)
        return PayLinkOut.of(payment, await payments.checkout_path(uow, payment))

    return await edge.money(work, lambda shown: shown)


@router.get("/ageing", response_model=AgesOut)
@refuses(errors.DayAhead)
async def show_ageing(
    edge: Edge = requires(Permission.BILLING_READ),
    currency: CurrencyCode = "IDR",
    day: BusinessDay | None = None,
    customer_id: str | None = None,
) -> AgesOut:
    """What was owed at the end of a business date by how long it had been due; today when none is given."""
    code, customer = Currency.of(currency), id_text(PartyId, customer_id, "customer_id") if customer_id else None

    async def read(uow: UnitOfWork) -> AgesOut:
        found = await ageing.ages(uow, code, day, customer)
        return await looks.ages(uow, edge.service("vault"), found, currency)

    return await edge.read(read)


@router.get("/profile", response_model=BillingProfile)
async def show_profile(edge: Edge = requires(Permission.BILLING_READ)) -> BillingProfile:
    """How the business appears on its documents."""
    return BillingProfile.of(await edge.read(store.profile))


@router.put("/profile", response_model=BillingProfile)
@refuses(stock.WarehouseMissing)
async def set_profile(body: BillingProfile, edge: Edge = requires(Permission.BILLING_MANAGE)) -> Response:
    """Say how the business appears on its documents."""
    wanted = body.profile()
    return await edge.write(lambda uow: invoicing.set_profile(uow, wanted), BillingProfile.of)
