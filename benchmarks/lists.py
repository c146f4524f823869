"""Lists, searches and ages over few and over many rows: invoices, bills, payments, products, movements of stock.

Each look is what a page of the console asks the database first, as the application's role and under row security. The
rows are made by SQL, one tenant for each size, because making them through the services would take hours.

Ages are no page of a list: they name every document that is open. What each of those costs must stay the same however
many others there are.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from benchmarks.books import new_scope
from benchmarks.streams import StreamCost, told
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
from specie.stock import Kind, WarehouseId, movement_store
from specie.stock.movement_store import MovementFilter

SMALL = 10_000
DOCUMENTS_AT_MOST, PRODUCTS_AT_MOST = 1_000_000, 100_000
LOOKS = 30
PAGE = 20
# Every hundredth invoice is open, one movement in ten thousand is a count: a page of what is rare must not read it all.
_ROWS = """
insert into specie.billing_invoice (tenant_id, id, customer_id, currency, state, reference, note, includes_tax,
       due_days, net_minor, tax_minor, total_minor, version, created_at, number, n, issued_on, due_on, account_id,
       creditable_id, entry_id, token, is_deposit)
select %(tenant)s, uuidv7(), %(party)s, 'IDR', case when n %% 100 = 0 then 'issued' else 'paid' end, 'order-' || n, '',
       false, 14, 100, 11, 111, 1, now(), 'INV-' || lpad(n::text, 7, '0'), n, date '2026-01-01' + (n %% 300)::int,
       date '2026-01-15' + (n %% 300)::int, uuidv7(), gen_random_uuid(), gen_random_uuid(), 't-' || n, false
  from generate_series(1, %(count)s::bigint) n;
insert into specie.payables_bill (tenant_id, id, number, n, supplier_id, their_number, currency, state, billed_on,
       due_on, net_minor, tax_minor, problems, reason, account_id, debitable_id, entry_id, version, created_at)
select tenant_id, uuidv7(), 'BILL-' || n, n, customer_id, 'F-' || n, currency, case state when 'issued' then 'open'
       else state end, issued_on, due_on, 100, 11, '[]', '', uuidv7(), gen_random_uuid(), gen_random_uuid(), 1, now()
  from specie.billing_invoice where tenant_id = %(tenant)s;
with document as (
    select tenant_id, account_id, 'asset' as type, 'asset:billing:receivable' as control, id, customer_id as party,
           state = 'paid' as is_paid, issued_on as day from specie.billing_invoice where tenant_id = %(tenant)s
     union all
    select tenant_id, account_id, 'liability', 'liability:payables:owed', id, supplier_id, state = 'paid', billed_on
      from specie.payables_bill where tenant_id = %(tenant)s)
insert into specie.account (tenant_id, id, code, type, currency, exponent, owner_party_id, name, opened_at,
       balance_minor, version, control, first_on, settled_on)
select tenant_id, account_id, control || ':' || id, type, 'IDR', 2, party, '', now(), case when is_paid then 0 else 111
       end, 1, control, day, case when is_paid then day + 1 end
  from document;
insert into specie.account_day (tenant_id, account_id, business_date, debit_minor, credit_minor)
select a.tenant_id, a.id, d.day, case when d.is_raised then 111 else 0 end, case when d.is_raised then 0 else 111 end
  from specie.account a
 cross join lateral (values (a.first_on, a.type = 'asset'), (a.settled_on, a.type <> 'asset')) as d (day, is_raised)
 where a.tenant_id = %(tenant)s and d.day is not null;
insert into specie.payment (tenant_id, id, kind, party_id, reference, amount_minor, currency, description, state,
       version, created_at, expires_at, metadata, splits, paid_late, capture_mode)
select %(tenant)s, uuidv7(), 'merchant', %(party)s, 'order-' || n, n, 'IDR', 'Kopi', case when n %% 1000 = 0 then
       'failed' else 'expired' end, 1, now(), now(), '{}', '[]', false, 'automatic'
  from generate_series(1, %(count)s::bigint) n;
insert into specie.product (tenant_id, id, kind, name, name_key, sku, sku_key, unit, description, state, version,
       created_at, updated_at)
select %(tenant)s, gen_random_uuid(), 'product', 'Kopi ' || n, 'kopi ' || n, 'K-' || n, 'k-' || n, 'bag', '',
       'active', 1, now(), now()
  from generate_series(1, %(products)s::bigint) n;
insert into specie.product_word (tenant_id, word, product_id)
select tenant_id, unnest(array['kopi', substr(name_key, 6), sku_key]), id from specie.product
 where tenant_id = %(tenant)s;
insert into specie.warehouse values (%(tenant)s, %(warehouse)s, 'W1', 'One', 'IDR', now());
insert into specie.stock_movement (tenant_id, id, kind, warehouse_id, product_id, number, quantity, value_minor,
       correction_minor, on_hand, effective_at, recorded_at, entry_id, actor, note, line, returned)
select %(tenant)s, uuidv7(), case when n %% 10000 = 0 then 'count' when n %% 2 = 0 then 'delivery' else 'receipt' end,
       %(warehouse)s, p.ids[1 + n %% cardinality(p.ids)], n, 1000000, 100, 0, 1000000, now(), now(), gen_random_uuid(),
       'benchmark', '', 0, 0
  from (select array_agg(id) as ids from specie.product where tenant_id = %(tenant)s) p,
       generate_series(1, %(movements)s::bigint) n
"""
_TABLES = "billing_invoice, payables_bill, account, account_day, payment, product, product_word, stock_movement"
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


def ages() -> dict[str, Look]:
    """What names every open document, by name."""

    def invoices(day: date) -> Look:
        return lambda uow: ageing_store.open_on(uow, IDR, day, None)

    def bills(day: date) -> Look:
        return lambda uow: bill_store.owed_on(uow, IDR, day)

    return {
        "open invoice in the ages of today": invoices(TODAY),
        "open invoice in the ages of an earlier day": invoices(EARLIER),
        "open bill in the ages of today": bills(TODAY),
        "open bill in the ages of an earlier day": bills(EARLIER),
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
    """Every look, and what each open document of the ages costs, among ten thousand rows and ten to this power."""
    database = Database(app_url, system_url, pool_size=1)
    medians, aged = [], []
    for rows in (SMALL, 10**largest):
        scope, party, warehouse = _filled(superuser_url, rows)
        medians.append(
            {name: (await _timed(database, scope, look))[0] for name, look in looks(party, warehouse).items()}
        )
        aged += [await _aged(database, scope, name, look, rows) for name, look in ages().items()]
    await database.close()
    few, many = medians
    costs = [ListCost(what, few[what], many[what]) for what in few]
    for cost in costs:
        print(f"{cost.what:<32} {cost.few_ms:7.2f} ms  {cost.many_ms:7.2f} ms", flush=True)
    # Those of a kind beside each other, the smallest first.
    return costs, sorted(aged, key=lambda cost: (cost.what, cost.size))


async def _aged(database: Database, scope: Scope, name: str, look: Look, rows: int) -> StreamCost:
    median_ms, (documents, _) = await _timed(database, scope, look)
    return told(StreamCost(name, min(rows, DOCUMENTS_AT_MOST), len(documents), median_ms / 1000))


def _filled(superuser_url: str, rows: int) -> tuple[Scope, PartyId, WarehouseId]:
    scope, party, warehouse = new_scope(), PartyId.new(), WarehouseId.new()
    values = {
        "tenant": scope.tenant_id.uuid,
        "party": party.uuid,
        "warehouse": warehouse.uuid,
        "count": min(rows, DOCUMENTS_AT_MOST),
        "products": min(rows, PRODUCTS_AT_MOST),
        "movements": rows,
    }
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        # The rows that these refer to are not read.
        connection.execute("set session_replication_role = replica")
        for statement in _ROWS.split(";\n"):
            connection.execute(statement, values)
        for table in _TABLES.split(", "):
            connection.execute(f"vacuum analyze specie.{table}")
    return scope, party, warehouse


async def _timed(database: Database, scope: Scope, look: Look) -> tuple[float, Any]:
    """The median of so many looks in milliseconds, and what was found."""
    took = []
    for _ in range(LOOKS):
        async with database.begin(scope) as uow:
            started = time.perf_counter()
            found = await look(uow)
            took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took), found
