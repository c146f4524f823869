"""The run of a day over growing numbers of open installment orders: `python -m benchmarks.installments --most 5`.

So many orders are open, a thousand of them have a part due today. What a due order costs must not depend on how many
others are open. Orders are copied in the database from one that was really bought; only their days are measured.
"""

import argparse
import asyncio
import tempfile
import time
from datetime import date
from pathlib import Path

import psycopg

from benchmarks.books import new_scope
from specie import installments, ledger, parties, wallets
from specie.installments import daily
from specie.installments.model import Interval, Terms
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.parties import PartyKind
from specie.platform import migrate
from specie.platform.db import Database, UnitOfWork
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import APP, OWNER, SUPERUSER, SYSTEM, bootstrap
from specie.platform.vault import KeyRing

IDR = Currency.of("IDR")
DUE = 1_000
_PRICE = Money(120_000_00, IDR)
_VAULT = KeyRing({1: bytes(32)}, 1)

_COPY = """
create temporary table copied on commit drop as
select n, uuidv7() as id from generate_series(%(first)s::integer, %(last)s::integer) as n;
create temporary table twin on commit drop as
select c.n, a.id as old_id, uuidv7() as new_id, a.code
  from copied c
  join specie.installment_order o on o.tenant_id = %(tenant)s and o.id = %(order)s
  join specie.account a on a.tenant_id = o.tenant_id and a.id in (
       o.principal_account_id, o.interest_account_id, o.fee_account_id, o.penalty_account_id, o.unearned_account_id);
create index on twin (n, old_id);
insert into specie.account
select (jsonb_populate_record(a, jsonb_build_object('id', t.new_id, 'code', t.code || ':' || t.n))).*
  from twin t join specie.account a on a.tenant_id = %(tenant)s and a.id = t.old_id;
insert into specie.installment_order
select (jsonb_populate_record(o, jsonb_build_object(
           'id', c.id, 'reference', 'copy-' || c.n,
           'act_on', case when c.n <= %(due)s then %(today)s::date else %(today)s::date + 400 end,
           'principal_account_id', (select new_id from twin t where t.n = c.n and old_id = o.principal_account_id),
           'interest_account_id', (select new_id from twin t where t.n = c.n and old_id = o.interest_account_id),
           'fee_account_id', (select new_id from twin t where t.n = c.n and old_id = o.fee_account_id),
           'penalty_account_id', (select new_id from twin t where t.n = c.n and old_id = o.penalty_account_id),
           'unearned_account_id', (select new_id from twin t where t.n = c.n and old_id = o.unearned_account_id)
       ))).*
  from copied c cross join specie.installment_order o
 where o.tenant_id = %(tenant)s and o.id = %(order)s;
insert into specie.installment_schedule
select s.tenant_id, c.id, s.schedule, s.reason, s.made_at, s.actor
  from copied c join specie.installment_schedule s on s.tenant_id = %(tenant)s and s.order_id = %(order)s;
insert into specie.installment_line
select l.tenant_id, c.id, l.schedule, l.n, l.kind, l.due_on, l.principal_minor, l.interest_minor, l.fee_minor
  from copied c join specie.installment_line l on l.tenant_id = %(tenant)s and l.order_id = %(order)s;
"""


async def bought(database: Database, scope: Scope) -> installments.Standing:
    """One order really bought, whose customer can pay every copy of it."""
    async with database.begin(scope) as uow:
        merchant = await _party(uow)
        customer = await _party(uow)
        purse = await wallets.open_wallet(uow, customer, IDR)
        bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, IDR))
        leg = Leg(bank.id, purse.available_account, Money(10**14, IDR))
        await ledger.post(uow, EntryDraft(Recipe("bench.fund", 1), [leg]))
        await installments.set_line(uow, customer, Money(10**14, IDR), is_blocked=False)
        terms = Terms(4, interval=Interval.WEEKLY)
        plan = await installments.create_plan(uow, merchant, "Four weeks", IDR, terms)
        order = await installments.offer(uow, installments.OfferOrder(plan.id, _PRICE, "first", customer_id=customer))
        cost = await installments.preview(uow, plan.id, _PRICE)
        return await installments.accept(uow, order.id, cost.fingerprint)


async def _party(uow: UnitOfWork) -> PartyId:
    made = await parties.create_party(uow, _VAULT, kind=PartyKind.PERSON, roles=["customer"], known={"name": "Bench"})
    return made.id


def copy(url: str, scope: Scope, standing: installments.Standing, first: int, last: int, today: date) -> None:
    """Add copies of an order; the first thousand of all have something to do on the day."""
    order = standing.order
    names = {
        "first": first,
        "last": last,
        "tenant": scope.tenant_id.uuid,
        "order": order.id.uuid,
        "due": DUE,
        "today": today,
    }
    with psycopg.connect(url, autocommit=False) as connection:
        connection.execute("set local session_replication_role = replica")
        for statement in _COPY.split(";\n"):
            if statement.strip():
                connection.execute(statement, names)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("analyze specie.installment_order, specie.installment_line, specie.account")


async def measure(app_url: str, system_url: str, superuser_url: str, most: int) -> None:
    """Print what a due order costs at every size."""
    database, scope = Database(app_url, system_url, pool_size=4), new_scope()
    standing = await bought(database, scope)
    # Each size runs the next of the four due days, so that the same thousand orders pay their next part.
    made, due = 0, [line.due_on for line in standing.lines]
    for index, exponent in enumerate(range(3, most + 1)):
        started = time.perf_counter()
        copy(superuser_url, scope, standing, made + 1, 10**exponent, due[0])
        made = 10**exponent
        print(f"{made:>9,} open orders after {time.perf_counter() - started:.0f} s", flush=True)
        started, done = time.perf_counter(), 0
        day = due[min(index, len(due) - 1)]
        while found := await database.run(scope, lambda uow, day=day: daily.run_page(uow, day), label="bench.page"):
            done += found
        seconds = time.perf_counter() - started
        print(f"          {done:,} due in {seconds:.1f} s: {seconds / max(done, 1) * 1000:.2f} ms each", flush=True)
    await database.close()


def main() -> None:
    """Start a server of its own and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=5, help="up to ten to this power")
    most = parser.parse_args().most
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="specie-bench-") as folder:
        state = Path(folder)
        state.chmod(0o711)
        server = EmbeddedPostgres(state, settings={"shared_buffers": "512MB"})
        server.start()
        try:
            bootstrap(server.url(SUPERUSER, "postgres"), database="specie", passwords=server.passwords())
            migrate.upgrade(server.url(OWNER, "specie"))
            urls = [server.url(role, "specie") for role in (APP, SYSTEM, SUPERUSER)]
            asyncio.run(measure(urls[0], urls[1], urls[2], most))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
