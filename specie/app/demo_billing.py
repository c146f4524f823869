"""The demo's own trade: what the roastery sells to businesses, with invoices in every state and of every age.

What it sells lies in the warehouse that `demo_stock` opens, and leaves with the invoice.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from specie import billing, catalogue, parties, stock
from specie.app.wiring import Services
from specie.billing import (
    Handling,
    Invoice,
    LineDraft,
    Method,
    Profile,
    Receive,
    Recur,
    Rhythm,
    Terms,
    Unit,
    WriteInvoice,
    store,
)
from specie.billing.store import InvoiceFilter
from specie.catalogue import Particulars, Product, ProductFilter, ProductKind, TaxRateId, price_store
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity
from specie.kernel.scope import Scope
from specie.parties import PartyKind
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.stock import Occasion, ReceiveLine, WarehouseId

IDR = Currency.of("IDR")
OPENED = 80
# Name: street and town, tax number.
CUSTOMERS = {
    "Hotel Merdeka": ("Jl. Medan Merdeka 4\nJakarta 10110", "02.345.678.9-022.000"),
    "Kafe Lentera": ("Jl. Braga 27\nBandung 40111", "03.456.789.0-423.000"),
    "Toko Roti Kenanga": ("Jl. Kenanga 8\nBogor 16124", ""),
    "Kantor Arunika": ("Jl. Sudirman 61\nJakarta 10220", "04.567.890.1-021.000"),
}
# SKU: name, unit, price without tax, in minor units.
PRODUCTS = {
    "SNJ-GAYO": ("Gayo beans, medium roast", "kg", 185_000_00),
    "SNJ-TORAJA": ("Toraja beans, dark roast", "kg", 210_000_00),
    "SNJ-FILTER": ("Paper filters, box of 100", "box", 42_500_00),
    "SNJ-TRAIN": ("Barista training, half a day", "session", 1_500_000_00),
}
# SKU: how much was bought when the shop opened, and what one cost, in minor units.
BOUGHT = {"SNJ-GAYO": (110, 112_000_00), "SNJ-TORAJA": (30, 131_000_00), "SNJ-FILTER": (30, 19_500_00)}
PROFILE = Profile(
    name="Kedai Senja",
    address="Jl. Cikini Raya 12\nJakarta 10330",
    tax_number="01.234.567.8-021.000",
    footer="Bank Senja 123 456 7890 · Kedai Senja · Thank you",
    country="ID",
)


@dataclass(frozen=True, slots=True)
class Sold:
    """An invoice of the demo: who bought what, due when, and what was paid of it how many days later."""

    customer: int
    items: tuple[tuple[str, str], ...]
    due_days: int = 14
    paid_after: int | None = None
    paid: Decimal = Decimal(1)
    discount: Decimal = Decimal(0)
    credited_after: int | None = None


# By days ago.
SOLD = {
    76: Sold(0, (("SNJ-GAYO", "20"), ("SNJ-FILTER", "4")), paid_after=10),
    70: Sold(1, (("SNJ-TORAJA", "6.5"),), due_days=7),
    63: Sold(2, (("SNJ-GAYO", "8"),), paid_after=14),
    55: Sold(3, (("SNJ-TRAIN", "2"),), due_days=10, paid_after=20, paid=Decimal("0.5")),
    44: Sold(0, (("SNJ-GAYO", "24"), ("SNJ-TORAJA", "4")), discount=Decimal("0.05"), paid_after=12),
    33: Sold(1, (("SNJ-FILTER", "10"),), due_days=14),
    27: Sold(2, (("SNJ-TORAJA", "5"),), credited_after=2),
    20: Sold(3, (("SNJ-GAYO", "3.25"),), due_days=30),
    14: Sold(0, (("SNJ-GAYO", "18"),), due_days=14, paid_after=7, paid=Decimal("0.4")),
    9: Sold(1, (("SNJ-TORAJA", "4"), ("SNJ-FILTER", "2")), due_days=7),
    5: Sold(2, (("SNJ-GAYO", "6"),), paid_after=4, paid=Decimal("1.25")),
    2: Sold(3, (("SNJ-TRAIN", "1"),)),
}
RECURS_IN = timedelta(days=7)
DRAFT = Sold(0, (("SNJ-GAYO", "22"), ("SNJ-FILTER", "6")))

At = Callable[[timedelta], Scope]


async def day(services: Services, at: At, ago: int) -> None:
    """What was sold, paid and credited on one day."""
    scope = at(timedelta(days=ago, minutes=40))
    if ago == OPENED:
        await _open(services, scope)
    if ago in SOLD:
        await _sell(services, scope, SOLD[ago], _reference(ago), is_draft=False)
    for sold_ago, sold in SOLD.items():
        if sold.paid_after is not None and sold_ago - sold.paid_after == ago:
            await _receive(services, scope, sold, _reference(sold_ago))
        if sold.credited_after is not None and sold_ago - sold.credited_after == ago:
            await _credit(services, scope, _reference(sold_ago))
    if ago == 0:
        await _recur(services, scope)
        await _sell(services, scope, DRAFT, "PO-3001", is_draft=True)


def _reference(ago: int) -> str:
    return f"PO-{3000 - ago}"


async def _open(services: Services, scope: Scope) -> None:
    async with services.db.begin(scope) as uow:
        await billing.set_profile(uow, replace(PROFILE, delivers_from=await _warehouse(uow)))
        for name, (address, tax_number) in CUSTOMERS.items():
            known = {"name": name, "email": _email(name), "address": address, "country": "ID", "tax_number": tax_number}
            await parties.create_party(uow, services.vault, kind=PartyKind.COMPANY, roles=["customer"], known=known)
        vat = await _vat(uow)
        for sku, (name, unit, minor) in PRODUCTS.items():
            kind = ProductKind.SERVICE if unit == "session" else ProductKind.PRODUCT
            said = Particulars.checked(kind=kind, name=name, sku=sku, unit=unit, taxes=(vat,))
            product = await catalogue.add_product(uow, said, Money(minor, IDR))
            if sku in BOUGHT:
                bought, cost = BOUGHT[sku]
                line = ReceiveLine(product.id, Quantity.of(bought), Money(bought * cost, IDR))
                await stock.receive(uow, await _warehouse(uow), [line], Occasion(note="The first roast"))
        crash_point("demo.billing.opened")


async def _warehouse(uow: UnitOfWork) -> WarehouseId:
    return min((await stock.warehouses(uow)).values(), key=lambda each: each.id.uuid).id


async def _vat(uow: UnitOfWork) -> TaxRateId:
    known = [rate for rate in await price_store.tax_rates(uow) if rate.ppm == 110_000]
    return known[0].id if known else (await catalogue.add_tax_rate(uow, "PPN 11%", 110_000)).id


async def _sell(services: Services, scope: Scope, sold: Sold, reference: str, *, is_draft: bool) -> None:
    async with services.db.begin(scope) as uow:
        customer = await _customer(services, uow, list(CUSTOMERS)[sold.customer])
        products = {each.sku: each for each in await catalogue.find_products(uow, ProductFilter(), None, 100)}
        lines = [_line(products[sku], quantity, sold.discount) for sku, quantity in sold.items]
        said = WriteInvoice(customer, IDR, lines, due_days=sold.due_days, reference=reference)
        invoice = await billing.draft(uow, said)
        if not is_draft:
            await billing.issue_and_deliver(uow, services.vault, invoice.id, await _warehouse(uow))
        crash_point("demo.billing.sold")


async def _recur(services: Services, scope: Scope) -> None:
    async with services.db.begin(scope) as uow:
        customer = await _customer(services, uow, next(iter(CUSTOMERS)))
        products = {each.sku: each for each in await catalogue.find_products(uow, ProductFilter(), None, 100)}
        terms = Terms([_line(products["SNJ-TRAIN"], "1", Decimal(0))], Handling.ISSUE, reference="Monthly training")
        rhythm = Rhythm(Unit.MONTH, 1, uow.business_date + RECURS_IN)
        await billing.begin_recurring(uow, Recur(customer, IDR, rhythm, terms))
        crash_point("demo.billing.recurs")


def _line(product: Product, quantity: str, discount: Decimal) -> LineDraft:
    return LineDraft(
        description=product.name,
        quantity=Decimal(quantity),
        unit_price_minor=PRODUCTS[product.sku][2],
        unit=product.unit,
        discount=discount,
        taxes=product.taxes,
        product_id=product.id,
    )


async def _customer(services: Services, uow: UnitOfWork, name: str) -> PartyId:
    found = await parties.find_by_contact(uow, services.vault, _email(name))
    if found is None:
        raise LookupError(name)
    return found


def _email(name: str) -> str:
    return f"accounts@{name.lower().replace(' ', '-')}.example"


async def _invoice(uow: UnitOfWork, reference: str) -> Invoice:
    found = await store.invoices(uow, InvoiceFilter(text=reference), None, 1)
    return found.items[0]


async def _receive(services: Services, scope: Scope, sold: Sold, reference: str) -> None:
    async with services.db.begin(scope) as uow:
        invoice = await _invoice(uow, reference)
        minor = int(invoice.total_minor * sold.paid)
        shares = [(invoice.id, Money(min(minor, invoice.total_minor), IDR))]
        paid = Receive(invoice.customer_id, Money(minor, IDR), Method.BANK, f"Transfer for {invoice.number}", shares)
        await billing.receive(uow, paid)
        crash_point("demo.billing.received")


async def _credit(services: Services, scope: Scope, reference: str) -> None:
    async with services.db.begin(scope) as uow:
        invoice = await _invoice(uow, reference)
        await billing.credit(uow, services.vault, invoice.id, "Ordered twice by mistake")
        crash_point("demo.billing.credited")
