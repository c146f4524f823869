"""Reads at growing sizes: what each costs, as a ratio to the smallest books, and by which index the server finds it."""

import asyncio
import re
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from sqlalchemy import event

from benchmarks.books import new_scope
from benchmarks.grown import STEP, Grown
from specie import events, ledger
from specie.app.verify import verify
from specie.kernel.ids import AccountId
from specie.ledger import read_store
from specie.platform.db import Database, UnitOfWork

CALLS = 60
# An account has more than so many postings on either side in the smallest books as well.
_LINES = 8
_INDEX = re.compile(r"(?:Index (?:Only )?Scan(?: Backward)? using|Bitmap Index Scan on) (\w+)")
_SCAN = re.compile(r"Seq Scan on (\w+)")
_BUFFERS = re.compile(r"Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?")
Read = Callable[[UnitOfWork], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the server answers: the indexes it used, tables it read in full, pages it touched."""

    indexes: tuple[str, ...]
    scanned: tuple[str, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class ReadCost:
    """One kind of read at one size: the median in milliseconds and its plan."""

    what: str
    postings: int
    p50_ms: float
    plan: Plan


@dataclass(frozen=True, slots=True)
class VerifyCost:
    """One whole `specie verify`: how long it took, and by how much memory (PSS) the verifying process grew."""

    postings: int
    seconds: float
    megabytes: float

    @property
    def postings_a_minute(self) -> float:
        """The speed."""
        return self.postings / self.seconds * 60


async def grow(
    app_url: str, system_url: str, superuser_url: str, auditor_url: str, exponents: Sequence[int]
) -> tuple[list[ReadCost], list[VerifyCost]]:
    """Measure at 10 to the power of each exponent, in one tenant that grows."""
    database = Database(app_url, system_url, pool_size=2)
    books = Grown(database, new_scope(), superuser_url)
    reads: list[ReadCost] = []
    verified: list[VerifyCost] = []
    await books.begin()
    for exponent in exponents:
        started = time.perf_counter()
        await books.grow_to(10**exponent)
        print(f"grown to {books.postings:,} postings in {time.perf_counter() - started:.0f} s", flush=True)
        for what, read in (await _reads(database, books)).items():
            reads.append(await _measured(database, books, superuser_url, what, read))
            print(f"  {what:<28} {reads[-1].p50_ms:8.2f} ms  {reads[-1].plan}", flush=True)
        verified.append(await _verified(auditor_url, books.postings))
        print(f"  verify {verified[-1].postings_a_minute:,.0f} postings a minute, {verified[-1].megabytes:.0f} MB")
    await database.close()
    return reads, verified


async def _reads(database: Database, books: Grown) -> dict[str, Read]:
    async with database.begin(books.scope) as uow:
        page = await read_store.accounts(uow, prefix="asset:grown0500", limit=1)
        newest = (await read_store.entries(uow, after=None, limit=1)).items[0]
    account = page.items[0]
    middle = newest.recorded_at - books.postings // 2 * STEP
    day, head = newest.business_date, books.postings

    async def balance(uow: UnitOfWork) -> object:
        return await ledger.get_account(uow, AccountId(account.id.uuid))

    return {
        "balance": balance,
        "statement page": lambda uow: read_store.statement(uow, account, after=None, limit=_LINES),
        "balance as recorded by": lambda uow: read_store.balance_recorded_by(uow, account, middle),
        "balance as effective on": lambda uow: read_store.balance_effective_by(uow, account, day),
        "trial balance": lambda uow: ledger.branches(uow, ledger.MONEY_TYPES, until=day, depth=2),
        "feed page": lambda uow: events.after(uow, books.tenant, head // 2, 100),
    }


async def _measured(database: Database, books: Grown, superuser_url: str, what: str, read: Read) -> ReadCost:
    seen: list[tuple[str, object]] = []
    times = []
    async with database.begin(books.scope) as uow:
        for _ in range(CALLS if what != "trial balance" else 5):
            started = time.perf_counter()
            await read(uow)
            times.append(time.perf_counter() - started)
        engine = uow.connection.sync_engine

        def keep(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
            seen.append((statement, parameters))

        event.listen(engine, "before_cursor_execute", keep)
        await read(uow)
        event.remove(engine, "before_cursor_execute", keep)
    statement, parameters = max(seen, key=lambda one: len(one[0]))
    return ReadCost(what, books.postings, statistics.median(times) * 1000, _plan(superuser_url, statement, parameters))


def _plan(url: str, statement: str, parameters: object) -> Plan:
    with psycopg.connect(url) as connection:
        query = f"explain (analyze, buffers) {statement}"
        lines = [row[0] for row in connection.execute(query, parameters)]  # type: ignore[call-overload]
    text = "\n".join(lines)
    first = _BUFFERS.search(text)
    pages = sum(int(number or 0) for number in first.groups()) if first else 0
    return Plan(tuple(sorted(set(_INDEX.findall(text)))), tuple(sorted(set(_SCAN.findall(text)))), pages)


async def _verified(auditor_url: str, postings: int) -> VerifyCost:
    before = pss_megabytes(psutil.Process())
    done = asyncio.Event()
    watching = asyncio.create_task(_peak(done))
    started = time.perf_counter()
    report = await verify(auditor_url)
    seconds = time.perf_counter() - started
    done.set()
    if not report.is_sound:
        raise RuntimeError(f"the grown books are not sound: {report.findings}")
    return VerifyCost(postings, seconds, await watching - before)


async def _peak(done: asyncio.Event) -> float:
    """The most memory this process had until the event, in megabytes."""
    most = 0.0
    while not done.is_set():
        most = max(most, pss_megabytes(psutil.Process()))
        await asyncio.sleep(0.25)
    return most


def pss_megabytes(process: psutil.Process) -> float:
    """The memory of a process, with what it shares divided among those who share it."""
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
