"""Decided ahead: written only where everything is as it was taken to be, and decided anew under locks where not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import chain

import pytest
from sqlalchemy import text

from specie import ledger
from specie.kernel.ids import UserId
from specie.kernel.money import Money
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.ledger import Account, batcher_ahead, monitors
from specie.ledger.batcher import Batcher
from specie.ledger.batcher_ahead import Ahead
from specie.ledger.monitor_model import Direction
from specie.ledger.orders import Order, Posted, PostedBefore, Refused, RefusedBefore
from specie.platform.basis import Basis
from specie.platform.db import CommitUnknown, Database
from specie.platform.idempotency import Answer, KeyReused
from specie.platform.metrics import registry
from tests.ledger.books import balance, draft, post
from tests.ledger.test_batcher import ACCOUNT_VERSIONS, funded, order
from tests.ledger.test_budgets import limit

WAITING_FOR_A_LOCK = """
select pid from pg_stat_activity
 where datname = current_database() and usename = current_user and query like '%specie.proved%'
   and wait_event_type = 'Lock'
"""
CROSSINGS = "select count(*) from specie.event where tenant_id = :tenant and type = 'ledger.balance.crossed'"


@pytest.fixture
async def batcher(database: Database) -> AsyncIterator[Batcher]:
    made = Batcher(database.app_url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def other_process(database: Database) -> AsyncIterator[Batcher]:
    """A second batcher, which knows nothing of what the first has posted."""
    made = Batcher(database.app_url)
    await made.open()
    yield made
    await made.close()


def ahead() -> int:
    """How many batches of this process were decided ahead."""
    return int(registry.get_sample_value("specie_ledger_batches_total", {"how": "ahead"}) or 0)


async def told(batcher: Batcher, *orders: Order) -> tuple[list[str], int]:
    """What became of orders that come together, and how many batches of them were decided ahead."""
    before = ahead()
    results = await asyncio.gather(*map(batcher.submit, orders), return_exceptions=True)
    return [_told(result) for result in results], ahead() - before


def _told(result: object) -> str:
    return str(result.answer.body) if isinstance(result, Refused) else type(result).__name__


async def test_a_posting_to_accounts_that_are_as_they_were_is_decided_ahead(
    database: Database, batcher: Batcher
) -> None:
    scope, wallet, shop = await funded(database, 100)
    for n in range(3):
        assert await told(batcher, order(scope, f"k{n}", wallet, shop, 10)) == (["Posted"], 1)
    assert await balance(database, scope, wallet) == 70


async def test_a_refusal_is_decided_ahead_as_well_and_stays(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    assert await told(batcher, order(scope, "all", wallet, shop, 100)) == (["Posted"], 1)
    assert await told(batcher, order(scope, "more", wallet, shop, 1)) == (["insufficient_funds"], 1)
    assert await told(batcher, order(scope, "back", shop, wallet, 50)) == (["Posted"], 1)
    again = await batcher.submit(order(scope, "more", wallet, shop, 1))
    assert again == RefusedBefore(Answer(422, "insufficient_funds"))
    assert [await balance(database, scope, one) for one in (wallet, shop)] == [50, 50]


async def test_a_key_finds_what_it_has_posted_and_nothing_moves_again(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    first = await batcher.submit(order(scope, "once", wallet, shop, 40))
    assert isinstance(first, Posted)
    assert await batcher.submit(order(scope, "once", wallet, shop, 40)) == PostedBefore(first.entry.id)
    with pytest.raises(KeyReused):
        await batcher.submit(order(scope, "once", wallet, shop, 41))
    assert await balance(database, scope, shop) == 40


async def test_what_others_have_posted_meanwhile_counts(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    await batcher.submit(order(scope, "before", wallet, shop, 10))
    await post(database, scope, (wallet, shop, 85))
    assert await told(batcher, order(scope, "after", wallet, shop, 10)) == (["insufficient_funds"], 0)
    assert [await balance(database, scope, one) for one in (wallet, shop)] == [5, 95]


async def test_locks_have_it_for_a_while_after_somebody_else_has_posted(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    assert await told(batcher, order(scope, "k0", wallet, shop, 1)) == (["Posted"], 1)
    await post(database, scope, (wallet, shop, 1))
    decided_ahead = [(await told(batcher, order(scope, f"k{n}", wallet, shop, 1)))[1] for n in range(1, 5)]
    assert decided_ahead == [0, 0, 1, 1]
    assert await balance(database, scope, wallet) == 94


async def test_the_version_of_somebody_elses_posting_is_not_taken_for_ones_own(database: Database) -> None:
    scope, wallet, shop = await funded(database, 100)
    mine = Ahead(database.app_url)
    async with database.begin(scope) as uow:
        await ledger.post(uow, draft((wallet, shop, 10)))
        everything = asyncio.create_task(mine.post(scope.tenant_id.uuid, [order(scope, "all", wallet, shop, 100)]))
        await _waits_for_a_lock(database, scope)
        # As far as this process knows the wallet is empty now, and its version is the one that will be committed.
        one_more = asyncio.create_task(mine.post(scope.tenant_id.uuid, [order(scope, "more", wallet, shop, 50)]))
        await asyncio.sleep(0.02)
    assert [await everything, await one_more] == [None, None]
    await mine.close()
    assert await balance(database, scope, wallet) == 90


async def _waits_for_a_lock(database: Database, scope: Scope) -> int:
    """The server process of a batch that is decided ahead and waits, as soon as there is one."""
    for _ in range(80):
        # What the server's processes do is looked at once in a transaction.
        async with database.begin(scope) as uow:
            pid = (await uow.execute(text(WAITING_FOR_A_LOCK))).scalar()
        if pid is not None:
            return int(pid)
        await asyncio.sleep(0.001)
    raise AssertionError("nobody waits for a lock")


async def _raise_floor(database: Database, scope: Scope, wallet: Account) -> None:
    async with database.begin(scope) as uow:
        await ledger.set_floor(uow, wallet.id, Money(85, wallet.currency), reason="kept back")


async def _freeze(database: Database, scope: Scope, wallet: Account) -> None:
    async with database.begin(scope) as uow:
        await ledger.freeze(uow, wallet.id, debits=True, credits=False, reason="suspected")


async def _stop_by_owner(database: Database, scope: Scope, wallet: Account) -> None:
    async with database.begin(scope) as uow:
        await ledger.freeze(uow, wallet.id, debits=False, credits=False, owner=True, reason="lost")


async def _limit(database: Database, scope: Scope, wallet: Account) -> None:
    await limit(database, scope, scope.actor, 5)


CHANGES = {
    "a higher floor": (_raise_floor, "insufficient_funds"),
    "frozen": (_freeze, "account_frozen"),
    "stopped by its owner": (_stop_by_owner, "account_frozen"),
    "a budget": (_limit, "budget_exceeded"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_is_forbidden_meanwhile_binds_the_very_next_posting(
    database: Database, batcher: Batcher, change: str
) -> None:
    make, refusal = CHANGES[change]
    scope, wallet, shop = await funded(database, 100)
    scope = replace(scope, actor=Actor(ActorKind.USER, str(UserId.new())))
    assert await told(batcher, order(scope, "before", wallet, shop, 10)) == (["Posted"], 1)
    await make(database, scope, wallet)
    assert await told(batcher, order(scope, "after", wallet, shop, 10)) == ([refusal], 0)
    assert await balance(database, scope, wallet) == 90


async def test_what_is_allowed_meanwhile_is_not_refused(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    assert await told(batcher, order(scope, "all", wallet, shop, 100)) == (["Posted"], 1)
    async with database.begin(scope) as uow:
        await ledger.set_floor(uow, wallet.id, Money(-50, wallet.currency), reason="a credit line")
    assert await told(batcher, order(scope, "on credit", wallet, shop, 50)) == (["Posted"], 0)
    assert await balance(database, scope, wallet) == -50


async def test_a_closed_account_takes_nothing_any_more(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    await batcher.submit(order(scope, "all", wallet, shop, 100))
    async with database.begin(scope) as uow:
        await ledger.close_account(uow, wallet.id, reason="moved away")
    assert await told(batcher, order(scope, "back", shop, wallet, 10)) == (["account_closed"], 0)
    assert await balance(database, scope, shop) == 100


async def test_a_balance_that_is_watched_from_now_on_is_told(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    await batcher.submit(order(scope, "before", wallet, shop, 10))
    async with database.begin(scope) as uow:
        await monitors.watch(uow, wallet.id, Direction.BELOW, Money(85, wallet.currency), reason="to be told")
    assert await told(batcher, order(scope, "across", wallet, shop, 10)) == (["Posted"], 0)
    async with database.begin(scope) as uow:
        assert (await uow.execute(text(CROSSINGS), {"tenant": scope.tenant_id.uuid})).scalar() == 1


async def test_a_day_in_the_past_is_decided_under_locks(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    late = order(scope, "late", wallet, shop, 10)
    late = replace(late, draft=replace(late.draft, effective_at=scope.clock.now()))
    assert await told(batcher, late) == (["Posted"], 0)
    assert await balance(database, scope, wallet) == 90


async def test_a_basis_is_held_against_what_is_there(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    asked = order(scope, "stands", wallet, shop, 40)
    outdated = replace(asked, bases=[Basis(ACCOUNT_VERSIONS, {wallet.id.uuid: wallet.code, shop.id.uuid: "another"})])
    assert await told(batcher, outdated) == (["Outdated"], 0)
    assert await balance(database, scope, shop) == 0
    # Once under locks, because of the one before.
    await batcher.submit(order(scope, "between", wallet, shop, 1))
    holding = replace(asked, bases=[Basis(ACCOUNT_VERSIONS, {wallet.id.uuid: wallet.code, shop.id.uuid: shop.code})])
    assert await told(batcher, holding) == (["Posted"], 1)
    assert await balance(database, scope, shop) == 41


async def test_an_account_of_another_tenant_is_not_there(database: Database, batcher: Batcher) -> None:
    scope, _, shop = await funded(database, 100)
    stranger, foreign, till = await funded(database, 100)
    await batcher.submit(order(stranger, "own", foreign, till, 1))
    assert await told(batcher, order(scope, "theirs", foreign, shop, 1)) == (["account_not_found"], 0)
    assert [await balance(database, scope, shop), await balance(database, stranger, foreign)] == [0, 99]


async def test_two_processes_never_draw_an_account_below_its_floor(
    database: Database, batcher: Batcher, other_process: Batcher
) -> None:
    scope, wallet, shop = await funded(database, 1000)
    processes = [batcher, other_process]

    async def customer(name: str, process: Batcher) -> list[str]:
        return [(await told(process, order(scope, f"{name}-{n}", wallet, shop, 9)))[0][0] for n in range(12)]

    asked = await asyncio.gather(*(customer(str(n), processes[n % 2]) for n in range(16)))
    assert Counter(chain(*asked)) == {"Posted": 111, "insufficient_funds": 81}
    assert [await balance(database, scope, one) for one in (wallet, shop)] == [1, 999]


async def test_what_the_database_cannot_take_fails_alone(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    good, poison, fine = (order(scope, key, wallet, shop, 10) for key in ("good", "poison", "fine"))
    poison = replace(poison, draft=replace(poison.draft, description="\0"))
    assert (await told(batcher, good, poison, fine))[0] == ["Posted", "Unavailable", "Posted"]
    assert await balance(database, scope, shop) == 20


async def test_a_connection_that_breaks_during_the_commit_leaves_the_key_to_ask_again(
    database: Database, batcher: Batcher
) -> None:
    scope, wallet, shop = await funded(database, 100)
    async with database.begin(scope) as uow:
        await ledger.locked_accounts(uow, [wallet.id])
        cut = asyncio.create_task(batcher.submit(order(scope, "cut", wallet, shop, 40)))
        pid = await _waits_for_a_lock(database, scope)
        async with database.begin(scope) as beside:
            await beside.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(CommitUnknown):
            await cut
    assert await told(batcher, order(scope, "cut", wallet, shop, 40)) == (["Posted"], 1)
    assert await told(batcher, order(scope, "cut", wallet, shop, 40)) == (["PostedBefore"], 0)
    assert await balance(database, scope, shop) == 40


async def test_whoever_waits_for_a_lock_too_long_is_decided_under_it(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    async with database.begin(scope) as uow:
        await ledger.post(uow, draft((wallet, shop, 95)))
        waiting = asyncio.create_task(told(batcher, order(scope, "late", wallet, shop, 10)))
        await asyncio.sleep(0.25)
        assert not waiting.done()
    assert await waiting == (["insufficient_funds"], 0)
    assert await balance(database, scope, wallet) == 5


async def test_a_tenant_whose_account_is_locked_keeps_no_other_waiting(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    others = [await funded(database, 100) for _ in range(8)]
    async with database.begin(scope) as uow:
        await ledger.locked_accounts(uow, [wallet.id])
        waiting = asyncio.create_task(batcher.submit(order(scope, "held", wallet, shop, 10)))
        await _waits_for_a_lock(database, scope)
        theirs = [order(other, "free", purse, till, 10) for other, purse, till in others]
        async with asyncio.timeout(3):
            assert (await told(batcher, *theirs))[0] == ["Posted"] * 8
        assert not waiting.done()
    assert isinstance(await waiting, Posted)


async def test_only_so_many_accounts_are_remembered(
    database: Database, batcher: Batcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batcher_ahead, "_MOST_REMEMBERED", 4)
    tenants = [await funded(database, 100) for _ in range(5)]
    for n in range(2):
        for scope, wallet, shop in tenants:
            assert await told(batcher, order(scope, f"k{n}", wallet, shop, 10)) == (["Posted"], 1)
    assert batcher._ahead.remembered <= 4
