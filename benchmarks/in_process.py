"""Specie's ledger without HTTP, and beside it in the same minutes what it is held against."""

import itertools
from collections.abc import Awaitable, Callable, Mapping

from benchmarks import books, copy_limit, peers
from benchmarks.measure import Measured, drive, median
from specie.ledger.batcher import Batcher
from specie.platform import garbage
from specie.platform.db import Database

ROW_LOCKS = "one transaction each, raw driver, row locks"
BATCHER = "Specie: batcher"
JUST_STARTED = "Specie: batcher of a process that has just started"

REPEATS = 5
_SMALL, _LARGE = 400, 4000
# Each of the accounts several times, as in a process that has been up for a while.
_WARM_UP = 6 * books.ACCOUNTS

Call = Callable[[bool, int], Awaitable[None]]


async def ledger_figures(app_url: str, system_url: str, superuser_url: str) -> list[Measured]:
    """Batcher and row locks in turn, then one transaction each, bulk, and COPY as the limit."""
    database, batcher, peer = Database(app_url, system_url, pool_size=16), Batcher(app_url), peers.RowLocks(app_url)
    await batcher.open()
    await peer.open()
    scope = books.new_scope()
    wallets = await books.funded_accounts(database, scope)
    keys = itertools.count()

    async def batched(by: Batcher, hot: bool) -> None:
        await books.batched(by, scope, wallets, hot, f"bench-{next(keys)}")

    await drive("warm-up", 64, False, _WARM_UP, lambda _: batched(batcher, False))
    books.analyse(superuser_url)
    books.recycle_wal(superuser_url)
    # The first to touch a page after a checkpoint writes all of it to the log.
    await drive("warm-up", 64, False, books.ACCOUNTS, lambda _: batched(batcher, False))
    # As the API does once it has started.
    garbage.settle()
    calls: dict[str, Call] = {
        ROW_LOCKS: lambda hot, _: peer.transfer(*peers.pair(hot), 5),
        BATCHER: lambda hot, _: batched(batcher, hot),
    }
    figures = await grid(calls, (1, 64))
    figures += await grid({BATCHER: calls[BATCHER]}, (256,))
    await batcher.close()
    await peer.close()
    figures.append(await _just_started(app_url, batched))
    alone = {"Specie: unit of work each": lambda hot, _: books.one_transaction_each(database, scope, wallets, hot)}
    figures += await grid(alone, (1, 64))
    figures += await _in_bulk(superuser_url, lambda: books.bulk(database, scope, wallets, False, 1000))
    await database.close()
    return figures


async def _in_bulk(superuser_url: str, bulk: Callable[[], Awaitable[None]]) -> list[Measured]:
    """A thousand transfers in one call, and COPY, in turn."""
    books.recycle_wal(superuser_url)
    bulks, copies = [], []
    for _ in range(REPEATS):
        bulks.append(await drive("Specie: bulk of 1,000", 1, False, 5, lambda _: bulk(), units=1000))
        copies.append(copy_limit.copy_rows(superuser_url, 5000))
    return [median(bulks), median(copies)]


async def _just_started(app_url: str, batched: Callable[[Batcher, bool], Awaitable[None]]) -> Measured:
    """A batcher that remembers no account yet, each time another one."""
    runs = []
    for _ in range(REPEATS):
        batcher = Batcher(app_url)
        await batcher.open()
        runs.append(await drive(JUST_STARTED, 64, False, _LARGE // 2, lambda _, by=batcher: batched(by, False)))
        await batcher.close()
    print(median(runs), flush=True)
    return median(runs)


async def grid(calls: Mapping[str, Call], callers: tuple[int, ...]) -> list[Measured]:
    """The median of some runs for each number of callers, uniform and hot; the calls take turns, run by run."""
    figures = []
    for count, hot in itertools.product(callers, (False, True)):
        total = _SMALL if count == 1 else _LARGE
        runs: dict[str, list[Measured]] = {name: [] for name in calls}
        for _, (name, call) in itertools.product(range(REPEATS), calls.items()):
            runs[name].append(await drive(name, count, hot, total, lambda n, call=call, hot=hot: call(hot, n)))
        figures += [median(each) for each in runs.values()]
        print(*figures[-len(calls) :], sep="\n", flush=True)
    return figures
