"""Lists and searches over ten thousand and over a million rows: `python -m benchmarks.lists`.

    python -m benchmarks.lists                  a million invoices, payments and movements of stock, 100,000 products
    python -m benchmarks.lists --largest 7      the same with ten million movements of stock

Each look is what a page of the console asks the database first, as the application's role and under row security. The
rows are made by SQL, one tenant for each size, because making them through the services would take hours.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import uvloop

from benchmarks.books import new_scope
from specie.billing import store as billing_store
from specie.billing.store import InvoiceFilter
from specie.catalogue import store as catalogue_store
from specie.catalogue.store import ProductFilter
from specie.kernel.ids import PartyId
from specie.kernel.scope import Scope
from specie.payments import store as payment_store
from specie.payments.search_store import AmountFilter, PaymentFilter
from specie.platform import migrate
from specie.platform.db import Database, UnitOfWork
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import APP, OWNER, SUPERUSER, SYSTEM, bootstrap
from specie.stock import Kind, WarehouseId, movement_store
from specie.stock.movement_store import MovementFilter

SMALL = 10_000
PRODUCTS_AT_MOST = 100_000
LOOKS = 30
PAGE = 20
MOST_MS, MOST_RATIO = 100.0, 1.5
# Every hundredth invoice is open, one movement in ten thousand is a count: a page of what is rare must not read it all.
_ROWS = """
insert into specie.billing_invoice (tenant_id, id, customer_id, currency, state, reference, note, includes_tax,
       due_days, net_minor, tax_minor, total_minor, version, created_at, number, n, issued_on, due_on, account_id,
       creditable_id, entry_id, token, is_deposit)
select %(tenant)s, uuidv7(), %(party)s, 'IDR', case when n %% 100 = 0 then 'issued' else 'paid' end, 'order-' || n, '',
       false, 14, 100, 11, 111, 1, now(), 'INV-' || lpad(n::text, 7, '0'), n, date '2026-01-01' + (n %% 300)::int,
       date '2026-01-15' + (n %% 300)::int, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 't-' || n, false
  from generate_series(1, %(count)s::bigint) n;
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
_TABLES = "billing_invoice, payment, product, product_word, stock_movement"

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


async def measure(server: EmbeddedPostgres, largest: int) -> dict[str, tuple[float, float]]:
    """Milliseconds at the median of each look among few and among many rows."""
    database = Database(server.url(APP, "specie"), server.url(SYSTEM, "specie"), pool_size=1)
    few = await _timed(database, *_filled(server, SMALL, SMALL))
    many = await _timed(database, *_filled(server, min(10**largest, 10**6), 10**largest))
    await database.close()
    return {name: (few[name], many[name]) for name in few}


def _filled(server: EmbeddedPostgres, count: int, movements: int) -> tuple[Scope, PartyId, WarehouseId]:
    scope, party, warehouse = new_scope(), PartyId.new(), WarehouseId.new()
    values = {
        "tenant": scope.tenant_id.uuid,
        "party": party.uuid,
        "warehouse": warehouse.uuid,
        "count": count,
        "products": min(count, PRODUCTS_AT_MOST),
        "movements": movements,
    }
    with psycopg.connect(server.url(SUPERUSER, "specie"), autocommit=True) as connection:
        # The rows that these refer to are not read.
        connection.execute("set session_replication_role = replica")
        for statement in _ROWS.split(";\n"):
            connection.execute(statement, values)
        for table in _TABLES.split(", "):
            connection.execute(f"vacuum analyze specie.{table}")
    return scope, party, warehouse


async def _timed(database: Database, scope: Scope, party: PartyId, warehouse: WarehouseId) -> dict[str, float]:
    async def once(look: Look) -> float:
        async with database.begin(scope) as uow:
            started = time.perf_counter()
            await look(uow)
            return (time.perf_counter() - started) * 1000

    medians = {}
    for name, look in looks(party, warehouse).items():
        medians[name] = statistics.median([await once(look) for _ in range(LOOKS)])
        # Whoever looks at a page comes back later, when others have looked at theirs.
        await asyncio.sleep(0)
    return medians


def main() -> None:
    """Measure and print; exits with 1 when a look takes too long, or longer among many rows than among few."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lists")
    parser.add_argument("--largest", type=int, default=6, choices=(5, 6, 7), help="ten to this power movements")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="specie-bench-") as folder:
        state = Path(folder)
        state.chmod(0o711)
        server = EmbeddedPostgres(state, settings={"shared_buffers": "512MB", "max_wal_size": "4GB"})
        server.start()
        try:
            bootstrap(server.url(SUPERUSER, "postgres"), database="specie", passwords=server.passwords())
            migrate.upgrade(server.url(OWNER, "specie"))
            found = uvloop.run(measure(server, given.largest))
        finally:
            server.stop()
    for name, (few, many) in found.items():
        print(f"{name:<32} {few:7.2f} ms  {many:7.2f} ms  {many / few:6.2f}")
    slow = [name for name, (_, many) in found.items() if many > MOST_MS]
    print(f"at most {MOST_MS:g} ms: " + (f"NOT reached by {', '.join(slow)}" if slow else "reached by all"))
    raise SystemExit(bool(slow))


if __name__ == "__main__":
    main()
