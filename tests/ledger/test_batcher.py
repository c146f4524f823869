"""The batcher: one commit for many callers, one answer for each."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from specie import ledger
from specie.events import NewEvent
from specie.kernel.errors import SpecieError
from specie.kernel.ids import EntryId, uuid7
from specie.kernel.money import Money
from specie.kernel.scope import Scope
from specie.ledger import Account, EntryDraft, Leg
from specie.ledger.batcher import Batcher
from specie.ledger.orders import Order, Posted, PostedBefore, Refused, RefusedBefore
from specie.platform.basis import Basis, Outdated
from specie.platform.db import Database
from specie.platform.idempotency import Answer, KeyInProgress, KeyReused, fingerprint
from tests.ledger.books import TEST, balance, open_account, post
from tests.support.scopes import fresh_scope

# Any column tells the version of a row here that the test can name.
ACCOUNT_VERSIONS = "select id, code as version from specie.account where tenant_id = %s and id = any(%s)"


@pytest.fixture
async def batcher(database: Database) -> AsyncIterator[Batcher]:
    made = Batcher(database.app_url)
    await made.open()
    yield made
    await made.close()


def order(scope: Scope, key: str, debit: Account, credit: Account, minor: int) -> Order:
    draft = EntryDraft(recipe=TEST, legs=[Leg(debit.id, credit.id, Money(minor, debit.currency))])
    body = f'{{"from":"{debit.id}","to":"{credit.id}","amount":{minor}}}'.encode()
    return Order(
        scope=scope,
        key=key,
        fingerprint=fingerprint("POST", "/test", "", body),
        draft=draft,
        event=NewEvent("test.moved", ("entry", str(draft.id)), 1, {}),
        refused=_answer,
    )


def _answer(refusal: SpecieError) -> Answer:
    return Answer(refusal.status, refusal.code)


async def funded(database: Database, minor: int) -> tuple[Scope, Account, Account]:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet", floor=0)
    shop = await open_account(database, scope, "liability:shop")
    if minor:
        await post(database, scope, (cash, wallet, minor))
    return scope, wallet, shop


async def test_every_caller_gets_its_own_answer(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 1000)
    results = await asyncio.gather(*(batcher.submit(order(scope, f"k{n}", wallet, shop, 30)) for n in range(50)))
    assert sum(isinstance(result, Posted) for result in results) == 33
    refused = {result.answer.body for result in results if isinstance(result, Refused)}
    assert refused == {"insufficient_funds"}
    assert await balance(database, scope, wallet) == 10
    assert await balance(database, scope, shop) == 990


async def test_few_share_one_commit_and_very_many_are_parted_between_two(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 1000)

    async def commits(name: str, count: int) -> int:
        orders = [order(scope, f"{name}-{n}", wallet, shop, 1) for n in range(count)]
        results = await asyncio.gather(*(batcher.submit(one) for one in orders))
        # A batch takes the time once, after its locks.
        return len({result.entry.recorded_at for result in results if isinstance(result, Posted)})

    assert [await commits("few", 40), await commits("many", 100)] == [1, 2]
    assert await balance(database, scope, shop) == 140


async def test_two_batches_at_once_draw_no_account_below_its_floor(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 1000)
    results = await asyncio.gather(*(batcher.submit(order(scope, f"k{n}", wallet, shop, 30)) for n in range(120)))
    assert sum(isinstance(result, Posted) for result in results) == 33
    assert sum(isinstance(result, Refused) for result in results) == 87
    assert await balance(database, scope, wallet) == 10


async def test_half_of_very_many_goes_on_while_the_other_waits_for_a_lock(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    cash = await open_account(database, scope, "asset:till")
    other = await open_account(database, scope, "liability:other", floor=0)
    await post(database, scope, (cash, other, 100))
    async with database.begin(scope) as uow:
        await ledger.locked_accounts(uow, [wallet.id])
        held = [asyncio.create_task(batcher.submit(order(scope, f"a{n}", wallet, cash, 1))) for n in range(30)]
        free = [asyncio.create_task(batcher.submit(order(scope, f"b{n}", other, shop, 1))) for n in range(30)]
        assert all(isinstance(result, Posted) for result in await asyncio.gather(*free))
        assert not any(one.done() for one in held)
    assert all(isinstance(result, Posted) for result in await asyncio.gather(*held))
    assert [await balance(database, scope, one) for one in (wallet, other, shop)] == [70, 70, 30]


async def test_the_same_key_posts_once_and_finds_its_entry_again(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    first = await batcher.submit(order(scope, "once", wallet, shop, 40))
    again = await batcher.submit(order(scope, "once", wallet, shop, 40))
    assert isinstance(first, Posted)
    assert again == PostedBefore(first.entry.id)
    assert await balance(database, scope, shop) == 40


async def test_a_refusal_is_given_again_though_the_money_has_come(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 0)
    first = await batcher.submit(order(scope, "poor", wallet, shop, 40))
    async with database.begin(scope) as uow:
        cash = await ledger.ensure_account(
            uow, ledger.AccountSpec("asset:cash", ledger.AccountType.ASSET, wallet.currency)
        )
    await post(database, scope, (cash, wallet, 100))
    again = await batcher.submit(order(scope, "poor", wallet, shop, 40))
    assert first == Refused(Answer(422, "insufficient_funds"))
    assert again == RefusedBefore(Answer(422, "insufficient_funds"))
    assert await balance(database, scope, shop) == 0


async def test_a_key_with_another_body_names_what_differs(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    await batcher.submit(order(scope, "mixed", wallet, shop, 40))
    with pytest.raises(KeyReused) as refusal:
        await batcher.submit(order(scope, "mixed", wallet, shop, 41))
    assert refusal.value.facts["differs"] == ["body.amount"]
    assert await balance(database, scope, shop) == 40


async def test_twenty_requests_with_one_key_at_once_have_one_effect(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 1000)
    other = Batcher(database.app_url)
    await other.open()
    results = await asyncio.gather(
        *((batcher if n % 2 else other).submit(order(scope, "race", wallet, shop, 10)) for n in range(20)),
        return_exceptions=True,
    )
    await other.close()
    assert sum(isinstance(result, Posted) for result in results) == 1
    assert all(isinstance(result, Posted | PostedBefore | KeyInProgress) for result in results)
    assert await balance(database, scope, shop) == 10


async def test_two_principals_may_use_the_same_key(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    colleague = fresh_scope(scope.tenant_id)
    first = await batcher.submit(order(scope, "same", wallet, shop, 10))
    second = await batcher.submit(order(colleague, "same", wallet, shop, 10))
    assert isinstance(first, Posted)
    assert isinstance(second, Posted)
    assert first.entry.actor != second.entry.actor


async def test_tenants_do_not_meet_in_a_batch(database: Database, batcher: Batcher) -> None:
    one, wallet, shop = await funded(database, 100)
    two, foreign, till = await funded(database, 100)
    results = await asyncio.gather(
        batcher.submit(order(one, "a", wallet, shop, 1)),
        batcher.submit(order(two, "a", foreign, till, 2)),
        batcher.submit(order(one, "b", foreign, shop, 3)),
    )
    assert [type(result) for result in results] == [Posted, Posted, Refused]
    assert await balance(database, two, foreign) == 98


async def test_a_caller_who_goes_away_does_not_undo_the_posting(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    waiting = asyncio.create_task(batcher.submit(order(scope, "gone", wallet, shop, 10)))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    for _ in range(100):
        try:
            again = await batcher.submit(order(scope, "gone", wallet, shop, 10))
            break
        except KeyInProgress:
            await asyncio.sleep(0.02)
    assert isinstance(again, Posted | PostedBefore)
    assert await balance(database, scope, shop) == 10


async def test_an_entry_of_a_batch_is_an_ordinary_entry(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    result = await batcher.submit(order(scope, "seen", wallet, shop, 10))
    assert isinstance(result, Posted)
    async with database.begin(scope) as uow:
        entry = await ledger.get_entry(uow, EntryId(result.entry.id.uuid))
    assert entry == result.entry


async def test_an_order_whose_basis_changed_is_not_posted_and_its_key_is_free(
    database: Database, batcher: Batcher
) -> None:
    scope, wallet, shop = await funded(database, 100)
    asked = order(scope, "stands", wallet, shop, 40)
    with pytest.raises(Outdated):
        await batcher.submit(replace(asked, bases=[Basis(ACCOUNT_VERSIONS, {wallet.id.uuid: "another"})]))
    with pytest.raises(Outdated):
        await batcher.submit(replace(asked, bases=[Basis(ACCOUNT_VERSIONS, {uuid7(): "gone"})]))
    assert await balance(database, scope, shop) == 0
    assert isinstance(await batcher.submit(asked), Posted)
    assert await balance(database, scope, shop) == 40


async def test_neighbours_of_an_outdated_order_are_posted(database: Database, batcher: Batcher) -> None:
    scope, wallet, shop = await funded(database, 100)
    asked = [order(scope, f"neighbour-{n}", wallet, shop, 10) for n in range(3)]
    bases = [Basis(ACCOUNT_VERSIONS, {wallet.id.uuid: name}) for name in (wallet.code, "another", wallet.code)]
    orders = [replace(one, bases=[basis]) for one, basis in zip(asked, bases, strict=True)]
    results = await asyncio.gather(*(batcher.submit(one) for one in orders), return_exceptions=True)
    assert [type(result) for result in results] == [Posted, Outdated, Posted]
    assert await balance(database, scope, shop) == 20
