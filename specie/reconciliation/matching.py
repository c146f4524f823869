"""The matcher: which lines and items are the same money. Pure, deterministic, and it never guesses.

Amounts are minor units of one currency. Rules are tried from the surest to the weakest; what fits in two ways is
left for a person.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import TypeVar

from specie.reconciliation.model import Rule

MOST_IN_SEARCH = 12
"""Among so many candidates every combination is tried; among more only whole runs of days."""
MOST_SEARCHES = 300

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line or an item to the matcher. A line has at most one reference; an item may be known by several.

    `fee`: what a line says was taken off its amount. An item that is the line's amount and fee together is the same
    money, seen before the fee was known.
    """

    id: str
    amount: int
    day: date
    references: frozenset[str] = frozenset()
    batch: str = ""
    text: str = ""
    fee: int = 0


@dataclass(frozen=True, slots=True)
class Pairing:
    """Lines and items that belong together."""

    rule: Rule
    lines: tuple[Candidate, ...]
    items: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """How much may differ, how far days may lie apart, and whether a reference we do not know rules a line out."""

    tolerance: int = 0
    window_days: int = 3
    references_decide: bool = True


@dataclass
class Result:
    """What fits, what names the same thing with another amount, and what is left."""

    pairings: list[Pairing] = field(default_factory=list)
    differing: list[tuple[Candidate, Candidate]] = field(default_factory=list)
    lines: list[Candidate] = field(default_factory=list)
    items: list[Candidate] = field(default_factory=list)


def match(lines: Iterable[Candidate], items: Iterable[Candidate], policy: Policy) -> Result:
    """Match what can be matched. The order of the input does not matter; each line and item is used at most once."""
    run = _Run(lines, items, policy)
    run.by_reference()
    run.by_batch()
    run.by_amount()
    run.by_sum()
    return run.result()


class _Run:
    def __init__(self, lines: Iterable[Candidate], items: Iterable[Candidate], policy: Policy) -> None:
        self._policy = policy
        self._items = {each.id: each for each in sorted(items, key=_order)}
        known = {name for item in self._items.values() for name in item.references}
        batches = {item.batch for item in self._items.values() if item.batch}
        self._lines = {each.id: _named(each, known, batches) for each in sorted(lines, key=_order)}
        self._found: list[Pairing] = []
        self._differing: list[tuple[Candidate, Candidate]] = []

    def result(self) -> Result:
        return Result(self._found, self._differing, list(self._lines.values()), list(self._items.values()))

    def by_reference(self) -> None:
        lines = _grouped(self._lines.values(), lambda each: each.references)
        items = _grouped(self._items.values(), lambda each: each.references)
        for name in sorted(lines.keys() & items.keys()):
            self._exactly(lines[name], items[name])
            self._rest_of_reference(*self._left(lines[name], items[name]))

    def _exactly(self, lines: Sequence[Candidate], items: Sequence[Candidate]) -> None:
        ours, theirs = self._left(lines, items)
        by_amount = _grouped(theirs, lambda each: [each.amount])
        for amount, same in sorted(_grouped(ours, lambda each: [each.amount]).items()):
            wanted = by_amount.get(amount, [])
            # More lines than items of one reference and amount: the later lines say the same thing again. More items
            # than lines: nobody can tell which is meant.
            if len(wanted) <= len(same):
                for line, item in zip(same, wanted, strict=False):
                    self._take(Rule.REFERENCE, [line], [item])

    def _rest_of_reference(self, lines: list[Candidate], items: list[Candidate]) -> None:
        if not lines or not items or (len(lines) > 1 and len(items) > 1):
            return
        if self._fits(lines, items):
            self._take(Rule.REFERENCE, lines, items)
        elif len(lines) == len(items) == 1:
            self._differing.append((lines[0], items[0]))
            del self._lines[lines[0].id], self._items[items[0].id]

    def by_batch(self) -> None:
        lines = _grouped(self._lines.values(), lambda each: [each.batch] if each.batch else [])
        items = _grouped(self._items.values(), lambda each: [each.batch] if each.batch else [])
        for name in sorted(lines.keys() & items.keys()):
            ours, theirs = self._left(lines[name], items[name])
            if ours and theirs and min(len(ours), len(theirs)) == 1 and self._fits(ours, theirs):
                self._take(Rule.BATCH, ours, theirs)

    def by_amount(self) -> None:
        items = _grouped(self._items.values(), lambda each: [each.amount])
        fitting = {
            line.id: [item for item in items.get(line.amount, []) if self._may_be(line, item)]
            for line in self._lines.values()
        }
        wanted = Counter(item.id for found in fitting.values() for item in found)
        for line_id, found in fitting.items():
            if len(found) == 1 and wanted[found[0].id] == 1:
                self._take(Rule.AMOUNT, [self._lines[line_id]], found)

    def by_sum(self) -> None:
        # Both directions look at the same leftovers before anything is taken, so that neither comes first.
        pairings = [
            *(((line,), group) for line, group in self._searched(self._lines, self._items, one_is_line=True)),
            *((group, (item,)) for item, group in self._searched(self._items, self._lines, one_is_line=False)),
        ]
        used = Counter(each.id for ours, theirs in pairings for each in (*ours, *theirs))
        for ours, theirs in pairings:
            if all(used[each.id] == 1 for each in (*ours, *theirs)):
                self._take(Rule.SUM, ours, theirs)

    def _searched(
        self, ones: dict[str, Candidate], many: dict[str, Candidate], *, one_is_line: bool
    ) -> list[tuple[Candidate, tuple[Candidate, ...]]]:
        if len(ones) > MOST_SEARCHES:
            return []
        found = []
        for one in ones.values():
            near = [
                each for each in many.values() if (self._may_be(one, each) if one_is_line else self._may_be(each, one))
            ]
            group = _only_group(near, one.amount, self._policy.tolerance)
            if group is not None:
                found.append((one, group))
        return found

    def _may_be(self, line: Candidate, item: Candidate) -> bool:
        if abs((line.day - item.day).days) > self._policy.window_days:
            return False
        return not (self._policy.references_decide and line.references and item.references)

    def _fits(self, lines: Sequence[Candidate], items: Sequence[Candidate]) -> bool:
        difference = _sum(items) - _sum(lines)
        return abs(difference) <= self._policy.tolerance or difference == sum(each.fee for each in lines)

    def _left(self, lines: Sequence[Candidate], items: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
        return [each for each in lines if each.id in self._lines], [each for each in items if each.id in self._items]

    def _take(self, rule: Rule, lines: Sequence[Candidate], items: Sequence[Candidate]) -> None:
        self._found.append(Pairing(rule, tuple(lines), tuple(items)))
        for line in lines:
            del self._lines[line.id]
        for item in items:
            del self._items[item.id]


def _only_group(candidates: Sequence[Candidate], wanted: int, tolerance: int) -> tuple[Candidate, ...] | None:
    """The only group of two or more that sums to what is wanted; None when there is none, or a second one."""
    groups = _subsets(candidates) if len(candidates) <= MOST_IN_SEARCH else _runs_of_days(candidates)
    found: tuple[Candidate, ...] | None = None
    for group in groups:
        if abs(_sum(group) - wanted) > tolerance:
            continue
        if found is not None:
            return None
        found = group
    return found


def _subsets(candidates: Sequence[Candidate]) -> Iterable[tuple[Candidate, ...]]:
    for size in range(2, len(candidates) + 1):
        yield from combinations(candidates, size)


def _runs_of_days(candidates: Sequence[Candidate]) -> Iterable[tuple[Candidate, ...]]:
    days = sorted({each.day for each in candidates})
    for first, start in enumerate(days):
        for end in days[first:]:
            group = tuple(each for each in candidates if start <= each.day <= end)
            if len(group) > 1:
                yield group


def _named(line: Candidate, known: set[str], batches: set[str]) -> Candidate:
    """The line with what its free text names, when that is one thing and the line itself names nothing."""
    if not line.text or (line.references and line.batch):
        return line
    words = set(_WORD.findall(line.text))
    named, batched = words & known, words & batches
    return Candidate(
        line.id,
        line.amount,
        line.day,
        line.references or (frozenset(named) if len(named) == 1 else frozenset()),
        line.batch or (next(iter(batched)) if len(batched) == 1 else ""),
        line.text,
        line.fee,
    )


K = TypeVar("K")


def _grouped(candidates: Iterable[Candidate], keys: Callable[[Candidate], Iterable[K]]) -> dict[K, list[Candidate]]:
    groups: dict[K, list[Candidate]] = defaultdict(list)
    for each in candidates:
        for key in keys(each):
            groups[key].append(each)
    return groups


def _order(each: Candidate) -> tuple[date, int, str]:
    return each.day, each.amount, each.id


def _sum(candidates: Iterable[Candidate]) -> int:
    return sum(each.amount for each in candidates)
