"""Rolling allowances: what was used a window ago comes back with the next use, whoever posts and by what clock."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

import pytest

from specie import ledger
from specie.kernel.scope import Scope
from specie.ledger import Account, JournalEntry, Leg
from specie.ledger.batcher import Batcher
from specie.ledger.orders import Order, Posted, Refused
from specie.platform.db import Database
from tests.ledger.books import balance, open_account
from tests.ledger.test_batcher import order
from tests.ledger.test_batcher_ahead import ahead
from tests.support.scopes import fresh_scope

DAY = timedelta(days=1)
LIMIT = 1000

Poster = Callable[[Order], Awaitable[JournalEntry]]


@dataclass(frozen=True, slots=True)
class Purse:
    """A wallet of which so much may be used within a day."""

    wallet: Account
    allowance: Account
    source: Account


@pytest.fixture
async def batcher(database: Database) -> AsyncIterator[Batcher]:
    made = Batcher(database.app_url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture(params=["in a transaction", "in a batch"])
def post(request: pytest.FixtureRequest, database: Database, batcher: Batcher) -> Poster:
    """Posts an order that is not refused."""

    async def in_transaction(order: Order) -> JournalEntry:
        async with database.begin(order.scope) as uow:
            return await ledger.post(uow, order.draft)

    async def in_batch(order: Order) -> JournalEntry:
        result = await batcher.submit(order)
        assert isinstance(result, Posted), result
        return result.entry

    return in_transaction if request.param == "in a transaction" else in_batch


async def open_purse(database: Database, scope: Scope, name: str, limit: int | None = LIMIT) -> Purse:
    floor = None if limit is None else -limit
    allowance = await open_account(database, scope, f"memo:{name}:day", floor=floor, window_seconds=86_400)
    source = await open_account(database, scope, f"memo:{name}:source")
    return Purse(await open_account(database, scope, f"liability:{name}"), allowance, source)


def use(scope: Scope, purse: Purse, shop: Account, minor: int) -> Order:
    """Pay from a purse."""
    paid = order(scope, "", purse.wallet, shop, minor)
    [payment] = paid.draft.legs
    refill = Leg(purse.allowance.id, purse.source.id, None, refill=True)
    draft = replace(paid.draft, legs=[payment, refill, Leg(purse.source.id, purse.allowance.id, payment.amount)])
    return replace(paid, draft=draft, key=str(draft.id))


def later(scope: Scope, by: timedelta) -> Scope:
    return replace(scope, clock=replace(scope.clock, offset=by))


async def told(batcher: Batcher, *orders: Order) -> Counter[str]:
    """What became of orders that come together."""
    results = await asyncio.gather(*map(batcher.submit, orders))
    return Counter(str(each.answer.body) if isinstance(each, Refused) else type(each).__name__ for each in results)


@pytest.mark.parametrize("seed", range(4))
async def test_after_each_use_exactly_those_of_the_window_count_though_clocks_differ(
    database: Database, post: Poster, seed: int
) -> None:
    random, scope = Random(seed), fresh_scope()
    shop = await open_account(database, scope, "liability:shop")
    purses = [await open_purse(database, scope, name, limit=None) for name in "ab"]
    uses: dict[Purse, list[tuple[datetime, int]]] = {purse: [] for purse in purses}
    for second in [*range(12), *range(86_400, 86_412)]:
        purse, minor = random.choice(purses), random.randint(1, 99)
        moment = timedelta(seconds=second + random.uniform(-3, 3))
        entry = await post(use(later(scope, moment), purse, shop, minor))
        uses[purse].append((entry.recorded_at, minor))
        counted = sum(minor for at, minor in uses[purse] if at > entry.recorded_at - DAY)
        assert -entry.postings[-1].credit_balance.minor == counted


async def test_what_comes_back_is_known_ahead(database: Database, batcher: Batcher) -> None:
    scope = fresh_scope()
    shop, purse = await open_account(database, scope, "liability:shop"), await open_purse(database, scope, "a")
    assert await told(batcher, use(scope, purse, shop, LIMIT)) == {"Posted": 1}
    before = ahead()
    assert await told(batcher, use(later(scope, DAY / 2), purse, shop, 1)) == {"insufficient_funds": 1}
    assert await told(batcher, use(later(scope, DAY + timedelta(minutes=1)), purse, shop, 400)) == {"Posted": 1}
    assert await told(batcher, use(later(scope, DAY + timedelta(minutes=1)), purse, shop, 601)) == {
        "insufficient_funds": 1
    }
    assert ahead() - before == 3
    assert await balance(database, scope, purse.allowance) == -400


async def test_what_comes_back_is_used_once_by_batches_that_are_decided_at_once(
    database: Database, batcher: Batcher
) -> None:
    other = Batcher(database.app_url)
    await other.open()
    scope = fresh_scope()
    shop, purse = await open_account(database, scope, "liability:shop"), await open_purse(database, scope, "a")
    await told(batcher, *(use(scope, purse, shop, 10) for _ in range(100)))
    tomorrow = later(scope, DAY + timedelta(minutes=1))
    waves = [told(process, *(use(tomorrow, purse, shop, 9) for _ in range(80))) for process in (batcher, other)]
    assert sum(await asyncio.gather(*waves), Counter()) == {"Posted": 111, "insufficient_funds": 49}
    await other.close()
    assert await balance(database, scope, purse.allowance) == -999
