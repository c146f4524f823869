"""Orders over HTTP: made, delivered and invoiced in parts, cancelled in what is open."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import billing, ledger, parties, stock
from specie.kernel.ids import PartyId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, SearchText, id_text
from specie.sales import errors, looks, order_store, ordering
from specie.sales.routes import LINES, Limit
from specie.sales.schemas import (
    SalesOrderCancelIn,
    SalesOrderChargeIn,
    SalesOrderDetail,
    SalesOrderIn,
    SalesOrderOut,
    SalesOrderShipmentIn,
    order_id_of,
)
from specie.sales.store import SalesFilter

router = ApiRouter(prefix="/sales-orders", tags=["Sales"])

State = Literal["open", "done", "cancelled"]
Waits = Annotated[bool, Query(description="Only those that want more goods than are kept aside for them")]
_MOVES = (errors.OrderMissing, errors.OrderCannotMove)
_STOCK = (stock.OutOfStock, stock.WarehouseMissing, stock.NotStocked, stock.MovementUnfit)


@router.get("", response_model=ListOf[SalesOrderOut])
async def list_sales_orders(
    edge: Edge = requires(Permission.BILLING_READ),
    state: State | None = None,
    waits: Waits = False,
    customer_id: str | None = None,
    q: SearchText | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Orders, newest first, with how far each is; a customer sees its own."""
    key = edge.cursor("sales_orders", cursor)
    customer = id_text(PartyId, customer_id, "customer_id") if customer_id else None

    async def read(uow: UnitOfWork) -> Page[SalesOrderOut]:
        before = UUID(key[0]) if key else None
        page = await order_store.orders(uow, SalesFilter(state, customer, q), before, limit, waits=waits)
        return Page(await looks.orders(uow, edge.service("vault"), page.items), page.next_key)

    return edge.page("sales_orders", await edge.read(read), lambda shown: shown)


@router.post("", status_code=201, response_model=SalesOrderDetail)
@refuses(*LINES, errors.QuoteEmpty, parties.PartyMissing)
async def create_sales_order(body: SalesOrderIn, edge: Edge = requires(Permission.BILLING_WRITE)) -> Response:
    """Write down what was ordered without a quote."""
    command = body.command()

    async def work(uow: UnitOfWork) -> SalesOrderDetail:
        made = await ordering.create(uow, command)
        return await looks.order(uow, edge.service("vault"), made.id)

    return await edge.write(work, lambda shown: shown, status=201)


@router.get("/{sales_order_id}", response_model=SalesOrderDetail)
@refuses(errors.OrderMissing)
async def show_sales_order(sales_order_id: str, edge: Edge = requires(Permission.BILLING_READ)) -> SalesOrderDetail:
    """One order with its lines, what left of it and what charges for it."""
    wanted = order_id_of(sales_order_id)
    return await edge.read(lambda uow: looks.order(uow, edge.service("vault"), wanted))


@router.post("/{sales_order_id}/deliveries", status_code=201, response_model=SalesOrderDetail)
@refuses(*_MOVES, errors.MoreThanOrdered, *_STOCK, ledger.PeriodClosed)
async def deliver_sales_order(
    sales_order_id: str, body: SalesOrderShipmentIn, edge: Edge = requires(Permission.STOCK_MOVE)
) -> Response:
    """Give goods of the order out of a warehouse, all that is open or in part; what they cost is posted with it."""
    wanted, place = order_id_of(sales_order_id), id_text(stock.WarehouseId, body.warehouse_id, "warehouse_id")

    async def work(uow: UnitOfWork) -> SalesOrderDetail:
        await ordering.deliver(uow, wanted, place, body.quantities())
        return await looks.order(uow, edge.service("vault"), wanted)

    return await edge.money(work, lambda shown: shown)


@router.post("/{sales_order_id}/invoices", status_code=201, response_model=SalesOrderDetail)
@refuses(*_MOVES, errors.MoreThanOrdered, *LINES, billing.InvoiceEmpty, parties.PartyMissing, ledger.PeriodClosed)
async def invoice_sales_order(
    sales_order_id: str, body: SalesOrderChargeIn, edge: Edge = requires(Permission.BILLING_WRITE)
) -> Response:
    """Issue an invoice for the order, all that is open or in part."""
    wanted = order_id_of(sales_order_id)

    async def work(uow: UnitOfWork) -> SalesOrderDetail:
        await ordering.invoice(uow, edge.service("vault"), wanted, body.quantities())
        return await looks.order(uow, edge.service("vault"), wanted)

    return await edge.money(work, lambda shown: shown)


@router.post("/{sales_order_id}/cancel", response_model=SalesOrderDetail)
@refuses(*_MOVES)
async def cancel_sales_order(
    sales_order_id: str, body: SalesOrderCancelIn, edge: Edge = requires(Permission.BILLING_WRITE)
) -> Response:
    """Give up what was neither delivered nor invoiced."""
    wanted = order_id_of(sales_order_id)

    async def work(uow: UnitOfWork) -> SalesOrderDetail:
        await ordering.cancel(uow, wanted, body.reason)
        return await looks.order(uow, edge.service("vault"), wanted)

    return await edge.write(work, lambda shown: shown)
