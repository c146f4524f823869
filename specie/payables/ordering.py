"""Orders to suppliers: written, taken in as far as they come, and closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from specie import audit, billing, catalogue, parties, stock
from specie.billing import LineDraft
from specie.catalogue import ProductId, ProductKind, Rounding
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity
from specie.payables import store
from specie.payables.errors import BillUnfit, PurchaseOrderMissing, ReceivesTooMuch
from specie.payables.model import (
    BillLine,
    GoodsReceiptId,
    Order,
    OrderLine,
    OrderState,
    PurchaseOrderId,
    Series,
)
from specie.platform.db import UnitOfWork
from specie.stock import Cause, Occasion, ReceiveLine, WarehouseId


@dataclass(frozen=True, slots=True)
class WriteOrder:
    """What a supplier is asked for, and the warehouse it comes to."""

    supplier_id: PartyId
    warehouse_id: WarehouseId
    currency: Currency
    lines: Sequence[LineDraft]
    note: str = ""


async def create(uow: UnitOfWork, command: WriteOrder) -> Order:
    """Write an order down; it posts nothing. Raises PartyMissing, WarehouseMissing, BillUnfit or what figures raise."""
    await require_supplier(uow, command.supplier_id)
    await stock.require_warehouse(uow, command.warehouse_id)
    drafts = await goods_only(uow, command.lines)
    figures = await billing.figures_of(uow, drafts, command.currency, includes_tax=False, rounding=Rounding.LINE)
    if figures.total_minor <= 0:
        raise BillUnfit("write a line that costs something", param="lines")
    n = await store.next_number(uow, Series.ORDER)
    order = Order(
        id=PurchaseOrderId.new(),
        number=Series.ORDER.number(n),
        n=n,
        supplier_id=command.supplier_id,
        warehouse_id=command.warehouse_id,
        currency=command.currency,
        state=OrderState.OPEN,
        ordered_on=uow.business_date,
        note=command.note,
        net_minor=figures.net_minor,
        tax_minor=figures.tax_minor,
        created_at=uow.now,
    )
    await store.insert_order(uow, order, figures.lines)
    await _note(uow, "create", order)
    return order


async def require_supplier(uow: UnitOfWork, supplier_id: PartyId) -> None:
    """Raise PartyMissing unless there is such a party."""
    if supplier_id not in await parties.tiers(uow, [supplier_id]):
        raise parties.PartyMissing(f"there is no party {supplier_id}", param="supplier_id")


async def goods_only(uow: UnitOfWork, lines: Sequence[LineDraft]) -> list[LineDraft]:
    """The lines, where only goods name their product: a service never comes into the stock.

    Raises BillUnfit for a line without a price: what we charge customers says nothing of what a supplier charges.
    """
    unpriced = [n for n, line in enumerate(lines) if line.unit_price_minor is None]
    if unpriced:
        raise BillUnfit("say what it costs", param=f"lines.{unpriced[0]}.unit_price")
    wanted = [line.product_id for line in lines if line.product_id is not None]
    products = await catalogue.require_products(uow, wanted)
    services = {each for each, product in products.items() if product.kind is ProductKind.SERVICE}
    return [replace(line, product_id=None) if line.product_id in services else line for line in lines]


async def receive(uow: UnitOfWork, order_id: PurchaseOrderId, quantities: Mapping[int, Decimal] | None) -> Order:
    """Take goods of an order into its warehouse, at the prices of the order: so much of each line, or all that is left.

    They are owed as received and not billed. Raises PurchaseOrderMissing, PurchaseOrderClosed, ReceivesTooMuch or what
    `stock.receive` raises.
    """
    order = await get(uow, order_id, lock=True)
    order.require_open()
    taken = _taken(await store.order_lines(uow, order_id), quantities)
    if not taken:
        raise ReceivesTooMuch("nothing of this order is left to come", param="lines")
    receipt_id = GoodsReceiptId.new()
    lines = [
        ReceiveLine(
            ProductId.parse(str(each.line.product_id)),
            Quantity.parse(f"{each.line.quantity:f}"),
            Money(each.line.net_minor, order.currency),
        )
        for each in taken
    ]
    occasion = Occasion(cause=Cause("goods_receipt", str(receipt_id)), note=order.number)
    moved = await stock.receive(uow, order.warehouse_id, lines, occasion)
    await store.insert_receipt(uow, order, receipt_id, moved.entry_id, taken)
    await _note(uow, "receive", order)
    return order


def _taken(lines: Mapping[int, OrderLine], quantities: Mapping[int, Decimal] | None) -> list[BillLine]:
    if quantities is None:
        quantities = {n: each.line.quantity - each.received for n, each in lines.items() if each.is_goods}
    taken: list[BillLine] = []
    for n, quantity in sorted(quantities.items()):
        each = lines.get(n)
        if each is None or not each.is_goods:
            raise ReceivesTooMuch(f"the order has no goods on line {n}", param="lines")
        left = each.line.quantity - each.received
        if quantity > left:
            raise ReceivesTooMuch(f"of line {n} less is left", param="lines", line=n, most=f"{left.normalize():f}")
        if quantity:
            worth = each.worth(each.received, quantity)
            taken.append(BillLine(replace(each.line, quantity=quantity, net_minor=worth, taxes=[]), n))
    return taken


async def close(uow: UnitOfWork, order_id: PurchaseOrderId) -> Order:
    """Expect nothing more of an order. Raises PurchaseOrderMissing or PurchaseOrderClosed."""
    before = await get(uow, order_id, lock=True)
    before.require_open()
    after = replace(before, state=OrderState.CLOSED, version=before.version + 1)
    await store.update_order(uow, after)
    await _note(uow, "close", after)
    return after


async def get(uow: UnitOfWork, order_id: PurchaseOrderId, *, lock: bool = False) -> Order:
    """One order. Raises PurchaseOrderMissing."""
    found = await store.order_by_id(uow, order_id, lock=lock)
    if found is None:
        raise PurchaseOrderMissing(f"there is no purchase order {order_id}")
    return found


async def _note(uow: UnitOfWork, act: str, order: Order) -> None:
    told = {"number": order.number, "state": order.state.value}
    await audit.record(uow, action=f"purchase_order.{act}", subject=("purchase_order", str(order.id)), after=told)
