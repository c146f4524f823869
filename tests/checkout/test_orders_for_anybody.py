"""A purchase that names no customer: whoever pays it is that, and only while it pays."""

import asyncio

import pytest

from specie.checkout.texts import TEXTS
from specie.providers import ChargeState
from specie.purchases import PurchaseState
from tests.checkout.till import Till
from tests.purchases.market import WALLET

EN = TEXTS["en"]


async def test_whoever_pays_first_takes_on_a_purchase_that_names_nobody(till: Till) -> None:
    purchase = await till.anybodys(90_000)
    other, budi = await till.page(purchase), await till.page(purchase)
    await other.signs_in(await till.person(await till.market.shop.other_party("customer")))
    await budi.signs_in(await till.person(till.market.customer))
    assert "Another customer" in other.text

    await other.sends("pay", wallet="900")
    assert other.refused == (409, "tender_short")
    assert (await till.market.look(purchase)).customer_id is None
    await budi.sends("pay", wallet="900")
    assert (await till.market.look(purchase)).customer_id == till.market.customer
    assert EN["order_paid_hint"] in budi.text

    await other.opens()
    assert (other.status, EN["not_yours"] in other.text) == (404, True)
    assert "Budi" not in other.text
    assert (await till.market.has())["wallet"] == WALLET - 90_000


@pytest.mark.parametrize("end", [ChargeState.FAILED, ChargeState.EXPIRED, "again"])
async def test_what_somebody_took_on_and_did_not_pay_is_anybodys_again(till: Till, end: ChargeState | str) -> None:
    purchase = await till.anybodys(90_000)
    stranger, budi = await till.page(purchase), await till.page(purchase)
    await stranger.signs_in(await till.person(await till.market.shop.other_party("customer")))
    await budi.signs_in(await till.person(till.market.customer))

    await stranger.sends("pay")
    held = await till.market.look(purchase)
    await budi.opens()
    assert (held.state, budi.status) == (PurchaseState.HELD, 404)
    if isinstance(end, ChargeState):
        await till.market.tell(await till.market.fact(await till.market.order_at_provider(held), end))
        await till.market.shop.work()
    else:
        await stranger.sends(end)

    free = await till.market.look(purchase)
    assert (free.state, free.customer_id) == (PurchaseState.OPEN, None)
    await budi.opens()
    await budi.sends("pay", wallet="900")
    assert (await till.market.look(purchase)).customer_id == till.market.customer
    assert EN["order_paid_hint"] in budi.text


async def test_a_named_customer_who_chooses_again_stays_the_only_one_who_pays(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    await budi.sends("pay", wallet="400")

    await budi.sends("again")

    assert (await till.market.look(purchase)).customer_id == till.market.customer


async def test_two_who_pay_a_purchase_for_anybody_at_once_pay_it_once(till: Till) -> None:
    purchase, mate = await till.anybodys(90_000), await till.market.shop.other_party("customer")
    first, second = await till.page(purchase), await till.page(purchase)
    await first.signs_in(await till.person(till.market.customer))
    await second.signs_in(await till.person(mate))

    await asyncio.gather(first.sends("pay", wallet="400"), second.sends("pay"))

    bought = await till.market.look(purchase)
    legs = await till.market.legs(bought)
    assert (bought.attempt, sum(leg.amount.minor for leg in legs)) == (1, 90_000)
    is_first = bought.customer_id == till.market.customer
    assert (EN["order_waiting"] in first.text, EN["order_waiting"] in second.text) == (is_first, not is_first)
    assert (await till.market.has())["held"] == (40_000 if is_first else 0)


async def test_the_merchant_does_not_buy_its_own_order(till: Till) -> None:
    merchant = await till.page(await till.anybodys(90_000))
    before = await till.market.has()

    await merchant.signs_in(await till.person(till.market.merchant))
    await merchant.sends("pay", wallet="900")

    assert merchant.refused == (404, "purchase_unknown")
    assert await till.market.has() == before
