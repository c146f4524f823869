"""How long a file of 100,000 products takes to come in, and how much memory it takes beside the file.

    python -m benchmarks.product_import [rows]

The server is the embedded PostgreSQL with every durability setting on, in a state folder of its own.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from benchmarks.books import new_scope
from specie.catalogue import import_file, import_runs, jobs
from specie.catalogue.model import ImportRun
from specie.kernel.scope import Scope
from specie.platform import migrate
from specie.platform.db import Database
from specie.platform.jobs import JobContext
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import APP, OWNER, SUPERUSER, SYSTEM, bootstrap


def long_file(rows: int, price: int = 1000, name: str = "Kopi") -> bytes:
    """A file of so many products with names of three words, barcodes and prices."""
    lines = (f"{name} bag {n},SKU-{n},{10**9 + n},{price + n},IDR" for n in range(rows))
    return "\n".join(["name,sku,barcode,price,currency", *lines]).encode()


async def take_in(database: Database, scope: Scope, content: bytes) -> None:
    """Send a file and do its job, and print what that took."""
    started, before = time.monotonic(), _peak_mb()
    total = import_file.count(content)
    async with database.begin(scope) as uow:
        run, _ = await import_runs.begin(uow, "products.csv", content, total, skips_refused=False)
    sent = time.monotonic()
    await jobs.import_products(JobContext(database, scope, {}), str(run.id))
    done = await _seen(database, scope, run)
    print(f"{total:,} rows ({len(content) / 1e6:.1f} MB): {done.state}, {dict(done.counts)}")
    print(f"sent in {sent - started:.1f} s, taken in in {time.monotonic() - sent:.1f} s, ", end="")
    print(f"{_peak_mb() - before:.0f} MB more at the peak", flush=True)


async def _seen(database: Database, scope: Scope, run: ImportRun) -> ImportRun:
    async with database.begin(scope) as uow:
        return await import_runs.get(uow, run.id)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(server: EmbeddedPostgres, rows: int) -> None:
    """A tenth of the rows first, to show by how much the rest adds to the memory; each for a tenant of its own.

    Each file comes a second time with every name and price changed.
    """
    database = Database(server.url(APP, "specie"), server.url(SYSTEM, "specie"))
    for number in (rows // 10, rows):
        scope = new_scope()
        await take_in(database, scope, long_file(number))
        await take_in(database, scope, long_file(number, price=2000, name="Teh"))


def main() -> None:
    """Run and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else import_file.MOST_ROWS
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="specie-bench-") as folder:
        state = Path(folder)
        state.chmod(0o711)
        server = EmbeddedPostgres(state)
        server.start()
        try:
            bootstrap(server.url(SUPERUSER, "postgres"), database="specie", passwords=server.passwords())
            migrate.upgrade(server.url(OWNER, "specie"))
            uvloop.run(measure(server, rows))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
