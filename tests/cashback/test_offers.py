"""Offers: who may make them, their states, and a budget that is money paid in before."""

import asyncio
from dataclasses import replace

import pytest

from specie import parties
from specie.cashback import merchants, offer_store, offers
from specie.cashback.errors import (
    HouseOnly,
    MerchantCannotMove,
    MerchantInactive,
    MerchantUnknown,
    OfferCannotMove,
    OfferMissing,
    OfferTermsInvalid,
    OfferUnfunded,
)
from specie.cashback.model import Audience, FundedBy, MerchantState, OfferId, OfferState
from specie.cashback.offer_store import MOST_OFFERS, Ask
from specie.cashback.offers import NewOffer
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.ledger import InsufficientFunds
from specie.parties import KycRequired, PartyMissing
from specie.platform.db import Database
from specie.wallets import WalletCurrency
from tests.cashback.stalls import FUNDS, IDR, JPY, VAULT, Stall, open_stall


async def test_only_a_verified_merchant_is_activated_and_only_an_active_one_offers(database: Database) -> None:
    stall = await open_stall(database)
    new = await stall.customer()
    with pytest.raises(MerchantUnknown):
        await stall.do(lambda uow: merchants.activate(uow, new, "why not"))
    applied = await stall.do(lambda uow: merchants.apply_for(uow, new))
    again = await stall.do(lambda uow: merchants.apply_for(uow, new))
    assert (applied.state, again) == (MerchantState.APPLIED, applied)
    with pytest.raises(KycRequired):
        await stall.do(lambda uow: merchants.activate(uow, new, "why not"))
    with pytest.raises(PartyMissing):
        await stall.do(lambda uow: merchants.apply_for(uow, PartyId.new()))
    drafted = await stall.do(lambda uow: offers.draft(uow, NewOffer(new, "Early", FundedBy.HOUSE, stall.terms())))
    await stall.do(lambda uow: offers.fund(uow, drafted.id, Money(100, IDR)))
    with pytest.raises(MerchantInactive):
        await stall.do(lambda uow: offers.activate(uow, drafted.id))


async def test_a_merchant_whose_verification_is_withdrawn_offers_nothing_more(stall: Stall) -> None:
    await stall.offer()
    async with stall.database.begin(stall.now()) as uow:
        party = await parties.get_party(uow, VAULT, stall.merchant)
        await merchants.follow_verification(uow, replace(party, kyc_state=parties.KycState.REJECTED))
        assert (await merchants.get(uow, stall.merchant)).state is MerchantState.SUSPENDED
        asked = Ask(stall.merchant, Money(1_000, IDR), uow.now)
        assert await offer_store.fitting(uow, [asked]) == [[]]
    with pytest.raises(MerchantCannotMove):
        await stall.do(lambda uow: merchants.suspend(uow, stall.merchant, "again"))


async def test_each_purchase_is_offered_what_fits_it_in_order_of_priority(stall: Stall) -> None:
    late = await stall.offer(budget=1, priority=2)
    large = await stall.offer(budget=1, priority=1, minimum=Money(5_000, IDR))
    referred = await stall.offer(budget=1, priority=3, audience=Audience.REFERRED)
    to_come = await stall.offer(budget=1, starts_at=stall.moment(1))
    asks = [
        Ask(stall.merchant, Money(4_999, IDR), stall.moment(0)),
        Ask(stall.merchant, Money(5_000, IDR), stall.moment(0)),
        Ask(stall.merchant, Money(5_000, IDR), stall.moment(0), [Audience.EVERYONE, Audience.REFERRED]),
        Ask(stall.merchant, Money(5_000, JPY), stall.moment(0)),
        Ask(stall.merchant, Money(1, IDR), stall.moment(1)),
    ]
    found = await stall.do(lambda uow: offer_store.fitting(uow, asks))
    wanted = [[late], [large, late], [large, late, referred], [], [late, to_come]]
    assert [[one.id for one in each] for each in found] == [[one.id for one in each] for each in wanted]


async def test_a_purchase_asks_only_the_first_offers(stall: Stall) -> None:
    first = await stall.offer(budget=1, priority=5)
    others = [replace(first, id=OfferId.new(), terms=replace(first.terms, priority=1)) for _ in range(MOST_OFFERS)]
    async with stall.database.begin(stall.now()) as uow:
        for offer in others:
            await offer_store.insert_offer(uow, offer)
        [found] = await offer_store.fitting(uow, [Ask(stall.merchant, Money(1_000, IDR), uow.now)])
        assert [each.id for each in found] == [each.id for each in others]
        # They share one account, which is no state an offer can be in.
        await uow.connection.rollback()


async def test_a_budget_is_paid_in_from_the_merchants_wallet_and_taken_out_again(stall: Stall) -> None:
    drafted = await stall.draft(stall.terms())
    with pytest.raises(OfferUnfunded):
        await stall.do(lambda uow: offers.activate(uow, drafted.id))
    await stall.do(lambda uow: offers.fund(uow, drafted.id, Money(600_000, IDR)))
    wallet = f"liability:wallets:{stall.merchant}:main:available"
    assert (await stall.left(drafted.id), await stall.balance(wallet)) == (600_000, FUNDS - 600_000)
    with pytest.raises(InsufficientFunds):
        await stall.do(lambda uow: offers.fund(uow, drafted.id, Money(FUNDS, IDR)))
    with pytest.raises(InsufficientFunds):
        await stall.do(lambda uow: offers.withdraw(uow, drafted.id, Money(600_001, IDR)))
    with pytest.raises(WalletCurrency):
        await stall.do(lambda uow: offers.fund(uow, drafted.id, Money(1, JPY)))
    assert (await stall.left(drafted.id), await stall.balance(wallet)) == (600_000, FUNDS - 600_000)
    await stall.do(lambda uow: offers.withdraw(uow, drafted.id, Money(600_000, IDR)))
    assert (await stall.left(drafted.id), await stall.balance(wallet)) == (0, FUNDS)


async def test_the_house_pays_for_its_own_offers_and_merchants_cannot_make_it(stall: Stall) -> None:
    own = await stall.draft(stall.terms(), FundedBy.HOUSE)
    await stall.do(lambda uow: offers.fund(uow, own.id, Money(5_000, IDR)))
    assert await stall.balance("expense:cashback:promotions") == 5_000
    await stall.do(lambda uow: offers.withdraw(uow, own.id, Money(2_000, IDR)))
    assert await stall.balance("expense:cashback:promotions") == 3_000
    as_merchant = replace(stall.now(), party_id=stall.merchant)
    async with stall.database.begin(as_merchant) as uow:
        with pytest.raises(HouseOnly):
            await offers.draft(uow, NewOffer(None, "Free money", FundedBy.HOUSE, stall.terms()))


async def test_an_offer_moves_along_its_states_and_is_changed_only_while_it_gives_nothing(stall: Stall) -> None:
    offer = await stall.offer()
    with pytest.raises(OfferCannotMove):
        await stall.do(lambda uow: offers.change(uow, offer.id, "Better", stall.terms("0.2")))
    with pytest.raises(OfferCannotMove):
        await stall.do(lambda uow: offers.withdraw(uow, offer.id, Money(1, IDR)))
    await stall.do(lambda uow: offers.pause(uow, offer.id))
    with pytest.raises(OfferTermsInvalid):
        await stall.do(lambda uow: offers.change(uow, offer.id, "Yen", stall.terms("0.2", currency=JPY)))
    changed = await stall.do(lambda uow: offers.change(uow, offer.id, "Better", stall.terms("0.2")))
    before = await stall.do(lambda uow: offer_store.offer_under(uow, offer.id, 1))
    assert (changed.rule_version, before.terms) == (2, offer.terms)
    await stall.do(lambda uow: offers.activate(uow, offer.id))
    ended = await stall.do(lambda uow: offers.end(uow, offer.id))
    assert ended.state is OfferState.ENDED
    for move in (offers.activate, offers.pause, offers.end):
        with pytest.raises(OfferCannotMove):
            await stall.do(lambda uow, move=move: move(uow, offer.id))
    with pytest.raises(OfferCannotMove):
        await stall.do(lambda uow: offers.fund(uow, offer.id, Money(1, IDR)))


async def test_a_merchant_sees_only_its_own_offers(stall: Stall) -> None:
    offer = await stall.offer()
    stranger = await stall.customer()
    async with stall.database.begin(replace(stall.now(), party_id=stranger)) as uow:
        with pytest.raises(OfferMissing):
            await offers.get(uow, offer.id)
        page = await offer_store.list_offers(uow, state=None, merchant_id=None, after=None, limit=10)
        assert page.items == []


async def test_two_hundred_purchases_at_once_pass_neither_budget_nor_cap(stall: Stall) -> None:
    offer = await stall.offer("0.1", budget=15_000, cap_user=Money(1_500, IDR), cap_total=Money(12_345, IDR))
    buyers = [await stall.customer() for _ in range(10)]
    gate = asyncio.Semaphore(8)

    async def buy(number: int) -> int:
        async with gate:
            made = await stall.buy(buyers[number % len(buyers)], 1_230)
        return sum(accrual.granted.minor for accrual in made.accruals)

    given = await asyncio.gather(*(buy(number) for number in range(200)))
    assert sum(given) == 12_345
    assert await stall.left(offer.id) == 15_000 - 12_345
    for start in range(10):
        assert sum(given[start::10]) <= 1_500
