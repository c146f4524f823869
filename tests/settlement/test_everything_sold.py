"""Whatever a merchant with terms sells waits for its settlement: purchases and orders in parts, like payments."""

from datetime import timedelta

import pytest
import pytest_asyncio

from specie import installments, ledger, payments, settlement, wallets
from specie.kernel.money import Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, InsufficientFunds, Leg, Recipe
from specie.platform.db import UnitOfWork
from specie.settlement import NewTerms, Settlement, coverage_store, store
from specie.settlement.model import CoveredPosting
from tests.purchases.market import Market, open_market
from tests.support.shop import IDR, Shop, rupiah

BANK = AccountSpec("asset:bank", AccountType.ASSET, IDR)
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def market(shop: Shop) -> Market:
    """A market whose merchant is settled on the day itself, and starts with an empty wallet."""
    payments.set_settled_parties(settlement.settled_parties)
    opened = await open_market(shop)
    terms = NewTerms(opened.merchant, IDR, delay_days=0)
    await opened.do(lambda uow: settlement.set_terms(uow, terms))
    return opened


async def money(market: Market) -> tuple[int, int]:
    """What the merchant has available and pending."""

    async def work(uow: UnitOfWork) -> tuple[int, int]:
        wallet = await wallets.ensure_wallet(uow, market.merchant, IDR)
        have = (await wallets.balances(uow, [wallet]))[wallet.id]
        return have.available.minor, have.pending.minor

    return await market.do(work)


async def settle(market: Market) -> tuple[Settlement, dict[str, int], list[CoveredPosting]]:
    """Settle all that waits, as tomorrow's run would; with its lines and what it took in."""

    async def work(uow: UnitOfWork) -> tuple[Settlement, dict[str, int], list[CoveredPosting]]:
        made = await settlement.settle(uow, market.merchant, IDR, uow.business_date + timedelta(days=1))
        assert made is not None
        lines = {str(line.cause): line.amount.minor for line in await store.lines_of(uow, made)}
        return made, lines, await coverage_store.covered_postings(uow, made, 0, 100)

    return await market.do(work)


async def post(market: Market, payer: AccountSpec, taker: AccountSpec, minor: int) -> None:
    """A fact between two accounts."""

    async def work(uow: UnitOfWork) -> None:
        sides = [(await ledger.ensure_account(uow, each)).id for each in (payer, taker)]
        await ledger.post(uow, EntryDraft(Recipe("test.move", 1), [Leg(sides[0], sides[1], rupiah(minor))]))

    await market.do(work)


async def test_a_purchase_and_its_parts_wait_for_the_settlement_and_are_lines_of_it(market: Market) -> None:
    before, _ = await money(market)

    bought = await market.buy(cashback=10_000, wallet=40_000, installments=50_000)

    assert await money(market) == (before, 100_000)
    made, lines, taken = await settle(market)
    assert lines == {"purchases": 50_000, "installments": 50_000}
    assert made.payout.minor == 100_000
    assert await money(market) == (before + 100_000, 0)
    assert {(each.purchase_id, each.order_id is None) for each in taken} == {(str(bought.id), True), (None, False)}


async def test_what_comes_back_of_a_purchase_is_taken_off_what_waits(market: Market) -> None:
    before, _ = await money(market)
    bought = await market.buy(wallet=40_000, installments=60_000)

    await market.refund(bought, 50_000)

    assert await money(market) == (before, 50_000)
    _, lines, _ = await settle(market)
    assert lines == {"purchases": 40_000, "installments": 60_000, "refunds": -50_000}


async def test_an_order_in_parts_alone_waits_too_and_its_return_is_borne_by_what_is_there(market: Market) -> None:
    before, _ = await money(market)
    order = await begun(market, rupiah(60_000))

    assert await money(market) == (before, 60_000)
    async with market.shop.db.begin(market.shop.scope) as uow:
        await installments.take_back(uow, order, rupiah(60_000), "broken")
    assert await money(market) == (before, 0)


async def test_a_debt_is_repaid_by_the_settlement_and_not_by_the_sale(market: Market) -> None:
    await post(market, wallets.debt_account(market.merchant, IDR), BANK, 30_000)

    await market.buy(wallet=50_000)

    assert (await money(market))[1] == 50_000
    _, lines, _ = await settle(market)
    assert lines == {"purchases": 50_000, "recovery": -30_000}


async def test_a_return_that_nothing_of_the_merchant_can_bear_is_refused_and_moves_nothing(market: Market) -> None:
    bought = await market.buy(wallet=50_000)
    await settle(market)
    has, _ = await money(market)
    await post(market, wallets.available_account(market.merchant, IDR, "main"), BANK, has)
    before, had = await money(market), await market.has()

    with pytest.raises(InsufficientFunds):
        await market.refund(bought, 50_000)

    assert (await money(market), await market.has()) == (before, had)


async def begun(market: Market, amount: Money) -> installments.OrderId:
    """An order of the customer that begins with consent to today's cost."""

    async def work(uow: UnitOfWork) -> installments.OrderId:
        cost = await installments.preview(uow, market.plan.id, amount)
        made = await installments.offer(
            uow, installments.OfferOrder(market.plan.id, amount, "alone-1", "Chairs", market.customer)
        )
        await installments.accept(uow, made.id, cost.fingerprint)
        return made.id

    return await market.do(work)
