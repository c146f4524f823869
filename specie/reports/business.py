"""Business reports as tables: what a screen shows and what a file holds are the same rows."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from specie import catalogue, parties
from specie.catalogue import ProductId
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.reports import business_store as store
from specie.reports.sheets import Cell, Table
from specie.reports.statement_store import Period

_FIRST = date(1, 1, 1)


async def cash_flow(uow: UnitOfWork, currency: Currency, period: Period) -> Table:
    """Cash before, what came in and went out by what was on the other side, and cash after: they add up."""
    rows, held = await store.cash_flow(uow, currency.code, period.since or _FIRST, period.until)

    def money(minor: int) -> Money:
        return Money(minor, currency)

    lines: list[Sequence[Cell]] = [("Cash before", None, None, money(held.opening))]
    lines += [(row.code, money(row.inflow), money(row.outflow), money(row.inflow - row.outflow)) for row in rows]
    inflow, outflow = sum(row.inflow for row in rows), sum(row.outflow for row in rows)
    lines.append(("All movements", money(inflow), money(outflow), money(inflow - outflow)))
    lines.append(("Cash after", None, None, money(held.closing)))
    return Table("Cash flow", (f"{currency.code}, by the other side", "In", "Out", "Net"), lines)


async def sales(uow: UnitOfWork, ring: KeyRing, currency: Currency, period: Period, by: str) -> Table:
    """What was invoiced less what was credited, by `product`, `customer` or `month`, with its sum."""
    rows = await store.sales(uow, currency.code, period.since or _FIRST, period.until, by)
    names = await _customers(uow, ring, [row.key for row in rows]) if by == "customer" else {}
    if by == "product":
        names = await _products(uow, [row.key for row in rows])
    lines: list[Sequence[Cell]] = [
        (
            names.get(row.key, row.key if by == "month" else row.description),
            f"{row.quantity.normalize():f}" if by == "product" else None,
            Money(row.net, currency),
            Money(row.tax, currency),
            Money(row.net + row.tax, currency),
        )
        for row in rows
    ]
    net, tax = sum(row.net for row in rows), sum(row.tax for row in rows)
    lines.append(("All sales", None, Money(net, currency), Money(tax, currency), Money(net + tax, currency)))
    return Table(f"Sales by {by}", (by.capitalize(), "Quantity", "Net", "Tax", "Total"), lines)


async def _customers(uow: UnitOfWork, ring: KeyRing, keys: Sequence[str]) -> dict[str, str]:
    ids = [PartyId(UUID(key)) for key in keys]
    found = await parties.names(uow, ring, ids)
    return {str(each.uuid): found.get(each) or str(each) for each in ids}


async def _products(uow: UnitOfWork, keys: Sequence[str]) -> dict[str, str]:
    ids = {key: ProductId.parse(key.removeprefix("p:")) for key in keys if key.startswith("p:")}
    found = await catalogue.products_by_ids(uow, list(ids.values()))
    return {key: found[each].name for key, each in ids.items() if each in found}


async def tax(uow: UnitOfWork, currency: Currency, period: Period) -> Table:
    """Each tax on sales and on purchases, and what is left to pay to the tax office."""
    rows = await store.tax(uow, currency.code, period.since or _FIRST, period.until)

    def money(*minors: int) -> list[Money]:
        return [Money(minor, currency) for minor in minors]

    lines: list[Sequence[Cell]] = [
        (row.name, *money(row.base, row.tax, row.input_base, row.input, row.tax - row.input)) for row in rows
    ]
    charged, paid = sum(row.tax for row in rows), sum(row.input for row in rows)
    lines.append(("All taxes", None, *money(charged), None, *money(paid, charged - paid)))
    header = ("Tax", "Sold, net", "Tax on sales", "Bought, net", "Tax on purchases", "To pay")
    return Table("Tax", header, lines)


async def stock(uow: UnitOfWork, currency: Currency, period: Period) -> Table:
    """What each product in each warehouse was worth before, what came and went, and what is there and worth after."""
    end = uow.scope.clock.end_of(period.until)
    rows = await store.stock(uow, currency.code, period.since or _FIRST, period.until, end)
    found = await catalogue.products_by_ids(uow, [ProductId(row.product_id) for row in rows])
    names = {each.uuid: product.name for each, product in found.items()}

    def money(*minors: int) -> list[Money]:
        return [Money(minor, currency) for minor in minors]

    lines: list[Sequence[Cell]] = [
        (
            names.get(row.product_id, str(ProductId(row.product_id))),
            row.warehouse,
            *money(row.opening, row.came, row.went),
            str(Quantity(row.quantity)),
            *money(row.opening + row.came - row.went),
        )
        for row in rows
    ]
    sums = [sum(getattr(row, name) for row in rows) for name in ("opening", "came", "went")]
    lines.append(("All stock", None, *money(*sums), None, *money(sums[0] + sums[1] - sums[2])))
    header = ("Product", "Warehouse", "Worth before", "In", "Out", "There is", "Worth after")
    return Table("Stock", header, lines)
