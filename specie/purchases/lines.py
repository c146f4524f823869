"""The goods of a purchase by lines, and what those of them are worth that come back; no I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from specie.catalogue import ProductId
from specie.kernel.money import Money
from specie.purchases.errors import LinesInvalid, ReturnedLinesInvalid

MOST_PIECES = 1_000_000
"""The most pieces that a line has."""


@dataclass(frozen=True, slots=True)
class Line:
    """Some pieces of one thing; `amount` is what all of them cost together."""

    n: int
    name: str
    quantity: int
    amount: Money
    product_id: ProductId | None = None
    """What it is of the business's own catalogue."""


@dataclass(frozen=True, slots=True)
class LineBack:
    """So many pieces of a line that come back."""

    n: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """Pieces of a line that came back, and what they were worth."""

    n: int
    quantity: int
    amount: Money


def require_sum(lines: Sequence[Line], total: Money) -> None:
    """Raise LinesInvalid unless the lines cost together what the purchase does, and none of them less than nothing.

    Without lines there is no question.
    """
    if not lines:
        return
    if any(line.amount.currency.code != total.currency.code for line in lines):
        raise LinesInvalid(f"the purchase is in {total.currency}", param="lines")
    if any(line.amount.minor < 0 for line in lines):
        raise LinesInvalid("no line costs less than nothing", param="lines")
    found = sum(line.amount.minor for line in lines)
    if found != total.minor:
        raise LinesInvalid(f"the lines sum to {Money(found, total.currency)}, not to {total}", param="lines")


def worth(lines: Sequence[Line], earlier: Mapping[int, int], back: Sequence[LineBack]) -> list[ReturnedLine]:
    """What the pieces are worth that come back, when `earlier` says how many of each line had come back before.

    Piece by piece in proportion, rounded down on the sum so far: however a line comes back, all of it is worth its
    amount in the end, and any series of returns sums to what one would have. Raises ReturnedLinesInvalid.
    """
    known = {line.n: line for line in lines}
    if len({each.n for each in back}) < len(back):
        raise ReturnedLinesInvalid("name each line once", param="lines")
    found = []
    for each in back:
        line = known.get(each.n)
        if line is None:
            raise ReturnedLinesInvalid(f"the purchase has no line {each.n}", param="lines")
        before = earlier.get(each.n, 0)
        if before + each.quantity > line.quantity:
            left = line.quantity - before
            raise ReturnedLinesInvalid(f"{left} of {line.name} is left", param="lines", n=each.n, left=left)
        minor = _so_far(line, before + each.quantity) - _so_far(line, before)
        found.append(ReturnedLine(each.n, each.quantity, Money(minor, line.amount.currency)))
    return found


def _so_far(line: Line, pieces: int) -> int:
    return line.amount.minor * pieces // line.quantity
