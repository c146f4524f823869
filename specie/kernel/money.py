"""Money as an integer of minor units and a currency; nothing else may stand for an amount.

Exponents come from a table frozen from ISO 4217 (`currencies.json`, list one of 2026-01-01), so a later
change of the standard cannot reinterpret old postings.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import ClassVar, Self

from specie.kernel.errors import SpecieError

_MILLION = 1_000_000


class UnknownCurrency(SpecieError):
    """The code is not an active ISO 4217 currency with a minor unit."""

    code = "currency_unknown"
    status = 422
    title = "Unknown currency"


class MixedCurrencies(SpecieError):
    """Two amounts of different currencies met in one operation."""

    code = "currency_mismatch"
    status = 422
    title = "Currencies do not match"
    is_decision = True


class AmountOutOfRange(SpecieError):
    """An amount does not fit into ±(2⁵³−1) minor units, the range every JSON client can hold."""

    code = "amount_range"
    status = 422
    title = "Amount out of range"


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency; `exponent` is the number of decimal digits of its minor unit."""

    code: str
    exponent: int

    @staticmethod
    def of(code: str) -> "Currency":
        """Return the currency of an upper-case code. Raises UnknownCurrency."""
        try:
            return currencies()[code]
        except KeyError:
            raise UnknownCurrency(f"{code!r} is not a currency this installation knows", param="currency") from None

    def __str__(self) -> str:
        return self.code


@cache
def currencies() -> dict[str, Currency]:
    """All known currencies by code, in the order of their codes."""
    rows = json.loads(files("specie.kernel").joinpath("currencies.json").read_text(encoding="utf-8"))
    return {row["code"]: Currency(row["code"], row["exponent"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units. Arithmetic refuses other currencies, floats and bare numbers."""

    MAX_MINOR: ClassVar[int] = 2**53 - 1

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        if not -self.MAX_MINOR <= self.minor <= self.MAX_MINOR:
            raise AmountOutOfRange("an amount is at most 2^53-1 minor units", param="amount")

    @classmethod
    def of(cls, minor: int, code: str) -> Self:
        """Build from minor units and a currency code: `Money.of(1500, "EUR")` is fifteen euros."""
        return cls(minor, Currency.of(code))

    @classmethod
    def zero(cls, currency: Currency) -> Self:
        """Nothing, in a currency."""
        return cls(0, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        raise TypeError("say `.minor` or `is not None`: a zero amount is not the absence of one")

    def __str__(self) -> str:
        return f"{self.major():f} {self.currency.code}"

    def major(self) -> Decimal:
        """The exact amount in major units with the currency's number of decimals."""
        return Decimal(self.minor).scaleb(-self.currency.exponent)

    def as_json(self) -> dict[str, int | str]:
        """The amount as it stands in JSON everywhere: minor units and the currency's code."""
        return {"amount": self.minor, "currency": self.currency.code}

    def rate(self, rate: Decimal, rounding: str) -> "Money":
        """Multiply by a decimal rate and round once to minor units with a mode of the `decimal` module."""
        if type(rate) is not Decimal or not rate.is_finite():
            raise TypeError("a rate is a finite Decimal")
        return Money(int((self.minor * rate).quantize(Decimal(1), rounding=rounding)), self.currency)

    def allocate(self, weights: Sequence[int]) -> "list[Money]":
        """Split into parts in proportion to whole weights; the parts sum to the amount exactly.

        Minor units that do not divide go to the largest remainders, the earliest part first (Hamilton's method).
        Raises ValueError without a positive weight.
        """
        total = sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights are not negative and at least one is positive")
        sign, size = (-1, -self.minor) if self.minor < 0 else (1, self.minor)
        shares = [divmod(size * weight, total) for weight in weights]
        missing = size - sum(whole for whole, _ in shares)
        order = sorted(range(len(weights)), key=lambda index: (-shares[index][1], index))
        extra = set(order[:missing])
        return [Money(sign * (whole + (index in extra)), self.currency) for index, (whole, _) in enumerate(shares)]

    def _same(self, other: "Money") -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money does not mix with {type(other).__name__}")
        if other.currency.code != self.currency.code:
            raise MixedCurrencies(f"{self.currency} and {other.currency} cannot be combined")
        return other.minor


def minor_of(money: Money | None) -> int | None:
    """The minor units of an amount that may be absent, as columns and forms keep it."""
    return None if money is None else money.minor


def part_by_quantity(whole_minor: int, quantity: Decimal, before: Decimal, now: Decimal) -> int:
    """What `now` of a quantity, to six decimals, is of an amount after `before` of it: all parts sum to the whole."""

    def upto(part: Decimal) -> int:
        return whole_minor * int(part * _MILLION) // int(quantity * _MILLION)

    return upto(before + now) - upto(before)
