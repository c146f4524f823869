"""Business reports as tables: what a screen shows and what a file holds are the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from specie import billing, catalogue, parties
from specie.billing import InvoiceId
from specie.catalogue import ProductId
from specie.installments import OrderId
from specie.kernel.ids import AccountId, PartyId, PrefixedId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity
from specie.payables import BillId
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.reports import business_store as store
from specie.reports.errors import PeriodInvalid
from specie.reports.sheets import Cell, Table
from specie.reports.statement_store import Period

_FIRST = date(1, 1, 1)
_AHEAD = timedelta(days=366)
_CASH = "asset"
_SALES = "income:billing:sales"
_SALES_TAX = "liability:billing:tax"
_TAX_PAID = "asset:payables:tax"
_STOCK = "asset:stock"
SOLD = "sold:"
"""What an amount of sales opens: this, then the key of its row; the documents behind it are asked for with the key."""


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
    sides = [_CASH, *(row.code for row in rows), _CASH, _CASH]
    header = (f"{currency.code}, by the other side", "In", "Out", "Net")
    return Table("Cash flow", header, lines, [[side] * 4 for side in sides])


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
    opens: list[list[str | None]] = [[f"{SOLD}{row.key}"] * 5 for row in rows]
    opens.append([None, None, _SALES, _SALES_TAX, _SALES])
    return Table(f"Sales by {by}", (by.capitalize(), "Quantity", "Net", "Tax", "Total"), lines, opens)


async def sources(uow: UnitOfWork, currency: Currency, period: Period, by: str, key: str) -> Sequence[Any]:
    """The documents behind one row of sales, the oldest first: what each charges or credits of it, and its entry."""
    return await store.sources(uow, currency.code, period.since or _FIRST, period.until, by, key)


async def cash_forecast(uow: UnitOfWork, currency: Currency, period: Period) -> Table:
    """What is due by a day, and the cash there is if all of it comes on its day; what is late already comes first.

    Open invoices and bills, parts of installment orders, and what recurring invoices will charge by then. Raises
    PeriodInvalid for a day further ahead than a year: a forecast of more would be longer and no truer.
    """
    today = uow.business_date
    if period.until > today + _AHEAD:
        raise PeriodInvalid(f"a forecast looks ahead to {today + _AHEAD} at most", param="until")
    _, held = await store.cash_flow(uow, currency.code, today, today)
    due = [
        _Due(row.day, row.name, str(_IDS[row.kind](row.id)), row.inflow, row.outflow)
        for row in await store.due(uow, currency.code, period.until)
    ]
    for each in await billing.coming(uow, currency, period.until):
        name = f"Recurring: {each.of.terms.reference or 'invoice'}"
        told = f"{name} cannot be charged: {each.trouble}" if each.trouble else name
        due.append(_Due(each.due_on, told, str(each.of.id), each.minor, 0))
    return _forecast(currency, int(held.closing), sorted(due, key=lambda each: (each.day, each.opens)))


_IDS: dict[str, type[PrefixedId]] = {"invoice": InvoiceId, "bill": BillId, "installment": OrderId}


@dataclass(frozen=True, slots=True)
class _Due:
    """Something that is to be paid on a day, in minor units; `opens` is its id."""

    day: date
    name: str
    opens: str
    inflow: int
    outflow: int


def _forecast(currency: Currency, cash: int, due: Sequence[_Due]) -> Table:
    def money(minor: int) -> Money:
        return Money(minor, currency)

    lines: list[Sequence[Cell]] = [(None, "Cash now", None, None, money(cash))]
    opens: list[list[str | None]] = [[_CASH] * 5]
    for each in due:
        cash += each.inflow - each.outflow
        into = money(each.inflow) if each.inflow else None
        lines.append((each.day, each.name, into, money(each.outflow) if each.outflow else None, money(cash)))
        opens.append([each.opens] * 4 + [None])
    sums = [sum(each.inflow for each in due), sum(each.outflow for each in due)]
    lines.append((None, "Cash then", money(sums[0]), money(sums[1]), money(cash)))
    opens.append([None] * 5)
    return Table("Cash forecast", ("Due", "What", "In", "Out", "Cash then"), lines, opens)


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
    opens: list[list[str | None]] = [_tax_opens(f"{_SALES_TAX}:{row.code}", f"{_TAX_PAID}:{row.code}") for row in rows]
    return Table("Tax", header, lines, [*opens, _tax_opens(_SALES_TAX, _TAX_PAID)])


def _tax_opens(sales: str, paid: str) -> list[str | None]:
    # What is to be paid is the difference of both: the accounts of the tax on sales, where it is owed.
    return [None, _SALES, sales, paid, paid, sales]


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
    opens: list[list[str | None]] = [[str(AccountId(row.account_id))] * 7 for row in rows]
    return Table("Stock", header, lines, [*opens, [_STOCK] * 7])
