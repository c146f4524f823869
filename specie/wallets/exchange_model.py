"""What one currency is worth in another; no I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal, localcontext

from specie.kernel.money import Currency, Money

# Sixteen digits of an amount times twenty-four of a rate, with room for a reciprocal.
_DIGITS = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `base` buys `rate` units of `quote`; the house keeps `spread` (a part of one) of what is bought."""

    base: Currency
    quote: Currency
    rate: Decimal
    spread: Decimal
    actor: str
    at: datetime

    def bought_with(self, amount: Money) -> Money:
        """What a customer gets for an amount of either currency, rounded down once to minor units."""
        return self._worth(amount, self.spread, ROUND_DOWN)

    def worth(self, amount: Money, rounding: str) -> Money:
        """An amount of either currency in the other one, without a spread."""
        return self._worth(amount, Decimal(0), rounding)

    def _worth(self, amount: Money, spread: Decimal, rounding: str) -> Money:
        is_base = amount.currency.code == self.base.code
        other = self.quote if is_base else self.base
        with localcontext(prec=_DIGITS) as context:
            price = self.rate if is_base else context.divide(Decimal(1), self.rate)
            exact = (amount.major() * price * (1 - spread)).scaleb(other.exponent)
            return Money(int(exact.quantize(Decimal(1), rounding=rounding)), other)
