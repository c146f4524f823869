"""Schedules against hand-worked tables, an independent library and properties that must always hold."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import numpy_financial
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specie.installments import position, schedule
from specie.installments.errors import AmountOutsidePlan, TermsInvalid
from specie.installments.model import (
    Ahead,
    Cents,
    Component,
    FeeTiming,
    HolidayRule,
    Interest,
    Interval,
    MonthEnd,
    Open,
    ReturnPolicy,
    Terms,
    require_sound,
)
from specie.installments.schedule import Line, LineKind, plan

DAY = date(2026, 1, 31)


def totals(lines: list[Line]) -> tuple[int, int, int]:
    return sum(x.principal for x in lines), sum(x.interest for x in lines), sum(x.fee for x in lines)


def left_of(lines: list[Line], penalty: int = 0) -> Open:
    return Open(*totals(lines), penalty)


def test_parts_that_do_not_divide_leave_their_cents_where_the_rule_says() -> None:
    amounts = {cents: [line.principal for line in plan(Terms(3, cents=cents), 1000, DAY)] for cents in Cents}
    assert amounts == {Cents.FIRST: [334, 333, 333], Cents.LAST: [333, 333, 334], Cents.EVEN: [334, 333, 333]}
    # IDR 1,000,000.00 in whole hundreds of rupiah.
    round_parts = plan(Terms(3, unit_minor=10_000), 100_000_000, DAY)
    assert [line.principal for line in round_parts] == [33_330_000, 33_330_000, 33_340_000]


def test_a_month_end_start_follows_its_rule() -> None:
    clamped = schedule.due_dates(Terms(3), date(2026, 2, 28))
    assert clamped == [date(2026, 3, 28), date(2026, 4, 28), date(2026, 5, 28)]
    stuck = schedule.due_dates(Terms(3, month_end=MonthEnd.STICK), date(2026, 2, 28))
    assert stuck == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]
    # A short month on the way does not change the day of those after it.
    assert schedule.due_dates(Terms(3), DAY) == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    weekly = schedule.due_dates(Terms(2, interval=Interval.WEEKLY), DAY)
    fortnightly = schedule.due_dates(Terms(2, interval=Interval.FORTNIGHTLY), DAY)
    assert (weekly, fortnightly) == ([date(2026, 2, 7), date(2026, 2, 14)], [date(2026, 2, 14), date(2026, 2, 28)])


def test_a_holiday_moves_its_part_and_no_other() -> None:
    # 25 and 26 December 2026 are a Friday and a Saturday; Germany keeps both.
    def due(rule: HolidayRule) -> list[date]:
        return schedule.due_dates(Terms(2, holiday_rule=rule, country="DE"), date(2026, 11, 25))

    assert due(HolidayRule.KEEP) == [date(2026, 12, 25), date(2027, 1, 25)]
    assert due(HolidayRule.NEXT) == [date(2026, 12, 28), date(2027, 1, 25)]
    assert due(HolidayRule.PREVIOUS) == [date(2026, 12, 24), date(2027, 1, 25)]
    # 31 January 2027 is a Sunday: the next working day lies in February, so it goes back.
    in_month = schedule.due_dates(Terms(1, holiday_rule=HolidayRule.NEXT_IN_MONTH, country="DE"), date(2026, 12, 31))
    assert in_month == [date(2027, 1, 29)]


def test_flat_interest_runs_on_the_whole_amount() -> None:
    # 1,200.00 at 12 % a year for six months is 72.00 of interest, 12.00 a month.
    lines = plan(Terms(6, interest=Interest.FLAT, annual_rate=Decimal("0.12")), 120_000, DAY)
    assert [(line.principal, line.interest) for line in lines] == [(20_000, 1_200)] * 6


def test_declining_interest_is_the_hand_worked_table() -> None:
    # 1,000.00 at 1 % a month in three payments of 340.02; the last is one cent more.
    terms = Terms(3, interest=Interest.DECLINING, annual_rate=Decimal("0.12"))
    lines = plan(terms, 100_000, DAY)
    assert [(line.principal, line.interest) for line in lines] == [(33_002, 1_000), (33_332, 670), (33_666, 337)]
    assert [line.total for line in lines] == [34_002, 34_002, 34_003]


@settings(deadline=None, max_examples=40)
@given(
    st.integers(100_000, 10**11), st.integers(2, 60), st.decimals("0.01", "0.60", places=4), st.sampled_from(Interval)
)
def test_declining_interest_agrees_with_an_independent_library(
    amount: int, parts: int, rate: Decimal, interval: Interval
) -> None:
    terms = Terms(parts, interval=interval, interest=Interest.DECLINING, annual_rate=rate)
    lines, each = plan(terms, amount, DAY), float(schedule.period_rate(terms))
    payment = -float(numpy_financial.pmt(each, parts, amount))
    # Each part's rounding bears interest until the end; binary fractions of large amounts take their share.
    slack = sum((1 + each) ** period for period in range(parts)) + amount * 1e-9
    assert all(abs(line.total - payment) <= 1 + amount * 1e-9 for line in lines[:-1])
    assert abs(lines[-1].total - payment) <= slack
    for index, line in enumerate(lines, start=1):
        assert abs(line.interest + float(numpy_financial.ipmt(each, index, parts, amount))) <= slack


TERMS = st.builds(
    Terms,
    parts=st.integers(1, 13),
    interval=st.sampled_from(Interval),
    down_payment=st.sampled_from([Decimal(0), Decimal("0.1"), Decimal("0.333")]),
    interest=st.just(Interest.NONE),
    cents=st.sampled_from(Cents),
    unit_minor=st.sampled_from([1, 10, 100]),
    fee_rate=st.sampled_from([Decimal(0), Decimal("0.025")]),
    fee_minor=st.integers(0, 500),
    fee_timing=st.sampled_from(FeeTiming),
) | st.builds(
    Terms,
    parts=st.integers(1, 13),
    interest=st.sampled_from([Interest.FLAT, Interest.DECLINING]),
    annual_rate=st.decimals("0.01", "0.9", places=3),
)


@settings(deadline=None, max_examples=40)
@given(TERMS, st.integers(1_000, 2**40))
def test_parts_sum_to_the_amount_to_the_minor_unit(terms: Terms, amount: int) -> None:
    lines = plan(terms, amount, DAY)
    principal, interest, fee = totals(lines)
    down = sum(line.principal for line in lines if line.kind is LineKind.DOWN_PAYMENT)
    assert principal == amount
    assert fee == schedule.fee_of(terms, amount - down)
    assert (interest == 0) == (terms.interest is Interest.NONE) or amount < 100_000
    assert [line.due_on for line in lines] == sorted(line.due_on for line in lines)
    assert all(line.principal >= 0 and line.interest >= 0 and line.fee >= 0 for line in lines)
    assert Terms.from_json(terms.to_json()) == terms


@pytest.mark.parametrize("amount", [1_000, 999_999])
def test_amounts_of_currencies_without_or_with_three_decimals_divide_like_any(amount: int) -> None:
    # JPY 1,000 and KWD 999.999: minor units are whole numbers whatever the exponent.
    assert totals(plan(Terms(7), amount, DAY))[0] == amount


@settings(deadline=None, max_examples=40)
@given(TERMS, st.integers(10_000, 10**9), st.integers(0, 2**32))
def test_payments_in_any_order_never_lose_a_minor_unit(terms: Terms, amount: int, seed: int) -> None:
    chance = Random(seed)
    lines = plan(terms, amount, DAY)
    left = left_of(lines, penalty=250)
    day = chance.choice(lines).due_on
    while left.total:
        ahead = chance.choice(list(Ahead))
        opened = position.open_lines(lines, left)
        assert [sum(getattr(x, k) for x in opened) for k in ("principal", "interest", "fee")] == [
            left.principal,
            left.interest,
            left.fee,
        ]
        due = position.due_minor(opened, left.penalty, day)
        most = due + left.principal - sum(x.principal for x in position.past_due(opened, day))
        ahead = ahead if most else Ahead.NEXT
        pays = chance.randint(1, left.total if ahead is Ahead.NEXT else most)
        done = position.allocate(terms, opened, left.penalty, pays, day, ahead)
        assert done.paid.total == pays
        settled = totals(lines)[1] - left.interest + done.paid.interest
        left = Open(*(getattr(left, k) - getattr(done.paid, k) for k in ("principal", "interest", "fee", "penalty")))
        if done.ahead:
            before = Open(left.principal + done.ahead, left.interest, left.fee, left.penalty)
            lines = position.prepay(terms, position.open_lines(lines, before), done.ahead, day, ahead)
            left = Open(left.principal, totals(lines)[1] - settled, left.fee, left.penalty)
        assert totals(lines)[0] == amount
        if ahead is not Ahead.NEXT and left.principal == 0:
            break
        day += timedelta(days=chance.randint(0, 40))


def test_what_is_past_due_is_paid_first_and_kind_by_kind() -> None:
    terms = Terms(3, interest=Interest.FLAT, annual_rate=Decimal("0.12"), fee_minor=500)
    lines = plan(terms, 30_000, DAY)
    opened = position.open_lines(lines, left_of(lines, penalty=700))
    second = lines[1].due_on
    done = position.allocate(terms, opened, 700, 700 + 500 + 300 + 10_000 + 100, second, Ahead.NEXT)
    # Penalty, fee, interest and principal of the first part, then interest of the second.
    assert done.paid == Open(principal=10_000, interest=400, fee=500, penalty=700)
    principal_first = Terms(
        3, allocation=(Component.PRINCIPAL, *(c for c in Component if c is not Component.PRINCIPAL))
    )
    assert position.allocate(principal_first, opened, 700, 9_000, second, Ahead.NEXT).paid == Open(9_000, 0, 0, 0)


def test_a_payment_ahead_pays_the_next_part_shortens_or_lowers() -> None:
    terms = Terms(4)
    lines = plan(terms, 4_000, DAY)
    opened = position.open_lines(lines, left_of(lines))
    assert position.allocate(terms, opened, 0, 1_500, DAY, Ahead.NEXT).ahead == 0
    shorter = position.prepay(terms, opened, 1_500, DAY, Ahead.LAST)
    assert [(line.kind, line.principal) for line in shorter] == [
        (LineKind.PREPAYMENT, 1_500),
        (LineKind.PART, 1_000),
        (LineKind.PART, 1_000),
        (LineKind.PART, 500),
    ]
    lower = position.prepay(terms, opened, 1_500, DAY, Ahead.SPREAD)
    assert [line.principal for line in lower] == [1_500, 625, 625, 625, 625]


def test_a_return_spreads_or_takes_from_the_last_and_declining_interest_follows() -> None:
    terms = Terms(3, interest=Interest.DECLINING, annual_rate=Decimal("0.12"))
    lines = plan(terms, 100_000, DAY)
    opened = position.open_lines(lines, left_of(lines))
    spread = position.lower(terms, opened, 50_000, DAY, ReturnPolicy.SPREAD)
    assert totals(spread)[0] == 50_000
    # The running period keeps its interest; the rest is that of half the balance.
    assert [line.interest for line in spread] == [1_000, 335, 168]
    last = position.lower(terms, opened, 50_000, DAY, ReturnPolicy.LAST)
    assert [(line.principal, line.interest) for line in last] == [(33_002, 1_000), (16_998, 170)]
    nothing = position.lower(terms, opened, 100_000, DAY, ReturnPolicy.SPREAD)
    assert nothing == []


def test_paying_off_costs_the_interest_that_has_run_and_saves_the_rest() -> None:
    terms = Terms(4, interest=Interest.FLAT, annual_rate=Decimal("0.12"), interval=Interval.WEEKLY)
    lines = [Line(n, LineKind.PART, date(2026, 1, 1 + 7 * n), 1_000, 70) for n in range(1, 5)]
    start = date(2026, 1, 1)
    # Nine days: the first week's 70, and 20 of the second.
    ending = position.payoff(lines, left_of(lines, 5), start, date(2026, 1, 10))
    assert ending.pays == Open(4_000, 90, 0, 5)
    assert (ending.rebate, ending.given_back) == (190, 0)
    # Interest of all four weeks has been paid, that of one has run: the rest pays principal.
    ahead = position.payoff(lines, Open(3_000, 0, 0, 0), start, date(2026, 1, 8))
    assert (ahead.pays, ahead.rebate, ahead.given_back) == (Open(2_790, 0, 0, 0), 0, 210)
    closed = position.settled(position.open_lines(lines, Open(3_000, 0, 0, 0)), ahead, date(2026, 1, 8))
    assert totals(closed) == (4_000, 70, 0)
    assert terms.parts == 4


def test_a_new_schedule_keeps_what_was_paid_and_carries_arrears() -> None:
    terms = Terms(3, interest=Interest.FLAT, annual_rate=Decimal("0.12"), fee_minor=90)
    lines = plan(terms, 30_000, DAY)
    # The fee, the first part's interest and 4,000 of it are paid; two parts are past due.
    opened = position.open_lines(lines, Open(26_000, 600, 0, 0))
    anew = position.reschedule(terms, opened, 2, date(2026, 4, 10))
    assert [(x.kind, x.due_on, x.principal, x.interest, x.fee) for x in anew] == [
        (LineKind.PART, date(2026, 2, 28), 4_000, 300, 90),
        (LineKind.ARREARS, date(2026, 5, 10), 0, 300, 0),
        (LineKind.PART, date(2026, 5, 10), 13_000, 260, 0),
        (LineKind.PART, date(2026, 6, 10), 13_000, 260, 0),
    ]
    assert position.unearned_after(anew, date(2026, 4, 10)) == 520


def test_lateness_counts_the_oldest_open_part_without_pauses() -> None:
    terms = Terms(3)
    lines = plan(terms, 3_000, DAY)
    opened = position.open_lines(lines, Open(2_500, 0, 0, 0))
    day = date(2026, 4, 1)
    assert position.late_days(opened, day) == 32
    assert position.bucket_of(terms, 32) == 2
    assert (
        position.bucket_of(
            terms,
            position.late_days(
                opened, day, [(date(2026, 3, 1), date(2026, 3, 9)), (date(2026, 3, 5), date(2026, 3, 11))]
            ),
        )
        == 1
    )
    paid = position.open_lines(lines, Open(1_000, 0, 0, 0))
    assert position.bucket_of(terms, position.late_days(paid, day)) == 0


def test_terms_that_contradict_each_other_are_refused_with_their_field() -> None:
    wrong = {
        "cents": Terms(3, interest=Interest.DECLINING, annual_rate=Decimal("0.1"), cents=Cents.FIRST),
        "annual_rate": Terms(3, annual_rate=Decimal("0.1")),
        "country": Terms(3, holiday_rule=HolidayRule.NEXT),
        "allocation": Terms(3, allocation=(Component.FEE,)),
        "retry_days": Terms(3, retry_days=(3, 1)),
        "max_minor": Terms(3, min_minor=10, max_minor=9),
    }
    for field, terms in wrong.items():
        with pytest.raises(TermsInvalid) as refusal:
            require_sound(terms)
        assert refusal.value.param == field


def test_an_amount_outside_the_plan_is_refused() -> None:
    for amount, terms in ((99, Terms(2, min_minor=100)), (101, Terms(2, max_minor=100)), (2, Terms(3))):
        with pytest.raises(AmountOutsidePlan):
            plan(terms, amount, DAY)
