"""`make bench`: measure everything in one run and write `docs/reference/benchmarks.md`.

    python -m benchmarks --only growth --only rest     some parts, printed and not written
    python -m benchmarks --growth 7                    growth up to ten million postings instead of one

The server is the embedded PostgreSQL with every durability setting on, in a state folder of its own.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import uvloop

from benchmarks import lists, peers, report, streams
from benchmarks.at_rest import at_rest
from benchmarks.floor import floor_figures
from benchmarks.growth import grow
from benchmarks.http_load import http_figures
from benchmarks.in_process import ledger_figures
from benchmarks.report import Results
from specie.platform import migrate
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import APP, AUDITOR, OWNER, SUPERUSER, SYSTEM, bootstrap

PARTS = ("floor", "ledger", "http", "growth", "lists", "streams", "rest")
_SERVER_SETTINGS = {"shared_buffers": "1GB", "min_wal_size": "2GB", "max_wal_size": "4GB"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which parts to measure, and to which power of ten the books grow."""

    parts: frozenset[str]
    growth: int


async def measure_all(server: EmbeddedPostgres, state: Path, asked: Asked) -> Results:
    """Every part that was asked for, one after the other on the same server."""
    _prepare(server, "specie")
    app, system, superuser = (server.url(role, "specie") for role in (APP, SYSTEM, SUPERUSER))
    results = Results()
    if "floor" in asked.parts:
        results.figures += floor_figures(server)
    if "ledger" in asked.parts or "http" in asked.parts:
        peers.prepare(superuser)
    if "ledger" in asked.parts:
        results.figures += await ledger_figures(app, system, superuser)
    if "http" in asked.parts:
        results.figures += await http_figures(server, state)
    if "growth" in asked.parts:
        # In a database of their own: what the other parts have left unsealed would be sealed along with them.
        _prepare(server, "grown")
        urls = [server.url(role, "grown") for role in (APP, SYSTEM, SUPERUSER, AUDITOR)]
        results.reads, results.verified = await grow(*urls, range(4, asked.growth + 1))
    if "lists" in asked.parts:
        _prepare(server, "lists")
        results.lists, results.streams = await lists.measure(
            *(server.url(role, "lists") for role in (APP, SYSTEM, SUPERUSER)), asked.growth
        )
    if "streams" in asked.parts:
        _prepare(server, "streams")
        results.streams += await streams.measure(
            *(server.url(role, "streams") for role in (APP, SYSTEM, SUPERUSER)), asked.growth
        )
    return results


def _prepare(server: EmbeddedPostgres, database: str) -> None:
    bootstrap(server.url(SUPERUSER, "postgres"), database=database, passwords=server.passwords())
    migrate.upgrade(server.url(OWNER, database))


def main() -> None:
    """Run, print, and write the report when everything was measured."""
    asked = _asked()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="specie-bench-") as folder:
        state = Path(folder)
        state.chmod(0o711)
        server = EmbeddedPostgres(state, settings=_SERVER_SETTINGS)
        server.start()
        try:
            results = uvloop.run(measure_all(server, state, asked))
        finally:
            server.stop()
    if "rest" in asked.parts:
        results.rest = at_rest()
        print(results.rest)
    report.write(results, seconds=time.monotonic() - started, keep=asked.parts == frozenset(PARTS))


def _asked() -> Asked:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part alone; may be repeated")
    parser.add_argument("--growth", type=int, default=6, choices=(4, 5, 6, 7), help="grow to ten to this power")
    given = parser.parse_args()
    return Asked(frozenset(given.only or PARTS), given.growth)


if __name__ == "__main__":
    main()
