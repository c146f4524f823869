"""Purchases of the business's own goods: the invoice and the stock, in the commits of the purchase itself.

While the tenders are held the stock is promised; with them it leaves, its cost is posted, and the invoice is issued
and paid. A refund credits the lines that come back, takes the goods in at what they cost, and unwinds the tenders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from specie import billing, catalogue, stock, wallets
from specie.billing import Invoice, InvoiceId, LineDraft, WriteInvoice
from specie.catalogue import ProductId, ProductKind
from specie.kernel.errors import SpecieError
from specie.kernel.ids import EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.permissions import Permission
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.purchases import goods_store, line_store
from specie.purchases.arriving import arrived
from specie.purchases.errors import LinesInvalid, PurchasePartyRequired
from specie.purchases.goods_store import Goods, goods_of
from specie.purchases.keys import vault
from specie.purchases.lines import MOST_PIECES, Line, ReturnedLine
from specie.purchases.model import Leg, Purchase, PurchaseRefund, PurchaseRefundId
from specie.stock import Cause, DeliverLine, Movement, Occasion, ReturnLine, WarehouseId


@dataclass(frozen=True, slots=True)
class SoldAs:
    """What goods come to: the lines of the purchase that sells them, and who sells: the business itself.

    `goods` are as they are agreed: each line with its price, and the way in which their taxes are rounded.
    """

    merchant_id: PartyId
    goods: Goods
    lines: Sequence[Line]
    amount: Money


async def sold_as(
    uow: UnitOfWork, goods: Goods, currency: Currency, merchant_id: PartyId | None, customer_id: PartyId | None
) -> SoldAs:
    """The purchase that sells these goods, at the prices and taxes of its lines.

    A line without a price costs what the customer's list says now, or the default list while nobody is named. Goods
    leave from where the business says; naming another warehouse takes the permission to move stock.
    Raises PurchasePartyRequired, LinesInvalid, WarehouseMissing, Forbidden, or what `billing.figures_of` raises.
    """
    business = await billing.business_party(uow, vault())
    if merchant_id not in {None, business}:
        raise PurchasePartyRequired("the business itself sells the goods of its catalogue", param="merchant_id")
    _require_pieces(goods)
    goods = await _by_the_business(uow, goods)
    figures = await billing.figures_of(
        uow, goods.lines, currency, includes_tax=goods.includes_tax, customer_id=customer_id, rounding=goods.rounding
    )
    if figures.total_minor <= 0:
        raise LinesInvalid("write a line that charges something", param="goods")
    lines = [
        Line(said.n, said.description, int(said.quantity), Money(said.total_minor, currency), line.product_id)
        for said, line in zip(figures.lines, goods.lines, strict=True)
    ]
    prices = [said.unit_price_minor for said in figures.lines]
    priced = tuple(replace(line, unit_price_minor=price) for line, price in zip(goods.lines, prices, strict=True))
    return SoldAs(business, replace(goods, lines=priced), lines, Money(figures.total_minor, currency))


def _require_pieces(goods: Goods) -> None:
    """Raise LinesInvalid unless the goods are whole pieces that can be counted, each product on one line."""
    if any(line.quantity % 1 or line.quantity > MOST_PIECES for line in goods.lines):
        raise LinesInvalid(f"goods of a purchase are whole pieces, at most {MOST_PIECES} of each", param="goods")
    products = [line.product_id for line in goods.lines if line.product_id is not None]
    if len(set(products)) < len(products):
        raise LinesInvalid("name each product once", param="goods")


async def _by_the_business(uow: UnitOfWork, goods: Goods) -> Goods:
    """The goods with the rounding of the business, and its warehouse where none is named.

    Raises Forbidden, WarehouseMissing, or LinesInvalid where goods that are kept in stock leave from nowhere.
    """
    usual = await billing.profile(uow)
    found = replace(goods, warehouse_id=goods.warehouse_id or usual.delivers_from, rounding=usual.rounding)
    if found.warehouse_id != usual.delivers_from:
        uow.scope.require(Permission.STOCK_MOVE)
    if found.warehouse_id is not None:
        await stock.require_warehouse(uow, found.warehouse_id)
    elif await _stocked(uow, found):
        raise LinesInvalid("say from which warehouse the goods leave", param="goods.warehouse_id")
    return found


async def _stocked(uow: UnitOfWork, goods: Goods) -> dict[int, ProductId]:
    """The products that are kept in stock, by the number of their line, in the order of the lines."""
    wanted = {n: line.product_id for n, line in enumerate(goods.lines, 1) if line.product_id is not None}
    known = await catalogue.products_by_ids(uow, list(wanted.values()))
    return {n: one for n, one in wanted.items() if one in known and known[one].kind is ProductKind.PRODUCT}


async def promise(uow: UnitOfWork, purchase: Purchase) -> None:
    """Set the goods aside with the tenders. Raises OutOfStock."""
    if not purchase.sells_goods:
        return
    goods = await goods_of(uow, purchase)
    lines = [DeliverLine(one, _quantity(goods.lines[n - 1])) for n, one in (await _stocked(uow, goods)).items()]
    if lines and goods.warehouse_id is not None:
        await stock.reserve(uow, goods.warehouse_id, lines, _promise(purchase))


async def release(uow: UnitOfWork, purchase: Purchase) -> None:
    """Promise the goods no longer."""
    if purchase.sells_goods:
        await stock.release(uow, _promise(purchase))


async def sell(uow: UnitOfWork, done: Purchase, legs: Sequence[Leg]) -> None:
    """All tenders have paid: issue the invoice, let it be paid by what arrived, and give the goods out."""
    if not done.sells_goods:
        return
    goods, currency = await goods_of(uow, done), done.amount.currency
    wallet = await wallets.ensure_wallet(uow, done.merchant_id, currency)
    command = WriteInvoice(
        customer_id=done.buyer,
        currency=currency,
        lines=goods.lines,
        includes_tax=goods.includes_tax,
        due_days=0,
        reference=done.reference,
        agreed=True,
        rounding=goods.rounding,
    )
    invoice = await billing.sell(
        uow, vault(), command, await arrived(uow, wallet, [leg.entry_id for leg in legs]), wallet
    )
    await goods_store.note_invoice(uow, done, invoice.id)
    await _deliver(uow, done, invoice, goods.warehouse_id)


async def _deliver(uow: UnitOfWork, done: Purchase, invoice: Invoice, warehouse_id: WarehouseId | None) -> None:
    """Give the goods out of what was promised; where a count has taken some, all wait on the invoice for a person."""
    await stock.release(uow, _promise(done))
    if warehouse_id is None:
        return
    try:
        async with uow.savepoint():
            await billing.deliver(uow, invoice.id, warehouse_id)
    except SpecieError as refused:
        if refused.retryable:
            raise
        await billing.keep_aside(uow, invoice)


async def credited_worth(uow: UnitOfWork, purchase: Purchase, back: Sequence[ReturnedLine]) -> Sequence[ReturnedLine]:
    """The same goods at what the credit note will say of them, to the unit."""
    invoice_id = _issued(await goods_of(uow, purchase))
    minor = await billing.worth(uow, invoice_id, {each.n: Decimal(each.quantity) for each in back})
    return [replace(each, amount=Money(minor[each.n], purchase.amount.currency)) for each in back]


async def left_of(uow: UnitOfWork, purchase: Purchase) -> dict[int, int]:
    """How many pieces of each line have not come back."""
    gone = await line_store.came_back(uow, purchase)
    lines = await line_store.lines_of(uow, purchase)
    return {line.n: line.quantity - gone.get(line.n, 0) for line in lines if line.quantity > gone.get(line.n, 0)}


async def take_back(
    uow: UnitOfWork, purchase: Purchase, refund_id: PurchaseRefundId, back: Sequence[ReturnedLine], reason: str
) -> billing.CreditNoteId | None:
    """Credit the lines and take their goods in; the business's wallet has the money that is to go back.

    Raises CreditsTooMuch or ReturnedTooMuch.
    """
    if not purchase.sells_goods:
        return None
    goods = await goods_of(uow, purchase)
    invoice_id = _issued(goods)
    wallet = await wallets.ensure_wallet(uow, purchase.merchant_id, purchase.amount.currency)
    quantities = {each.n: Decimal(each.quantity) for each in back}
    note = await billing.take_back(uow, vault(), invoice_id, reason, quantities, wallet)
    coming = await _coming(uow, purchase, goods, {each.n: each.quantity for each in back})
    if coming:
        await stock.return_in(uow, coming, Occasion(cause=_return(refund_id), note=purchase.reference))
    return note.id


async def _coming(uow: UnitOfWork, purchase: Purchase, goods: Goods, back: Mapping[int, int]) -> list[ReturnLine]:
    """Which deliveries the goods come back of: what never left, or came back by hand before, does not come again."""
    earlier = await line_store.came_back(uow, purchase)
    found = []
    for n, movement in (await _movements(uow, goods)).items():
        unsent = Quantity.of(int(goods.lines[n - 1].quantity)) + movement.quantity
        all_back = Quantity.of(earlier.get(n, 0) + back.get(n, 0)) - unsent
        more = min(all_back - movement.returned, Quantity.of(back.get(n, 0)))
        if more.millionths > 0:
            found.append(ReturnLine(movement.id, more))
    return found


async def _movements(uow: UnitOfWork, goods: Goods) -> dict[int, Movement]:
    """How the goods of each line left; a line that was credited whole before that has no delivery."""
    # By the lines themselves: what has left is theirs, whatever the catalogue says of the product by now.
    numbers = {line.product_id: n for n, line in enumerate(goods.lines, 1)}
    return {numbers[each.product_id]: each for each in await billing.delivered(uow, _issued(goods))}


@dataclass(frozen=True, slots=True)
class ShownGoods:
    """The invoice of a purchase, whether its goods have left, and the entries of both."""

    invoice: Invoice
    is_delivered: bool
    waits: bool
    entries: Sequence[EntryId]


async def shown(uow: UnitOfWork, purchase: Purchase) -> ShownGoods | None:
    """What a purchase that is completed made besides its legs; None for one that sells none of the catalogue."""
    goods = await goods_of(uow, purchase) if purchase.sells_goods else None
    if goods is None or goods.invoice_id is None:
        return None
    invoice = (await billing.invoices_by_ids(uow, [goods.invoice_id]))[goods.invoice_id]
    moved = await billing.delivered(uow, invoice.id)
    entries = [*await billing.entries_of(uow, invoice.id), *_entries(moved)]
    waits = not moved and bool((await _stocked(uow, goods)).keys() & (await left_of(uow, purchase)).keys())
    return ShownGoods(invoice, bool(moved), waits, list(dict.fromkeys(entries)))


async def came_in(uow: UnitOfWork, purchase: Purchase, refund: PurchaseRefund) -> dict[int, Movement]:
    """The stock that came in with a refund, by the number of its line; none of what is not kept, or never left."""
    if refund.credit_note_id is None:
        return {}
    numbers = {line.product_id: n for n, line in enumerate((await goods_of(uow, purchase)).lines, 1)}
    return {numbers[each.product_id]: each for each in await stock.movements_of(uow, _return(refund.id))}


async def entries_back(uow: UnitOfWork, refund: PurchaseRefund, moved: Sequence[Movement]) -> list[EntryId]:
    """The entries of the credit note of a refund and of the stock that came in with it."""
    if refund.credit_note_id is None:
        return []
    return list(dict.fromkeys([*await billing.entries_of_note(uow, refund.credit_note_id), *_entries(moved)]))


def _entries(moved: Sequence[Movement]) -> list[EntryId]:
    return [each.entry_id for each in moved if each.entry_id is not None]


async def refuse_credit(uow: UnitOfWork, invoice: Invoice) -> None:
    """An invoice of a purchase comes back with the purchase alone. Raises InvoiceKept."""
    found = await goods_store.purchase_of_invoice(uow, invoice.id)
    if found is not None:
        raise billing.kept_by(f"purchase {found}")


def _issued(goods: Goods) -> InvoiceId:
    if goods.invoice_id is None:
        raise RuntimeError("a purchase that was completed without its invoice")
    return goods.invoice_id


def _quantity(line: LineDraft) -> Quantity:
    return Quantity.parse(f"{line.quantity:f}")


def _promise(purchase: Purchase) -> Cause:
    return Cause("purchase", str(purchase.id))


def _return(refund_id: PurchaseRefundId) -> Cause:
    return Cause("purchase_refund", str(refund_id))
