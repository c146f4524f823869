"""A settlement run over growing numbers of payments: what each payment costs, as a ratio to the smallest run.

    python -m benchmarks.settling                  runs over 10^3, 10^4 and 10^5 payments
    python -m benchmarks.settling --largest 6      up to a million

A run reads the postings of its range once, so the cost for each must stay flat.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import uvloop

from benchmarks.books import new_scope
from specie import ledger, parties, settlement, wallets
from specie.kernel.clock import BusinessClock
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.parties import PartyKind
from specie.platform import migrate, vault
from specie.platform.db import Database
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import APP, OWNER, SUPERUSER, SYSTEM, bootstrap
from specie.platform.vault import KeyRing
from specie.settlement import NewTerms
from specie.settlement import jobs as settlement_jobs

IDR = Currency.of("IDR")
MOST_RATIO = 1.5
_AT_ONCE = 1000
assert settlement_jobs


@dataclass(frozen=True, slots=True)
class RunCost:
    """One run: how many payments it took in, and the microseconds each of them cost."""

    payments: int
    seconds: float

    @property
    def each(self) -> float:
        """Microseconds for each payment."""
        return self.seconds / self.payments * 1_000_000


async def measure(database: Database, exponents: range) -> list[RunCost]:
    """Settle 10 to the power of each exponent, each time another merchant's in the same books."""
    scope = new_scope()
    # The first settlement of a process also pays for what every later one finds ready.
    await _run(database, scope, 1000)
    return [await _run(database, scope, 10**exponent) for exponent in exponents]


async def _run(database: Database, scope: Scope, payments: int) -> RunCost:
    merchant = await _merchant(database, scope)
    await _sell(database, scope, merchant, payments)
    later = replace(scope, clock=BusinessClock(scope.clock.zone, offset=timedelta(days=7)))
    async with database.begin(later) as uow:
        started = time.perf_counter()
        day = (await settlement.get_terms(uow, merchant, IDR)).calendar.next_after(uow.now.date())
        made = await settlement.settle(uow, merchant, IDR, day)
        cost = RunCost(payments, time.perf_counter() - started)
    if made is None or made.payout.minor != payments * 95:
        raise RuntimeError(f"{payments} payments were settled as {made}")
    print(f"  {payments:>9,} payments  {cost.seconds:8.3f} s  {cost.each:6.2f} µs each", flush=True)
    return cost


async def _merchant(database: Database, scope: Scope) -> PartyId:
    ring = KeyRing({1: vault.new_key()}, current=1)
    async with database.begin(scope) as uow:
        known = {"name": "Kedai Senja"}
        party = await parties.create_party(uow, ring, kind=PartyKind.COMPANY, roles=["merchant"], known=known)
        terms = NewTerms(party.id, IDR, reserve_rate=Decimal("0.05"), reserve_days=30)
        await settlement.set_terms(uow, terms)
    return party.id


async def _sell(database: Database, scope: Scope, merchant: PartyId, payments: int) -> None:
    async with database.begin(scope) as uow:
        wallet = await wallets.ensure_wallet(uow, merchant, IDR)
        clearing = await ledger.ensure_account(uow, AccountSpec("asset:clearing", AccountType.ASSET, IDR))
    leg = Leg(clearing.id, wallet.pending_account, Money(100, IDR))
    for begun in range(0, payments, _AT_ONCE):
        count = min(_AT_ONCE, payments - begun)
        async with database.begin(scope) as uow:
            await ledger.post_many(uow, [EntryDraft(Recipe("payments.capture", 2), [leg]) for _ in range(count)])


async def _main(server: EmbeddedPostgres, largest: int) -> float:
    database = Database(server.url(APP, "specie"), server.url(SYSTEM, "specie"), pool_size=2)
    costs = await measure(database, range(3, largest + 1))
    await database.close()
    return costs[-1].each / costs[0].each


def main() -> None:
    """Measure and print; exits with 1 when a payment of the largest run costs more than one of the smallest."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.settling")
    parser.add_argument("--largest", type=int, default=5, choices=(4, 5, 6), help="settle ten to this power at most")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="specie-bench-") as folder:
        state = Path(folder)
        state.chmod(0o711)
        server = EmbeddedPostgres(state, settings={"shared_buffers": "256MB"})
        server.start()
        try:
            bootstrap(server.url(SUPERUSER, "postgres"), database="specie", passwords=server.passwords())
            migrate.upgrade(server.url(OWNER, "specie"))
            ratio = uvloop.run(_main(server, given.largest))
        finally:
            server.stop()
    mark = "reached" if ratio <= MOST_RATIO else "NOT reached"
    print(f"a payment of the largest run / of the smallest: {ratio:.2f} (required at most {MOST_RATIO:g}) {mark}")
    raise SystemExit(ratio > MOST_RATIO)


if __name__ == "__main__":
    main()
