"""Random histories of purchases over the real ledger: whatever came back, each leg is what a recomputation says.

The same as `benchmarks.histories` does with pure functions, with all of the platform under it: tenders, plans, the
provider's answers, cashback, the invoice and the stock.
"""

import random
from dataclasses import dataclass

import pytest

from specie import catalogue, installments, purchases
from specie.billing import store as billing_store
from specie.catalogue import ProductKind
from specie.installments import OrderId
from specie.platform.db import UnitOfWork
from specie.purchases import goods_store, line_store
from specie.purchases.model import Purchase, TenderKind, given_back
from tests.histories.telling import Telling
from tests.purchases.counter import COST, Counter
from tests.purchases.market import CASHBACK, EARNS, Market
from tests.support.shop import Shop
from tests.support.soundness import Auditor

pytestmark = pytest.mark.timeout(4 * 3600)


async def test_any_refunds_of_a_purchase_leave_each_leg_as_one_refund_of_their_sum_would(
    running: Shop, auditor: Auditor
) -> None:
    async def history(counter: Counter, chance: random.Random) -> None:
        market = counter.market
        before = await market.has()
        bought = await market.buy(**_tenders(chance, chance.randint(1_000, 400_000)))
        legs, returned = await market.legs(bought), 0
        while returned < bought.amount.minor:
            left = bought.amount.minor - returned
            part = chance.choice([1, 7, left, left // 3 + 1, chance.randint(1, left)])
            await market.refund(bought, min(part, left))
            returned += min(part, left)
            whole = given_back([leg.amount.minor for leg in legs], returned)
            given = await market.refunded(bought)
            assert [given.get(leg.n, 0) for leg in legs] == whole
            await _owes_what_is_left(market, legs, whole)
            assert (await market.has())["earned"] == (bought.amount.minor - returned) * EARNS // 100
        assert await market.has() == before

    assert await Telling(running, auditor, "refunds of purchases", history).tell() > 0


async def test_any_returns_of_goods_leave_invoice_stock_and_tenders_as_one_return_of_their_sum_would(
    running: Shop, auditor: Auditor
) -> None:
    async def history(counter: Counter, chance: random.Random) -> None:
        before, books, shelf = await counter.market.has(), await counter.books(), await counter.shelf()
        pieces = [chance.randint(1, 2), chance.randint(0, 4), chance.randint(0, 2)]
        asked = await counter.ask(counter.goods(*pieces))
        paid = await counter.market.pay(asked, **_tenders(chance, asked.amount.minor))
        if any(leg.payment_id for leg in await counter.market.legs(paid)):
            await counter.market.confirm(paid)
        await _returned_piece_by_piece(counter, await counter.market.look(paid), chance)
        assert (await counter.market.has(), await counter.books(), await counter.shelf()) == (before, books, shelf)

    assert await Telling(running, auditor, "returns of goods", history).tell() > 0


async def _returned_piece_by_piece(counter: Counter, bought: Purchase, chance: random.Random) -> None:
    market, gone = counter.market, dict[int, int]()
    legs, sold = await market.legs(bought), await market.do(lambda uow: _sold(uow, bought))
    while left := {n: line.pieces - gone.get(n, 0) for n, line in sold.items() if line.pieces > gone.get(n, 0)}:
        n = chance.choice(list(left))
        await counter.back(bought, **{f"line{n}": (pieces := chance.randint(1, left[n]))})
        gone[n] = gone.get(n, 0) + pieces

        whole = {n: sold[n].share(sold[n].net, gone[n]) + sold[n].share(sold[n].tax, gone[n]) for n in gone}
        returned = await market.do(lambda uow: line_store.returned_by(uow, bought))
        given = [each for lines in returned.values() for each in lines]
        assert {n: sum(each.amount.minor for each in given if each.n == n) for n in gone} == whole
        by_leg, expected = (
            await market.refunded(bought),
            given_back([leg.amount.minor for leg in legs], sum(whole.values())),
        )
        assert [by_leg.get(leg.n, 0) for leg in legs] == expected
        books = await counter.books()
        kept = {n: line.pieces - gone.get(n, 0) for n, line in sold.items()}
        assert books["cost"] == sum(kept[n] * COST for n, line in sold.items() if line.is_stocked)
        assert books["sales"] == sum(line.net - line.share(line.net, gone.get(n, 0)) for n, line in sold.items())


@dataclass(frozen=True)
class _Sold:
    """A line of the invoice, and whether it was in stock."""

    pieces: int
    net: int
    tax: int
    is_stocked: bool

    def share(self, minor: int, pieces: int) -> int:
        """So many pieces' part of an amount of the line, from scratch: in proportion, rounded down."""
        return minor * pieces // self.pieces


async def _sold(uow: UnitOfWork, bought: Purchase) -> dict[int, _Sold]:
    invoice_id = (await goods_store.goods_of(uow, bought)).invoice_id
    assert invoice_id
    products = await catalogue.find_products(uow, catalogue.ProductFilter(), None, 10)
    stocked = {str(one.id) for one in products if one.kind is ProductKind.PRODUCT}
    return {
        line.n: _Sold(int(line.quantity), line.net_minor, line.tax_minor, line.product_id in stocked)
        for line in await billing_store.lines_of(uow, invoice_id)
    }


def _tenders(chance: random.Random, total: int) -> dict[str, int]:
    """Random tenders that pay a total together, each within what its customer has."""
    most = {"cashback": CASHBACK, "wallet": 150_000, "installments": 600_000}
    parts, rest = dict[str, int](), total
    for name in chance.sample(list(most), chance.randint(0, len(most))):
        part = min(rest, most[name], chance.randint(1, total))
        if part and (name != "installments" or part >= 1_000):
            parts[name], rest = part, rest - part
    return {**parts, **({"provider": rest} if rest else {})}


async def _owes_what_is_left(market: Market, legs: list[purchases.Leg], back: list[int]) -> None:
    for leg, returned in zip(legs, back, strict=True):
        if leg.kind is not TenderKind.INSTALLMENTS or leg.order_id is None:
            continue
        order_id: OrderId = leg.order_id
        standing = await market.do(lambda uow: installments.load(uow, order_id))  # noqa: B023
        down = sum(line.principal for line in standing.lines if line.kind is installments.LineKind.DOWN_PAYMENT)
        assert standing.left.principal == max(leg.amount.minor - down - returned, 0)
