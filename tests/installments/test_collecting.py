"""What the wallet lacks for a due part is charged to the customer's saved way to pay."""

from dataclasses import replace
from datetime import date, timedelta

from specie import installments
from specie.installments import collecting, collecting_store, daily, orders, standing
from specie.installments.collecting_store import COLLECTED, MISSED, OPEN
from specie.installments.model import Interval, Terms
from specie.installments.standing import Standing
from specie.payments import PaymentState, get_payment, methods_to_charge
from specie.platform.db import UnitOfWork
from tests.purchases.market import WALLET, Market
from tests.support.shop import IDR, rupiah

AGREED = "Parts that fall due may be charged to this card."
PRICE = 3 * WALLET


async def bought_a_week_ago(market: Market, minor: int = PRICE) -> Standing:
    """An order in three weekly parts whose first one is due today."""
    clock = market.shop.scope.clock
    back = replace(market.shop.scope, clock=replace(clock, offset=clock.offset - timedelta(days=7)))

    async def work(uow: UnitOfWork) -> Standing:
        plan = await orders.create_plan(uow, market.merchant, "Weekly", IDR, Terms(3, interval=Interval.WEEKLY))
        wanted = orders.OfferOrder(plan.id, rupiah(minor), "order-1", customer_id=market.customer)
        order = await orders.offer(uow, wanted)
        cost = orders.cost_of(order.terms, order.amount, uow.business_date)
        return await orders.accept(uow, order.id, cost.fingerprint)

    return await market.shop.db.run(back, work, label="test.bought")


async def saved(market: Market, scenario: str = "") -> dict[str, str]:
    body = {"party_id": str(market.customer), "kind": "card", "agreed_to": AGREED, "simulator": scenario}
    made = await market.shop.post("/payment-methods", body)
    assert made.status_code == 201, made.text
    await market.shop.work()
    path = f"/payment-methods?party_id={market.customer}"
    found: dict[str, str] = (await market.shop.get(path)).json()["data"][0]
    return found


def today(market: Market) -> date:
    return market.shop.scope.clock.business_date(market.shop.scope.clock.now())


async def day_runs(market: Market) -> None:
    """The day's run, and all the work it plans."""
    day = today(market)
    while await market.do(lambda uow: daily.run_page(uow, day)):
        continue
    for _ in range(3):
        await market.shop.sweep()
        await market.shop.work()


async def spend(market: Market, minor: int) -> None:
    paid = await market.pay(await market.ask(minor), wallet=minor)
    assert paid.completed_at


async def test_the_wallet_pays_first_and_a_saved_card_what_it_lacks_once(market: Market) -> None:
    method = await saved(market)
    assert (method["status"], method["agreed_to"], method["label"].startswith("Visa")) == ("active", AGREED, True)
    assert "token" not in method
    order = await bought_a_week_ago(market)
    await spend(market, WALLET - 50_000)
    has = await market.has()
    await day_runs(market)

    after = await market.do(lambda uow: standing.load(uow, order.order.id))
    [done] = await market.do(lambda uow: collecting_store.of_order(uow, order.order.id))
    lacked = WALLET - 50_000 - has["cashback"]
    assert (done.amount_minor, done.state) == (lacked, COLLECTED)
    assert (after.left.principal, after.order.tries) == (PRICE - WALLET, 0)
    assert (await market.has())["wallet"] == 0
    payment = await market.do(lambda uow: get_payment(uow, done.payment_id))
    assert (payment.state, payment.amount.minor) == (PaymentState.PAID, lacked)
    assert [charge["amount"] for charge in await market.shop.book()] == [lacked]
    # Told again, the same payment collects nothing more.
    await market.do(lambda uow: collecting.payment_paid(uow, payment))
    await day_runs(market)
    assert (await market.do(lambda uow: standing.load(uow, order.order.id))).left == after.left


async def test_a_declined_card_counts_as_a_try_and_the_next_step_of_the_ladder_charges_again(market: Market) -> None:
    await saved(market, "decline")
    order = await bought_a_week_ago(market)
    await spend(market, WALLET - 50_000)
    before = await market.has()
    await day_runs(market)

    after = await market.do(lambda uow: standing.load(uow, order.order.id))
    [failed] = await market.do(lambda uow: collecting_store.of_order(uow, order.order.id))
    assert (failed.state, after.order.tries, after.left.principal) == (MISSED, 1, PRICE)
    assert after.order.act_on == today(market) + timedelta(days=1)
    assert await market.has() == before
    # The customer saves another card: the newest one is charged a day later.
    await saved(market)
    tomorrow = today(market) + timedelta(days=1)
    await market.do(lambda uow: daily.run_page(uow, tomorrow))
    again = await market.do(lambda uow: collecting_store.of_order(uow, order.order.id))
    assert [(each.day, each.state) for each in again] == [(tomorrow, OPEN), (today(market), MISSED)]
    # While that is not decided, nothing else is charged for the order.
    await market.do(lambda uow: daily.run_page(uow, tomorrow + timedelta(days=2)))
    assert len(await market.do(lambda uow: collecting_store.of_order(uow, order.order.id))) == 2


async def test_a_removed_card_is_charged_no_more_and_one_that_is_refused_never(market: Market) -> None:
    method = await saved(market)
    gone = await market.shop.post(f"/payment-methods/{method['id']}/remove")
    assert (gone.status_code, gone.json()["status"]) == (200, "removed")
    refused = await saved(market, "refuse")
    assert (refused["status"], refused["failure"]) == ("refused", "method_refused")
    assert await market.do(lambda uow: methods_to_charge(uow, [market.customer])) == {}

    order = await bought_a_week_ago(market)
    await spend(market, WALLET - 50_000)
    await day_runs(market)
    after = await market.do(lambda uow: installments.load(uow, order.order.id))
    assert (after.order.tries, after.left.principal) == (1, PRICE)
    assert await market.do(lambda uow: collecting_store.of_order(uow, order.order.id)) == []
    assert await market.shop.book() == []


async def test_a_card_removed_between_run_and_charge_calls_the_charge_off(market: Market) -> None:
    method = await saved(market)
    order = await bought_a_week_ago(market)
    await spend(market, WALLET - 50_000)
    await market.do(lambda uow: daily.run_page(uow, today(market)))
    await market.shop.post(f"/payment-methods/{method['id']}/remove")
    await market.shop.sweep()
    await market.shop.work()
    [called_off] = await market.do(lambda uow: collecting_store.of_order(uow, order.order.id))
    after = await market.do(lambda uow: installments.load(uow, order.order.id))
    assert (called_off.state, after.order.tries) == (MISSED, 1)
    assert await market.shop.book() == []
