"""Budgets: what a person or key may move in a day and in thirty days, kept in the posting itself."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from specie import ledger
from specie.identity import access_store
from specie.kernel.errors import BudgetExceeded
from specie.kernel.ids import ApiKeyId, UserId, uuid7
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.ledger import Account, budget_service, budget_store, read_store
from specie.ledger.batcher import Batcher
from specie.ledger.errors import NotReversible, OwnBudget
from specie.ledger.model import Budget
from specie.ledger.orders import Refused
from specie.ledger.routes import router
from specie.platform.db import Database
from tests.approvals.test_approvals import key_of
from tests.ledger.books import balance, draft, open_account
from tests.ledger.test_batcher import order
from tests.support.asgi import calling
from tests.support.scopes import fresh_scope

IDR = Currency.of("IDR")


def idr(minor: int | None) -> Money | None:
    return None if minor is None else Money(minor, IDR)


async def limit(database: Database, scope: Scope, actor: Actor, day: int | None, month: int | None = None) -> None:
    boss = replace(scope, actor=Actor(ActorKind.USER, str(UserId.new())))
    async with database.begin(boss) as uow:
        await budget_service.set_budget(uow, str(actor), IDR, idr(day), idr(month))


async def move(database: Database, scope: Scope, debit: Account, credit: Account, minor: int, **more: bool) -> None:
    async with database.begin(scope) as uow:
        await ledger.post(uow, replace(draft((debit, credit, minor)), **more))


async def books(database: Database) -> tuple[Scope, Account, Account]:
    """Somebody of a tenant of its own, and two accounts."""
    scope = replace(fresh_scope(), actor=Actor(ActorKind.USER, str(UserId.new())))
    return scope, await open_account(database, scope, "asset:cash"), await open_account(database, scope, "expense:rent")


async def test_of_fifty_postings_at_the_same_moment_only_those_within_the_budget_are_made(database: Database) -> None:
    scope, cash, rent = await books(database)
    await limit(database, scope, scope.actor, 1_000)

    outcomes = await asyncio.gather(
        *(database.run(scope, lambda uow: ledger.post(uow, draft((rent, cash, 90))), label="t") for _ in range(50)),
        return_exceptions=True,
    )

    refused = [each for each in outcomes if isinstance(each, BudgetExceeded)]
    assert len(refused) == 39, [each for each in outcomes if isinstance(each, Exception)][:3]
    assert {(each.facts["budget"], each.facts["left"]) for each in refused} == {("day", 10)}
    assert await balance(database, scope, rent) == 990


async def test_the_day_rolls_the_month_stays_and_what_has_happened_is_never_refused(database: Database) -> None:
    scope, cash, rent = await books(database)
    await limit(database, scope, scope.actor, 1_000, 1_500)
    await move(database, scope, rent, cash, 1_000)
    with pytest.raises(BudgetExceeded):
        await move(database, scope, rent, cash, 1)
    await move(database, scope, rent, cash, 700, is_fact=True)
    await move(database, scope, rent, cash, 70, was_counted=True)

    tomorrow = replace(scope, clock=replace(scope.clock, offset=timedelta(hours=25)))
    with pytest.raises(BudgetExceeded) as refused:
        await move(database, tomorrow, rent, cash, 501)
    await move(database, tomorrow, rent, cash, 500)

    assert (refused.value.facts["budget"], refused.value.facts["left"]) == ("month", 500)
    assert await balance(database, scope, rent) == 2_270
    async with database.begin(tomorrow) as uow:
        [left] = await budget_service.left(uow)
    assert (left.used_day, left.used_month) == (idr(500), idr(1_500))


async def test_a_key_draws_on_its_own_budget_and_its_makers_and_its_successor_on_the_same(database: Database) -> None:
    maker, cash, rent = await books(database)
    old, new = ApiKeyId.new(), ApiKeyId.new()
    key, successor = (replace(maker, actor=Actor(ActorKind.API_KEY, str(each))) for each in (old, new))
    async with database.begin(maker) as uow:
        for nth, each in enumerate((old, new)):
            await access_store.add_api_key(uow, key_of(str(each), str(maker.actor)), bytes([nth]) * 32)
    await limit(database, maker, maker.actor, 1_000)
    await limit(database, maker, key.actor, 600)
    async with database.begin(maker) as uow:
        await budget_service.inherit(uow, old, new)

    await move(database, key, rent, cash, 500)
    with pytest.raises(BudgetExceeded) as own:
        await move(database, successor, rent, cash, 101)
    await move(database, successor, rent, cash, 100)
    await move(database, maker, rent, cash, 300)
    await limit(database, maker, key.actor, None)
    with pytest.raises(BudgetExceeded) as makers:
        await move(database, key, rent, cash, 101)

    assert (own.value.facts["left"], own.value.facts["holder"]) == (100, str(old))
    assert (makers.value.facts["left"], makers.value.facts["holder"]) == (100, maker.actor.id)
    assert await balance(database, maker, rent) == 900


async def test_what_is_promised_counts_at_once_and_nobody_sets_their_own(database: Database) -> None:
    scope, cash, rent = await books(database)
    with pytest.raises(OwnBudget):
        async with database.begin(scope) as uow:
            await budget_service.set_budget(uow, str(scope.actor), IDR, idr(9), None)
    await limit(database, scope, scope.actor, 1_000)
    async with database.begin(scope) as uow:
        await ledger.promise(uow, Money(800, IDR), about={})

    with pytest.raises(BudgetExceeded):
        await move(database, scope, rent, cash, 201)
    await move(database, replace(scope, actor=Actor(ActorKind.JOB, "due")), rent, cash, 800)

    assert await balance(database, scope, rent) == 800


async def test_postings_that_ride_together_stay_within_the_budget_and_each_has_its_answer(database: Database) -> None:
    scope, cash, rent = await books(database)
    await limit(database, scope, scope.actor, 1_000)
    batcher = Batcher(database.app_url)
    await batcher.open()

    results = await asyncio.gather(*(batcher.submit(order(scope, f"k{n}", rent, cash, 90)) for n in range(50)))
    await batcher.close()

    refused = [each.answer for each in results if isinstance(each, Refused)]
    assert [(each.status, each.body) for each in refused] == [(422, "budget_exceeded")] * 39
    assert await balance(database, scope, rent) == 990


async def own_budget(database: Database, scope: Scope) -> Budget:
    """The only budget of a tenant, with its accounts."""
    async with database.begin(scope) as uow:
        [found] = await budget_store.all_budgets(uow)
    return found


async def reverse(database: Database, scope: Scope, entry: ledger.JournalEntry) -> None:
    async with database.begin(scope) as uow:
        await ledger.reverse(uow, entry.id, effective_at=uow.now, reason="typed twice")


async def test_whoever_is_limited_can_neither_post_to_their_budget_nor_change_its_accounts(database: Database) -> None:
    scope, cash, rent = await books(database)
    await limit(database, scope, scope.actor, 1_000)
    async with database.begin(scope) as uow:
        await ledger.promise(uow, Money(800, IDR), about={})
    budget = await own_budget(database, scope)
    postings = [
        {"debit_account": str(debit), "credit_account": str(credit), "amount": {"amount": minor, "currency": "IDR"}}
        for debit, credit, minor in ((rent.id, cash.id, 100), (budget.day, budget.source, 800))
    ]
    journal = {"description": "more for me", "postings": postings}
    new = {"code": f"memo:budgets:{UserId.new()}:day", "currency": "IDR"}
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/ledger/entries", journal),
        ("POST", "/ledger/entries/bulk", {"mode": "all_or_nothing", "entries": [journal]}),
        ("PATCH", f"/ledger/accounts/{budget.day}", {"floor": None, "reason": "no limit"}),
        ("POST", f"/ledger/accounts/{budget.month}/close", {"reason": "no limit"}),
        ("POST", "/ledger/accounts", new),
    ]

    async with calling(database, scope, [router]) as client:
        answers = [
            await client.request(method, path, json=body, headers={"Idempotency-Key": uuid7().hex})
            for method, path, body in asked
        ]
    with pytest.raises(BudgetExceeded) as refused:
        await move(database, scope, rent, cash, 201)

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(422, "account_controlled")] * len(asked)
    assert refused.value.facts["left"] == 200
    assert (await balance(database, scope, budget.day), await balance(database, scope, rent)) == (-800, 0)


async def test_a_promise_is_not_reversed_and_a_reversal_gives_nothing_back_that_the_window_gives_back(
    database: Database,
) -> None:
    scope, cash, rent = await books(database)
    boss = replace(scope, actor=Actor(ActorKind.USER, str(UserId.new())))
    await limit(database, scope, scope.actor, 1_000)
    async with database.begin(scope) as uow:
        first, second = [await ledger.post(uow, draft((rent, cash, minor))) for minor in (300, 200)]
        await ledger.promise(uow, Money(100, IDR), about={})
        [promise] = (await read_store.entries(uow, after=None, limit=1, recipe="ledger.budget_promise")).items

    await reverse(database, boss, first)
    await reverse(database, scope, second)
    with pytest.raises(NotReversible):
        await reverse(database, boss, promise)

    budget = await own_budget(database, scope)
    assert (await balance(database, scope, rent), await balance(database, scope, budget.day)) == (0, -800)
    tomorrow = replace(scope, clock=replace(scope.clock, offset=timedelta(hours=25)))
    with pytest.raises(BudgetExceeded) as refused:
        await move(database, tomorrow, rent, cash, 1_001)
    assert refused.value.facts["left"] == 1_000
    await move(database, tomorrow, rent, cash, 1_000)
    assert await balance(database, scope, budget.day) == -1_000


async def test_a_key_that_loses_its_budget_leaves_that_of_its_successor_as_it_is(database: Database) -> None:
    maker, cash, rent = await books(database)
    old, new = ApiKeyId.new(), ApiKeyId.new()
    key, successor = (replace(maker, actor=Actor(ActorKind.API_KEY, str(each))) for each in (old, new))
    await limit(database, maker, key.actor, 600)
    async with database.begin(maker) as uow:
        await budget_service.inherit(uow, old, new)

    await limit(database, maker, key.actor, None)
    await move(database, key, rent, cash, 601)
    with pytest.raises(BudgetExceeded) as refused:
        await move(database, successor, rent, cash, 601)
    await move(database, successor, rent, cash, 600)
    await limit(database, maker, successor.actor, None)
    await move(database, successor, rent, cash, 1)

    assert refused.value.facts["left"] == 600
    assert await balance(database, maker, rent) == 1_202
