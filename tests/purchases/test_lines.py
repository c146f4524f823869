"""Goods that come back by lines: what they are worth, by every leg, with cashback and installments following."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specie import approvals, installments, payments
from specie.approvals import service as deciding
from specie.kernel.errors import SpecieError
from specie.kernel.ids import RequestId
from specie.kernel.money import Money
from specie.kernel.scope import Actor, ActorKind
from specie.purchases import line_store, refunding, service
from specie.purchases.errors import LinesInvalid, RefundExceeds, ReturnedLinesInvalid
from specie.purchases.lines import Line, LineBack, worth
from specie.purchases.model import Purchase, PurchaseRefund, TenderKind
from specie.purchases.refunding import WantedRefund
from tests.purchases.market import Market
from tests.support.shop import IDR, rupiah

GOODS = [Line(1, "Grinder", 2, rupiah(301)), Line(2, "Beans", 3, rupiah(100)), Line(3, "Cup", 1, rupiah(99))]


@given(st.integers(1, 30), st.integers(0, 10**9), st.lists(st.integers(1, 30), max_size=12))
def test_any_series_of_returns_of_a_line_sums_to_what_one_of_their_sum_would_be(
    quantity: int, minor: int, pieces: list[int]
) -> None:
    line, earlier, total = Line(1, "Cup", quantity, Money(minor, IDR)), 0, 0
    for piece in pieces:
        if earlier + piece > quantity:
            with pytest.raises(ReturnedLinesInvalid):
                worth([line], {1: earlier}, [LineBack(1, piece)])
            continue
        [back] = worth([line], {1: earlier}, [LineBack(1, piece)])
        earlier, total = earlier + piece, total + back.amount.minor
    if earlier:
        assert total == worth([line], {}, [LineBack(1, earlier)])[0].amount.minor
    assert total == minor or earlier < quantity


async def back(market: Market, purchase: Purchase, **pieces: int) -> PurchaseRefund:
    lines = [LineBack(int(name.removeprefix("line")), quantity) for name, quantity in pieces.items()]
    wanted = WantedRefund(purchase.id, None, "did not fit", lines)
    made = await market.do(lambda uow: refunding.request(uow, market.shop.services["providers"], wanted))
    assert isinstance(made, PurchaseRefund)
    return made


async def bought(market: Market) -> Purchase:
    """Goods for 500,000 by cashback, wallet and installments."""
    goods = [Line(1, "Grinder", 2, rupiah(301_000)), Line(2, "Beans", 3, rupiah(199_000))]
    asked = await market.ask(500_000, lines=goods)
    return await market.pay(asked, cashback=20_000, wallet=50_000, installments=430_000)


async def test_goods_come_back_by_every_leg_and_cashback_and_installments_follow(market: Market) -> None:
    done = await bought(market)
    first = await back(market, done, line1=1, line2=2)
    assert first.amount == rupiah(150_500 + 132_666)
    assert sum(leg.amount.minor for leg in first.legs) == first.amount.minor
    assert first.taken_back.minor == 25_000 - (500_000 - first.amount.minor) * 5 // 100
    order_id = next(leg.order_id for leg in await market.legs(done) if leg.kind is TenderKind.INSTALLMENTS)
    assert order_id
    owed = await market.do(lambda uow: installments.load(uow, order_id))
    lowered = next(leg.amount.minor for leg in first.legs if leg.n == 3)
    assert owed.left.principal == 430_000 - 43_000 - lowered

    with pytest.raises(ReturnedLinesInvalid) as refused:
        await back(market, done, line2=2)
    assert refused.value.facts["left"] == 1
    last = await back(market, done, line1=1, line2=1)
    assert (last.amount.minor, (await market.do(lambda uow: service.returnable(uow, done))).minor) == (216_834, 0)
    assert (await market.has())["earned"] == 0
    assert await market.refunded(done) == {1: 20_000, 2: 50_000, 3: 430_000}


async def test_an_amount_given_back_before_stays_counted_and_lines_have_to_fit(market: Market) -> None:
    with pytest.raises(LinesInvalid):
        await market.ask(500, lines=GOODS[:2])
    with pytest.raises(LinesInvalid) as negative:
        await market.ask(100, lines=[Line(1, "Cup", 1, rupiah(200)), Line(2, "Voucher", 1, rupiah(-100))])
    assert negative.value.param == "lines"
    done = await market.pay(await market.ask(500, lines=GOODS), wallet=None)
    await market.refund(done, 450)
    has = await market.has()
    refusals: list[tuple[type[SpecieError], dict[str, Any]]] = [
        (RefundExceeds, {"lines": [LineBack(3, 1)]}),
        (ReturnedLinesInvalid, {"lines": [LineBack(4, 1)]}),
        (ReturnedLinesInvalid, {"lines": [LineBack(2, 1), LineBack(2, 1)]}),
        (ReturnedLinesInvalid, {"lines": [LineBack(2, 1)], "amount": rupiah(10)}),
    ]
    for error, more in refusals:
        wanted = WantedRefund(done.id, more.get("amount"), "", more["lines"])
        with pytest.raises(error):
            await market.do(lambda uow, w=wanted: refunding.request(uow, market.shop.services["providers"], w))
    assert await market.has() == has
    assert (await back(market, done, line2=1)).amount.minor == 33
    assert await market.do(lambda uow: line_store.came_back(uow, done)) == {2: 1}


async def test_a_second_person_says_yes_to_the_goods_that_were_asked_for(market: Market) -> None:
    done = await market.pay(await market.ask(500, lines=GOODS), wallet=None)
    await market.do(lambda uow: approvals.set_line(uow, payments.REFUND_KIND, IDR, rupiah(50)))
    wanted = WantedRefund(done.id, None, "cracked", [LineBack(3, 1)])
    asked = await market.do(lambda uow: refunding.request(uow, market.shop.services["providers"], wanted))
    assert isinstance(asked, approvals.Approval)
    assert asked.after["goods"] == [{"n": 3, "quantity": 1, "name": "Cup"}]
    assert asked.amount == rupiah(99)
    checker = replace(market.shop.scope, actor=Actor(ActorKind.JOB, "somebody else"), request_id=RequestId.new())
    await market.shop.db.run(checker, lambda uow: deciding.approve(uow, asked.id, "yes"), label="test.approve")
    assert await market.do(lambda uow: line_store.came_back(uow, done)) == {3: 1}
