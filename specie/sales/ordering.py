"""Orders: made from an accepted quote or directly, delivered and invoiced in parts, and cancelled in what is open.

Whatever changes an order holds its row, so that of two who deliver or invoice at once the second sees what is left.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from specie import audit, billing, catalogue, events, parties, stock
from specie.billing import Figures, Invoice, LineDraft, SalesOrderId, WriteInvoice
from specie.catalogue import ProductId, ProductKind, Rounding, TaxRateId
from specie.events import NewEvent
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.sales import order_store, quoting, store
from specie.sales.errors import MoreThanOrdered, OrderCannotMove, OrderMissing, QuoteCannotMove, QuoteEmpty
from specie.sales.events import order_event
from specie.sales.model import (
    Order,
    OrderLine,
    OrderState,
    Quote,
    QuoteId,
    QuoteLine,
    QuoteState,
    Series,
    Shipment,
    ShipmentId,
    order_state,
)
from specie.stock import Cause, DeliverLine, Occasion, WarehouseId

Quantities = Mapping[int, Decimal]
"""So much of each line, by the line's number."""


@dataclass(frozen=True, slots=True)
class WriteOrder:
    """What is ordered. `due_days` None takes the tenant's usual when it is invoiced.

    `rounding` is how taxes were rounded in what was agreed; None takes the business's own of that day.
    """

    customer_id: PartyId
    currency: Currency
    lines: Sequence[LineDraft]
    includes_tax: bool = False
    discount: Decimal = Decimal(0)
    due_days: int | None = None
    reference: str = ""
    note: str = ""
    rounding: Rounding | None = None


async def create(uow: UnitOfWork, command: WriteOrder, quote: Quote | None = None) -> Order:
    """Write down what was ordered. Raises PartyMissing, QuoteEmpty, or what `billing.figures_of` raises."""
    if command.customer_id not in await parties.tiers(uow, [command.customer_id]):
        raise parties.PartyMissing(f"there is no party {command.customer_id}", param="customer_id")
    drafts = quoting.discounted(command.lines, command.discount)
    agreed, rounding = quote is not None, command.rounding or (await billing.profile(uow)).rounding
    figures = await billing.figures_of(
        uow,
        drafts,
        command.currency,
        includes_tax=command.includes_tax,
        agreed=agreed,
        customer_id=command.customer_id,
        rounding=rounding,
    )
    if figures.total_minor <= 0:
        raise QuoteEmpty("order something that costs something", param="lines")
    n = await store.next_number(uow, Series.ORDER)
    order = Order(
        id=SalesOrderId.new(),
        number=Series.ORDER.number(n),
        n=n,
        customer_id=command.customer_id,
        quote_id=quote.id if quote else None,
        currency=command.currency,
        state=OrderState.OPEN,
        includes_tax=command.includes_tax,
        due_days=command.due_days,
        reference=command.reference,
        note=command.note,
        net_minor=figures.net_minor,
        tax_minor=figures.tax_minor,
        rounding=rounding,
        version=1,
        created_at=uow.now,
    )
    lines = await _lines(uow, figures)
    await order_store.insert_order(uow, order, lines)
    await _keep_aside(uow, order.id, lines)
    await _tell(uow, order_event("created", order))
    return order


async def _lines(uow: UnitOfWork, figures: Figures) -> list[OrderLine]:
    ids = [ProductId.parse(line.product_id) for line in figures.lines if line.product_id is not None]
    goods = {
        str(product_id)
        for product_id, product in (await catalogue.products_by_ids(uow, ids)).items()
        if product.kind is ProductKind.PRODUCT
    }
    return [
        OrderLine(
            n=line.n,
            product_id=line.product_id,
            is_goods=line.product_id in goods,
            description=line.description,
            unit=line.unit,
            unit_price_minor=line.unit_price_minor,
            discount=line.discount,
            taxes=tuple(TaxRateId.parse(part.code) for part in line.taxes),
            net_minor=line.net_minor,
            quantity=line.quantity,
        )
        for line in figures.lines
    ]


async def from_quote(uow: UnitOfWork, quote_id: QuoteId) -> Order:
    """The order of an accepted quote, made the first time and given again afterwards.

    Raises QuoteMissing, QuoteCannotMove, or what `create` raises.
    """
    quote = await quoting.get(uow, quote_id, lock=True)
    if quote.state is not QuoteState.ACCEPTED:
        raise QuoteCannotMove(f"{quote.number} has not been accepted", state=quote.state.value)
    made = await order_store.order_of_quote(uow, quote_id)
    if made is not None:
        return made
    said = await store.version_of(uow, quote_id, quote.version)
    command = WriteOrder(
        customer_id=quote.customer_id,
        currency=quote.currency,
        lines=[_again(each) for each in said.lines],
        includes_tax=said.includes_tax,
        due_days=said.due_days,
        reference=said.reference,
        note=said.note,
        rounding=said.rounding,
    )
    return await create(uow, command, quote)


def _again(each: QuoteLine) -> LineDraft:
    line = each.line
    return LineDraft(
        description=line.description,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        unit=line.unit,
        discount=line.discount,
        taxes=tuple(TaxRateId.parse(part.code) for part in line.taxes),
        product_id=ProductId.parse(line.product_id) if line.product_id else None,
    )


async def deliver(
    uow: UnitOfWork, order_id: SalesOrderId, warehouse_id: WarehouseId, quantities: Quantities | None = None
) -> Shipment:
    """Give goods of an order out of a warehouse: so much of each line, or all that has not left.

    What they cost becomes cost of goods in the same unit of work. Raises OrderMissing, OrderCannotMove,
    MoreThanOrdered, or what `stock.deliver` raises.
    """
    order, lines = await _opened(uow, order_id)
    wanted = _wanted(lines, quantities, lambda line: line.to_deliver)
    moved = [line.with_delivered(wanted[line.n]) for line in lines if line.n in wanted]
    shipment_id = ShipmentId.new()
    goods = [_goods(line, wanted[line.n]) for line in moved]
    cause = Cause("shipment", str(shipment_id))
    occasion = Occasion(cause=cause, reserved_for=promise_of(order_id), note=order.number)
    done = await stock.deliver(uow, warehouse_id, goods, occasion)
    made = Shipment(shipment_id, warehouse_id, done.entry_id, uow.now, wanted)
    order = await _save(uow, order, lines, moved)
    await order_store.insert_shipment(uow, order_id, made)
    await _tell(uow, order_event("delivered", order, shipment_id=str(shipment_id), lines=_told(wanted)))
    return made


async def invoice(
    uow: UnitOfWork, ring: KeyRing, order_id: SalesOrderId, quantities: Quantities | None = None
) -> Invoice:
    """Issue an invoice for an order: for so much of each line, or all that was not charged yet.

    Raises OrderMissing, OrderCannotMove, MoreThanOrdered, or what `billing.issue` raises.
    """
    order, lines = await _opened(uow, order_id)
    wanted = _wanted(lines, quantities, lambda line: line.to_invoice)
    charged = [line.with_invoiced(wanted[line.n]) for line in lines if line.n in wanted]
    command = WriteInvoice(
        customer_id=order.customer_id,
        currency=order.currency,
        lines=[_charge(line, wanted[line.n]) for line in charged],
        includes_tax=order.includes_tax,
        due_days=order.due_days,
        reference=order.reference or order.number,
        note=order.note,
        order_id=order_id,
        rounding=order.rounding,
    )
    made = await billing.issue(uow, ring, (await billing.draft(uow, command)).id)
    order = await _save(uow, order, lines, charged)
    await order_store.insert_charges(uow, order_id, made.id, wanted)
    await _tell(uow, order_event("invoiced", order, invoice_id=str(made.id), lines=_told(wanted)))
    return made


def _charge(line: OrderLine, quantity: Decimal) -> LineDraft:
    return LineDraft(
        description=line.description,
        quantity=quantity,
        unit_price_minor=line.unit_price_minor,
        unit=line.unit,
        discount=line.discount,
        taxes=line.taxes,
        product_id=ProductId.parse(line.product_id) if line.product_id else None,
    )


async def cancel(uow: UnitOfWork, order_id: SalesOrderId, reason: str) -> Order:
    """Give up what was neither delivered nor invoiced; what left is still charged, what was charged still leaves.

    Raises OrderMissing or OrderCannotMove.
    """
    before, lines = await _opened(uow, order_id)
    kept = [line.without_open() for line in lines]
    if kept == lines:
        raise OrderCannotMove(f"nothing of {before.number} is left to cancel", state=before.state.value)
    order = await _save(uow, before, lines, kept)
    await _tell(uow, order_event("cancelled", order), reason)
    return order


async def hold_credited(uow: UnitOfWork, invoice: Invoice) -> None:
    """Nobody else changes the order of an invoice while that is credited: an order is locked before any account."""
    if invoice.order_id is not None:
        await get(uow, invoice.order_id, lock=True)


async def give_up_credited(uow: UnitOfWork, invoice: Invoice, quantities: Quantities, reason: str) -> None:
    """What an invoice of an order charged was credited, so much of each of its lines: what was not sent stays here.

    What has been sent stays sent: it comes back with a return, which is stock's.
    """
    if invoice.order_id is None:
        return
    order = await get(uow, invoice.order_id, lock=True)
    lines = (await order_store.lines_of(uow, [order.id]))[order.id]
    of = await order_store.charged_by(uow, invoice.id)
    credited = {of[n]: quantity for n, quantity in quantities.items() if n in of}
    kept = [line.with_credited(credited[line.n]) for line in lines if line.n in credited]
    if kept == [line for line in lines if line.n in credited]:
        return
    await _tell(uow, order_event("cancelled", await _save(uow, order, lines, kept)), reason)


async def get(uow: UnitOfWork, order_id: SalesOrderId, *, lock: bool = False) -> Order:
    """One order the caller may see. Raises OrderMissing."""
    order = await order_store.order_by_id(uow, order_id, lock=lock)
    if order is None:
        raise OrderMissing(f"there is no order {order_id}")
    return order


async def _opened(uow: UnitOfWork, order_id: SalesOrderId) -> tuple[Order, list[OrderLine]]:
    order = await get(uow, order_id, lock=True)
    if order.state is not OrderState.OPEN:
        raise OrderCannotMove(f"nothing of {order.number} is open", state=order.state.value)
    return order, (await order_store.lines_of(uow, [order_id]))[order_id]


def _wanted(
    lines: Sequence[OrderLine], quantities: Quantities | None, open_of: Callable[[OrderLine], Decimal]
) -> dict[int, Decimal]:
    known = {line.n for line in lines}
    if quantities is None:
        quantities = {line.n: open_of(line) for line in lines}
    for n in quantities:
        if n not in known:
            raise MoreThanOrdered(f"the order has no line {n}", param="lines", line=n, most="0")
    wanted = {n: quantity for n, quantity in sorted(quantities.items()) if quantity}
    if not wanted:
        raise OrderCannotMove("nothing of this is open")
    return wanted


async def _save(uow: UnitOfWork, order: Order, lines: Sequence[OrderLine], changed: Sequence[OrderLine]) -> Order:
    now = {line.n: line for line in [*lines, *changed]}
    after = replace(order, state=order_state(list(now.values())), version=order.version + 1)
    await order_store.save(uow, after, changed)
    await _keep_aside(uow, order.id, list(now.values()))
    return after


async def _keep_aside(uow: UnitOfWork, order_id: SalesOrderId, lines: Sequence[OrderLine]) -> None:
    """Promise what an order has still to send, as far as it is there: nobody is refused an order for want of goods."""
    waiting = [_goods(line, line.to_deliver) for line in lines if line.to_deliver]
    await stock.promise(uow, (await billing.profile(uow)).delivers_from, waiting, promise_of(order_id))


def promise_of(order_id: SalesOrderId) -> Cause:
    """The document that stock keeps an order's goods aside for."""
    return Cause(order_store.CAUSE_KIND, str(order_id))


def _goods(line: OrderLine, quantity: Decimal) -> DeliverLine:
    return DeliverLine(ProductId.parse(str(line.product_id)), Quantity.parse(f"{quantity:f}"))


def _told(quantities: Quantities) -> list[dict[str, Any]]:
    return [{"n": n, "quantity": f"{quantity:f}"} for n, quantity in quantities.items()]


async def _tell(uow: UnitOfWork, event: NewEvent, reason: str | None = None) -> None:
    await events.record(uow, event)
    await audit.record(uow, action=event.type, subject=event.subject, after=event.data, reason=reason)
