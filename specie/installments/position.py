"""Where an order stands, and what a payment, a return or a new schedule does to it. Pure; whole minor units.

What is open of each line follows from the balances: within a kind the oldest line is paid first, so what is open lies
at the end of the schedule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from specie.installments.model import Ahead, Component, Interest, Open, ReturnPolicy, Terms
from specie.installments.schedule import Line, LineKind, amortise, due_dates, numbered, period_rate, rounded

_KINDS = (Component.PRINCIPAL, Component.INTEREST, Component.FEE)


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line of the schedule and what is still open of it."""

    line: Line
    principal: int
    interest: int
    fee: int

    @property
    def total(self) -> int:
        """All that is open of it."""
        return self.principal + self.interest + self.fee

    def open_of(self, component: Component) -> int:
        """What is open of one kind; penalties are owed by the order, not by a line."""
        return 0 if component is Component.PENALTY else int(getattr(self, component.value))


def open_lines(lines: Sequence[Line], left: Open) -> list[OpenLine]:
    """What is open of each line, given the balances."""
    rest = {kind: int(getattr(left, kind.value)) for kind in _KINDS}
    found: list[OpenLine] = []
    for line in reversed(lines):
        here = {kind: min(int(getattr(line, kind.value)), rest[kind]) for kind in _KINDS}
        for kind in _KINDS:
            rest[kind] -= here[kind]
        found.append(OpenLine(line, here[Component.PRINCIPAL], here[Component.INTEREST], here[Component.FEE]))
    return found[::-1]


def past_due(opened: Sequence[OpenLine], day: date) -> list[OpenLine]:
    """The lines due by a day of which something is open, oldest first."""
    return [each for each in opened if each.line.due_on <= day and each.total]


def due_minor(opened: Sequence[OpenLine], penalty: int, day: date) -> int:
    """What the customer has to pay on a day: everything due by then, and penalties."""
    return penalty + sum(each.total for each in past_due(opened, day))


def next_due(opened: Sequence[OpenLine], day: date) -> OpenLine | None:
    """The next line after a day of which something is open."""
    return next((each for each in opened if each.line.due_on > day and each.total), None)


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a payment pays, by kind, in minor units; `ahead` is the principal paid before it is due, by re-shaping."""

    paid: Open
    ahead: int = 0


def allocate(
    terms: Terms, opened: Sequence[OpenLine], penalty: int, amount: int, day: date, ahead: Ahead
) -> Allocation:
    """Spread a payment: what is past due first, kind by kind in the plan's order; then as `ahead` says.

    The amount is not more than is owed. What re-shapes the schedule pays principal only.
    """
    taken = dict.fromkeys(Component, 0)
    rest = amount
    due = [each for each in opened if each.line.due_on <= day]
    later = [each for each in opened if each.line.due_on > day]
    for group in (due, later if ahead is Ahead.NEXT else []):
        rest = _take(terms, group, penalty, rest, taken)
    if rest and ahead is not Ahead.NEXT:
        taken[Component.PRINCIPAL] += rest
    paid = Open(*(taken[kind] for kind in (*_KINDS, Component.PENALTY)))
    return Allocation(paid, rest if ahead is not Ahead.NEXT else 0)


def _take(terms: Terms, group: Sequence[OpenLine], penalty: int, rest: int, taken: dict[Component, int]) -> int:
    for each in group:
        for kind in terms.allocation:
            owed = penalty - taken[kind] if kind is Component.PENALTY else each.open_of(kind)
            part = min(owed, rest)
            taken[kind] += part
            rest -= part
    # A penalty may stand alone when everything due has been paid.
    part = min(penalty - taken[Component.PENALTY], rest)
    taken[Component.PENALTY] += part
    return rest - part


def lower(terms: Terms, opened: Sequence[OpenLine], amount: int, day: date, how: ReturnPolicy) -> list[Line]:
    """The schedule after so much principal is no longer to be paid; the running period keeps its interest.

    From the last part backwards, or spread over the parts not yet due in proportion, and over the due ones only when
    those do not suffice. What has been paid of a line stays in it. The amount is not more than is open.
    """
    weights = [each.principal if each.line.due_on > day else 0 for each in opened]
    if sum(weights) < amount:
        cuts = _from_last([each.principal for each in opened], amount)
    elif how is ReturnPolicy.LAST:
        cuts = _from_last(weights, amount)
    else:
        cuts = _in_proportion(weights, amount)
    left = [each.principal - cut for each, cut in zip(opened, cuts, strict=True)]
    interest = _interest_after(terms, opened, left, day)
    lines = [
        replace(
            each.line,
            principal=each.line.principal - each.principal + principal,
            interest=each.line.interest - each.interest + owed,
        )
        for each, principal, owed in zip(opened, left, interest, strict=True)
    ]
    return numbered([line for line in lines if line.total])


def _from_last(open_principal: Sequence[int], amount: int) -> list[int]:
    cuts = [0] * len(open_principal)
    for index in range(len(open_principal) - 1, -1, -1):
        cuts[index] = min(open_principal[index], amount)
        amount -= cuts[index]
    return cuts


def _in_proportion(weights: Sequence[int], amount: int) -> list[int]:
    """Whole shares of an amount by weight; minor units that do not divide go to the largest remainders."""
    total = sum(weights) or 1
    shares = [divmod(amount * weight, total) for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-shares[index][1], index))
    extra = set(order[: amount - sum(whole for whole, _ in shares)])
    return [whole + (index in extra) for index, (whole, _) in enumerate(shares)]


def _interest_after(terms: Terms, opened: Sequence[OpenLine], left: Sequence[int], day: date) -> list[int]:
    """Open interest of each line when so much principal is left of it."""
    later = [index for index, each in enumerate(opened) if each.line.due_on > day and each.line.kind is LineKind.PART]
    found = [each.interest for each in opened]
    balance = sum(left)
    for index in later:
        each = opened[index]
        paid = each.line.interest - each.interest
        is_running = index == later[0]
        if terms.interest is Interest.DECLINING:
            wanted = each.line.interest if is_running else rounded(balance * period_rate(terms))
        else:
            kept = each.line.principal - each.principal + left[index]
            wanted = scaled(each.line.interest, kept, each.line.principal)
        found[index] = max(min(wanted, each.line.interest) - paid, 0)
        balance -= left[index]
    # Nothing is left to run interest on.
    return [0 if index in later and not sum(left) else owed for index, owed in enumerate(found)]


def scaled(amount: int, part: int, whole: int) -> int:
    """The amount's share for a part of a whole, rounded half to even; nothing of nothing."""
    return rounded(Decimal(amount * part) / whole) if whole else 0


def prepay(terms: Terms, opened: Sequence[OpenLine], amount: int, day: date, ahead: Ahead) -> list[Line]:
    """The schedule after principal was paid ahead: a paid line is put in, the parts to come shorten or lower."""
    how = ReturnPolicy.LAST if ahead is Ahead.LAST else ReturnPolicy.SPREAD
    return _with_paid(lower(terms, opened, amount, day, how), Line(0, LineKind.PREPAYMENT, day, amount), day)


def _with_paid(lines: Sequence[Line], paid: Line, day: date) -> list[Line]:
    # What is paid stands before what is open, so that balances tell what is open of each line.
    before = [line for line in lines if line.due_on <= day]
    after = [line for line in lines if line.due_on > day]
    return numbered([*before, paid, *after])


def reschedule(terms: Terms, opened: Sequence[OpenLine], parts: int, day: date) -> list[Line]:
    """The schedule when what is open starts anew: paid lines stay, overdue interest and fees come with the first.

    The open principal is divided again over so many parts, counted from the day, with the plan's interest.
    """
    dates = due_dates(terms, day, parts)
    earned = sum(each.interest for each in opened if is_earned(each.line, day))
    fees = sum(each.fee for each in opened)
    arrears = [Line(0, LineKind.ARREARS, dates[0], 0, earned, fees)] if earned or fees else []
    principal = sum(each.principal for each in opened)
    return numbered([*(line for line in _paid_of(opened) if line.total), *arrears, *amortise(terms, principal, dates)])


def is_earned(line: Line, day: date) -> bool:
    """Whether a line's interest has run by a day; what was carried over had run before."""
    return line.due_on <= day or line.kind is not LineKind.PART


def unearned_after(lines: Sequence[Line], day: date) -> int:
    """The interest of a schedule that has not yet run at the end of a day."""
    return sum(line.interest for line in lines if not is_earned(line, day))


def late_days(opened: Sequence[OpenLine], day: date, pauses: Sequence[tuple[date, date]] = ()) -> int:
    """For how many days the oldest open line has been due, days of pause not counted; 0 when nothing is."""
    late = past_due(opened, day)
    return days_since(late[0].line.due_on, day, pauses) if late else 0


def days_since(due_on: date, day: date, pauses: Sequence[tuple[date, date]]) -> int:
    """The days from a due date to a day without those of pauses, which may overlap; a pause ends before its last."""
    paused: set[date] = set()
    for begins, ends in pauses:
        first, last = max(begins, due_on), min(ends, day)
        paused |= {first + timedelta(days=count) for count in range(max((last - first).days, 0))}
    return max((day - due_on).days - len(paused), 0)


def bucket_of(terms: Terms, days: int) -> int:
    """Which step of lateness so many days have reached, from 1; 0 is not late."""
    return sum(1 for step in terms.buckets if days >= step)


@dataclass(frozen=True, slots=True)
class Payoff:
    """What ends an order on a day: what is paid by kind, and what happens to interest that has not run.

    `rebate` is interest no longer owed; `given_back` is interest that was paid before it ran and pays principal
    instead.
    """

    pays: Open
    rebate: int
    given_back: int


def payoff(lines: Sequence[Line], left: Open, starts_on: date, day: date) -> Payoff:
    """Work out paying everything off: principal, fees and penalties whole, interest only as far as it has run."""
    future = unearned_after(lines, day)
    running = _run_of_period(lines, starts_on, day)
    owed_interest = left.interest - (future - running)
    given_back = min(max(-owed_interest, 0), left.principal)
    pays = Open(left.principal - given_back, max(owed_interest, 0), left.fee, left.penalty)
    return Payoff(pays, left.interest - pays.interest, given_back)


def _run_of_period(lines: Sequence[Line], starts_on: date, day: date) -> int:
    current = next((line for line in lines if not is_earned(line, day)), None)
    if current is None:
        return 0
    begins = max([line.due_on for line in lines if line.kind is LineKind.PART and line.due_on <= day] or [starts_on])
    whole, gone = (current.due_on - begins).days, (day - begins).days
    return scaled(current.interest, gone, whole) if gone > 0 else 0


def settled(opened: Sequence[OpenLine], ending: Payoff, day: date) -> list[Line]:
    """The schedule of an order that was paid off: what had been paid of each line, and one last line."""
    kept, given_back = _paid_of(opened), ending.given_back
    for index in range(len(kept) - 1, -1, -1):
        part = min(kept[index].interest, given_back)
        kept[index] = replace(kept[index], interest=kept[index].interest - part)
        given_back -= part
    pays = ending.pays
    last = Line(0, LineKind.PAYOFF, day, pays.principal + ending.given_back, pays.interest, pays.fee)
    return numbered([*(line for line in kept if line.total), last])


def _paid_of(opened: Sequence[OpenLine]) -> list[Line]:
    return [
        replace(
            each.line,
            principal=each.line.principal - each.principal,
            interest=each.line.interest - each.interest,
            fee=each.line.fee - each.fee,
        )
        for each in opened
    ]
