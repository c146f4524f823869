"""The demo's offers and orders: a quote that awaits its answer, an order half delivered, and reminders by mail."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from specie import billing, catalogue, parties, sales, stock
from specie.app.wiring import Services
from specie.billing import LineDraft, Step
from specie.catalogue import Product, ProductFilter
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.kernel.scope import Scope
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.sales import Offered, QuoteId, WriteQuote

At = Callable[[timedelta], Scope]

IDR = Currency.of("IDR")
HOTEL, BAKERY = "accounts@hotel-merdeka.example", "accounts@toko-roti-kenanga.example"
# SKU and price without tax, in minor units.
PRICES = {"GAYO-1": 170_000_00, "FILTER-100": 41_000_00, "COURSE": 150_000_00}
STEPS = (
    Step(-3, "A friendly note that this invoice falls due in three days."),
    Step(1, "This invoice fell due yesterday."),
    Step(7, "This invoice has been due for a week."),
    Step(14, "This invoice has been due for two weeks. Please pay it now."),
)


async def day(services: Services, at: At, ago: int) -> None:
    """What was offered, accepted and delivered on one day."""
    scope = at(timedelta(days=ago, minutes=20))
    async with services.db.begin(scope) as uow:
        if ago == 6:
            await _order(services, uow)
        if ago == 2:
            wanted = (("GAYO-1", "12", "0.05"), ("FILTER-100", "10", "0"), ("COURSE", "4", "0"))
            await _quote(services, uow, BAKERY, wanted, "Opening in Kemang")
        if ago == 1:
            await billing.set_steps(uow, STEPS)
        crash_point("demo.sales.day")


async def _order(services: Services, uow: UnitOfWork) -> None:
    wanted = (("GAYO-1", "6", "0"), ("FILTER-100", "8", "0.1"))
    quote_id = await _quote(services, uow, HOTEL, wanted, "PO-HM-118")
    await sales.accept(uow, services.vault, quote_id, 1, "Ratna Dewi")
    order = await sales.from_quote(uow, quote_id)
    warehouse = min((await stock.warehouses(uow)).values(), key=lambda each: each.id.uuid)
    await sales.deliver(uow, order.id, warehouse.id, {1: Decimal(3), 2: Decimal(8)})
    await sales.invoice(uow, services.vault, order.id, {1: Decimal(3), 2: Decimal(8)})


async def _quote(
    services: Services, uow: UnitOfWork, email: str, wanted: tuple[tuple[str, str, str], ...], reference: str
) -> QuoteId:
    products = {each.sku: each for each in await catalogue.find_products(uow, ProductFilter(), None, 100)}
    lines = [_line(products[sku], quantity, discount) for sku, quantity, discount in wanted]
    said = WriteQuote(
        lines=lines,
        currency=IDR,
        valid_until=uow.business_date + timedelta(days=21),
        discount=Decimal("0.02"),
        reference=reference,
        note="Delivery within Jakarta is free.",
    )
    made = await sales.draft(uow, services.vault, Offered(await _customer(services, uow, email)), said)
    await sales.send(uow, services.vault, made.id)
    return made.id


def _line(product: Product, quantity: str, discount: str) -> LineDraft:
    return LineDraft(
        description=product.name,
        quantity=Decimal(quantity),
        unit_price_minor=PRICES[product.sku],
        unit=product.unit,
        discount=Decimal(discount),
        taxes=product.taxes,
        product_id=product.id,
    )


async def _customer(services: Services, uow: UnitOfWork, email: str) -> PartyId:
    found = await parties.find_by_contact(uow, services.vault, email)
    if found is None:
        raise LookupError(email)
    return found
