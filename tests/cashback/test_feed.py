"""Purchases told together: each is decided by itself and in its turn, as if it had been told alone."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

from specie import ledger
from specie.cashback import purchases, referrals
from specie.cashback.errors import PurchaseDiffers, PurchaseInvalid
from specie.cashback.model import Audience, Reward, RewardKind, Stacking, Tier
from specie.cashback.purchases import NewPurchase, Outcome, Recorded
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountFrozen
from specie.parties import PartyMissing
from specie.platform.db import Database
from tests.cashback.stalls import IDR, JPY, Stall, open_stall


def told(stall: Stall, customer: PartyId, name: str, minor: int, currency: Currency = IDR, **more: Any) -> NewPurchase:
    return NewPurchase(stall.merchant, customer, name, Money(minor, currency), **({"is_confirmed": True} | more))


async def feed(stall: Stall, *each: NewPurchase) -> list[Outcome]:
    return await stall.do(lambda uow: purchases.record_all(uow, each))


def given(outcomes: list[Outcome]) -> list[list[int]]:
    return [[accrual.granted.minor for accrual in recorded(one).accruals] for one in outcomes]


def recorded(outcome: Outcome) -> Recorded:
    assert isinstance(outcome, Recorded), outcome
    return outcome


async def test_each_purchase_finds_what_those_before_it_have_left(stall: Stall) -> None:
    offer = await stall.offer("0.1", budget=500, cap_user=Money(250, IDR))
    ani, budi = await stall.customer(), await stall.customer()
    bought = [told(stall, ani, f"ani-{n}", 1_000) for n in range(4)] + [
        told(stall, budi, f"budi-{n}", 2_000) for n in (1, 2)
    ]
    outcomes = await feed(stall, *bought)
    assert given(outcomes) == [[100], [100], [50], [], [200], [50]]
    limits = [[step["step"] for step in accrual.working] for one in outcomes for accrual in recorded(one).accruals]
    assert limits[2] == ["rate", "cap_user"]
    assert await stall.left(offer.id) == 0
    # What matures is planned for each of them.
    await stall.wait(15)
    assert (await stall.purse(ani), await stall.purse(budi)) == (250, 250)


async def test_a_refusal_does_not_touch_its_neighbours(stall: Stall) -> None:
    await stall.offer("0.1")
    ani = await stall.customer()
    later = stall.moment(0) + timedelta(days=1)
    outcomes = await feed(
        stall,
        told(stall, ani, "a", 1_000),
        told(stall, PartyId.new(), "b", 1_000),
        told(stall, ani, "c", 1_000, occurred_at=later),
        told(stall, stall.merchant, "d", 1_000),
        told(stall, ani, "e", 3_000),
    )
    assert [type(one) for one in outcomes] == [Recorded, PartyMissing, PurchaseInvalid, PurchaseInvalid, Recorded]
    assert given([outcomes[0], outcomes[4]]) == [[100], [300]]


async def test_what_the_books_refuse_is_refused_to_its_own_purchase(stall: Stall) -> None:
    offer = await stall.offer("0.1")
    await stall.do(lambda uow: ledger.freeze(uow, offer.budget, debits=True, credits=False, reason="an audit"))
    ani = await stall.customer()
    refused, stands = await feed(stall, told(stall, ani, "a", 1_000), told(stall, ani, "b", 1_000, JPY))
    assert isinstance(refused, AccountFrozen)
    assert recorded(stands).is_new
    assert await stall.left(offer.id) == 1_000_000
    # Nothing of it was kept, so that it can be told again.
    await stall.do(lambda uow: ledger.freeze(uow, offer.budget, debits=False, credits=False, reason="it is over"))
    [again] = await feed(stall, told(stall, ani, "a", 1_000))
    assert (recorded(again).is_new, given([again])) == (True, [[100]])


async def test_a_purchase_told_twice_in_one_go_counts_once(stall: Stall) -> None:
    offer = await stall.offer("0.1")
    ani = await stall.customer()
    later = stall.moment(0) + timedelta(days=1)
    outcomes = await feed(
        stall,
        told(stall, ani, "a", 1_000),
        told(stall, ani, "a", 1_000),
        told(stall, ani, "a", 2_000),
        told(stall, ani, "b", 1_000, occurred_at=later),
        told(stall, ani, "b", 1_000),
    )
    first, again, other, refused, right = outcomes
    assert [recorded(one).is_new for one in (first, again, right)] == [True, False, True]
    assert recorded(first).accruals == recorded(again).accruals
    assert (type(other), type(refused)) == (PurchaseDiffers, PurchaseInvalid)
    assert await stall.left(offer.id) == 1_000_000 - 200


async def test_a_feed_told_from_two_sides_at_once_counts_once(stall: Stall) -> None:
    offer = await stall.offer("0.1")
    ani = await stall.customer()
    bought = [told(stall, ani, f"a-{n}", 1_000) for n in range(20)]
    one, other = await asyncio.gather(feed(stall, *bought), feed(stall, *reversed(bought)))
    assert [recorded(a).is_new + recorded(b).is_new for a, b in zip(one, reversed(other), strict=True)] == [1] * 20
    assert given(one) == given(other) == [[100]] * 20
    assert await stall.left(offer.id) == 1_000_000 - 2_000


async def test_a_feed_brings_what_the_same_purchases_bring_one_by_one(database: Database) -> None:
    brought = []
    for is_together in (True, False):
        stall = await open_stall(database)
        people = await _with_everything(stall)
        amounts = [7_000, 400, 90_000, 12_345, 12_345, 60_000, 5_001, 1]
        bought = [told(stall, people[n % len(people)], f"a-{n}", minor) for n, minor in enumerate(amounts)]
        parts = [bought] if is_together else [[each] for each in bought]
        outcomes = [one for part in parts for one in await feed(stall, *part)]
        brought.append(
            [
                (people.index(accrual.party_id), accrual.granted, accrual.room, accrual.rule_version, accrual.working)
                for one in outcomes
                for accrual in recorded(one).accruals
            ]
        )
    assert brought[0] == brought[1]
    limits = {step["step"] for *_, working in brought[0] for step in working}
    assert limits == {"rate", "fixed", "cap_user", "cap_total", "cap_purchase", "budget"}


async def _with_everything(stall: Stall) -> list[PartyId]:
    """Offers of every kind that meet in one purchase; the second of three customers came by the first one's code."""
    caps = {"cap_user": Money(4_000, IDR), "cap_purchase": Money(3_000, IDR)}
    await stall.offer("0.05", budget=5_500, stacking=Stacking.STACKABLE, priority=2, **caps)
    tiers = Reward(
        RewardKind.TIERS,
        tiers=[Tier(Money(since, IDR), Decimal(rate)) for since, rate in ((1_000, "0.01"), (50_000, "0.02"))],
    )
    await stall.offer(reward=tiers, stacking=Stacking.STACKABLE, priority=1, cap_total=Money(2_500, IDR))
    await stall.offer("0.5", priority=9, minimum=Money(400, IDR))
    welcome = Reward(RewardKind.FIXED, fixed=Money(250, IDR))
    await stall.offer(reward=welcome, stacking=Stacking.STACKABLE, audience=Audience.REFERRED, priority=3)
    await stall.offer("0.2", audience=Audience.REFERRER, budget=3_000)
    people = [await stall.customer() for _ in range(3)]
    code = (await stall.do(lambda uow: referrals.code_for(uow, stall.merchant, people[0]))).code
    await stall.do(lambda uow: referrals.redeem(uow, code, people[1]))
    return people
