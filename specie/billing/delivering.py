"""Giving out the goods that an invoice sells, so that what they cost stands beside what they earned."""

from decimal import Decimal
from enum import StrEnum

from specie import catalogue, stock
from specie.billing import invoicing, paid_store, store
from specie.billing.errors import InvoiceCannotMove, NothingToDeliver
from specie.billing.invoicing import get
from specie.billing.model import Invoice, InvoiceId, InvoiceState
from specie.catalogue import ProductId, ProductKind
from specie.kernel.errors import SpecieError
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
    cause = _cause(invoice_id)
    moved = await stock.deliver(uow, warehouse_id, lines, Occasion(cause=cause, reserved_for=cause, note=invoice.name))
    # What was kept aside elsewhere is free again.
    await stock.release(uow, cause)
    return moved


async def issue(uow: UnitOfWork, ring: KeyRing, invoice_id: InvoiceId, place: WarehouseId | None) -> Invoice:
    """Issue an invoice and give out what it sells from a warehouse with it; with none its goods are kept aside.

    Either both happen or neither. An invoice without goods is issued only. Raises what `invoicing.issue` raises, and
    what `stock.deliver` raises.
    """
    issued = await invoicing.issue(uow, ring, invoice_id)
    if place is None:
        await keep_aside(uow, issued)
    elif await goods_of(uow, issued, []) is Goods.WAITING:
        await deliver(uow, invoice_id, place)
    return issued


async def issue_alone(uow: UnitOfWork, ring: KeyRing, invoice_id: InvoiceId) -> Invoice:
    """Issue an invoice while nobody looks on: its goods leave as the business has set, as far as they are there.

    Goods that cannot leave wait on the invoice for a person. Raises what `invoicing.issue` raises.
    """
    issued = await invoicing.issue(uow, ring, invoice_id)
    place = (await store.profile(uow)).delivers_from
    if place is not None and await goods_of(uow, issued, []) is Goods.WAITING:
        try:
            async with uow.savepoint():
                await deliver(uow, invoice_id, place)
        except SpecieError as refused:
            if refused.retryable:
                raise
    await keep_aside(uow, issued)
    return issued


async def keep_aside(uow: UnitOfWork, invoice: Invoice) -> None:
    """Promise what an invoice has still to give out, as far as it is there, and nothing once all has left.

    The goods of an order are promised to the order.
    """
    if invoice.order_id is not None:
        return
    waiting = [] if await delivered(uow, invoice.id) else await _goods(uow, invoice.id)
    await stock.promise(uow, (await store.profile(uow)).delivers_from, waiting, _cause(invoice.id))


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
