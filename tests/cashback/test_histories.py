"""Random histories of buying, spending and giving back: every leg is what a recomputation from scratch says."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specie import ledger
from specie.cashback import offer_store, spending, store
from specie.cashback.calculator import Candidate, Rooms, kept_after, walk
from specie.cashback.model import (
    Accrual,
    AccrualId,
    AccrualState,
    Clawback,
    OfferId,
    PurchaseId,
    PurchaseState,
    Reward,
    RewardKind,
    Stacking,
    Tier,
    take_back,
)
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Money
from tests.cashback.stalls import IDR, Stall
from tests.cashback.test_calculator import AMOUNTS, CURRENCIES, terms_in

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(data=st.data(), minor=AMOUNTS, cuts=st.lists(st.integers(1, 10**13), max_size=6))
def test_any_series_of_returns_ends_where_one_return_of_their_sum_does(
    data: st.DataObject, minor: int, cuts: list[int]
) -> None:
    currency = data.draw(CURRENCIES)
    some = st.builds(replace, terms_in(currency), stacking=st.just(Stacking.STACKABLE))
    rooms = Rooms(Money(data.draw(st.integers(0, 10**12)), currency))
    offers = [Candidate(OfferId.new(), 1, terms, rooms) for terms in data.draw(st.lists(some, min_size=1, max_size=3))]
    terms_of = {each.offer_id: each.terms for each in offers}
    for grant in walk(Money(minor, currency), offers):
        terms, kept, goods = terms_of[grant.offer_id], grant.amount, minor
        for cut in cuts:
            goods = max(0, goods - cut)
            due = kept_after(terms, grant.room, Money(goods, currency)).amount
            assert due <= kept, "a return never gives more cashback"
            kept = due
        assert kept == kept_after(terms, grant.room, Money(max(0, minor - sum(cuts)), currency)).amount
        assert kept_after(terms, grant.room, Money(minor, currency)).amount == grant.amount
        assert kept_after(terms, grant.room, Money.zero(currency)).amount.minor == 0


@given(
    kept=st.integers(0, 1000),
    expired=st.integers(0, 1000),
    claimed=st.integers(0, 1000),
    purse=st.integers(0, 2000),
    clawback=st.sampled_from(Clawback),
    state=st.sampled_from([AccrualState.CONFIRMED, AccrualState.AVAILABLE, AccrualState.EXPIRED]),
)
def test_what_is_taken_back_adds_up_and_takes_no_more_from_a_purse_than_it_has(
    kept: int, expired: int, claimed: int, purse: int, clawback: Clawback, state: AccrualState
) -> None:
    ran_out = min(expired, kept) if state is AccrualState.EXPIRED else 0
    accrual = an_accrual(kept, ran_out, state)
    taken = take_back(accrual, clawback, Money(min(claimed, kept), IDR), Money(purse, IDR))
    parts = (taken.waiting, taken.breakage, taken.purse, taken.debt, taken.borne)
    assert sum(part.minor for part in parts) == min(claimed, kept)
    assert all(part.minor >= 0 for part in parts)
    assert taken.purse.minor <= purse
    assert taken.breakage.minor <= ran_out
    assert (taken.debt if clawback is Clawback.FLOOR else taken.borne).minor == 0


def an_accrual(kept: int, expired: int, state: AccrualState) -> Accrual:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Accrual(
        id=AccrualId.new(),
        purchase_id=PurchaseId.new(),
        offer_id=OfferId.new(),
        rule_version=1,
        party_id=PartyId.new(),
        merchant_id=PartyId.new(),
        account=AccountId.new(),
        counter=None,
        granted=Money(1000, IDR),
        room=Money(1000, IDR),
        kept=Money(kept, IDR),
        borne=Money(0, IDR),
        expired=Money(expired, IDR),
        state=state,
        working=[],
        matures_at=now,
        expiry_days=None,
        created_at=now,
        version=1,
    )


GRADED = Reward(
    RewardKind.TIERS,
    tiers=(Tier(Money(200, IDR), Decimal("0.03")), Tier(Money(900, IDR), Decimal("0.11"))),
)


@pytest.mark.parametrize("seed", range(3))
async def test_after_a_random_history_every_amount_is_what_a_recomputation_says(stall: Stall, seed: int) -> None:
    chance = random.Random(seed)
    clawback = chance.choice(list(Clawback))
    common = {"stacking": Stacking.STACKABLE, "return_days": 3, "clawback": clawback}
    made = [
        await stall.offer("0.07", cap_user=Money(150, IDR), expiry_days=9, **common),
        await stall.offer(reward=GRADED, minimum=Money(300, IDR), expiry_days=None, **common),
    ]
    customers = [await stall.customer(5_000) for _ in range(2)]
    bought = []
    for _ in range(24):
        step = chance.choice(("buy", "buy", "spend", "return", "return", "wait"))
        if step == "buy":
            bought.append((await stall.buy(chance.choice(customers), chance.randrange(100, 1500))).purchase.id)
        elif step == "wait":
            await stall.wait(chance.choice((1, 3, 9)))
        elif step == "spend":
            try:
                amount = Money(chance.randrange(1, 90), IDR)
                await stall.do(lambda uow: spending.pay(uow, customers[0], stall.merchant, amount, ""))  # noqa: B023
            except SpecieError:
                continue
        elif bought:
            try:
                await stall.give_back(chance.choice(bought), chance.randrange(1, 600))
            except SpecieError:
                continue
    await assert_recomputed(stall, bought)
    async with stall.database.begin(stall.now()) as uow:
        for offer in made:
            given = -(await ledger.get_account(uow, offer.total)).balance.minor
            assert (await ledger.get_account(uow, offer.budget)).balance.minor == 1_000_000 - given


async def assert_recomputed(stall: Stall, bought: list[PurchaseId]) -> None:
    """Each accrual keeps what its own terms give for the goods that were kept."""
    async with stall.database.begin(stall.now()) as uow:
        for purchase_id in bought:
            purchase = await store.purchase_by_id(uow, purchase_id)
            assert purchase is not None
            returned = sum(each.amount.minor for each in await store.returns_of(uow, purchase))
            assert purchase.returned.minor == returned
            assert (purchase.state is PurchaseState.REVERSED) == (returned == purchase.amount.minor)
            for accrual in await store.accruals_of(uow, purchase_id):
                offer = await offer_store.offer_under(uow, accrual.offer_id, accrual.rule_version)
                due = kept_after(offer.terms, accrual.room, purchase.kept).amount
                assert accrual.kept == due
                assert kept_after(offer.terms, accrual.room, purchase.amount).amount == accrual.granted
