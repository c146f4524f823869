"""Lists, searches and reports over few and over many documents.

Each look is what a page of the console asks the database first, as the application's role and under row security, in
one tenant for each size.

Ages and reports are no page of a list: they sum or name what is open, or what was made in a month. What each of those
documents costs must stay the same however many others there are.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from benchmarks.documents import DOCUMENTS_AT_MOST, PRODUCTS_AT_MOST, filled
from benchmarks.streams import StreamCost, told
from specie import ledger
from specie.billing import ageing_store
from specie.billing import store as billing_store
from specie.billing.store import InvoiceFilter
from specie.catalogue import store as catalogue_store
from specie.catalogue.store import ProductFilter
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.kernel.scope import Scope
from specie.payables import paid_store as bill_store
from specie.payments import store as payment_store
from specie.payments.search_store import AmountFilter, PaymentFilter
from specie.platform.db import Database, UnitOfWork
from specie.reports import business_store
from specie.stock import Kind, WarehouseId, movement_store
from specie.stock.movement_store import MovementFilter

SMALL = 10_000
LOOKS, SUMS = 30, 5
PAGE = 20
# After the last document, and in the middle of them: some ten thousand of a million are open on either.
TODAY, EARLIER = date(2026, 12, 31), date(2026, 6, 1)
IDR = Currency.of("IDR")

Look = Callable[[UnitOfWork], Awaitable[Any]]


def looks(party: PartyId, warehouse: WarehouseId) -> dict[str, Look]:
    """What is asked, by name; each finds something, or searches in vain."""

    def invoices(wanted: InvoiceFilter) -> Look:
        return lambda uow: billing_store.invoices(uow, wanted, None, PAGE)

    def payments(wanted: PaymentFilter) -> Look:
        return lambda uow: payment_store.find_payments(uow, wanted, None, PAGE)

    def products(typed: str) -> Look:
        return lambda uow: catalogue_store.find_products(uow, ProductFilter(q=typed), None, PAGE)

    def movements(wanted: MovementFilter) -> Look:
        return lambda uow: movement_store.find_movements(uow, wanted, None, PAGE)

    return {
        "invoices, the newest": invoices(InvoiceFilter()),
        "invoices of a customer": invoices(InvoiceFilter(customer_id=party)),
        "invoices, the open ones": invoices(InvoiceFilter(state="issued")),
        "invoices, overdue": invoices(InvoiceFilter(overdue_on=date(2026, 2, 1))),
        "invoices by number": invoices(InvoiceFilter(text="4711")),
        "invoices by reference": invoices(InvoiceFilter(text="order-4711")),
        "invoices, in vain": invoices(InvoiceFilter(text="nothing like it")),
        "payments, the newest": payments(PaymentFilter()),
        "payments, the failed ones": payments(PaymentFilter(states=["failed"])),
        "payments by reference": payments(PaymentFilter(q="order-4711")),
        "payments by a common beginning": payments(PaymentFilter(q="order")),
        "payments, in vain": payments(PaymentFilter(q="nothing like it")),
        "payments by amount": payments(PaymentFilter(amounts=AmountFilter(exactly=4711))),
        "products by a common word": products("kopi"),
        "products by two words": products("kopi 4711"),
        "movements, the newest": movements(MovementFilter()),
        "movements of a warehouse": movements(MovementFilter(warehouse_id=warehouse)),
        "movements, counts": movements(MovementFilter(kind=Kind.COUNT)),
    }


@dataclass(frozen=True, slots=True)
class Sum:
    """A report; `pieces` says how many documents it has to read of so many."""

    look: Look
    pieces: Callable[[int], int]


def _open(documents: int) -> int:
    return documents // 100


def _of_a_month(documents: int) -> int:
    return documents * 31 // 300


def _products(documents: int) -> int:
    return min(documents, PRODUCTS_AT_MOST)


def _with_a_balance(documents: int) -> int:
    return 2 * _open(documents) + _products(documents)


def sums() -> dict[str, Sum]:
    """What reads every document that is open, or every one of a month, by name of what it reads."""

    def invoices(day: date) -> Look:
        return lambda uow: ageing_store.open_on(uow, IDR, day, None)

    def bills(day: date) -> Look:
        return lambda uow: bill_store.owed_on(uow, IDR, day)

    def balances(day: date) -> Look:
        return lambda uow: ledger.branches(uow, ledger.MONEY_TYPES, until=day, depth=2)

    month = (IDR.code, date(2026, 5, 1), date(2026, 5, 31))
    end = datetime(2026, 6, 1, tzinfo=UTC)
    return {
        "open invoice in the ages of today": Sum(invoices(TODAY), _open),
        "open invoice in the ages of an earlier day": Sum(invoices(EARLIER), _open),
        "open bill in the ages of today": Sum(bills(TODAY), _open),
        "open bill in the ages of an earlier day": Sum(bills(EARLIER), _open),
        "account in the balances of today": Sum(balances(TODAY), _with_a_balance),
        "account in the balances of an earlier day": Sum(balances(EARLIER), _with_a_balance),
        "open document in the forecast of cash": Sum(
            lambda uow: business_store.due(uow, IDR.code, TODAY), lambda n: 2 * _open(n)
        ),
        "invoice in the sales of a month": Sum(lambda uow: business_store.sales(uow, *month, "product"), _of_a_month),
        "document in the taxes of a month": Sum(
            lambda uow: business_store.tax(uow, *month), lambda n: 2 * _of_a_month(n)
        ),
        "payment in the cash flow of a month": Sum(lambda uow: business_store.cash_flow(uow, *month), _of_a_month),
        "product in the stock of a month": Sum(lambda uow: business_store.stock(uow, *month, end), _products),
    }


@dataclass(frozen=True, slots=True)
class ListCost:
    """Milliseconds at the median that a look takes among few rows and among many."""

    what: str
    few_ms: float
    many_ms: float


async def measure(
    app_url: str, system_url: str, superuser_url: str, largest: int
) -> tuple[list[ListCost], list[StreamCost]]:
    """Every look, and what each document of every sum costs, among ten thousand rows and ten to this power."""
    database = Database(app_url, system_url, pool_size=1)
    medians, summed = [], []
    for rows in (SMALL, 10**largest):
        scope, party, warehouse = filled(superuser_url, rows)
        asked = looks(party, warehouse).items()
        medians.append({name: await _timed(database, scope, look, LOOKS) for name, look in asked})
        summed += [await _summed(database, scope, name, each, rows) for name, each in sums().items()]
    await database.close()
    few, many = medians
    costs = [ListCost(what, few[what], many[what]) for what in few]
    for cost in costs:
        print(f"{cost.what:<32} {cost.few_ms:7.2f} ms  {cost.many_ms:7.2f} ms", flush=True)
    # Those of a kind beside each other, the smallest first.
    return costs, sorted(summed, key=lambda cost: (cost.what, cost.size))


async def _summed(database: Database, scope: Scope, name: str, wanted: Sum, rows: int) -> StreamCost:
    documents = min(rows, DOCUMENTS_AT_MOST)
    median_ms = await _timed(database, scope, wanted.look, SUMS)
    return told(StreamCost(name, documents, wanted.pieces(documents), median_ms / 1000))


async def _timed(database: Database, scope: Scope, look: Look, times: int) -> float:
    """The median of so many looks in milliseconds."""
    took = []
    for _ in range(times):
        async with database.begin(scope) as uow:
            started = time.perf_counter()
            await look(uow)
            took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)
