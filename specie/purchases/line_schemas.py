"""Wire shapes of the lines of a purchase."""

from typing import Annotated

from pydantic import Field

from specie.platform.http import Schema
from specie.platform.wire import Amount
from specie.purchases.lines import Line, LineBack, ReturnedLine

Quantity = Annotated[int, Field(ge=1, le=1_000_000)]
LineName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class PurchaseLineIn(Schema):
    """Some pieces of one thing; the amount is what all of them cost together."""

    name: LineName
    quantity: Quantity = 1
    amount: Amount


class LineBackIn(Schema):
    """So many pieces of a line that come back."""

    n: Annotated[int, Field(ge=1, le=200)]
    quantity: Quantity

    def back(self) -> LineBack:
        """What the service takes."""
        return LineBack(self.n, self.quantity)


class PurchaseLineOut(Schema):
    """A line of a purchase, and how many pieces of it have come back."""

    n: int
    name: str
    quantity: int
    amount: Amount
    returned: int

    @classmethod
    def of(cls, line: Line, returned: int) -> "PurchaseLineOut":
        """The wire form."""
        amount = Amount.of(line.amount)
        return cls(n=line.n, name=line.name, quantity=line.quantity, amount=amount, returned=returned)


class ReturnedLineOut(Schema):
    """Pieces of a line that came back with a refund."""

    n: int
    quantity: int
    amount: Amount

    @classmethod
    def of(cls, back: ReturnedLine) -> "ReturnedLineOut":
        """The wire form."""
        return cls(n=back.n, quantity=back.quantity, amount=Amount.of(back.amount))


def lines_in(given: list[PurchaseLineIn]) -> list[Line]:
    """What the service takes: the lines, numbered as they stand."""
    return [Line(n, line.name, line.quantity, line.amount.money()) for n, line in enumerate(given, 1)]
