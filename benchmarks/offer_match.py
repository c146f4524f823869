"""Finding a purchase's offers among ten and among ten thousand active ones: `python -m benchmarks.offer_match`.

Prints the time of a look-up and the ratio of the two. What is measured is what recording a purchase asks first; the
rows are made by SQL, because making ten thousand offers through the service would take longer than measuring them.
"""

import tempfile
import time
from pathlib import Path

import psycopg
import uvloop

from benchmarks.books import new_scope
from specie.cashback import offer_store
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.platform import migrate
from specie.platform.db import Database
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import APP, OWNER, SUPERUSER, SYSTEM, bootstrap

IDR = Currency.of("IDR")
FEW, MANY = 10, 10_000
LOOK_UPS, RUNS = 200, 5
_MERCHANT = """
insert into specie.cashback_merchant values (%(tenant)s, %(party)s, 'active', '', 1, now(), now())
"""
# Every other offer asks for a purchase that is too large, or is over: those are passed over on the way.
_OFFERS = """
with made as (
    insert into specie.cashback_offer
    select %(tenant)s, gen_random_uuid(), %(party)s, 'Offer ' || n, 'IDR', 'house', 'active', 1, n %% 1000,
        case when n %% 2 = 0 then 0 else 1000000000000 end, now() - interval '1 day', null,
        gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, now(), 'benchmark'
    from generate_series(1, %(count)s) n returning id
)
insert into specie.cashback_offer_terms select %(tenant)s, id, 1, %(terms)s::jsonb, now(), 'benchmark' from made
"""
_TERMS = """{"reward": {"kind": "percent", "rate": "0.05", "tiers": []}, "minimum": 0, "starts_at":
"2026-01-01T00:00:00+00:00", "ends_at": null, "cap_purchase": null, "cap_user": null, "cap_total": null, "priority": 1,
"stacking": "exclusive", "return_days": 14, "expiry_days": null, "clawback": "debt"}"""


async def measure(app_url: str, system_url: str, superuser_url: str) -> None:
    """Print what a look-up takes among few and among many offers of one merchant."""
    scope, database = new_scope(), Database(app_url, system_url)
    merchants = {count: PartyId.new() for count in (FEW, MANY)}
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for count, party in merchants.items():
            values = {"tenant": scope.tenant_id.uuid, "party": party.uuid, "count": count, "terms": _TERMS}
            connection.execute(_MERCHANT, values)
            connection.execute(_OFFERS, values)
        connection.execute("analyze specie.cashback_offer, specie.cashback_offer_terms, specie.cashback_merchant")
    taken = {
        count: min([await look_ups(database, scope, party) for _ in range(RUNS)]) for count, party in merchants.items()
    }
    for count, seconds in taken.items():
        print(f"among {count:>6} active offers of one merchant: {seconds * 1000:.3f} ms for a purchase")
    print(f"{MANY} against {FEW}: {taken[MANY] / taken[FEW]:.2f} times as long")
    await database.close()


async def look_ups(database: Database, scope: Scope, merchant: PartyId) -> float:
    """Seconds for one look-up, on average over many in one transaction."""
    async with database.begin(scope) as uow:
        started = time.perf_counter()
        for _ in range(LOOK_UPS):
            [found] = await offer_store.fitting(uow, [offer_store.Ask(merchant, Money(150_000_00, IDR), uow.now)])
        assert found
        return (time.perf_counter() - started) / LOOK_UPS


def main() -> None:
    """Measure on a server of its own."""
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="specie-bench-") as folder:
        state = Path(folder)
        state.chmod(0o711)
        server = EmbeddedPostgres(state)
        server.start()
        try:
            bootstrap(server.url(SUPERUSER, "postgres"), database="specie", passwords=server.passwords())
            migrate.upgrade(server.url(OWNER, "specie"))
            urls = [server.url(role, "specie") for role in (APP, SYSTEM, SUPERUSER)]
            uvloop.run(measure(*urls))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
