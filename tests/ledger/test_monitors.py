"""Watched balances: told in the commit that crosses the line, once, and free of charge for everybody else."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from specie import ledger
from specie.kernel.errors import NotFound
from specie.kernel.money import Money
from specie.kernel.scope import Scope
from specie.ledger import Account, monitors
from specie.ledger.batcher import Batcher
from specie.ledger.errors import InsufficientFunds, PostingCurrency
from specie.ledger.monitor_model import Direction, Monitor
from specie.ledger.orders import Posted
from specie.platform import pipeline
from specie.platform.db import Database
from specie.platform.pipeline import Statement
from tests.ledger.books import balance, draft, open_account, post
from tests.ledger.test_batcher import order
from tests.support.scopes import fresh_scope


async def _shop(database: Database) -> tuple[Scope, Account, Account]:
    """Cash and a wallet with 1000 in it."""
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet", floor=0)
    await post(database, scope, (cash, wallet, 1000))
    return scope, cash, wallet


async def _watch(database: Database, scope: Scope, account: Account, direction: Direction, minor: int) -> Monitor:
    async with database.begin(scope) as uow:
        limit = Money(minor, account.currency)
        return await monitors.watch(uow, account.id, direction, limit, reason="to be told")


async def _told(database: Database, scope: Scope) -> list[tuple[str, int]]:
    """Direction and balance of every crossing, also before it has a number."""
    query = text("""
    select data->>'direction' as direction, (data->'balance'->>'amount')::bigint as balance from specie.event
    where tenant_id = :tenant and type = 'ledger.balance.crossed' order by id
    """)
    async with database.begin(scope) as uow:
        rows = await uow.execute(query, {"tenant": scope.tenant_id.uuid})
        return [(row.direction, row.balance) for row in rows]


async def test_falling_below_the_limit_is_told_and_reaching_it_is_not(database: Database) -> None:
    scope, cash, wallet = await _shop(database)
    await _watch(database, scope, wallet, Direction.BELOW, 400)
    await post(database, scope, (wallet, cash, 600))
    assert await _told(database, scope) == []
    await post(database, scope, (wallet, cash, 1))
    assert await _told(database, scope) == [("below", 399)]


async def test_a_balance_that_stays_below_is_told_once_and_again_after_it_came_back(database: Database) -> None:
    scope, cash, wallet = await _shop(database)
    await _watch(database, scope, wallet, Direction.BELOW, 400)
    await post(database, scope, (wallet, cash, 700))
    await post(database, scope, (wallet, cash, 100))
    await post(database, scope, (cash, wallet, 500))
    await post(database, scope, (wallet, cash, 400))
    assert await _told(database, scope) == [("below", 300), ("below", 300)]


async def test_rising_above_the_limit_is_told(database: Database) -> None:
    scope, cash, wallet = await _shop(database)
    await _watch(database, scope, wallet, Direction.ABOVE, 1500)
    await post(database, scope, (cash, wallet, 500))
    await post(database, scope, (cash, wallet, 1))
    assert await _told(database, scope) == [("above", 1501)]


async def test_an_entry_that_passes_the_limit_and_comes_back_has_crossed_nothing(database: Database) -> None:
    scope, cash, wallet = await _shop(database)
    await _watch(database, scope, wallet, Direction.BELOW, 400)
    await post(database, scope, (wallet, cash, 900), (cash, wallet, 900))
    assert await _told(database, scope) == []


async def test_what_rolls_back_is_not_told(database: Database) -> None:
    scope, cash, wallet = await _shop(database)
    await _watch(database, scope, wallet, Direction.BELOW, 400)
    with pytest.raises(RuntimeError, match="changed my mind"):
        async with database.begin(scope) as uow:
            await ledger.post(uow, draft((wallet, cash, 900)))
            raise RuntimeError("changed my mind")
    assert await _told(database, scope) == []
    assert await balance(database, scope, wallet) == 1000


async def test_what_is_refused_is_not_told(database: Database) -> None:
    scope, cash, wallet = await _shop(database)
    await _watch(database, scope, wallet, Direction.BELOW, 400)
    with pytest.raises(InsufficientFunds):
        await post(database, scope, (wallet, cash, 1001))
    assert await _told(database, scope) == []
    assert await balance(database, scope, wallet) == 1000


async def test_in_a_batch_exactly_one_of_many_crosses(database: Database) -> None:
    scope, cash, wallet = await _shop(database)
    await _watch(database, scope, wallet, Direction.BELOW, 400)
    batcher = Batcher(database.app_url)
    await batcher.open()
    results = await asyncio.gather(*(batcher.submit(order(scope, f"k{n}", wallet, cash, 50)) for n in range(20)))
    await batcher.close()
    assert all(isinstance(result, Posted) for result in results)
    assert await _told(database, scope) == [("below", 350)]


async def test_among_more_entries_than_travel_at_once_one_crosses(database: Database) -> None:
    scope, cash, wallet = await _shop(database)
    await _watch(database, scope, wallet, Direction.BELOW, 900)
    async with database.begin(scope) as uow:
        await ledger.post_many(uow, [draft((wallet, cash, 1)) for _ in range(600)])
    assert await _told(database, scope) == [("below", 899)]


async def test_an_ended_monitor_tells_nothing_and_cannot_end_twice(database: Database) -> None:
    scope, cash, wallet = await _shop(database)
    monitor = await _watch(database, scope, wallet, Direction.BELOW, 400)
    async with database.begin(scope) as uow:
        await monitors.unwatch(uow, monitor.id)
    await post(database, scope, (wallet, cash, 900))
    assert await _told(database, scope) == []
    async with database.begin(scope) as uow:
        with pytest.raises(NotFound):
            await monitors.unwatch(uow, monitor.id)


async def test_a_limit_in_another_currency_is_refused(database: Database) -> None:
    scope, _, wallet = await _shop(database)
    async with database.begin(scope) as uow:
        with pytest.raises(PostingCurrency):
            await monitors.watch(uow, wallet.id, Direction.BELOW, Money.of(1, "USD"), reason="wrong")


@contextmanager
def _counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    statements: list[str] = []
    real = pipeline._ready

    def ready(transformer: Any, statement: Statement) -> Any:
        statements.append(statement.query)
        return real(transformer, statement)

    monkeypatch.setattr(pipeline, "_ready", ready)
    yield statements
    monkeypatch.undo()


async def test_posting_where_nobody_watches_takes_no_statement_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, cash, wallet = await _shop(database)
    with _counting(monkeypatch) as statements:
        await post(database, scope, (wallet, cash, 10))
    unwatched = [each for each in statements if "specie." in each]
    await _watch(database, scope, wallet, Direction.BELOW, 400)
    with _counting(monkeypatch) as statements:
        await post(database, scope, (wallet, cash, 900))
    watched = [each for each in statements if "specie." in each]
    assert not [each for each in unwatched if "balance_monitor" in each]
    assert len(watched) == len(unwatched) + 1
    assert len(unwatched) == 5, "budgets, lock, entries, postings, events"
