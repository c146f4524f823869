"""Wallets are views of the ledger: every refusal leaves both sides as they were."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from specie import ledger, wallets
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, PartyId, TransferId, WalletId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import InsufficientFunds
from specie.platform.db import Database, UnitOfWork
from specie.wallets import LimitPolicy, Wallet, history, holds, limits, service, store, transfers
from specie.wallets.errors import (
    HoldEnded,
    LimitExceeded,
    NotTheOwner,
    RecipientMissing,
    ScheduleInPast,
    TransferEnded,
    TransferToSelf,
    WalletCurrency,
    WalletFrozen,
    WalletMissing,
)
from specie.wallets.model import MAIN, HoldState, plan_draw
from tests.support.scopes import fresh_scope
from tests.wallets.purses import VAULT, balance, new_wallet


async def send(database: Database, scope: Scope, sender: Wallet, recipient: Wallet, minor: int) -> None:
    async def work(uow: UnitOfWork) -> None:
        await transfers.transfer(uow, sender.id, recipient.id, Money(minor, sender.currency))

    await database.run(scope, work, label="test.send")


@pytest.mark.parametrize("currency", ["IDR", "JPY", "KWD"])
async def test_a_transfer_moves_money_and_both_histories_agree(database: Database, currency: str) -> None:
    scope = fresh_scope()
    sender = await new_wallet(database, scope, 1000, currency)
    recipient = await new_wallet(database, scope, 0, currency)
    await send(database, scope, sender, recipient, 300)
    assert await balance(database, scope, sender) == (700, 0)
    assert await balance(database, scope, recipient) == (300, 0)


async def test_short_funds_are_refused_with_what_is_available(database: Database) -> None:
    scope = fresh_scope()
    sender, recipient = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    with pytest.raises(InsufficientFunds) as refusal:
        await send(database, scope, sender, recipient, 101)
    assert refusal.value.facts["available"] == 100
    assert await balance(database, scope, sender) == (100, 0)
    assert await balance(database, scope, recipient) == (0, 0)


async def test_who_pays_whom_is_checked(database: Database) -> None:
    scope = fresh_scope()
    sender = await new_wallet(database, scope, 100)
    yen = await new_wallet(database, scope, 0, "JPY")
    theirs = await new_wallet(database, fresh_scope())
    five = Money(5, sender.currency)
    cases: list[tuple[WalletId, WalletId, Money, type[SpecieError]]] = [
        (sender.id, sender.id, five, TransferToSelf),
        (sender.id, yen.id, five, WalletCurrency),
        (sender.id, yen.id, Money.of(5, "JPY"), WalletCurrency),
        (sender.id, WalletId.new(), five, RecipientMissing),
        (sender.id, theirs.id, five, RecipientMissing),
        (theirs.id, sender.id, five, WalletMissing),
    ]
    for payer, payee, amount, refusal in cases:
        with pytest.raises(refusal):
            async with database.begin(scope) as uow:
                await transfers.transfer(uow, payer, payee, amount)
    assert await balance(database, scope, sender) == (100, 0)


async def test_a_customer_pays_only_from_its_own_wallet(database: Database) -> None:
    scope = fresh_scope()
    mine, theirs = await new_wallet(database, scope, 100), await new_wallet(database, scope, 100)
    customer = fresh_scope(scope.tenant_id, party_id=mine.party_id)
    await send(database, customer, mine, theirs, 10)
    with pytest.raises(WalletMissing):
        await send(database, customer, theirs, mine, 10)
    assert await balance(database, scope, theirs) == (110, 0)


async def test_opening_the_same_wallet_at_once_opens_one(database: Database) -> None:
    scope = fresh_scope()
    owner = (await new_wallet(database, scope)).party_id

    async def open_one() -> WalletId:
        async with database.begin(scope) as uow:
            return (await wallets.ensure_wallet(uow, owner, Currency.of("USD"))).id

    assert len(set(await asyncio.gather(*(open_one() for _ in range(8))))) == 1


async def test_a_frozen_wallet_neither_pays_nor_takes(database: Database) -> None:
    scope = fresh_scope()
    one, two = await new_wallet(database, scope, 100), await new_wallet(database, scope, 100)
    async with database.begin(scope) as uow:
        await wallets.freeze(uow, one.id, debits=True, credits=True, reason="under investigation")
    for payer, payee in ((one, two), (two, one)):
        with pytest.raises(WalletFrozen):
            await send(database, scope, payer, payee, 1)
    async with database.begin(scope) as uow:
        await wallets.freeze(uow, one.id, debits=False, credits=False, reason="cleared")
    await send(database, scope, one, two, 1)
    assert await balance(database, scope, one) == (99, 0)


async def stop_own(database: Database, scope: Scope, wallet: Wallet, *, frozen: bool) -> None:
    async with database.begin(scope) as uow:
        await service.freeze_own(uow, wallet.id, frozen=frozen)


async def stop(database: Database, scope: Scope, wallet: Wallet, *, debits: bool, credits: bool = False) -> None:
    async with database.begin(scope) as uow:
        await wallets.freeze(uow, wallet.id, debits=debits, credits=credits, reason="under investigation")


async def test_an_owner_stops_what_leaves_and_still_receives(database: Database) -> None:
    scope = fresh_scope()
    mine, theirs = await new_wallet(database, scope, 100), await new_wallet(database, scope, 100)
    owner = fresh_scope(scope.tenant_id, party_id=mine.party_id)
    await stop_own(database, owner, mine, frozen=True)
    with pytest.raises(WalletFrozen):
        await send(database, owner, mine, theirs, 10)
    await send(database, scope, theirs, mine, 5)
    assert await balance(database, scope, mine) == (105, 0)
    await stop_own(database, owner, mine, frozen=False)
    await send(database, owner, mine, theirs, 10)
    assert await balance(database, scope, mine) == (95, 0)


@pytest.mark.parametrize("owner_first", [True, False])
async def test_an_owner_never_lifts_the_stop_of_the_tenant(database: Database, owner_first: bool) -> None:
    scope = fresh_scope()
    mine, theirs = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    owner = fresh_scope(scope.tenant_id, party_id=mine.party_id)
    if owner_first:
        await stop_own(database, owner, mine, frozen=True)
    await stop(database, scope, mine, debits=True)
    if not owner_first:
        await stop_own(database, owner, mine, frozen=True)
    await stop_own(database, owner, mine, frozen=False)
    with pytest.raises(WalletFrozen):
        await send(database, owner, mine, theirs, 10)
    assert await balance(database, scope, mine) == (100, 0)


async def test_the_tenant_lifts_the_stop_of_an_owner_only_when_it_lifts_everything(database: Database) -> None:
    scope = fresh_scope()
    mine, theirs = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    await stop_own(database, fresh_scope(scope.tenant_id, party_id=mine.party_id), mine, frozen=True)
    await stop(database, scope, mine, debits=False, credits=True)
    with pytest.raises(WalletFrozen):
        await send(database, scope, mine, theirs, 10)
    await stop(database, scope, mine, debits=False)
    await send(database, scope, mine, theirs, 10)
    assert await balance(database, scope, mine) == (90, 0)


async def test_only_the_owner_uses_the_owners_stop(database: Database) -> None:
    scope = fresh_scope()
    mine, theirs = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    stranger = fresh_scope(scope.tenant_id, party_id=theirs.party_id)
    for caller, refusal in ((scope, NotTheOwner), (stranger, WalletMissing)):
        with pytest.raises(refusal):
            await stop_own(database, caller, mine, frozen=True)
    await send(database, scope, mine, theirs, 10)
    assert await balance(database, scope, theirs) == (10, 0)


async def test_the_owners_stop_is_told_and_audited_once(database: Database) -> None:
    scope = fresh_scope()
    mine = await new_wallet(database, scope, 100)
    owner = fresh_scope(scope.tenant_id, party_id=mine.party_id)
    for frozen in (True, True, False):
        await stop_own(database, owner, mine, frozen=frozen)
    async with database.begin(scope) as uow:
        told = await uow.execute(
            text("select type from specie.event where tenant_id = :tenant and type like 'wallet.%frozen' order by id"),
            {"tenant": scope.tenant_id.uuid},
        )
        kept = await uow.execute(
            text(
                "select action, actor from specie.audit"
                " where tenant_id = :tenant and action like 'wallet.own%' order by id"
            ),
            {"tenant": scope.tenant_id.uuid},
        )
        assert told.scalars().all() == ["wallet.frozen", "wallet.unfrozen"]
        assert kept.all() == [("wallet.own_freeze", str(owner.actor)), ("wallet.own_unfreeze", str(owner.actor))]


async def test_what_was_set_aside_before_an_owners_stop_can_still_be_taken(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    async with database.begin(scope) as uow:
        hold = await wallets.place_hold(uow, payer.id, Money(60, payer.currency), reason="order 7")
    await stop_own(database, fresh_scope(scope.tenant_id, party_id=payer.party_id), payer, frozen=True)
    async with database.begin(scope) as uow:
        await wallets.capture_hold(uow, hold.id, payee.available_account)
    assert await balance(database, scope, payee) == (60, 0)


async def test_a_hold_can_be_taken_in_part_and_given_back(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    async with database.begin(scope) as uow:
        hold = await wallets.place_hold(uow, payer.id, Money(60, payer.currency), reason="order 7")
    assert await balance(database, scope, payer) == (40, 60)
    async with database.begin(scope) as uow:
        left = await wallets.capture_hold(uow, hold.id, payee.available_account, Money(25, payer.currency))
    assert await balance(database, scope, payer) == (40, 35)
    assert (left.state, left.amount.minor) == (HoldState.HELD, 35)
    async with database.begin(scope) as uow:
        await wallets.release_hold(uow, hold.id)
    assert await balance(database, scope, payer) == (75, 0)
    assert await balance(database, scope, payee) == (25, 0)
    with pytest.raises(HoldEnded):
        async with database.begin(scope) as uow:
            await wallets.release_hold(uow, hold.id)


async def test_more_than_is_held_cannot_be_taken(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    async with database.begin(scope) as uow:
        hold = await wallets.place_hold(uow, payer.id, Money(60, payer.currency), reason="order 7")
    with pytest.raises(InsufficientFunds):
        async with database.begin(scope) as uow:
            await wallets.capture_hold(uow, hold.id, payee.available_account, Money(61, payer.currency))
    assert await balance(database, scope, payer) == (40, 60)


async def test_a_hold_ends_at_a_time_that_lies_ahead(database: Database) -> None:
    scope = fresh_scope()
    payer = await new_wallet(database, scope, 100)
    with pytest.raises(ScheduleInPast):
        async with database.begin(scope) as uow:
            now = uow.now
            await wallets.place_hold(uow, payer.id, Money(60, payer.currency), reason="order 7", expires_at=now)
    assert await balance(database, scope, payer) == (100, 0)


async def test_a_hold_runs_out_once(database: Database) -> None:
    scope = fresh_scope()
    payer = await new_wallet(database, scope, 100)
    async with database.begin(scope) as uow:
        soon = uow.now + timedelta(hours=1)
        hold = await wallets.place_hold(uow, payer.id, Money(60, payer.currency), reason="order 7", expires_at=soon)
    for _ in range(2):
        async with database.begin(scope) as uow:
            await holds.expire_hold(uow, hold.id)
    assert await balance(database, scope, payer) == (100, 0)


async def test_a_scheduled_transfer_is_made_once_when_due(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    async with database.begin(scope) as uow:
        at = uow.now + timedelta(days=3)
        planned = await transfers.schedule(uow, payer.id, payee.id, Money(60, payer.currency), at, "rent")
    assert await balance(database, scope, payer) == (100, 0)
    for _ in range(2):
        async with database.begin(scope) as uow:
            await transfers.make_due(uow, planned.id)
    assert await balance(database, scope, payee) == (60, 0)
    async with database.begin(scope) as uow:
        page = await history.history(uow, VAULT, payee, after=None, limit=10)
    assert [one.note for one in page.items] == ["rent"]
    with pytest.raises(TransferEnded):
        async with database.begin(scope) as uow:
            await transfers.cancel(uow, planned.id)


async def test_a_scheduled_transfer_without_funds_fails_and_says_why(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 10), await new_wallet(database, scope)
    planned = await scheduled(database, scope, payer, payee, 60)
    async with database.begin(scope) as uow:
        await transfers.make_due(uow, planned)
    async with database.begin(scope) as uow:
        failed = await transfers.get_scheduled(uow, planned)
    assert (failed.state, failed.failure) == ("failed", "insufficient_funds")
    assert await balance(database, scope, payer) == (10, 0)


async def test_a_cancelled_transfer_is_never_made(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    planned = await scheduled(database, scope, payer, payee, 60)
    async with database.begin(scope) as uow:
        await transfers.cancel(uow, planned)
    async with database.begin(scope) as uow:
        await transfers.make_due(uow, planned)
    assert await balance(database, scope, payee) == (0, 0)


async def scheduled(database: Database, scope: Scope, payer: Wallet, payee: Wallet, minor: int) -> TransferId:
    async with database.begin(scope) as uow:
        at = uow.now + timedelta(days=3)
        return (await transfers.schedule(uow, payer.id, payee.id, Money(minor, payer.currency), at)).id


async def test_the_past_cannot_be_scheduled(database: Database) -> None:
    scope = fresh_scope()
    payer, payee = await new_wallet(database, scope, 100), await new_wallet(database, scope)
    with pytest.raises(ScheduleInPast):
        async with database.begin(scope) as uow:
            await transfers.schedule(uow, payer.id, payee.id, Money(6, payer.currency), uow.now)


async def limited(database: Database, scope: Scope, minor: int = 0, **policy: int) -> Wallet:
    """A wallet of a tier with these limits."""
    idr = Currency.of("IDR")
    async with database.begin(scope) as uow:
        parts = {name: Money(value, idr) for name, value in policy.items()}
        await limits.set_policy(uow, LimitPolicy("basic", idr, **parts))
    return await new_wallet(database, scope, minor, tier="basic")


@pytest.mark.parametrize("limit", ["per_day", "per_month"])
async def test_two_hundred_transfers_at_once_cannot_pass_a_rolling_limit(database: Database, limit: str) -> None:
    scope = fresh_scope()
    payee = await new_wallet(database, scope)
    payer = await limited(database, scope, 10_000, **{limit: 100})

    async def try_one() -> bool:
        try:
            await send(database, scope, payer, payee, 7)
        except LimitExceeded:
            return False
        return True

    assert sum(await asyncio.gather(*(try_one() for _ in range(200)))) == 14
    assert await balance(database, scope, payee) == (98, 0)


async def test_a_limit_says_which_it_is_and_what_is_left(database: Database) -> None:
    scope = fresh_scope()
    payee = await new_wallet(database, scope)
    payer = await limited(database, scope, 1000, per_item=90, per_day=100)
    await send(database, scope, payer, payee, 60)
    with pytest.raises(LimitExceeded) as day:
        await send(database, scope, payer, payee, 41)
    assert (day.value.facts["limit"], day.value.facts["left"]) == ("per_day", 40)
    with pytest.raises(LimitExceeded) as item:
        await send(database, scope, payer, payee, 91)
    assert item.value.facts["limit"] == "per_item"


async def test_what_was_spent_a_window_ago_may_be_spent_again(database: Database) -> None:
    scope = fresh_scope()
    payee = await new_wallet(database, scope)
    payer = await limited(database, scope, 1000, per_day=100)
    await send(database, scope, payer, payee, 100)
    with pytest.raises(LimitExceeded):
        await send(database, scope, payer, payee, 1)
    tomorrow = moved(scope, timedelta(hours=25))
    await send(database, tomorrow, payer, payee, 100)
    with pytest.raises(LimitExceeded):
        await send(database, tomorrow, payer, payee, 1)


def moved(scope: Scope, by: timedelta) -> Scope:
    clock = type(scope.clock)(scope.clock.zone, offset=by)
    return Scope(scope.tenant_id, scope.mode, scope.actor, scope.permissions, clock)


async def test_a_cap_on_the_balance_refuses_what_would_pass_it(database: Database) -> None:
    scope = fresh_scope()
    payee = await limited(database, scope, 0, balance=100)
    payer = await new_wallet(database, scope, 1000)
    await send(database, scope, payer, payee, 100)
    with pytest.raises(LimitExceeded):
        await send(database, scope, payer, payee, 1)
    await send(database, scope, payee, payer, 30)
    await send(database, scope, payer, payee, 30)
    assert await balance(database, scope, payee) == (100, 0)


async def test_a_better_tier_raises_the_limit_and_keeps_what_was_used(database: Database) -> None:
    scope = fresh_scope()
    payee = await new_wallet(database, scope)
    payer = await limited(database, scope, 1000, per_day=100)
    await send(database, scope, payer, payee, 100)
    idr = payer.currency
    async with database.begin(scope) as uow:
        await limits.set_policy(uow, LimitPolicy("verified", idr, per_day=Money(150, idr)))
        wallet = await store.any_wallet_by_id(uow, payer.id)
        assert wallet is not None
        await limits.apply_tier(uow, wallet, "verified")
    await send(database, scope, payer, payee, 50)
    with pytest.raises(LimitExceeded):
        await send(database, scope, payer, payee, 1)


async def test_purses_pay_in_their_set_order(database: Database) -> None:
    scope = fresh_scope()
    owner = await new_wallet(database, scope, 50)
    async with database.begin(scope) as uow:
        promo = await wallets.open_wallet(uow, owner.party_id, owner.currency, "promo", draw_order=1)
        fund = ledger.Leg(owner.available_account, promo.available_account, Money(20, owner.currency))
        await ledger.post(uow, ledger.EntryDraft(ledger.Recipe("test.fund", 1), [fund]))
        draws = await wallets.draw(uow, owner.party_id, Money(35, owner.currency))
    assert [(draw.wallet.purpose, draw.amount.minor) for draw in draws] == [("promo", 20), (MAIN, 15)]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 100)), min_size=1, max_size=5), st.integers(1, 500))
def test_draws_sum_to_the_amount_and_only_the_last_purse_may_be_short(
    purses: list[tuple[int, int]], minor: int
) -> None:
    kwd = Currency.of("KWD")
    planned = [(purse(order), Money(have, kwd)) for order, have in purses]
    draws = plan_draw(planned, Money(minor, kwd))
    assert sum(draw.amount.minor for draw in draws) == minor
    have = {wallet.id: money.minor for wallet, money in planned}
    assert all(draw.amount.minor <= have[draw.wallet.id] for draw in draws[:-1])


def purse(order: int) -> Wallet:
    now = fresh_scope().clock.now()
    ids = AccountId.new(), AccountId.new()
    return Wallet(WalletId.new(), PartyId.new(), Currency.of("KWD"), MAIN, order, *ids, None, None, 1, now)
