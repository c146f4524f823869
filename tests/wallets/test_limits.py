"""Limits belong to a party: its purses share them, the room counts what is held, and holds obey the wallet's freeze."""

import asyncio
from typing import Any

import psycopg
import pytest

from specie import ledger, parties, wallets
from specie.kernel.errors import SpecieError
from specie.kernel.ids import HoldId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import EntryDraft, InsufficientFunds, Leg, Recipe
from specie.platform.db import Database, UnitOfWork
from specie.platform.jobs import JobContext
from specie.wallets import LimitPolicy, Wallet, jobs, limits, store, transfers
from specie.wallets.errors import HoldEnded, LimitExceeded, WalletFrozen
from tests.support.scopes import fresh_scope
from tests.wallets.purses import balance, new_wallet

IDR = Currency.of("IDR")


def money(minor: int) -> Money:
    return Money(minor, IDR)


async def set_policy(database: Database, scope: Scope, tier: str = "basic", **policy: int) -> None:
    parts = {name: money(value) for name, value in policy.items()}
    async with database.begin(scope) as uow:
        await limits.set_policy(uow, LimitPolicy(tier, IDR, **parts))


async def purse_of(database: Database, scope: Scope, wallet: Wallet, purpose: str = "promo") -> Wallet:
    """A further purse of a wallet's owner."""
    async with database.begin(scope) as uow:
        return await wallets.open_wallet(uow, wallet.party_id, IDR, purpose, tier="basic")


async def send(database: Database, scope: Scope, payer: Wallet, payee: Wallet, minor: int) -> None:
    async def work(uow: UnitOfWork) -> None:
        await transfers.transfer(uow, payer.id, payee.id, money(minor))

    await database.run(scope, work, label="test.send")


async def hold(database: Database, scope: Scope, wallet: Wallet, minor: int) -> HoldId:
    async with database.begin(scope) as uow:
        return (await wallets.place_hold(uow, wallet.id, money(minor), reason="order 7")).id


async def capture(database: Database, scope: Scope, hold_id: HoldId, to: Wallet, minor: int | None = None) -> None:
    async def work(uow: UnitOfWork) -> None:
        amount = None if minor is None else money(minor)
        await wallets.capture_hold(uow, hold_id, to.available_account, amount)

    await database.run(scope, work, label="test.capture")


async def left(database: Database, scope: Scope, wallet: Wallet) -> dict[str, tuple[int, int]]:
    """Used and left of each limit."""
    async with database.begin(scope) as uow:
        known = await store.any_wallet_by_id(uow, wallet.id)
        assert known is not None
        return {one.kind: (one.used.minor, one.left.minor) for one in await limits.left(uow, known)}


@pytest.mark.parametrize("limit", ["per_day", "per_month"])
async def test_a_further_purse_brings_no_further_allowance(database: Database, limit: str) -> None:
    scope = fresh_scope()
    payee = await new_wallet(database, scope)
    await set_policy(database, scope, **{limit: 100})
    main = await new_wallet(database, scope, 500, tier="basic")
    promo = await purse_of(database, scope, main)
    async with database.begin(scope) as uow:
        legs = [Leg(main.available_account, promo.available_account, money(200))]
        await ledger.post(uow, EntryDraft(Recipe("test.fund", 1), legs))
    await send(database, scope, main, payee, 60)
    with pytest.raises(LimitExceeded) as refusal:
        await send(database, scope, promo, payee, 41)
    assert (refusal.value.facts["limit"], refusal.value.facts["left"]) == (limit, 40)
    assert await balance(database, scope, promo) == (200, 0)
    await send(database, scope, promo, payee, 40)
    assert await left(database, scope, main) == await left(database, scope, promo) == {limit: (100, 0)}


async def test_the_cap_on_a_balance_is_over_all_purses(database: Database) -> None:
    scope = fresh_scope()
    await set_policy(database, scope, balance=100)
    main = await new_wallet(database, scope, tier="basic")
    promo = await purse_of(database, scope, main)
    payer = await new_wallet(database, scope, 500)
    await send(database, scope, payer, main, 70)
    with pytest.raises(LimitExceeded):
        await send(database, scope, payer, promo, 31)
    await send(database, scope, payer, promo, 30)
    assert await balance(database, scope, main) == (70, 0)
    assert await balance(database, scope, promo) == (30, 0)
    assert await left(database, scope, promo) == {"balance": (100, 0)}


async def test_money_set_aside_still_fills_the_room(database: Database) -> None:
    scope = fresh_scope()
    await set_policy(database, scope, balance=100)
    payee, payer = await new_wallet(database, scope, tier="basic"), await new_wallet(database, scope, 500)
    await send(database, scope, payer, payee, 100)
    held = await hold(database, scope, payee, 80)
    with pytest.raises(LimitExceeded):
        await send(database, scope, payer, payee, 1)
    await capture(database, scope, held, payer, 30)
    with pytest.raises(LimitExceeded):
        await send(database, scope, payer, payee, 31)
    await send(database, scope, payer, payee, 30)
    assert await balance(database, scope, payee) == (50, 50)


async def test_giving_a_hold_back_passes_no_cap(database: Database) -> None:
    scope = fresh_scope()
    await set_policy(database, scope, balance=100)
    wallet = await new_wallet(database, scope, 100, tier="basic")
    held = await hold(database, scope, wallet, 80)
    async with database.begin(scope) as uow:
        await wallets.release_hold(uow, held)
    assert await balance(database, scope, wallet) == (100, 0)
    assert await left(database, scope, wallet) == {"balance": (100, 0)}


async def test_what_is_captured_counts_for_the_payer_and_fills_the_receiver_s_room(database: Database) -> None:
    scope = fresh_scope()
    await set_policy(database, scope, per_day=50, balance=100)
    payer = await new_wallet(database, scope, 100, tier="basic")
    payee = await new_wallet(database, scope, 70, tier="basic")
    held = await hold(database, scope, payer, 80)
    assert (await left(database, scope, payer))["per_day"] == (0, 50)
    with pytest.raises(LimitExceeded) as full:
        await capture(database, scope, held, payee, 31)
    assert full.value.facts["limit"] == "balance"
    await capture(database, scope, held, payee, 30)
    other = await new_wallet(database, scope)
    with pytest.raises(LimitExceeded) as day:
        await capture(database, scope, held, other, 21)
    assert (day.value.facts["limit"], day.value.facts["left"]) == ("per_day", 20)
    assert await balance(database, scope, payer) == (20, 50)
    assert await balance(database, scope, payee) == (100, 0)


async def test_limits_that_begin_later_count_what_is_there_and_what_is_held(database: Database) -> None:
    scope = fresh_scope()
    wallet = await new_wallet(database, scope, 90)
    await hold(database, scope, wallet, 40)
    await set_policy(database, scope, balance=100)
    async with database.begin(scope) as uow:
        await limits.apply_tier(uow, wallet, "basic")
    assert await left(database, scope, wallet) == {"balance": (90, 10)}
    payer = await new_wallet(database, scope, 500)
    with pytest.raises(LimitExceeded):
        await send(database, scope, payer, wallet, 11)
    await send(database, scope, payer, wallet, 10)


async def test_a_lower_cap_takes_nothing_away_and_lets_nothing_more_in(database: Database) -> None:
    scope = fresh_scope()
    await set_policy(database, scope, balance=100)
    wallet, payer = await new_wallet(database, scope, 80, tier="basic"), await new_wallet(database, scope, 500)
    await set_policy(database, scope, "small", balance=50)
    async with database.begin(scope) as uow:
        await limits.apply_tier(uow, wallet, "small")
    assert await left(database, scope, wallet) == {"balance": (80, -30)}
    with pytest.raises(LimitExceeded):
        await send(database, scope, payer, wallet, 1)
    await send(database, scope, wallet, payer, 31)
    await send(database, scope, payer, wallet, 1)
    assert await balance(database, scope, wallet) == (50, 0)


async def test_a_job_brings_the_wallets_of_a_tier_under_its_changed_limits(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    wallet, payee = await new_wallet(database, scope, 1000), await new_wallet(database, scope)
    other_tier = await new_wallet(database, scope, 1000)
    approved = "update specie.party set kyc_state = 'approved' where id = %s"
    superuser_connection.execute(approved, [other_tier.party_id.uuid])
    async with database.begin(scope) as uow:
        tiers = await parties.tiers(uow, [wallet.party_id, other_tier.party_id])
    tier = tiers[wallet.party_id]
    assert tier != tiers[other_tier.party_id]
    for minor in (100, 40):
        await set_policy(database, scope, tier, per_day=minor)
        for _ in range(2):
            await jobs.limits_follow(JobContext(database, scope, {}), tier=tier, currency="IDR")
        assert await left(database, scope, wallet) == {"per_day": (0, minor)}
    assert await left(database, scope, other_tier) == {}
    with pytest.raises(LimitExceeded):
        await send(database, scope, wallet, payee, 41)
    assert await balance(database, scope, wallet) == (1000, 0)


async def test_a_policy_without_limits_lifts_those_there_were(database: Database) -> None:
    scope = fresh_scope()
    wallet, payee = await new_wallet(database, scope, 1000), await new_wallet(database, scope)
    async with database.begin(scope) as uow:
        tier = (await parties.tiers(uow, [wallet.party_id]))[wallet.party_id]
    for policy in ({"per_day": 10, "per_item": 5}, {}):
        await set_policy(database, scope, tier, **policy)
        await jobs.limits_follow(JobContext(database, scope, {}), tier=tier, currency="IDR")
    assert await left(database, scope, wallet) == {}
    await send(database, scope, wallet, payee, 500)
    assert await balance(database, scope, payee) == (500, 0)


async def freeze(database: Database, scope: Scope, wallet: Wallet, *, debits: bool, credits: bool = False) -> None:
    async with database.begin(scope) as uow:
        await wallets.freeze(uow, wallet.id, debits=debits, credits=credits, reason="under investigation")


async def test_a_frozen_wallet_s_holds_are_not_taken_and_may_be_given_back(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    one, two = await hold(database, scope, payer, 30), await hold(database, scope, payer, 20)
    await freeze(database, scope, payer, debits=True, credits=True)
    with pytest.raises(WalletFrozen):
        await capture(database, scope, one, payee, 10)
    async with database.begin(scope) as uow:
        await wallets.release_hold(uow, two)
    assert await balance(database, scope, payer) == (70, 30)
    assert await balance(database, scope, payee) == (0, 0)
    await freeze(database, scope, payer, debits=False)
    await capture(database, scope, one, payee)
    assert await balance(database, scope, payee) == (30, 0)


async def test_a_receiver_that_takes_nothing_gets_no_captured_money(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    held = await hold(database, scope, payer, 30)
    await freeze(database, scope, payee, debits=False, credits=True)
    with pytest.raises(WalletFrozen):
        await capture(database, scope, held, payee, 10)
    assert await balance(database, scope, payer) == (70, 30)


async def test_nothing_is_set_aside_from_a_frozen_wallet(database: Database) -> None:
    scope = fresh_scope()
    payer = await new_wallet(database, scope, 100)
    await freeze(database, scope, payer, debits=True)
    with pytest.raises(WalletFrozen):
        await hold(database, scope, payer, 1)
    assert await balance(database, scope, payer) == (100, 0)


async def outcomes(*tasks: Any) -> list[type[BaseException] | None]:
    """Which refusal each of several things done at once met, if any."""
    found = await asyncio.gather(*tasks, return_exceptions=True)
    unexpected = [one for one in found if one is not None and not isinstance(one, SpecieError)]
    assert unexpected == []
    return [None if one is None else type(one) for one in found]


@pytest.mark.parametrize(
    ("parts", "taken"),
    [([40, 40], 40), ([30, 30], 60), ([60, 60], 60), ([None, None], 60), ([None, 25], 60), ([15] * 8, 60)],
    ids=str,
)
async def test_captures_at_once_never_take_more_than_was_held(
    database: Database, parts: list[int | None], taken: int
) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    held = await hold(database, scope, payer, 60)
    found = await outcomes(*(capture(database, scope, held, payee, part) for part in parts))
    assert set(found) <= {None, InsufficientFunds, HoldEnded}
    available, rest = await balance(database, scope, payer)
    assert (available, rest) == (40, 60 - (await balance(database, scope, payee))[0])
    assert rest == 60 - taken
    if rest == 0:
        with pytest.raises(HoldEnded):
            await capture(database, scope, held, payee, 1)


async def test_a_capture_and_a_release_at_once_split_the_hold(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    held = await hold(database, scope, payer, 60)

    async def release() -> None:
        async def work(uow: UnitOfWork) -> None:
            await wallets.release_hold(uow, held)

        await database.run(scope, work, label="test.release")

    found = await outcomes(capture(database, scope, held, payee, 25), release())
    assert found in ([None, None], [HoldEnded, None])
    got = 25 if found[0] is None else 0
    assert await balance(database, scope, payer) == (100 - got, 0)
    assert await balance(database, scope, payee) == (got, 0)


async def test_freezing_and_setting_aside_at_once_leave_no_hold_that_can_be_taken(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    made: list[HoldId] = []

    async def place() -> None:
        made.append(await hold(database, scope, payer, 10))

    found = await outcomes(*(place() for _ in range(5)), freeze(database, scope, payer, debits=True))
    assert set(found) <= {None, WalletFrozen}
    for one in made:
        with pytest.raises(WalletFrozen):
            await capture(database, scope, one, payee, 1)
    assert await balance(database, scope, payee) == (0, 0)
