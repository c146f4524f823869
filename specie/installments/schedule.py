"""The calculator of schedules: what is due when, to the minor unit. Pure, so that what is shown is what is booked.

All figures are whole minor units. Interest of one period is rounded half to even, once.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum

from specie.installments.errors import AmountOutsidePlan
from specie.installments.model import Cents, FeeTiming, HolidayRule, Interest, Interval, MonthEnd, Terms
from specie.kernel.business_days import calendar_of

_PRECISION = 50
_PERIODS_A_YEAR = {Interval.WEEKLY: 52, Interval.FORTNIGHTLY: 26, Interval.MONTHLY: 12}
_WEEKS = {Interval.WEEKLY: 1, Interval.FORTNIGHTLY: 2}


class LineKind(StrEnum):
    """What a line of a schedule stands for."""

    DOWN_PAYMENT = "down_payment"
    PART = "part"
    PREPAYMENT = "prepayment"
    ARREARS = "arrears"
    PAYOFF = "payoff"


@dataclass(frozen=True, slots=True)
class Line:
    """What is due on one day, in minor units by kind."""

    n: int
    kind: LineKind
    due_on: date
    principal: int
    interest: int = 0
    fee: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.principal + self.interest + self.fee


def plan(terms: Terms, amount_minor: int, starts_on: date) -> list[Line]:
    """The schedule of an amount bought on a day; its principal is the amount and nothing else.

    Raises AmountOutsidePlan below the plan's smallest amount, above its largest, or when a part would be nothing.
    """
    _require_amount(terms, amount_minor)
    down = rounded(amount_minor * terms.down_payment)
    financed = amount_minor - down
    if financed < terms.parts:
        raise AmountOutsidePlan("the amount is too small for so many parts", param="amount")
    dates = due_dates(terms, starts_on)
    parts = _with_fee(amortise(terms, financed, dates), terms, fee_of(terms, financed))
    first = [Line(0, LineKind.DOWN_PAYMENT, starts_on, down)] if down else []
    return numbered([*first, *parts])


def _require_amount(terms: Terms, amount_minor: int) -> None:
    if amount_minor < terms.min_minor:
        raise AmountOutsidePlan("the amount is below the plan's smallest", param="amount", least=terms.min_minor)
    if terms.max_minor is not None and amount_minor > terms.max_minor:
        raise AmountOutsidePlan("the amount is above the plan's largest", param="amount", most=terms.max_minor)


def numbered(lines: Sequence[Line]) -> list[Line]:
    """The lines, counted from one in the order given."""
    return [replace(line, n=index) for index, line in enumerate(lines, start=1)]


def fee_of(terms: Terms, financed_minor: int) -> int:
    """What the customer pays for the plan itself."""
    return rounded(financed_minor * terms.fee_rate) + terms.fee_minor


def merchant_fee_of(terms: Terms, amount_minor: int) -> int:
    """What the merchant pays for being paid at once; never more than the amount."""
    return min(rounded(amount_minor * terms.merchant_fee_rate) + terms.merchant_fee_minor, amount_minor)


def period_rate(terms: Terms) -> Decimal:
    """The interest of one interval, as a fraction."""
    return terms.annual_rate / Decimal(_PERIODS_A_YEAR[terms.interval])


def amortise(terms: Terms, principal: int, dates: Sequence[date]) -> list[Line]:
    """Principal and interest of parts due on these days; the principal sums to what was given, exactly."""
    if terms.interest is Interest.DECLINING:
        pairs = _declining(principal, period_rate(terms), len(dates))
    else:
        shares = divide(principal, len(dates), terms.cents, terms.unit_minor)
        flat = rounded(principal * period_rate(terms) * len(dates))
        pairs = list(zip(shares, divide(flat, len(dates), terms.cents), strict=True))
    return [
        Line(0, LineKind.PART, day, principal=share, interest=interest)
        for day, (share, interest) in zip(dates, pairs, strict=True)
    ]


def level_payment(principal: int, rate: Decimal, parts: int) -> int:
    """The equal payment that repays a principal with declining interest, in minor units, rounded half to even."""
    with localcontext() as context:
        context.prec = _PRECISION
        exact = principal * rate / (1 - (1 + rate) ** -parts)
    return rounded(exact)


def _declining(principal: int, rate: Decimal, parts: int) -> list[tuple[int, int]]:
    payment, left, found = level_payment(principal, rate, parts), principal, []
    for index in range(parts):
        interest = rounded(left * rate)
        # Rounding may run ahead of a tiny principal; a part never takes more than is left.
        share = left if index == parts - 1 else min(max(payment - interest, 0), left)
        found.append((share, interest))
        left -= share
    return found


def divide(total: int, parts: int, cents: Cents, unit: int = 1) -> list[int]:
    """Equal whole shares of a total in multiples of a unit; the rest goes where the rule says."""
    units, loose = divmod(total, unit)
    each, over = divmod(units, parts)
    shares = [each * unit] * parts
    if cents is Cents.EVEN:
        shares = [share + (unit if index < over else 0) for index, share in enumerate(shares)]
        over = 0
    shares[-1 if cents is Cents.LAST else 0] += over * unit + loose
    return shares


def _with_fee(parts: list[Line], terms: Terms, fee: int) -> list[Line]:
    if terms.fee_timing is FeeTiming.FIRST:
        return [replace(parts[0], fee=fee), *parts[1:]]
    shares = divide(fee, len(parts), terms.cents)
    return [replace(part, fee=share) for part, share in zip(parts, shares, strict=True)]


def due_dates(terms: Terms, starts_on: date, count: int | None = None) -> list[date]:
    """When the parts are due: each is counted from the start, so that a moved one does not move the next."""
    days = [_step(terms, starts_on, index) for index in range(1, (count or terms.parts) + 1)]
    return [working_day(day, terms.holiday_rule, terms.country) for day in days]


def _step(terms: Terms, start: date, index: int) -> date:
    if terms.interval is not Interval.MONTHLY:
        return start + timedelta(weeks=_WEEKS[terms.interval] * index)
    year, month = divmod(start.year * 12 + start.month - 1 + index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    is_last = start.day == calendar.monthrange(start.year, start.month)[1]
    sticks = terms.month_end is MonthEnd.STICK and is_last
    return date(year, month + 1, last if sticks else min(start.day, last))


def working_day(day: date, rule: HolidayRule, country: str | None) -> date:
    """The day, or the working day it moves to by the rule."""
    if rule is HolidayRule.KEEP or country is None or _works(country, day):
        return day
    step = timedelta(days=-1 if rule is HolidayRule.PREVIOUS else 1)
    moved = _first_working(country, day + step, step)
    if rule is HolidayRule.NEXT_IN_MONTH and moved.month != day.month:
        return _first_working(country, day - step, -step)
    return moved


def _first_working(country: str, day: date, step: timedelta) -> date:
    while not _works(country, day):
        day += step
    return day


def _works(country: str, day: date) -> bool:
    return calendar_of(country, "").is_business_day(day)


def rounded(amount: Decimal | int) -> int:
    """To whole minor units, half to even."""
    return int(Decimal(amount).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
