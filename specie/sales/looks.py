"""Quotes and orders as screens show them: with names and everything that belongs to them."""

from collections.abc import Sequence

from specie import billing, parties, stock
from specie.billing import SalesOrderId
from specie.kernel.permissions import Permission
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.sales import order_store, ordering, quoting, store
from specie.sales.model import Order, OrderLine, Quote, QuoteId
from specie.sales.schemas import (
    SalesOrderDetail,
    SalesOrderInvoiceOut,
    SalesOrderLineOut,
    SalesOrderOut,
    SalesOrderShipmentOut,
    SalesQuoteDetail,
    SalesQuoteOut,
    SalesQuoteVersionOut,
)
from specie.stock import Promise


async def quotes(uow: UnitOfWork, ring: KeyRing, found: Sequence[Quote]) -> list[SalesQuoteOut]:
    """Quotes with their customers' names."""
    names = await parties.names(uow, ring, list({one.customer_id for one in found}))
    answers = await quoting.answers(uow, ring, found)
    shows_way = uow.scope.party_id is not None or Permission.BILLING_WRITE in uow.scope.permissions
    return [
        SalesQuoteOut.of(each, names, answer, shows_way=shows_way) for each, answer in zip(found, answers, strict=True)
    ]


async def quote(uow: UnitOfWork, ring: KeyRing, quote_id: QuoteId) -> SalesQuoteDetail:
    """One quote with the versions its reader may see. Raises QuoteMissing."""
    found = await quoting.get(uow, quote_id)
    [shown] = await quotes(uow, ring, [found])
    versions = await store.versions_of(uow, quote_id)
    if uow.scope.party_id is not None:
        versions = [each for each in versions if each.version == found.sent_version]
    order = await order_store.order_of_quote(uow, quote_id)
    return SalesQuoteDetail(
        **shown.model_dump(),
        versions=[SalesQuoteVersionOut.of(each, found.currency.code) for each in versions],
        order_id=str(order.id) if order else None,
    )


async def orders(uow: UnitOfWork, ring: KeyRing, found: Sequence[Order]) -> list[SalesOrderOut]:
    """Orders with their customers' names and how far they are, with few statements however many they are."""
    names = await parties.names(uow, ring, list({one.customer_id for one in found}))
    lines = await order_store.lines_of(uow, [one.id for one in found])
    return [SalesOrderOut.of(each, lines[each.id], names) for each in found]


async def order(uow: UnitOfWork, ring: KeyRing, order_id: SalesOrderId) -> SalesOrderDetail:
    """One order with everything that belongs to it. Raises OrderMissing."""
    found = await ordering.get(uow, order_id)
    [shown] = await orders(uow, ring, [found])
    lines = (await order_store.lines_of(uow, [order_id]))[order_id]
    ids = await order_store.invoices_of(uow, order_id)
    invoices = await billing.invoices_by_ids(uow, ids)
    standing = await billing.standings(uow, [invoices[each] for each in ids if each in invoices])
    return SalesOrderDetail(
        **shown.model_dump(),
        lines=[
            SalesOrderLineOut.of(line, found.currency.code, aside)
            for line, aside in zip(lines, await _aside(uow, order_id, lines), strict=True)
        ],
        shipments=[SalesOrderShipmentOut.of(each) for each in await order_store.shipments_of(uow, order_id)],
        invoices=[SalesOrderInvoiceOut.of(each) for each in standing],
    )


async def _aside(uow: UnitOfWork, order_id: SalesOrderId, lines: Sequence[OrderLine]) -> list[Promise]:
    """What of each line is kept aside and what it waits for: of a product on several lines the first ones come first.

    A line that is promised nothing, because nobody said where goods leave from, waits for nothing either.
    """
    promised = await stock.promised(uow, ordering.promise_of(order_id))
    left = {str(product_id): promise for product_id, promise in promised.items()}
    found = []
    for line in lines:
        whole, wanted = left.get(line.product_id or "", Promise()), Quantity.parse(f"{line.to_deliver:f}")
        kept = min(wanted, whole.kept)
        found.append(Promise(min(wanted, kept + whole.missing), kept))
        left[line.product_id or ""] = Promise(whole.wanted - found[-1].wanted, whole.kept - kept)
    return found
