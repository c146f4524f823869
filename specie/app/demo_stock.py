"""What the demo's shop sells and keeps: coffee in two warehouses, bought, sold over the counter, carried and counted.

Every sale is an invoice: each week's takings are one, paid in cash, with which the goods leave.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from specie import billing, catalogue, parties, stock
from specie.app.wiring import Services
from specie.billing import LineDraft, Method, Receive, WriteInvoice
from specie.catalogue import Particulars, Product, ProductId, ProductKind, TaxRateId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity
from specie.kernel.scope import Scope
from specie.parties import PartyKind
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.stock import DeliverLine, Occasion, ReceiveLine, Warehouse, WarehouseId

IDR = Currency.of("IDR")
At = Callable[[timedelta], Scope]

_COUNTER = "counter@kedai-senja.example"
OPENED = 80
"""Days ago on which the shop began to keep stock."""


@dataclass(frozen=True, slots=True)
class Good:
    """Something sold: its price and cost in whole rupiah; `bought` every fourth week, `sold` each week."""

    name: str
    sku: str
    unit: str
    barcode: str
    price: int
    cost: int = 0
    bought: int = 0
    sold: int = 0
    reorder_at: int = 0


GOODS = (
    Good("Kopi Gayo 1 kg", "GAYO-1", "bag", "8991000000011", 185_000, 121_500, 40, 9, 12),
    Good("Kopi Toraja 500 g", "TORAJA-05", "bag", "8991000000028", 110_000, 71_250, 60, 13, 20),
    Good("Filter papers", "FILTER-100", "box", "8991000000035", 45_000, 18_300, 80, 21, 25),
    Good("Hand grinder", "GRINDER", "pcs", "8991000000042", 425_000, 287_400, 12, 3, 4),
    Good("Cold brew, 12 bottles", "BREW-12", "crate", "8991000000059", 264_000, 168_000, 16, 4, 5),
)
COURSE = Good("Barista course", "COURSE", "hour", "8991000000066", 150_000)


async def day(services: Services, at: At, ago: int) -> None:
    """What was bought, sold, carried or counted on one day; most days there is nothing to write down."""
    if ago > OPENED or (ago != OPENED and ago % 7 != 3):
        return
    async with services.db.begin(at(timedelta(days=ago))) as uow:
        if ago == OPENED:
            await _open(services, uow)
        await _week(services, uow, (OPENED - ago) // 7)
        crash_point("demo.stock.moved")


async def _open(services: Services, uow: UnitOfWork) -> None:
    known = {"name": "Walk-in customers", "email": _COUNTER}
    await parties.create_party(uow, services.vault, kind=PartyKind.COMPANY, roles=["customer"], known=known)
    await stock.add_warehouse(uow, "JKT", "Jakarta", IDR)
    await stock.add_warehouse(uow, "BDG", "Bandung", IDR)
    tax = (await catalogue.add_tax_rate(uow, "PPN", 110_000)).id
    await _describe(uow, COURSE, ProductKind.SERVICE, tax)
    for good in GOODS:
        await _describe(uow, good, ProductKind.PRODUCT, tax)


async def _describe(uow: UnitOfWork, good: Good, kind: ProductKind, tax: TaxRateId) -> None:
    said = Particulars.checked(
        kind=kind, name=good.name, sku=good.sku, unit=good.unit, barcode=good.barcode, taxes=(tax,)
    )
    await catalogue.add_product(uow, said, Money(good.price * 100, IDR))


async def _week(services: Services, uow: UnitOfWork, week: int) -> None:
    jakarta, bandung = await _places(uow)
    sold = [(good, await catalogue.by_barcode(uow, good.barcode)) for good in GOODS]
    found = [(good, product.id) for good, product in sold]
    if week % 4 == 0:
        # Every delivery of the roaster costs two percent more than the one before.
        dearer = [(good, product, good.cost * (100 + week // 2)) for good, product in found]
        lines = [_bought(product, good.bought, cost) for good, product, cost in dearer]
        await stock.receive(uow, jakarta.id, lines, Occasion(note="The roaster's delivery"))
    if week == 0:
        for good, product in found:
            await stock.set_reorder_point(uow, jakarta.id, product, Quantity.of(good.reorder_at))
        return
    if week == 2:
        carried = [DeliverLine(product, Quantity.of(good.sold)) for good, product in found]
        await stock.transfer(uow, jakarta.id, bandung.id, carried, Occasion(note="For the new shop"))
    wanted = [DeliverLine(product, Quantity.of(good.sold)) for good, product in found]
    if all([await _has(uow, jakarta.id, line) for line in wanted]):
        await _sell(services, uow, jakarta.id, sold)
    if week == 6:
        await stock.adjust(uow, bandung.id, found[2][1], Quantity.of(-1), Occasion(note="Water damage"))


async def _sell(services: Services, uow: UnitOfWork, place: WarehouseId, sold: Sequence[tuple[Good, Product]]) -> None:
    """A week's sales over the counter, paid as they were made."""
    customer = await parties.find_by_contact(uow, services.vault, _COUNTER)
    if customer is None:
        raise LookupError(_COUNTER)
    lines = [_sold(good, product) for good, product in sold]
    draft = await billing.draft(uow, WriteInvoice(customer, IDR, lines, due_days=0, reference="Sold over the counter"))
    invoice = await billing.issue_and_deliver(uow, services.vault, draft.id, place)
    total = Money(invoice.total_minor, IDR)
    await billing.receive(uow, Receive(customer, total, Method.CASH, "Till", [(invoice.id, total)]))


def _sold(good: Good, product: Product) -> LineDraft:
    return LineDraft(
        description=good.name,
        quantity=Decimal(good.sold),
        unit_price_minor=good.price * 100,
        unit=good.unit,
        discount=Decimal(0),
        taxes=product.taxes,
        product_id=product.id,
    )


async def _has(uow: UnitOfWork, place: WarehouseId, line: DeliverLine) -> bool:
    [level] = await stock.find_levels(uow, stock.LevelFilter(place, [line.product_id]), None, 1)
    return level.available >= line.quantity


async def _places(uow: UnitOfWork) -> tuple[Warehouse, Warehouse]:
    by_code = {each.code: each for each in (await stock.warehouses(uow)).values()}
    return by_code["JKT"], by_code["BDG"]


def _bought(product: ProductId, bags: int, cost: int) -> ReceiveLine:
    much = Quantity.of(bags)
    return ReceiveLine(product, much, much.times(Money(cost, IDR)))
