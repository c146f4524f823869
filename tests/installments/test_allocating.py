"""In which order a payment pays what is owed: a merchant's usual one, a plan's own, and what an order agreed to."""

from dataclasses import replace

import pytest

from specie.installments import allocating, orders, paying
from specie.installments.errors import MerchantRequired, TermsInvalid
from specie.installments.model import USUAL, Component, Terms
from specie.kernel.ids import PartyId
from specie.parties import PartyMissing
from specie.platform.db import Database
from tests.installments.shop import Shop, open_shop

PRINCIPAL_FIRST = (Component.PRINCIPAL, Component.INTEREST, Component.FEE, Component.PENALTY)
INTEREST_FIRST = (Component.INTEREST, Component.PENALTY, Component.FEE, Component.PRINCIPAL)
TERMS = Terms(4)


async def plan_of(shop: Shop, terms: Terms, *, usual_order: bool) -> orders.Plan:
    merchant, currency = shop.merchant.party_id, shop.customer.currency
    return await shop.run(
        lambda uow: orders.create_plan(uow, merchant, "In four", currency, terms, usual_order=usual_order)
    )


async def test_a_plan_without_an_order_of_its_own_takes_its_merchants_usual_one(database: Database) -> None:
    shop = await open_shop(database)
    merchant = shop.merchant.party_id
    before = await plan_of(shop, TERMS, usual_order=True)
    await shop.run(lambda uow: allocating.set_usual(uow, merchant, PRINCIPAL_FIRST), merchant)

    after = await plan_of(shop, TERMS, usual_order=True)
    own = await plan_of(shop, replace(TERMS, allocation=INTEREST_FIRST), usual_order=False)

    assert before.terms.allocation == USUAL
    assert after.terms.allocation == PRINCIPAL_FIRST
    assert own.terms.allocation == INTEREST_FIRST
    assert (await shop.run(lambda uow: orders.get_plan(uow, before.id))).terms.allocation == USUAL


@pytest.mark.parametrize(("allocation", "left"), [(USUAL, (25_000, 0)), (PRINCIPAL_FIRST, (24_000, 1_000))])
async def test_money_that_does_not_pay_all_pays_in_the_plans_order(
    database: Database, allocation: tuple[Component, ...], left: tuple[int, int]
) -> None:
    shop = await open_shop(database, funds=0)
    await shop.run(lambda uow: allocating.set_usual(uow, shop.merchant.party_id, allocation))
    late = Terms(1, late_fee_minor=1_000, grace_days=1)
    plan = await plan_of(shop, late, usual_order=True)
    begun = await shop.bought(plan.terms, 25_000)
    while (await shop.look(begun.order.id)).left.penalty == 0:
        await shop.pass_days(10)
    await shop.fund(1_000)

    await shop.run(lambda uow: paying.pay(uow, begun.order.id, shop.money(1_000)), shop.customer.party_id)

    after = (await shop.look(begun.order.id)).left
    assert (after.principal, after.penalty) == left


async def test_an_order_that_leaves_a_kind_out_or_is_anothers_is_refused_and_stays_as_it_was(
    database: Database,
) -> None:
    shop = await open_shop(database)
    merchant = shop.merchant.party_id
    with pytest.raises(TermsInvalid):
        await shop.run(lambda uow: allocating.set_usual(uow, merchant, [Component.PRINCIPAL] * 4))
    with pytest.raises(MerchantRequired):
        await shop.run(lambda uow: allocating.set_usual(uow, merchant, PRINCIPAL_FIRST), shop.customer.party_id)
    with pytest.raises(PartyMissing):
        await shop.run(lambda uow: allocating.set_usual(uow, PartyId.new(), PRINCIPAL_FIRST))
    assert await shop.run(lambda uow: allocating.own_usual(uow, merchant)) == USUAL
