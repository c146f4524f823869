"""What the wallet lacks for a due part is charged to the customer's saved way to pay."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

import pytest

from specie import events, installments, payments
from specie.events import EventFilter
from specie.installments import collecting, collecting_store, daily, day_store, orders, standing
from specie.installments.collecting_store import COLLECTED, MISSED, OPEN, Collection
from specie.installments.errors import NothingOwed
from specie.installments.jobs import look_at_charge, run_day
from specie.installments.model import Interval, OrderId, Terms
from specie.installments.standing import Standing
from specie.payments import CreatePayment, PaymentKind, PaymentState, get_payment, methods_to_charge
from specie.payments.jobs import charge_saved_job
from specie.payments.service import expire as expire_payment
from specie.platform.db import UnitOfWork
from specie.providers import ChargeState
from tests.purchases.market import WALLET, Market
from tests.support.shop import IDR, rupiah

AGREED = "Parts that fall due may be charged to this card."
PRICE = 3 * WALLET
T = TypeVar("T")


async def bought_a_week_ago(market: Market, minor: int = PRICE, reference: str = "order-1") -> Standing:
    """An order in three weekly parts whose first one is due today."""
    clock = market.shop.scope.clock
    back = replace(market.shop.scope, clock=replace(clock, offset=clock.offset - timedelta(days=7)))

    async def work(uow: UnitOfWork) -> Standing:
        plan = await orders.create_plan(uow, market.merchant, "Weekly", IDR, Terms(3, interval=Interval.WEEKLY))
        wanted = orders.OfferOrder(plan.id, rupiah(minor), reference, customer_id=market.customer)
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


async def bought_two(market: Market) -> tuple[OrderId, OrderId]:
    """Two orders of the customer with 100,000 of each due today, and 50,000 in the wallet."""
    first = await bought_a_week_ago(market, 300_000)
    second = await bought_a_week_ago(market, 300_000, "order-2")
    await spend(market, WALLET - 50_000)
    return first.order.id, second.order.id


async def look(market: Market, order_id: OrderId) -> Standing:
    return await market.do(lambda uow: standing.load(uow, order_id))


async def charges(market: Market, order_id: OrderId) -> list[tuple[int, str]]:
    found = await market.do(lambda uow: collecting_store.of_order(uow, order_id))
    return [(each.amount_minor, each.state) for each in found]


async def top_up(market: Market, reference: str) -> None:
    """A top-up of the customer's own, which nobody has paid yet."""
    command = CreatePayment(market.customer, reference, rupiah(10_000), kind=PaymentKind.TOP_UP)
    await market.do(lambda uow: payments.create(uow, None, command))


async def reasons(market: Market, order_id: OrderId) -> list[str]:
    """Why an order's tries have failed, as told."""
    async with market.shop.db.system() as uow:
        await events.number_pending(uow, 10_000)
    wanted = EventFilter(type="installment.collection_failed")
    found = await market.do(lambda uow: events.after(uow, market.shop.tenant_id, 0, 10_000, wanted))
    return [str(each.data["reason"]) for each in found if each.subject[1] == str(order_id)]


async def hours_later(market: Market, hours: int, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
    clock = market.shop.scope.clock
    scope = replace(market.shop.scope, clock=replace(clock, offset=clock.offset + timedelta(hours=hours)))
    return await market.shop.db.run(scope, work, label="test.later")


async def test_money_in_the_wallet_is_counted_for_one_order_only(market: Market) -> None:
    await saved(market)
    first, second = await bought_two(market)
    has = await market.has()
    await day_runs(market)

    lacked = 100_000 - has["wallet"] - has["cashback"]
    assert await charges(market, first) == [(lacked, COLLECTED)]
    assert await charges(market, second) == [(100_000, COLLECTED)]
    for order_id in (first, second):
        after = await look(market, order_id)
        assert (after.left.principal, after.order.tries) == (200_000, 0)
    assert (await market.has())["wallet"] + (await market.has())["cashback"] == 0


async def test_a_reference_taken_in_advance_is_one_orders_missed_try_and_the_next_day_is_planned(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    await saved(market)
    first, second = await bought_two(market)
    has, day = await market.has(), today(market)
    await top_up(market, f"{first}-{day.isoformat()}")
    await top_up(market, f"{first}-{day.isoformat()}-guessed")
    monkeypatch.setattr(secrets, "token_hex", lambda *_: "guessed")
    await run_day(market.shop.context, day=day.isoformat())

    assert await market.do(day_store.last_day) == day
    assert await charges(market, first) == []
    assert await charges(market, second) == [(100_000, OPEN)]
    assert await reasons(market, first) == ["reference_taken"]
    refused = await look(market, first)
    assert (refused.left.principal, refused.order.tries) == (300_000, 1)
    assert refused.order.act_on == day + timedelta(days=1)
    assert await market.has() == has
    # Nobody guesses the next one.
    monkeypatch.undo()
    tomorrow = day + timedelta(days=1)
    await run_day(market.shop.context, day=tomorrow.isoformat())
    assert [state for _, state in await charges(market, first)] == [OPEN]
    assert await market.do(day_store.last_day) == tomorrow


async def test_an_order_that_nothing_can_be_done_with_holds_up_neither_its_neighbours_nor_the_next_day(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (await bought_a_week_ago(market, 300_000)).order.id
    second = (await bought_a_week_ago(market, 300_000, "order-2")).order.id
    asked = daily.should_collect

    def refused(found: Standing, day: date) -> bool:
        if found.order.id == first:
            raise NothingOwed("something is wrong with this order")
        return asked(found, day)

    monkeypatch.setattr(daily, "should_collect", refused)
    day = today(market)
    await run_day(market.shop.context, day=day.isoformat())

    assert await market.do(day_store.last_day) == day
    assert await reasons(market, first) == [NothingOwed.code]
    assert [(await look(market, each)).left.principal for each in (first, second)] == [300_000, 200_000]
    put_off = (await look(market, first)).order
    assert (put_off.tries, put_off.act_on) == (1, day + timedelta(days=1))


async def charged_without_an_answer(market: Market) -> tuple[OrderId, Collection]:
    """An order for which a card was charged, of which nobody knows whether it was, and whose charge has run out."""
    await saved(market)
    order_id = (await bought_a_week_ago(market)).order.id
    await spend(market, WALLET - 50_000)
    await market.do(lambda uow: daily.run_page(uow, today(market)))
    [charge] = await market.do(lambda uow: collecting_store.of_order(uow, order_id))
    # From its answer nobody can tell whether the provider took the charge; then the time is over.
    await market.shop.lever("misbehave", mischief="error_before", times=1)
    await charge_saved_job(market.shop.context, payment=str(charge.payment_id.uuid))
    await hours_later(market, 24, lambda uow: expire_payment(uow, charge.payment_id))
    assert await market.shop.state(charge.payment_id) == "expired"
    return order_id, charge


async def test_a_charge_whose_outcome_is_unknown_is_not_repeated_and_collected_when_it_turns_out_well(
    market: Market,
) -> None:
    order_id, charge = await charged_without_an_answer(market)
    has = await market.has()
    await hours_later(market, 25, lambda uow: collecting.look(uow, charge.payment_id))
    tomorrow = today(market) + timedelta(days=1)
    await hours_later(market, 25, lambda uow: daily.run_page(uow, tomorrow))
    assert await charges(market, order_id) == [(charge.amount_minor, OPEN)]
    assert ((await look(market, order_id)).order.tries, await market.has()) == (0, has)
    assert len(await market.do(lambda uow: payments.attempts_of(uow, charge.payment_id))) == 1

    await market.tell(await market.fact(charge.payment_id))
    await market.do(lambda uow: collecting.collect(uow, order_id))
    after = await look(market, order_id)
    assert await charges(market, order_id) == [(charge.amount_minor, COLLECTED)]
    assert (after.left.principal, after.order.tries) == (PRICE - WALLET, 0)


async def test_a_charge_whose_outcome_was_unknown_is_a_missed_try_once_the_provider_says_it_failed(
    market: Market,
) -> None:
    order_id, charge = await charged_without_an_answer(market)
    has = await market.has()
    await market.tell(await market.fact(charge.payment_id, ChargeState.FAILED))
    await look_at_charge(market.shop.context, payment=str(charge.payment_id.uuid))
    after = await look(market, order_id)
    assert await charges(market, order_id) == [(charge.amount_minor, MISSED)]
    assert (after.left.principal, after.order.tries, await market.has()) == (PRICE, 1, has)
    # Looked at once more, it is still one try.
    await look_at_charge(market.shop.context, payment=str(charge.payment_id.uuid))
    assert (await look(market, order_id)).order.tries == 1
