"""How much of something there is, as a whole number of millionths; never a float."""

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money

_FORM = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,6}))?")


class QuantityInvalid(SpecieError):
    """The text is not a number with at most twelve digits before the point and six behind it."""

    code = "quantity_invalid"
    status = 422
    title = "Not a quantity"


def divide_half_up(dividend: int, divisor: int) -> int:
    """The nearest whole number; a half goes away from zero. Exact for integers of any size; the divisor is positive."""
    sign = -1 if dividend < 0 else 1
    return sign * ((2 * abs(dividend) + divisor) // (2 * divisor))


@dataclass(frozen=True, slots=True, order=True)
class Quantity:
    """An amount of a product in its unit; `millionths` of 1_500_000 is one and a half."""

    ONE: ClassVar[int] = 1_000_000
    MAX_MILLIONTHS: ClassVar[int] = 10**18 - 1

    millionths: int

    def __post_init__(self) -> None:
        if type(self.millionths) is not int:
            raise TypeError(f"millionths are an int, not {type(self.millionths).__name__}")
        if abs(self.millionths) > self.MAX_MILLIONTHS:
            raise QuantityInvalid("a quantity has at most twelve digits before the point", param="quantity")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `12`, `0.5` or `-3.250000`. Raises QuantityInvalid for anything else."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise QuantityInvalid("write a quantity like 12 or 0.5, with at most six decimals", param="quantity")
        sign, whole, part = found.groups()
        millionths = int(whole) * cls.ONE + int((part or "").ljust(6, "0"))
        return cls(-millionths if sign else millionths)

    @classmethod
    def of(cls, whole: int) -> Self:
        """So many whole units."""
        return cls(whole * cls.ONE)

    def __str__(self) -> str:
        whole, part = divmod(abs(self.millionths), self.ONE)
        digits = f"{part:06d}".rstrip("0")
        return f"{'-' if self.millionths < 0 else ''}{whole}{'.' + digits if digits else ''}"

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.millionths + other.millionths)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.millionths - other.millionths)

    def __neg__(self) -> "Quantity":
        return Quantity(-self.millionths)

    def times(self, unit_price: Money) -> Money:
        """What this many units come to, rounded once, half up, to whole minor units. Raises AmountOutOfRange."""
        return Money(divide_half_up(self.millionths * unit_price.minor, self.ONE), unit_price.currency)


def amount_in_units(text: str, currency: Currency) -> Money | None:
    """The amount that `185000` or `-1.50` says in whole units of a currency, exactly; None for anything else.

    More decimals than the currency has are no amount even when they are zeros: many write 125.000 for 125 thousand.
    Raises AmountOutOfRange.
    """
    if _FORM.fullmatch(text) is None or len(text.partition(".")[2]) > currency.exponent:
        return None
    minor, rest = divmod(Quantity.parse(text).millionths * 10**currency.exponent, Quantity.ONE)
    return None if rest else Money(minor, currency)
