"""Giving out the goods that an invoice sells, so that what they cost stands beside what they earned."""

from decimal import Decimal
from enum import StrEnum

from specie import catalogue, stock
from specie.billing import invoicing, paid_store, store
from specie.billing.errors import InvoiceCannotMove, NothingToDeliver
from specie.billing.invoicing import get
from specie.billing.model import Invoice, InvoiceId, InvoiceState
from specie.catalogue import ProductId, ProductKind
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.stock import Cause, DeliverLine, Moved, Movement, Occasion, WarehouseId

_SOLD = frozenset({InvoiceState.ISSUED, InvoiceState.PART_PAID, InvoiceState.PAID})


class Goods(StrEnum):
    """Whether an invoice has goods to give out."""

    NONE = "none"
    WAITING = "waiting"
    DELIVERED = "delivered"


async def deliver(uow: UnitOfWork, invoice_id: InvoiceId, warehouse_id: WarehouseId) -> Moved:
    """Give out what an invoice sells of products, without what was credited; each invoice delivers once.

    What the goods cost becomes cost of goods in the same unit of work. Raises InvoiceMissing, InvoiceCannotMove for
    one that sells nothing now, NothingToDeliver, or what `stock.deliver` raises.
    """
    invoice = await get(uow, invoice_id, lock=True)
    if invoice.order_id is not None:
        raise NothingToDeliver(f"the order of {invoice.name} gives its goods out", order_id=str(invoice.order_id))
    if invoice.state not in _SOLD:
        raise InvoiceCannotMove(f"{invoice.name} sells nothing now", state=invoice.state.value)
    if await delivered(uow, invoice_id):
        raise NothingToDeliver(f"the goods of {invoice.name} have been delivered")
    lines = await _goods(uow, invoice_id)
    if not lines:
        raise NothingToDeliver(f"{invoice.name} sells no goods")
    return await stock.deliver(uow, warehouse_id, lines, Occasion(cause=_cause(invoice_id), note=invoice.name))


async def issue(uow: UnitOfWork, ring: KeyRing, invoice_id: InvoiceId, place: WarehouseId | None) -> Invoice:
    """Issue an invoice and give out what it sells from a warehouse with it; with none its goods leave later.

    Either both happen or neither. An invoice without goods is issued only. Raises what `invoicing.issue` raises, and
    what `stock.deliver` raises.
    """
    issued = await invoicing.issue(uow, ring, invoice_id)
    if place is not None and await goods_of(uow, issued, []) is Goods.WAITING:
        await deliver(uow, invoice_id, place)
    return issued


async def delivered(uow: UnitOfWork, invoice_id: InvoiceId) -> list[Movement]:
    """The movements with which an invoice's goods left."""
    return await stock.movements_of(uow, _cause(invoice_id))


async def goods_of(uow: UnitOfWork, invoice: Invoice, made: list[Movement]) -> Goods:
    """Whether an invoice has goods, and whether they have left."""
    if made:
        return Goods.DELIVERED
    if invoice.order_id is not None or invoice.state not in _SOLD:
        return Goods.NONE
    return Goods.WAITING if await _goods(uow, invoice.id) else Goods.NONE


async def _goods(uow: UnitOfWork, invoice_id: InvoiceId) -> list[DeliverLine]:
    lines = [line for line in await store.lines_of(uow, invoice_id) if line.product_id is not None]
    ids = [ProductId.parse(str(line.product_id)) for line in lines]
    products = await catalogue.products_by_ids(uow, ids)
    credited = await paid_store.credited(uow, invoice_id)
    left = [line.quantity - credited.get(line.n, Decimal(0)) for line in lines]
    return [
        DeliverLine(product_id, Quantity.parse(f"{quantity:f}"))
        for product_id, quantity in zip(ids, left, strict=True)
        if quantity > 0 and product_id in products and products[product_id].kind is ProductKind.PRODUCT
    ]


def _cause(invoice_id: InvoiceId) -> Cause:
    return Cause("invoice", str(invoice_id))
