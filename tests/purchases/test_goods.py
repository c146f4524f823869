"""A purchase of the own catalogue: invoice, stock and tenders in one commit, and one refund of all of them."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal

import pytest
import pytest_asyncio
from sqlalchemy import text

from specie import billing, installments, ledger, stock, wallets
from specie.billing import InvoiceKept, InvoiceState, LineDraft
from specie.installments import changing
from specie.installments.errors import OrderKept
from specie.kernel.ids import RequestId
from specie.kernel.quantity import Quantity
from specie.platform.crashpoints import TrapSprung, install
from specie.purchases import goods, service
from specie.purchases.errors import LinesInvalid, PurchasePartyRequired, RefundExceeds, ReturnedLinesInvalid
from specie.purchases.model import PurchaseMove, PurchaseState
from specie.purchases.postings import returnable_source
from specie.purchases.service import OpenPurchase
from specie.stock import Occasion, OutOfStock
from tests.purchases.counter import COST, GRINDER, Counter, open_counter
from tests.purchases.market import Market
from tests.support.shop import IDR, rupiah

pytestmark = pytest.mark.asyncio(loop_scope="session")
# One grinder and three packs of beans with 11 % tax, and an engraving without.
TOTAL = 100_100 + 11_011 + 99_999 + 11_000 + 5_000
_WAITS_FOR_ME = text(
    "select exists (select from pg_locks w where not w.granted and pg_backend_pid() = any(pg_blocking_pids(w.pid)))"
)
_IS_FREE = text("select id from specie.account where id = :account for no key update skip locked")
NET, TAX = 100_100 + 99_999 + 5_000, 22_011


@pytest_asyncio.fixture(loop_scope="session")
async def counter(market: Market) -> Counter:
    """The business sells of its own catalogue."""
    return await open_counter(market)


async def test_paying_issues_a_paid_invoice_and_moves_the_stock_in_the_same_commit(counter: Counter) -> None:
    bought = await counter.buy(cashback=10_000, installments=100_000, provider=50_000)

    assert (bought.state, bought.amount.minor) == (PurchaseState.COMPLETED, TOTAL)
    found = await counter.invoice(bought)
    assert (found.invoice.state, found.invoice.total_minor, found.open_minor) == (InvoiceState.PAID, TOTAL, 0)
    assert found.invoice.customer_id == counter.market.customer
    assert await counter.shelf() == {"grinder": "9/9", "beans": "7/7"}
    assert await counter.books() == {
        "sales": NET,
        "tax": TAX,
        "cost": 4 * COST,
        "fees": 0,
        "grinders": 9 * COST,
        "beans": 7 * COST,
    }


async def test_what_paid_the_invoice_is_no_longer_in_the_wallet_of_the_business(counter: Counter) -> None:
    before = await counter.market.has()
    await counter.buy(installments=100_000, provider=50_000)
    assert (await counter.market.has())["merchant"] == before["merchant"]


async def test_goods_are_promised_while_the_provider_decides_and_free_again_when_nothing_comes(
    counter: Counter,
) -> None:
    market = counter.market
    asked = await counter.ask()
    held = await market.pay(asked, wallet=TOTAL - 50_000, provider=50_000)
    assert await counter.shelf() == {"grinder": "10/9", "beans": "10/7"}

    async with market.shop.db.begin(market.shop.scope) as uow:
        await service.release(uow, await service.get(uow, held.id, lock=True), PurchaseMove.RELEASE, "chosen_again")
    assert await counter.shelf() == {"grinder": "10/10", "beans": "10/10"}
    assert (await counter.books())["sales"] == 0


async def test_goods_that_are_not_there_refuse_the_payment_and_nothing_moves(counter: Counter) -> None:
    asked, before = await counter.ask(counter.goods(grinders=1, beans=11, services=0)), await counter.market.has()
    with pytest.raises(OutOfStock):
        await counter.market.pay(asked, wallet=100_000, installments=asked.amount.minor - 100_000)
    assert await counter.market.has() == before
    assert await counter.shelf() == {"grinder": "10/10", "beans": "10/10"}
    assert (await counter.market.look(asked)).state is PurchaseState.OPEN


async def test_goods_a_count_took_meanwhile_wait_on_the_invoice_and_the_payment_stands(counter: Counter) -> None:
    market = counter.market
    held = await market.pay(await counter.ask(), wallet=TOTAL - 50_000, provider=50_000)
    await market.do(
        lambda uow: stock.adjust(uow, counter.warehouse.id, counter.beans, Quantity.of(-8), Occasion(note="lost"))
    )
    await market.confirm(held)

    done = await market.look(held)
    assert done.state is PurchaseState.COMPLETED
    shown = await market.do(lambda uow: goods.shown(uow, done))
    assert shown is not None
    assert (shown.is_delivered, shown.waits) == (False, True)
    assert await counter.shelf() == {"grinder": "10/9", "beans": "2/0"}
    # What comes back now never left: the stock stays as it is, and less will be given out.
    await counter.back(done, line2=2)
    assert await counter.shelf() == {"grinder": "10/9", "beans": "2/1"}
    await market.do(lambda uow: billing.deliver(uow, shown.invoice.id, counter.warehouse.id))
    assert await counter.shelf() == {"grinder": "9/9", "beans": "1/1"}
    await counter.back(done)
    assert await counter.shelf() == {"grinder": "10/10", "beans": "2/2"}


async def test_what_came_back_before_it_left_waits_no_longer(counter: Counter) -> None:
    market = counter.market
    held = await market.pay(await counter.ask(), wallet=TOTAL - 50_000, provider=50_000)
    lost = Quantity.of(-10)
    await market.do(lambda uow: stock.adjust(uow, counter.warehouse.id, counter.beans, lost, Occasion(note="lost")))
    await market.confirm(held)
    done = await market.look(held)
    await counter.back(done)
    shown = await market.do(lambda uow: goods.shown(uow, done))
    assert shown is not None
    assert (shown.is_delivered, shown.waits) == (False, False)
    assert await counter.shelf() == {"grinder": "10/10", "beans": "0/0"}


async def test_the_part_in_installments_comes_back_with_the_purchase_alone(counter: Counter) -> None:
    market = counter.market
    bought, start = await counter.buy(installments=100_000), await market.has()
    [order_id] = [leg.order_id for leg in await market.legs(bought) if leg.order_id]
    with pytest.raises(OrderKept):
        await market.do(lambda uow: changing.return_goods(uow, order_id, rupiah(50_000), "torn"))
    assert await market.has() == start
    back = await counter.back(bought)
    assert back.amount.minor == TOTAL


async def test_one_refund_by_lines_credits_takes_in_and_unwinds_each_tender(counter: Counter) -> None:
    market = counter.market
    before, books = await market.has(), await counter.books()
    bought = await counter.buy(cashback=10_000, installments=100_000)

    first = await counter.back(bought, line2=1)
    assert first.amount.minor == 33_333 + 3_666
    assert sum(leg.amount.minor for leg in first.legs) == first.amount.minor
    assert await counter.shelf() == {"grinder": "9/9", "beans": "8/8"}
    last = await counter.back(bought)

    assert first.amount.minor + last.amount.minor == TOTAL
    assert await market.has() == before
    assert await counter.books() == books
    assert await counter.shelf() == {"grinder": "10/10", "beans": "10/10"}
    assert (await counter.invoice(bought)).creditable_minor == 0
    with pytest.raises(RefundExceeds):
        await counter.back(bought)


async def test_an_amount_alone_gives_no_goods_back(counter: Counter) -> None:
    bought, before = await counter.buy(installments=100_000), await counter.market.has()
    with pytest.raises(ReturnedLinesInvalid):
        await counter.market.refund(bought, 1_000)
    with pytest.raises(ReturnedLinesInvalid):
        await counter.back(bought, line1=2)
    assert await counter.market.has() == before


async def test_its_invoice_is_credited_by_the_refund_alone(counter: Counter) -> None:
    bought = await counter.buy(installments=100_000)
    invoice, before = (await counter.invoice(bought)).invoice, await counter.books()
    ring = counter.market.shop.services["vault"]
    with pytest.raises(InvoiceKept):
        await counter.market.do(lambda uow: billing.credit(uow, ring, invoice.id, "broken"))
    assert await counter.books() == before


async def test_the_fee_of_a_plan_is_an_expense_of_the_business_and_the_invoice_is_paid_whole(counter: Counter) -> None:
    market = counter.market
    terms = replace(market.plan.terms, merchant_fee_rate=Decimal("0.02"))
    plan = await market.do(lambda uow: installments.create_plan(uow, market.merchant, "Dear", IDR, terms))
    market.plan = plan
    bought = await counter.buy(installments=100_000)

    assert (await counter.invoice(bought)).open_minor == 0
    assert (await counter.books())["fees"] == 2_000


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"warehouse_id": None}, LinesInvalid),
        ({"lines": (LineDraft("Half", Decimal("0.5"), 100),)}, LinesInvalid),
        ({"lines": (LineDraft("Nothing", Decimal(1), 0),)}, LinesInvalid),
    ],
)
async def test_goods_that_cannot_be_sold_are_refused(
    counter: Counter, change: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await counter.ask(replace(counter.goods(), **change))  # type: ignore[arg-type]
    twice = counter.goods().lines[0]
    with pytest.raises(LinesInvalid):
        await counter.ask(replace(counter.goods(), lines=(twice, twice)))


async def test_somebody_elses_shop_does_not_sell_the_catalogue(counter: Counter) -> None:
    command = OpenPurchase(
        await counter.market.shop.other_party(), None, str(RequestId.new()), None, goods=counter.goods(), currency=IDR
    )
    with pytest.raises(PurchasePartyRequired):
        await counter.market.do(lambda uow: service.open_purchase(uow, command))
    other = replace(command, merchant_id=None, amount=rupiah(GRINDER))
    with pytest.raises(LinesInvalid):
        await counter.market.do(lambda uow: service.open_purchase(uow, other))


async def test_a_refund_locks_the_merchants_money_first_as_paying_does(counter: Counter) -> None:
    """Taken in another order, a sale and a refund of one merchant would wait for each other."""
    market, bought = counter.market, await counter.buy(installments=100_000)
    async with market.shop.db.begin(market.shop.scope) as uow:
        wallet = await wallets.ensure_wallet(uow, market.merchant, IDR)
        source = await ledger.ensure_account(uow, returnable_source(market.merchant, IDR))
        await ledger.get_account(uow, wallet.available_account, lock=True)
        back = asyncio.create_task(counter.back(bought))
        while not (await uow.execute(_WAITS_FOR_ME)).scalar_one():
            await asyncio.sleep(0.01)
        free = await uow.execute(_IS_FREE, {"account": source.id.uuid})
        assert free.scalar_one_or_none() is not None
    assert (await back).amount.minor == TOTAL


async def test_killed_anywhere_a_purchase_and_its_refund_are_whole_or_not_at_all(counter: Counter) -> None:
    asked = await counter.ask()
    before, books, shelf = await counter.market.has(), await counter.books(), await counter.shelf()
    for point in ("purchases.tender.paid", "purchases.goods.sold", "purchases.completed"):
        with pytest.raises(TrapSprung):
            await _killed(point, counter.market.pay(asked, wallet=100_000, installments=TOTAL - 100_000))
        assert (await counter.market.has(), await counter.books(), await counter.shelf()) == (before, books, shelf)
    done = await counter.market.pay(asked, wallet=100_000, installments=TOTAL - 100_000)
    before, books, shelf = await counter.market.has(), await counter.books(), await counter.shelf()
    for point in ("purchases.goods.taken_back", "purchases.tender.given_back"):
        with pytest.raises(TrapSprung):
            await _killed(point, counter.back(done, line1=1))
        assert (await counter.market.has(), await counter.books(), await counter.shelf()) == (before, books, shelf)


async def _killed(point: str, work: Awaitable[object]) -> None:
    """The process dies at the first passage of a point."""

    def trap(name: str) -> None:
        if name == point:
            raise TrapSprung(name)

    install(trap)
    try:
        await work
    finally:
        install(None)
