"""Exchange between currencies: each balances by itself, roundings stay with the house, revaluation is repeatable."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specie import ledger, wallets
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import InsufficientFunds
from specie.platform.db import Database
from specie.wallets import LimitPolicy, Wallet, exchange, exchange_store, revaluation
from specie.wallets.errors import (
    AmountTooSmall,
    DayNotOver,
    LimitExceeded,
    OtherOwner,
    RateMissing,
    RateMoved,
    WalletCurrency,
)
from specie.wallets.exchange import Exchanged
from specie.wallets.exchange_model import Rate
from tests.support.scopes import fresh_scope
from tests.wallets.purses import balance, new_wallet

IDR, USD, JPY, KWD = (Currency.of(code) for code in ("IDR", "USD", "JPY", "KWD"))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CURRENCIES = st.sampled_from([IDR, USD, JPY, KWD])


def rate_of(base: Currency, quote: Currency, rate: str, spread: str = "0", at: datetime = LONG_AGO) -> Rate:
    return Rate(base, quote, Decimal(rate), Decimal(spread), "system:test", at)


async def put_in_force(database: Database, scope: Scope, rate: Rate) -> None:
    async with database.begin(scope) as uow:
        await exchange_store.add_rate(uow, rate)


async def second_purse(database: Database, scope: Scope, wallet: Wallet, currency: Currency) -> Wallet:
    async with database.begin(scope) as uow:
        return await wallets.open_wallet(uow, wallet.party_id, currency)


async def change(
    database: Database, scope: Scope, seller: Wallet, buyer: Wallet, minor: int, at_least: Money | None = None
) -> Exchanged:
    async with database.begin(scope) as uow:
        return await exchange.exchange(uow, seller.id, buyer.id, Money(minor, seller.currency), at_least)


async def position(database: Database, scope: Scope, currency: Currency) -> int:
    async with database.begin(scope) as uow:
        return (await exchange.liquidity(uow, currency)).balance.minor


def test_the_spread_is_taken_from_what_is_bought_and_the_rest_rounded_down() -> None:
    rate = rate_of(USD, IDR, "15850.25", "0.005")
    assert rate.bought_with(Money(1_00, USD)) == Money(1_577_099, IDR)
    # 1,000,000.00 IDR / 15,850.25 × 0.995 = 62.7750…
    assert rate.bought_with(Money(1_000_000_00, IDR)) == Money(62_77, USD)


def test_currencies_with_other_exponents_are_met_exactly() -> None:
    rate = rate_of(KWD, JPY, "490.5")
    assert rate.bought_with(Money(2_000, KWD)) == Money(981, JPY)
    assert rate.bought_with(Money(981, JPY)) == Money(2_000, KWD)


@given(
    minor=st.integers(1, 10**12),
    rate=st.decimals("0.000001", "100000", places=6),
    spread=st.decimals("0", "0.9", places=4),
    pair=st.tuples(CURRENCIES, CURRENCIES).filter(lambda pair: pair[0].code != pair[1].code),
)
def test_there_and_back_never_gives_more_than_was_sold(
    minor: int, rate: Decimal, spread: Decimal, pair: tuple[Currency, Currency]
) -> None:
    between = Rate(pair[0], pair[1], rate, spread, "system:test", LONG_AGO)
    sold = Money(minor, pair[0])
    try:
        back = between.bought_with(between.bought_with(sold))
    except Exception as error:
        assert "2^53" in str(error)  # noqa: PT017
        return
    assert back <= sold


async def test_an_exchange_moves_both_wallets_and_leaves_the_position_in_liquidity(database: Database) -> None:
    scope = fresh_scope()
    seller = await new_wallet(database, scope, 200_000_00)
    buyer = await second_purse(database, scope, seller, USD)
    await put_in_force(database, scope, rate_of(USD, IDR, "16000", "0.01"))
    made = await change(database, scope, seller, buyer, 160_000_00)
    assert (made.sold.minor, made.bought.minor) == (160_000_00, 9_90)
    assert await balance(database, scope, seller) == (40_000_00, 0)
    assert await balance(database, scope, buyer) == (9_90, 0)
    assert (await position(database, scope, IDR), await position(database, scope, USD)) == (160_000_00, -9_90)


async def test_the_newest_rate_counts_whichever_currency_is_its_base(database: Database) -> None:
    scope = fresh_scope()
    await put_in_force(database, scope, rate_of(USD, IDR, "16000"))
    await put_in_force(database, scope, rate_of(IDR, USD, "0.00005"))
    async with database.begin(scope) as uow:
        found = await exchange.get_rate(uow, USD, IDR)
        listed = await exchange.recorded_rates(uow)
    assert (found.base, found.rate) == (IDR, Decimal("0.00005"))
    assert listed == [found]


async def test_short_funds_move_nothing(database: Database) -> None:
    scope = fresh_scope()
    seller = await new_wallet(database, scope, 100)
    buyer = await second_purse(database, scope, seller, USD)
    await put_in_force(database, scope, rate_of(USD, IDR, "2"))
    with pytest.raises(InsufficientFunds) as refused:
        await change(database, scope, seller, buyer, 101)
    assert refused.value.facts["available"] == 100
    assert await balance(database, scope, seller) == (100, 0)
    assert await balance(database, scope, buyer) == (0, 0)


async def test_a_rate_that_has_moved_below_what_was_asked_for_is_refused(database: Database) -> None:
    scope = fresh_scope()
    seller = await new_wallet(database, scope, 1000)
    buyer = await second_purse(database, scope, seller, USD)
    await put_in_force(database, scope, rate_of(USD, IDR, "2"))
    with pytest.raises(RateMoved) as refused:
        await change(database, scope, seller, buyer, 1000, at_least=Money(501, USD))
    assert refused.value.facts["bought"] == 500
    assert await balance(database, scope, seller) == (1000, 0)


async def test_without_a_rate_or_with_a_foreign_wallet_nothing_is_exchanged(database: Database) -> None:
    scope = fresh_scope()
    seller = await new_wallet(database, scope, 1000)
    buyer = await second_purse(database, scope, seller, USD)
    stranger = await new_wallet(database, scope, 0, "USD")
    with pytest.raises(RateMissing):
        await change(database, scope, seller, buyer, 100)
    with pytest.raises(OtherOwner):
        await change(database, scope, seller, stranger, 100)
    with pytest.raises(WalletCurrency):
        await change(database, scope, seller, seller, 100)
    assert await balance(database, scope, seller) == (1000, 0)


async def test_what_is_worth_less_than_a_minor_unit_is_refused(database: Database) -> None:
    scope = fresh_scope()
    seller = await new_wallet(database, scope, 1000)
    buyer = await second_purse(database, scope, seller, USD)
    await put_in_force(database, scope, rate_of(USD, IDR, "16000"))
    with pytest.raises(AmountTooSmall):
        await change(database, scope, seller, buyer, 15_999)
    assert await balance(database, scope, seller) == (1000, 0)


async def test_the_cap_of_the_buying_wallet_holds_and_the_selling_one_gets_room(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        for currency in (IDR, USD):
            await wallets.set_policy(uow, LimitPolicy("capped", currency, None, None, None, Money(1000, currency)))
    seller = await new_wallet(database, scope, 1000, tier="capped")
    async with database.begin(scope) as uow:
        buyer = await wallets.open_wallet(uow, seller.party_id, USD, tier="capped")
    await put_in_force(database, scope, rate_of(IDR, USD, "2"))
    with pytest.raises(LimitExceeded):
        await change(database, scope, seller, buyer, 501)
    await change(database, scope, seller, buyer, 500)
    assert await balance(database, scope, buyer) == (1000, 0)


async def revalued(database: Database, scope: Scope, day: date) -> int | None:
    """What a revaluation in rupiah posts as gain (below zero: as loss)."""
    async with database.begin(scope) as uow:
        entry = await revaluation.revalue(uow, IDR, day)
        if entry is None:
            return None
        own = await exchange.liquidity(uow, IDR)
    [posting] = entry.postings
    return posting.amount.minor if posting.debit == own.id else -posting.amount.minor


async def test_revaluation_posts_what_the_rate_has_changed_once(database: Database) -> None:
    scope = fresh_scope()
    seller = await new_wallet(database, scope, 160_000_00)
    buyer = await second_purse(database, scope, seller, USD)
    await put_in_force(database, scope, rate_of(USD, IDR, "16000"))
    await change(database, scope, seller, buyer, 160_000_00)
    moved = replace(scope, clock=replace(scope.clock, offset=timedelta(days=2)))
    async with database.begin(scope) as uow:
        today, noon = scope.clock.business_date(uow.now), uow.now
    assert await revalued(database, moved, today) is None
    # The dollars that are owed become dearer: a loss.
    await put_in_force(database, scope, rate_of(USD, IDR, "16100", at=noon))
    assert await revalued(database, moved, today) == -1_000_00
    assert await revalued(database, moved, today) is None
    async with database.begin(moved) as uow:
        [own] = [one for one in await ledger.accounts_with_code(uow, "equity:liquidity") if one.currency.code == "IDR"]
        worth = rate_of(USD, IDR, "16100").worth(Money(-10_00, USD), ROUND_HALF_EVEN)
    assert own.balance + worth == Money(0, IDR)


async def test_a_day_that_is_not_over_is_not_revalued(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        today = scope.clock.business_date(uow.now)
    with pytest.raises(DayNotOver):
        await revalued(database, scope, today)
