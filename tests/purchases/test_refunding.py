"""A refund unwinds every leg, and a series of them ends where one refund of their sum would have."""

import asyncio
import random
from dataclasses import replace

import pytest

from specie import approvals, installments, payments, wallets
from specie.approvals import Approval
from specie.approvals import service as deciding
from specie.kernel.errors import BudgetExceeded
from specie.kernel.ids import RequestId, UserId
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.ledger import InsufficientFunds
from specie.platform.crashpoints import TrapSprung, install
from specie.platform.db import UnitOfWork
from specie.purchases import refunding, service
from specie.purchases.errors import PurchaseCannotMove, RefundExceeds, RefundUndecided
from specie.purchases.model import PurchaseRefund, given_back
from specie.purchases.refunding import WantedRefund
from tests.ledger.test_budgets import limit
from tests.purchases.market import CASHBACK, CREDIT, WALLET, Market
from tests.support.shop import IDR, rupiah

FOUR = {"cashback": 20_000, "wallet": 50_000, "installments": 300_000, "provider": 130_000}
SIZES = list(FOUR.values())


async def test_a_part_goes_back_by_every_way_in_proportion(market: Market) -> None:
    bought = await market.buy(**FOUR)
    before = await market.has()
    refund = await market.refund(bought, 100_000, "one bag was missing")

    assert [leg.amount.minor for leg in refund.legs] == [4_000, 10_000, 60_000, 26_000]
    assert refund.taken_back.minor == 5_000
    after = await market.has()
    assert {name: after[name] - before[name] for name in after} == {
        "cashback": 4_000,
        "wallet": 10_000,
        "held": 0,
        "credit": 60_000,
        "merchant": -100_000,
        "earned": -5_000,
    }
    assert (await market.do(lambda uow: service.returnable(uow, bought))).minor == 400_000
    async with market.shop.db.begin(market.shop.scope) as uow:
        [sent] = await payments.refunds_of(uow, await market.payment(bought))
    assert sent.amount.minor == 26_000


async def test_the_part_of_the_provider_is_not_given_back_by_itself(market: Market) -> None:
    bought = await market.buy(**FOUR)
    before = await market.has()
    answer = await market.shop.post(f"/payments/{await market.payment(bought)}/refunds", {"reason": "one bag"})
    assert answer.json()["code"] == "refund_impossible"
    assert str(bought.id) in answer.json()["detail"]
    assert await market.has() == before
    assert (await market.do(lambda uow: service.returnable(uow, bought))) == bought.amount


async def test_a_full_refund_returns_every_balance_to_its_start(market: Market) -> None:
    before = await market.has()
    bought = await market.buy(**FOUR)
    await market.refund(bought)

    after = await market.has()
    assert after == before
    assert (after["wallet"], after["cashback"], after["credit"]) == (WALLET, CASHBACK, CREDIT)
    with pytest.raises(RefundExceeds):
        await market.refund(bought, 1)


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_series_of_refunds_each_leg_is_as_if_there_had_been_one(market: Market, seed: int) -> None:
    chance = random.Random(seed)
    before = await market.has()
    sizes = {"cashback": chance.randint(1, CASHBACK), "wallet": chance.randint(1, 90_000)}
    sizes |= {"installments": chance.randint(1_000, 300_000), "provider": chance.randint(1, 200_000)}
    bought = await market.buy(**sizes)
    left = sum(sizes.values())
    while left:
        amount = min(left, chance.choice([1, 7, chance.randint(1, left), left // 3 + 1]))
        await market.refund(bought, amount)
        left -= amount
        parts = given_back(list(sizes.values()), sum(sizes.values()) - left)
        returned = await market.refunded(bought)
        assert [returned.get(n, 0) for n in (1, 2, 3, 4)] == parts
        if chance.random() < 0.2:
            break
    if left:
        await market.refund(bought)
    assert await market.has() == before


async def test_installments_that_were_paid_come_back_to_the_wallet(market: Market) -> None:
    bought = await market.buy(installments=300_000)
    [leg] = await market.legs(bought)
    assert leg.order_id
    await market.do(lambda uow: installments.pay(uow, leg.order_id, rupiah(90_000), None))
    await market.refund(bought, 200_000)
    await market.refund(bought, 100_000)

    has = await market.has()
    # The part was paid with cashback first; what comes back of it is the customer's own.
    assert (has["wallet"], has["cashback"], has["credit"]) == (WALLET + CASHBACK, 0, CREDIT)


async def test_more_than_is_left_is_refused_also_when_refunds_race(market: Market) -> None:
    bought = await market.buy(wallet=60_000, installments=40_000)
    before = await market.has()
    with pytest.raises(RefundExceeds):
        await market.refund(bought, 100_001)
    assert await market.has() == before

    made = await asyncio.gather(*(market.refund(bought, 40_000) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(each, PurchaseRefund) for each in made) == 2
    assert all(isinstance(each, PurchaseRefund | RefundExceeds) for each in made)
    assert (await market.do(lambda uow: service.returnable(uow, bought))).minor == 20_000


async def test_a_merchant_without_the_money_gives_nothing_back(market: Market) -> None:
    bought = await market.buy(**FOUR)
    has = await market.has()

    async def empty(uow: UnitOfWork) -> None:
        sold = await wallets.ensure_wallet(uow, market.merchant, IDR)
        own = await wallets.ensure_wallet(uow, market.customer, IDR)
        await wallets.transfer(uow, sold.id, own.id, rupiah(has["merchant"]))

    await market.do(empty)
    before = await market.has()
    with pytest.raises(InsufficientFunds):
        await market.refund(bought, 100_000)
    assert await market.has() == before
    assert await market.refunded(bought) == {}


async def test_only_a_completed_purchase_gives_back(market: Market) -> None:
    held = await market.pay(await market.ask(10_000), wallet=4_000, provider=6_000)
    with pytest.raises(PurchaseCannotMove):
        await market.refund(held, 1_000)
    assert (await market.has())["held"] == 4_000


async def test_killed_anywhere_a_refund_is_whole_or_not_at_all(market: Market) -> None:
    bought = await market.buy(**FOUR)
    before = await market.has()
    for nth in (1, 4):
        passes = 0

        def trap(name: str, nth: int = nth) -> None:
            nonlocal passes
            passes += name == "purchases.tender.given_back"
            if passes == nth:
                raise TrapSprung(name)

        install(trap)
        try:
            with pytest.raises(TrapSprung):
                await market.refund(bought, 100_000)
        finally:
            install(None)
        assert await market.has() == before
        assert await market.refunded(bought) == {}
    await market.refund(bought, 100_000)
    assert list((await market.refunded(bought)).values()) == given_back(SIZES, 100_000)


async def test_above_the_line_a_second_person_decides_and_then_it_happens_once(market: Market) -> None:
    bought = await market.buy(**FOUR)
    before = await market.has()
    await market.do(lambda uow: approvals.set_line(uow, payments.REFUND_KIND, IDR, rupiah(50_000)))
    toolbox = market.shop.services["providers"]
    asked = await market.do(
        lambda uow: refunding.request(uow, toolbox, WantedRefund(bought.id, rupiah(100_000), "broken"))
    )
    assert isinstance(asked, Approval)
    assert await market.has() == before
    with pytest.raises(RefundUndecided):
        await market.refund(bought, 1_000)

    checker = Scope(
        market.shop.tenant_id,
        market.shop.scope.mode,
        Actor(ActorKind.JOB, "somebody else"),
        market.shop.scope.permissions,
        request_id=RequestId.new(),
    )
    await market.shop.db.run(checker, lambda uow: deciding.approve(uow, asked.id, "yes"), label="test.approve")
    assert list((await market.refunded(bought)).values()) == given_back(SIZES, 100_000)


async def test_what_goes_back_to_wallets_draws_on_the_budget_of_whoever_gives_it_back(market: Market) -> None:
    bought = await market.buy(cashback=20_000, wallet=50_000)
    before = await market.has()
    person = replace(market.shop.scope, actor=Actor(ActorKind.USER, str(UserId.new())))
    await limit(market.shop.db, person, person.actor, 35_000)

    async def refund(minor: int) -> None:
        wanted = WantedRefund(bought.id, rupiah(minor), "broken")
        toolbox = market.shop.services["providers"]
        await market.shop.db.run(person, lambda uow: refunding.request(uow, toolbox, wanted), label="test.refund")

    with pytest.raises(BudgetExceeded):
        await refund(35_007)
    assert await market.has() == before
    assert await market.refunded(bought) == {}
    await refund(35_000)
    with pytest.raises(BudgetExceeded) as refused:
        await refund(7)

    assert refused.value.facts["left"] == 0
    assert list((await market.refunded(bought)).values()) == [10_000, 25_000]
