"""A friend's code: both earn with the first purchase, once, and returns take back from both."""

import asyncio
from decimal import Decimal

import pytest

from specie.cashback import referral_store, referrals
from specie.cashback.errors import ReferralInvalid
from specie.cashback.model import AccrualState, Audience, Reward, RewardKind, Stacking
from specie.cashback.referral_routes import router
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.platform.db import Database
from tests.cashback.stalls import IDR, Stall, open_stall
from tests.support.asgi import calling


async def with_offers(database: Database) -> Stall:
    """A merchant who gives a tenth to everyone, 5,000 more to who is referred, and a fifth to the friend."""
    stall = await open_stall(database)
    await stall.offer("0.1", stacking=Stacking.STACKABLE)
    welcome = Reward(RewardKind.FIXED, fixed=Money(5_000, IDR))
    await stall.offer(reward=welcome, stacking=Stacking.STACKABLE, audience=Audience.REFERRED, priority=1)
    thanks = Reward(RewardKind.PERCENT, rate=Decimal("0.2"))
    await stall.offer(reward=thanks, audience=Audience.REFERRER)
    return stall


async def came(stall: Stall, referrer: PartyId, friend: PartyId) -> str:
    code = (await stall.do(lambda uow: referrals.code_for(uow, stall.merchant, referrer))).code
    await stall.do(lambda uow: referrals.redeem(uow, f" {code.lower()} ", friend))
    return code


async def test_both_earn_with_the_first_purchase_and_with_no_other(database: Database) -> None:
    stall = await with_offers(database)
    ani, budi = await stall.customer(), await stall.customer()
    await came(stall, ani, budi)
    both = await asyncio.gather(stall.buy(budi, 100_000), stall.buy(budi, 100_000))
    brought = sorted([(one.party_id == ani, one.granted.minor) for each in both for one in each.accruals])
    assert brought == [(False, 5_000), (False, 10_000), (False, 10_000), (True, 20_000)]
    later = await stall.buy(budi, 100_000)
    assert [(one.party_id, one.granted.minor) for one in later.accruals] == [(budi, 10_000)]
    # Who has not come by a code gets what is for everyone.
    assert [one.granted.minor for one in (await stall.buy(ani, 100_000)).accruals] == [10_000]


async def test_goods_that_come_back_take_from_both_what_they_brought(database: Database) -> None:
    stall = await with_offers(database)
    ani, budi = await stall.customer(), await stall.customer()
    await came(stall, ani, budi)
    bought = (await stall.buy(budi, 100_000)).purchase
    await stall.give_back(bought.id, 40_000)
    kept = {(one.party_id == ani, one.kept.minor) for one in await stall.accruals(bought.id)}
    assert kept == {(False, 5_000), (False, 6_000), (True, 12_000)}
    await stall.give_back(bought.id, 60_000)
    assert {one.state for one in await stall.accruals(bought.id)} == {AccrualState.REVERSED}


async def test_a_code_counts_for_a_new_customer_of_somebody_else_and_once(database: Database) -> None:
    stall = await with_offers(database)
    ani, budi, cici, dewi = [await stall.customer() for _ in range(4)]
    code = await came(stall, ani, budi)
    assert await came(stall, ani, budi) == code
    await stall.buy(cici, 1_000)
    other = (await stall.do(lambda uow: referrals.code_for(uow, stall.merchant, cici))).code
    for wrong, friend in (("NOBODY22", dewi), (code, ani), (code, cici), (other, budi), (code, stall.merchant)):
        with pytest.raises(ReferralInvalid):
            await stall.do(lambda uow, w=wrong, f=friend: referrals.redeem(uow, w, f))
    with pytest.raises(ReferralInvalid):
        await stall.do(lambda uow: referrals.code_for(uow, stall.merchant, stall.merchant))
    found = await stall.do(lambda uow: referral_store.of_referrer(uow, ani, 10))
    assert [(one.party_id, one.purchase_id) for one in found] == [(budi, None)]


async def test_a_friend_is_told_that_somebody_came_but_not_who(database: Database) -> None:
    stall = await with_offers(database)
    ani, budi = await stall.customer(), await stall.customer()
    async with calling(database, stall.now(), [router], {}) as client:
        body = {"merchant_id": str(stall.merchant), "party_id": str(ani)}
        code = (await client.post("/cashback/referral-codes", json=body)).json()["code"]
        redeemed = await client.post("/cashback/referrals", json={"code": code, "party_id": str(budi)})
        assert (redeemed.status_code, redeemed.json()["status"]) == (201, "waiting")
        await stall.buy(budi, 10_000)
        [told] = (await client.get(f"/cashback/referrals?party_id={ani}")).json()["data"]
    assert told["status"] == "earned"
    assert str(budi) not in str(told)
