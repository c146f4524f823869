"""The SQL of orders, what left of them and what was charged."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, any_, func, insert, select, update

from specie.billing import InvoiceId, SalesOrderId
from specie.catalogue import Rounding, TaxRateId
from specie.kernel.ids import EntryId, PartyId
from specie.kernel.money import Currency
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork
from specie.sales import tables
from specie.sales.model import Order, OrderLine, OrderState, QuoteId, Shipment, ShipmentId
from specie.sales.store import SalesFilter, narrowed
from specie.stock import WarehouseId, causes_waiting

# What stock calls an order that it keeps goods aside for.
CAUSE_KIND = "sales_order"


async def insert_order(uow: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
    """Add an order with its lines."""
    await uow.execute(insert(tables.order).values(_row(uow, order)))
    key = {"tenant_id": uow.scope.tenant_id.uuid, "order_id": order.id.uuid}
    await uow.execute(insert(tables.order_line).values([key | _line_row(line) for line in lines]))


async def save(uow: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> None:
    """Store an order whose row is locked, and those of its lines, as they are now."""
    o, tenant = tables.order.c, uow.scope.tenant_id.uuid
    where = (o.tenant_id == tenant, o.id == order.id.uuid)
    await uow.execute(update(tables.order).where(*where).values(_row(uow, order)))
    one = tables.order_line.c
    for line in lines:
        of = (one.tenant_id == tenant, one.order_id == order.id.uuid, one.n == line.n)
        moved = {name: getattr(line, name) for name in ("cancelled", "delivered", "invoiced", "credited")}
        await uow.execute(update(tables.order_line).where(*of).values(moved))


async def order_by_id(uow: UnitOfWork, order_id: SalesOrderId, *, lock: bool = False) -> Order | None:
    """One order the caller may see, locked on demand."""
    query = _visible(uow).where(tables.order.c.id == order_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _order(row) if row else None


async def order_of_quote(uow: UnitOfWork, quote_id: QuoteId) -> Order | None:
    """The order that a quote became."""
    query = _visible(uow).where(tables.order.c.quote_id == quote_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _order(row) if row else None


async def orders(
    uow: UnitOfWork, wanted: SalesFilter, before: UUID | None, limit: int, *, waits: bool = False
) -> Page[Order]:
    """Orders the caller may see, newest first; with `waits` only those that wait for goods."""
    o, query = tables.order.c, narrowed(_visible(uow), tables.order, wanted)
    if waits:
        # Read first and as a whole: joined, few that wait would cost reading every order there ever was.
        waiting = causes_waiting(uow, CAUSE_KIND).scalar_subquery()
        query = query.where(o.id == any_(func.array(waiting)))
    if before is not None:
        query = query.where(o.id < before)
    rows = (await uow.execute(query.order_by(o.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_order)


async def lines_of(uow: UnitOfWork, ids: Sequence[SalesOrderId]) -> dict[SalesOrderId, list[OrderLine]]:
    """The lines of orders in their order, with one statement."""
    one = tables.order_line.c
    query = select(tables.order_line).where(
        one.tenant_id == uow.scope.tenant_id.uuid, one.order_id.in_([each.uuid for each in ids])
    )
    found: dict[SalesOrderId, list[OrderLine]] = {each: [] for each in ids}
    for row in await uow.execute(query.order_by(one.order_id, one.n)):
        found[SalesOrderId(row.order_id)].append(_line(row))
    return found


async def insert_shipment(uow: UnitOfWork, order_id: SalesOrderId, made: Shipment) -> None:
    """Add what left."""
    tenant = {"tenant_id": uow.scope.tenant_id.uuid}
    row = tenant | {
        "id": made.id.uuid,
        "order_id": order_id.uuid,
        "warehouse_id": made.warehouse_id.uuid,
        "entry_id": made.entry_id.uuid if made.entry_id else None,
        "created_at": made.created_at,
    }
    await uow.execute(insert(tables.shipment).values(row))
    of = tenant | {"shipment_id": made.id.uuid, "order_id": order_id.uuid}
    rows = [of | {"n": n, "quantity": quantity} for n, quantity in made.quantities.items()]
    await uow.execute(insert(tables.shipment_line).values(rows))


async def shipments_of(uow: UnitOfWork, order_id: SalesOrderId) -> list[Shipment]:
    """What left of an order, oldest first."""
    s, one, tenant = tables.shipment.c, tables.shipment_line.c, uow.scope.tenant_id.uuid
    query = select(tables.shipment_line).where(one.tenant_id == tenant, one.order_id == order_id.uuid)
    quantities: dict[UUID, dict[int, Decimal]] = {}
    for row in await uow.execute(query.order_by(one.n)):
        quantities.setdefault(row.shipment_id, {})[row.n] = row.quantity.normalize()
    rows = await uow.execute(
        select(tables.shipment).where(s.tenant_id == tenant, s.order_id == order_id.uuid).order_by(s.id)
    )
    return [
        Shipment(
            id=ShipmentId(row.id),
            warehouse_id=WarehouseId(row.warehouse_id),
            entry_id=EntryId(row.entry_id) if row.entry_id else None,
            created_at=row.created_at,
            quantities=quantities[row.id],
        )
        for row in rows
    ]


async def insert_charges(
    uow: UnitOfWork, order_id: SalesOrderId, invoice_id: InvoiceId, quantities: Mapping[int, Decimal]
) -> None:
    """Remember how much of which line an invoice charges; its own lines are numbered in the same order."""
    of = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "invoice_id": invoice_id.uuid,
        "order_id": order_id.uuid,
    }
    rows = [
        of | {"n": n, "invoice_n": invoice_n, "quantity": quantity}
        for invoice_n, (n, quantity) in enumerate(quantities.items(), 1)
    ]
    await uow.execute(insert(tables.charge).values(rows))


async def charged_by(uow: UnitOfWork, invoice_id: InvoiceId) -> dict[int, int]:
    """Which line of its order each line of an invoice charges for, by the number of the invoice's line."""
    c = tables.charge.c
    query = select(c.invoice_n, c.n).where(c.tenant_id == uow.scope.tenant_id.uuid, c.invoice_id == invoice_id.uuid)
    return {row.invoice_n: row.n for row in await uow.execute(query)}


async def invoices_of(uow: UnitOfWork, order_id: SalesOrderId) -> list[InvoiceId]:
    """The invoices that charge for an order, oldest first."""
    c = tables.charge.c
    query = select(c.invoice_id).where(c.tenant_id == uow.scope.tenant_id.uuid, c.order_id == order_id.uuid)
    return [InvoiceId(row.invoice_id) for row in await uow.execute(query.distinct().order_by(c.invoice_id))]


def _visible(uow: UnitOfWork) -> Select[Any]:
    o, party = tables.order.c, uow.scope.party_id
    query = select(tables.order).where(o.tenant_id == uow.scope.tenant_id.uuid)
    return query if party is None else query.where(o.customer_id == party.uuid)


_PLAIN = (
    *("number", "n", "includes_tax", "due_days", "reference", "note"),
    *("net_minor", "tax_minor", "version", "created_at"),
)


def _row(uow: UnitOfWork, order: Order) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": order.id.uuid,
        "customer_id": order.customer_id.uuid,
        "quote_id": order.quote_id.uuid if order.quote_id else None,
        "currency": order.currency.code,
        "state": order.state.value,
        "rounding": order.rounding.value,
        **{name: getattr(order, name) for name in _PLAIN},
    }


def _order(row: Row[Any]) -> Order:
    return Order(
        id=SalesOrderId(row.id),
        customer_id=PartyId(row.customer_id),
        quote_id=QuoteId(row.quote_id) if row.quote_id else None,
        currency=Currency.of(row.currency),
        state=OrderState(row.state),
        rounding=Rounding(row.rounding),
        **{name: getattr(row, name) for name in _PLAIN},
    )


_LINE = ("n", "product_id", "is_goods", "description", "unit", "unit_price_minor", "net_minor")
_QUANTITIES = ("discount", "quantity", "cancelled", "delivered", "invoiced", "credited")


def _line_row(line: OrderLine) -> dict[str, Any]:
    return {"taxes": [str(tax) for tax in line.taxes], **{name: getattr(line, name) for name in (*_LINE, *_QUANTITIES)}}


def _line(row: Row[Any]) -> OrderLine:
    return OrderLine(
        taxes=tuple(TaxRateId.parse(each) for each in row.taxes),
        **{name: getattr(row, name) for name in _LINE},
        **{name: getattr(row, name).normalize() for name in _QUANTITIES},
    )
