"""Collection by the day, payments by hand and ahead, and paying off: to the minor unit, once, or not at all."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from specie import ledger
from specie.installments import daily, orders, paying, store
from specie.installments.errors import OrderCannotMove, OrderMissing, PaysTooMuch, QuoteStale
from specie.installments.model import Ahead, Interest, Interval, Open, OrderState, Terms
from specie.kernel.errors import SpecieError
from specie.kernel.money import Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, InsufficientFunds, Leg, Recipe
from specie.platform.db import Database, UnitOfWork
from tests.installments.shop import open_shop

FEES = "income:installments:late_fees"

WEEKLY = Terms(3, interval=Interval.WEEKLY, interest=Interest.FLAT, annual_rate=Decimal("0.52"), remind_days=(2,))


async def test_due_parts_are_collected_on_their_day_and_interest_is_earned_as_it_runs(database: Database) -> None:
    shop = await open_shop(database, funds=31_000)
    begun = await shop.bought(WEEKLY, 30_000)
    # One per cent a week on the whole amount: 300 with each of three parts of 10,000.
    assert begun.left == Open(30_000, 900, 0, 0)
    await shop.pass_days(6)
    assert (await shop.has())[1] == 31_000
    await shop.pass_days(1)
    now = await shop.look(begun.order.id)
    assert (now.left, now.unearned, (await shop.has())[1]) == (Open(20_000, 600, 0, 0), 600, 20_700)
    assert await shop.books("income:installments:interest") == 300
    await shop.pass_days(14)
    ended = await shop.look(begun.order.id)
    assert (ended.order.state, ended.left.total, ended.unearned) == (OrderState.PAID, 0, 0)
    assert await shop.has() == (30_000, 100)
    assert await shop.books("income:installments:interest") == 900
    assert [len(await shop.told(kind)) for kind in ("paid", "reminder", "paid_off")] == [3, 3, 1]


async def test_a_day_run_twice_or_by_two_at_once_collects_once(database: Database) -> None:
    shop = await open_shop(database, funds=50_000)
    first = await shop.bought(WEEKLY, 30_000)
    await shop.pass_days(6)
    clock = shop.scope.clock
    shop.scope = type(shop.scope)(
        **{
            **{name: getattr(shop.scope, name) for name in shop.scope.__dataclass_fields__},
            "clock": type(clock)(clock.zone, clock.cut_off, clock.offset + timedelta(days=1)),
        }
    )
    day = shop.day
    await asyncio.gather(*(shop.run(lambda uow: daily.run_page(uow, day)) for _ in range(3)))
    finished = await asyncio.gather(*(shop.run(lambda uow: daily.finish_day(uow, day)) for _ in range(3)))
    assert sorted(finished) == [False, False, True]
    assert (await shop.look(first.order.id)).left.principal == 20_000
    assert (await shop.has())[1] == 50_000 - 10_300


async def test_what_cannot_be_collected_climbs_the_ladder_and_is_charged_once_for_being_late(
    database: Database,
) -> None:
    terms = Terms(
        2,
        interval=Interval.FORTNIGHTLY,
        grace_days=3,
        late_fee_minor=400,
        late_fee_rate=Decimal("0.01"),
        late_fee_cap_minor=700,
        retry_days=(1, 3),
        buckets=(1, 5),
    )
    shop = await open_shop(database)
    begun = await shop.bought(terms, 20_000)
    await shop.pass_days(14)
    assert [each["reason"] for each in await shop.told("collection_failed")] == ["insufficient_funds"]
    await shop.pass_days(4)
    late = await shop.look(begun.order.id)
    # 1 % of the part and 400, on the day after the grace.
    assert (late.left, late.order.tries, late.order.bucket) == (Open(10_000 + 10_000, 0, 0, 500), 3, 1)
    await shop.pass_days(1)
    assert (await shop.look(begun.order.id)).order.bucket == 2
    assert [each["bucket"] for each in await shop.told("bucket_changed")] == [1, 2]
    await shop.pass_days(30)
    capped = await shop.look(begun.order.id)
    # The second part is late as well; the cap leaves 200 for it.
    assert capped.left == Open(20_000, 0, 0, 700)
    assert await shop.books("income:installments:late_fees") == 700
    await shop.fund(25_000)
    paid = await shop.run(lambda uow: paying.pay(uow, begun.order.id, None), party=shop.customer.party_id)
    assert (paid.order.state, paid.order.bucket) == (OrderState.PAID, 0)
    assert (await shop.has())[1] == 25_000 - 20_700


async def test_every_part_climbs_the_ladder_and_each_failure_says_when_it_is_tried_again(database: Database) -> None:
    terms = Terms(2, interval=Interval.WEEKLY, retry_days=(1, 3), remind_days=(3,), buckets=(2, 9))
    shop = await open_shop(database)
    begun = await shop.bought(terms, 20_000)
    due = begun.lines[0].due_on
    await shop.pass_days(7 + 20)
    failed = [(each["due"]["amount"], each["next_try"]) for each in await shop.told("collection_failed")]
    tries = [(due + timedelta(days=days)).isoformat() for days in (1, 3, 7, 8, 10)]
    # No reminder and no step of lateness is a try, and after the last step nothing is tried by itself.
    assert failed == list(zip([10_000] * 3 + [20_000] * 3, [*tries, None], strict=True))


async def test_a_late_fee_counts_when_it_is_posted_and_is_tried_again_until_then(database: Database) -> None:
    shop = await open_shop(database)
    begun = await shop.bought(Terms(1, interval=Interval.WEEKLY, grace_days=1, late_fee_minor=100), 1_000)

    async def earn(uow: UnitOfWork, minor: int) -> None:
        idr = shop.customer.currency
        till = await ledger.ensure_account(uow, AccountSpec("asset:till", AccountType.ASSET, idr))
        fees = await ledger.ensure_account(uow, AccountSpec(FEES, AccountType.INCOME, idr))
        sides = (till.id, fees.id) if minor > 0 else (fees.id, till.id)
        await ledger.post(uow, EntryDraft(Recipe("test.earn", 1), [Leg(*sides, shop.money(abs(minor)))]))

    # The books have no room for the fee.
    await shop.run(lambda uow: earn(uow, Money.MAX_MINOR))
    await shop.pass_days(11)
    refused = await shop.look(begun.order.id)
    assert (refused.left.penalty, await shop.books(FEES)) == (0, Money.MAX_MINOR)
    # The due date and its three retries, and none of the tries to charge the fee.
    assert (refused.order.tries, len(await shop.told("collection_failed"))) == (3, 3)
    assert await shop.run(lambda uow: store.late_fees_of(uow, [begun.order.id])) == {begun.order.id: []}
    assert [each["reason"] for each in await shop.told("late_fee_put_off")] == ["balance_range"] * 3

    await shop.run(lambda uow: earn(uow, -100))
    await shop.pass_days(2)
    assert ((await shop.look(begun.order.id)).left.penalty, await shop.books(FEES)) == (100, Money.MAX_MINOR)
    assert [each["fee"]["amount"] for each in await shop.told("late_fee_charged")] == [100]


async def test_a_retry_collects_when_the_money_has_come(database: Database) -> None:
    shop = await open_shop(database)
    begun = await shop.bought(Terms(2, interval=Interval.WEEKLY, retry_days=(2,)), 2_000)
    await shop.pass_days(7)
    await shop.fund(1_500)
    await shop.pass_days(1)
    assert (await shop.look(begun.order.id)).left.principal == 2_000
    await shop.pass_days(1)
    now = await shop.look(begun.order.id)
    assert (now.left.principal, now.order.tries, now.order.bucket) == (1_000, 0, 0)


async def test_a_payment_ahead_does_what_was_asked_and_interest_follows(database: Database) -> None:
    outcomes = {}
    for ahead in Ahead:
        shop = await open_shop(database, funds=50_000)
        begun = await shop.bought(WEEKLY, 30_000)
        amount = shop.money(15_000)
        after = await shop.run(
            lambda uow, begun=begun, amount=amount, ahead=ahead: paying.pay(uow, begun.order.id, amount, ahead)
        )
        assert (await shop.has())[1] == 35_000
        outcomes[ahead] = ([line.principal for line in after.lines], after.left, after.order.schedule)
    assert outcomes[Ahead.NEXT] == ([10_000, 10_000, 10_000], Open(15_600, 300, 0, 0), 1)
    # The last part and half of the second are gone, and their interest with them.
    assert outcomes[Ahead.LAST] == ([15_000, 10_000, 5_000], Open(15_000, 450, 0, 0), 2)
    assert outcomes[Ahead.SPREAD] == ([15_000, 5_000, 5_000, 5_000], Open(15_000, 450, 0, 0), 2)


async def test_an_order_paid_up_ahead_ends_and_its_interest_is_earned(database: Database) -> None:
    shop = await open_shop(database, funds=30_900)
    begun = await shop.bought(WEEKLY, 30_000)
    with pytest.raises(PaysTooMuch):
        await shop.run(lambda uow: paying.pay(uow, begun.order.id, shop.money(30_901), Ahead.NEXT))
    with pytest.raises(PaysTooMuch):
        await shop.run(lambda uow: paying.pay(uow, begun.order.id, shop.money(30_000), Ahead.SPREAD))
    assert (await shop.has())[1] == 30_900
    ended = await shop.run(lambda uow: paying.pay(uow, begun.order.id, shop.money(30_900), Ahead.NEXT))
    assert (ended.order.state, ended.unearned) == (OrderState.PAID, 0)
    assert await shop.books("income:installments:interest") == 900


async def test_paying_off_takes_the_quoted_price_on_its_day_only(database: Database) -> None:
    shop = await open_shop(database, funds=60_000)
    begun = await shop.bought(WEEKLY, 30_000)
    await shop.pass_days(10)
    order_id = begun.order.id
    quote = await shop.run(lambda uow: paying.quote(uow, order_id))
    # One part has been collected; three days of the second week's 300 have run.
    assert (quote.pays, quote.rebate_minor) == (Open(20_000, 129, 0, 0), 471)
    await shop.pass_days(1)
    with pytest.raises(QuoteStale):
        await shop.run(lambda uow: paying.pay_off(uow, order_id, quote.id))
    before = await shop.has()
    newer = await shop.run(lambda uow: paying.quote(uow, order_id))
    ended = await shop.run(lambda uow: paying.pay_off(uow, order_id, newer.id), party=shop.customer.party_id)
    assert (ended.order.state, ended.left.total) == (OrderState.PAID, 0)
    assert (await shop.has())[1] == before[1] - newer.total_minor == before[1] - 20_171
    assert await shop.books("income:installments:interest") == 300 + 171
    with pytest.raises(OrderCannotMove):
        await shop.run(lambda uow: paying.pay_off(uow, order_id, newer.id))


async def test_interest_paid_before_it_ran_lowers_the_payoff(database: Database) -> None:
    shop = await open_shop(database, funds=60_000)
    begun = await shop.bought(WEEKLY, 30_000)
    await shop.run(lambda uow: paying.pay(uow, begun.order.id, shop.money(20_600), Ahead.NEXT))
    quote = await shop.run(lambda uow: paying.quote(uow, begun.order.id))
    assert (quote.pays, quote.rebate_minor, quote.given_back_minor) == (Open(9_400, 0, 0, 0), 300, 600)
    await shop.run(lambda uow: paying.pay_off(uow, begun.order.id, quote.id))
    assert await shop.has() == (30_000, 30_000)
    assert await shop.books("income:installments:interest") == 0


async def test_nobody_pays_from_a_wallet_that_is_empty_or_not_theirs(database: Database) -> None:
    shop = await open_shop(database, funds=10_299)
    begun = await shop.bought(WEEKLY, 30_000)
    refusals: list[tuple[type[SpecieError], object]] = [
        (InsufficientFunds, None),
        (OrderMissing, shop.merchant.party_id),
    ]
    for refusal, party in refusals:
        with pytest.raises(refusal):
            await shop.run(lambda uow: paying.pay(uow, begun.order.id, None), party=party)  # type: ignore[arg-type]
    assert await shop.has() == (30_000, 10_299)
    assert (await shop.look(begun.order.id)).left == begun.left


async def test_two_orders_of_one_customer_share_what_is_there(database: Database) -> None:
    shop = await open_shop(database, funds=1_000)
    for reference in ("one", "two"):
        await shop.bought(Terms(1, interval=Interval.WEEKLY), 1_000, reference)
    await shop.pass_days(7)
    assert (await shop.has())[1] == 0
    assert len(await shop.told("collection_failed")) == 1
    line = await shop.run(lambda uow: orders.line_of(uow, shop.customer.party_id, shop.customer.currency))
    assert line is not None
    assert line.used.minor == 1_000
