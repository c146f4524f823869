"""Returns, new schedules, pauses, waivers, charge-off and recovery: each leg where it belongs."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from specie.installments import changing, orders, paying, store
from specie.installments.errors import (
    CreditLineBlocked,
    NothingOwed,
    OrderCannotMove,
    PauseInPast,
    ReturnTooLarge,
)
from specie.installments.model import Ahead, Interest, Interval, Open, OrderState, ReturnPolicy, Terms
from specie.kernel.errors import SpecieError
from specie.ledger import InsufficientFunds
from specie.platform.db import Database
from tests.installments.shop import open_shop

WEEKLY = Terms(4, interval=Interval.WEEKLY)
COSTLY = Terms(4, interval=Interval.WEEKLY, interest=Interest.FLAT, annual_rate=Decimal("0.52"))


@pytest.mark.parametrize(("policy", "parts"), [(ReturnPolicy.SPREAD, [500] * 4), (ReturnPolicy.LAST, [1_000, 1_000])])
async def test_a_part_return_lowers_the_plan_by_its_policy(
    database: Database, policy: ReturnPolicy, parts: list[int]
) -> None:
    shop = await open_shop(database)
    begun = await shop.bought(Terms(4, interval=Interval.WEEKLY, returns=policy), 4_000)
    after = await shop.run(
        lambda uow: changing.take_back(uow, begun.order.id, shop.money(2_000), "too small"),
        party=shop.merchant.party_id,
    )
    assert [line.principal for line in after.lines] == parts
    assert (after.left.principal, after.order.schedule) == (2_000, 2)
    assert await shop.has() == (2_000, 0)


async def test_what_was_paid_beyond_a_return_goes_to_the_customers_wallet(database: Database) -> None:
    shop = await open_shop(database, funds=3_000)
    begun = await shop.bought(WEEKLY, 4_000)
    await shop.run(lambda uow: paying.pay(uow, begun.order.id, shop.money(3_000), Ahead.NEXT))
    after = await shop.run(lambda uow: changing.take_back(uow, begun.order.id, shop.money(3_500), "broken"))
    assert (after.order.state, after.left.total) == (OrderState.PAID, 0)
    assert await shop.has() == (500, 2_500)
    with pytest.raises(ReturnTooLarge) as refusal:
        await shop.run(lambda uow: changing.take_back(uow, begun.order.id, shop.money(501), "again"))
    assert refusal.value.facts["left"] == 500
    # The rest of the purchase may come back after the last part was paid.
    await shop.run(lambda uow: changing.take_back(uow, begun.order.id, shop.money(500), "all"))
    assert await shop.has() == (0, 3_000)


async def test_a_merchant_without_money_cannot_take_back(database: Database) -> None:
    shop = await open_shop(database)
    terms = Terms(4, interval=Interval.WEEKLY, merchant_fee_minor=1)
    begun = await shop.bought(terms, 4_000)
    with pytest.raises(InsufficientFunds):
        await shop.run(lambda uow: changing.take_back(uow, begun.order.id, shop.money(4_000), "all"))
    assert await shop.has() == (3_999, 0)
    assert (await shop.look(begun.order.id)).left == begun.left


async def test_a_new_schedule_carries_what_is_overdue_and_a_return_after_it_still_works(database: Database) -> None:
    shop = await open_shop(database)
    begun = await shop.bought(COSTLY, 40_000)
    await shop.pass_days(8)
    moved = await shop.run(lambda uow: changing.reschedule(uow, begun.order.id, 2, "lost the job"))
    # The first week's interest was earned and comes along; the rest runs anew for two weeks.
    assert [(x.kind.value, x.principal, x.interest) for x in moved.lines] == [
        ("arrears", 0, 400),
        ("part", 20_000, 400),
        ("part", 20_000, 400),
    ]
    assert (moved.order.schedule, moved.order.bucket, moved.unearned) == (2, 0, 800)
    back = await shop.run(lambda uow: changing.take_back(uow, begun.order.id, shop.money(20_000), "half"))
    assert (back.left.principal, back.left.interest) == (20_000, 800)
    await shop.fund(20_800)
    await shop.pass_days(14)
    assert (await shop.look(begun.order.id)).order.state is OrderState.PAID
    assert [version.reason for version in await shop.run(lambda uow: store.versions_of(uow, begun.order.id))] == [
        "booked",
        "rescheduled",
        "returned",
    ]


async def test_a_paused_order_is_left_alone_and_its_days_do_not_count(database: Database) -> None:
    terms = Terms(2, interval=Interval.WEEKLY, grace_days=1, late_fee_minor=100, buckets=(2,), retry_days=(1,))
    shop = await open_shop(database)
    begun = await shop.bought(terms, 2_000)
    await shop.pass_days(7)
    until = shop.day + timedelta(days=5)
    with pytest.raises(PauseInPast):
        await shop.run(lambda uow: changing.pause(uow, begun.order.id, shop.day, "none"))
    await shop.run(lambda uow: changing.pause(uow, begun.order.id, until, "ill"))
    await shop.pass_days(4)
    left_alone = await shop.look(begun.order.id)
    assert (left_alone.left.penalty, left_alone.order.bucket, left_alone.order.tries) == (0, 0, 1)
    await shop.fund(1_000)
    await shop.pass_days(1)
    # The pause is over: what is due is collected on that day.
    assert (await shop.look(begun.order.id)).left == Open(1_000, 0, 0, 0)


async def test_a_late_fee_is_waived_and_no_more_than_it(database: Database) -> None:
    terms = Terms(1, interval=Interval.WEEKLY, grace_days=1, late_fee_minor=100)
    shop = await open_shop(database)
    begun = await shop.bought(terms, 2_000)
    await shop.pass_days(10)
    with pytest.raises(NothingOwed):
        await shop.run(lambda uow: changing.waive(uow, begun.order.id, shop.money(101), "kindness"))
    after = await shop.run(lambda uow: changing.waive(uow, begun.order.id, shop.money(100), "kindness"))
    assert after.left == Open(2_000, 0, 0, 0)
    assert await shop.books("expense:installments:waived") == 100
    assert await shop.books("income:installments:late_fees") == 100


async def test_what_is_charged_off_is_lost_blocks_the_line_and_may_be_recovered_once(database: Database) -> None:
    shop = await open_shop(database)
    begun = await shop.bought(COSTLY, 40_000)
    await shop.pass_days(15)
    after = await shop.run(lambda uow: changing.charge_off(uow, begun.order.id, "left the country"))
    assert (after.order.state, after.left.total, after.unearned) == (OrderState.CHARGED_OFF, 0, 0)
    # Two weeks of interest had run; the two to come are no longer owed.
    assert await shop.books("expense:installments:charged_off") == 40_800
    assert [each["lost"]["amount"] for each in await shop.told("charged_off")] == [40_800]
    another = await shop.offered(WEEKLY, 400, "order-2")
    with pytest.raises(CreditLineBlocked):
        await shop.accepted(another)
    with pytest.raises(OrderCannotMove):
        await shop.run(lambda uow: paying.pay(uow, begun.order.id, None))
    await shop.fund(50_000)
    await shop.run(lambda uow: paying.recover(uow, begun.order.id, shop.money(40_000)))
    with pytest.raises(NothingOwed):
        await shop.run(lambda uow: paying.recover(uow, begun.order.id, shop.money(801)))
    assert await shop.books("income:installments:recovered") == 40_000
    assert (await shop.has())[1] == 10_000


@pytest.mark.parametrize("seed", range(3))
async def test_any_history_keeps_schedule_books_and_credit_line_together(database: Database, seed: int) -> None:
    chance = Random(seed)
    kinds = [Interest.NONE, Interest.FLAT, Interest.DECLINING]
    kind = kinds[seed % 3]
    rate = Decimal(0) if kind is Interest.NONE else Decimal("0.4")
    terms = Terms(5, interval=Interval.WEEKLY, interest=kind, annual_rate=rate, late_fee_minor=50, fee_minor=33)
    shop = await open_shop(database, funds=40_000)
    order_id = (await shop.bought(terms, 99_999)).order.id
    steps = [
        lambda uow: paying.pay(uow, order_id, shop.money(chance.randint(1, 9_000)), chance.choice(list(Ahead))),
        lambda uow: changing.take_back(uow, order_id, shop.money(chance.randint(1, 9_000)), "some"),
        lambda uow: changing.reschedule(uow, order_id, chance.randint(2, 6), "anew"),
        lambda uow: changing.pause(uow, order_id, shop.day + timedelta(days=3), "away"),
        lambda uow: changing.waive(uow, order_id, shop.money(25), "kind"),
    ]
    for _ in range(14):
        # Most steps are refused now and then, and a refusal leaves nothing behind.
        with suppress(SpecieError):
            await shop.run(chance.choice(steps))
        await shop.pass_days(chance.randint(0, 5))
    # The invariants of every module are asked after the test; the line follows what is owed.
    now = await shop.look(order_id)
    line = await shop.run(lambda uow: orders.line_of(uow, shop.customer.party_id, shop.customer.currency))
    assert line is not None
    assert line.used.minor == now.left.principal
    assert sum(each.total for each in now.opened) + now.left.penalty == now.left.total
