"""An invoice that its customer pays in installments: settled by what the plan books, and never by an old offer."""

from dataclasses import replace
from decimal import Decimal

import pytest
import pytest_asyncio

from specie import billing, installments
from specie.billing import InvoiceId, InvoiceState, LineDraft, Method, NothingToPay, Receive, WriteInvoice
from specie.installments import CostChanged, OfferStale, OrderId, PlanMissing
from specie.installments import orders as plan_orders
from specie.kernel.ids import PartyId
from specie.platform.db import UnitOfWork
from specie.purchases import invoice_plans
from specie.purchases.invoice_plans import InParts
from tests.purchases.counter import Counter, open_counter
from tests.purchases.market import CREDIT, Market
from tests.support.shop import IDR, rupiah

pytestmark = pytest.mark.asyncio(loop_scope="session")
TOTAL = 90_000


@pytest_asyncio.fixture(loop_scope="session")
async def counter(market: Market) -> Counter:
    """The business has a plan, and a customer with a credit line."""
    return await open_counter(market)


async def invoiced(market: Market, minor: int = TOTAL) -> InvoiceId:
    ring = market.shop.services["vault"]
    command = WriteInvoice(market.customer, IDR, [LineDraft("Advice", Decimal(1), minor)])

    async def work(uow: UnitOfWork) -> InvoiceId:
        return (await billing.issue(uow, ring, (await billing.draft(uow, command)).id)).id

    return await market.do(work)


async def offered(market: Market, invoice_id: InvoiceId) -> OrderId:
    return await market.do(lambda uow: invoice_plans.offer(uow, invoice_id, market.plan.id))


async def accept(market: Market, order_id: OrderId) -> installments.Standing:
    """The customer agrees in person to today's cost, as it is previewed."""

    async def work(uow: UnitOfWork) -> installments.Standing:
        amount = (await installments.load(uow, order_id)).order.amount
        cost = await installments.preview(uow, market.plan.id, amount)
        return await plan_orders.accept(uow, order_id, cost.fingerprint)

    own = replace(market.shop.scope, party_id=market.customer)
    return await market.shop.db.run(own, work, label="test.accept")


async def look(market: Market, invoice_id: InvoiceId, party: PartyId | None = None) -> InParts:
    scope = replace(market.shop.scope, party_id=party)
    return await market.shop.db.run(scope, lambda uow: invoice_plans.look(uow, invoice_id), label="test.look")


async def test_an_invoice_is_settled_by_the_booking_of_the_plan_its_customer_accepts(counter: Counter) -> None:
    market = counter.market
    before, invoice_id = await market.has(), await invoiced(market)
    preview = await market.do(lambda uow: installments.preview(uow, market.plan.id, rupiah(TOTAL)))

    order_id = await offered(market, invoice_id)
    assert (await look(market, invoice_id)).standing.open_minor == TOTAL
    begun = await accept(market, order_id)

    assert list(begun.lines) == list(preview.lines)
    found = await look(market, invoice_id, market.customer)
    assert (found.standing.invoice.state, found.standing.open_minor) == (InvoiceState.PAID, 0)
    assert [(one.order.id, one.left.total) for one in found.orders] == [(order_id, TOTAL - TOTAL // 10)]
    has = await market.has()
    # The tenth that is paid at once comes from the customer's purses, cashback first.
    paid = before["wallet"] + before["cashback"] - has["wallet"] - has["cashback"]
    assert (has["merchant"], paid) == (before["merchant"], TOTAL // 10)
    assert has["credit"] == CREDIT - (TOTAL - TOTAL // 10)


async def test_what_a_plan_keeps_as_its_fee_is_an_expense_and_the_invoice_is_paid_whole(counter: Counter) -> None:
    market = counter.market
    terms = replace(market.plan.terms, merchant_fee_rate=Decimal("0.03"))
    market.plan = await market.do(lambda uow: installments.create_plan(uow, market.merchant, "Dear", IDR, terms))
    invoice_id = await invoiced(market)

    await accept(market, await offered(market, invoice_id))

    assert (await look(market, invoice_id)).standing.open_minor == 0
    assert (await counter.books())["fees"] == 2_700


async def test_an_offer_for_an_invoice_that_was_partly_paid_meanwhile_is_refused_and_moves_nothing(
    counter: Counter,
) -> None:
    market = counter.market
    invoice_id = await invoiced(market)
    order_id = await offered(market, invoice_id)
    paid = Receive(market.customer, rupiah(30_000), Method.BANK, "transfer", [(invoice_id, rupiah(30_000))])
    await market.do(lambda uow: billing.receive(uow, paid))
    before = await market.has()

    with pytest.raises(OfferStale) as refused:
        await accept(market, order_id)
    assert refused.value.facts["open"] == 60_000
    assert await market.has() == before
    again = await offered(market, invoice_id)
    assert (await accept(market, again)).order.amount == rupiah(60_000)
    assert (await look(market, invoice_id)).standing.open_minor == 0


async def test_only_the_first_of_two_offers_pays(counter: Counter) -> None:
    market = counter.market
    invoice_id = await invoiced(market)
    first, second = await offered(market, invoice_id), await offered(market, invoice_id)
    await accept(market, first)
    before = await market.has()
    with pytest.raises(OfferStale):
        await accept(market, second)
    assert await market.has() == before


async def test_consent_to_another_cost_settles_nothing(counter: Counter) -> None:
    market = counter.market
    invoice_id = await invoiced(market)
    order_id = await offered(market, invoice_id)
    with pytest.raises(CostChanged):
        await market.do(lambda uow: plan_orders.accept(uow, order_id, "f" * 32))
    assert (await look(market, invoice_id)).standing.open_minor == TOTAL


async def test_a_paid_invoice_and_a_merchants_plan_make_no_offer(counter: Counter) -> None:
    market = counter.market
    invoice_id = await invoiced(market)
    other = await market.shop.other_party()
    theirs = await market.do(lambda uow: installments.create_plan(uow, other, "Theirs", IDR, market.plan.terms))
    with pytest.raises(PlanMissing):
        await market.do(lambda uow: invoice_plans.offer(uow, invoice_id, theirs.id))
    assert (await look(market, invoice_id)).plans == [market.plan]

    paid = Receive(market.customer, rupiah(TOTAL), Method.BANK, "transfer", [(invoice_id, rupiah(TOTAL))])
    await market.do(lambda uow: billing.receive(uow, paid))
    with pytest.raises(NothingToPay):
        await offered(market, invoice_id)
    assert ((await look(market, invoice_id)).plans, (await look(market, invoice_id)).orders) == ([], [])
