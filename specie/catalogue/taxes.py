"""The one calculation of lines with discounts and taxes; pure, in whole minor units.

A line's amount is quantity times unit price, rounded once, less its discount, rounded once. For prices without tax
that is the net and tax is added; for prices with tax it is the gross and tax is taken out. Net and tax always sum to
gross. All rounding is half up. Rates of a line are added up, never applied to one another.

Rounding by line rounds each line's tax. Rounding by total rounds tax once for all lines that have the same rates and
the same way of pricing, and shares it over them by their amounts, so that lines sum to the document either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from specie.catalogue.errors import LineUnfit
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity, divide_half_up

WHOLE = 1_000_000
"""One whole in parts per million: a rate of 11 % is 110,000."""


class Rounding(StrEnum):
    """Where tax is rounded."""

    LINE = "line"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax on a line: the id of its rate, and the rate in parts per million, 0 to 1,000,000."""

    rate_id: str
    ppm: int

    def __post_init__(self) -> None:
        if not 0 <= self.ppm <= WHOLE:
            raise LineUnfit("a tax rate lies between 0 and 100 percent", param="taxes")


@dataclass(frozen=True, slots=True)
class Discount:
    """Off a line's amount: a part of it, or an amount of money; one of them."""

    ppm: int = 0
    amount: Money | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.ppm <= WHOLE or (self.ppm and self.amount is not None):
            raise LineUnfit("a discount is an amount or lies between 0 and 100 percent", param="discount")


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What is sold or bought: how many at what price, less what, with which taxes. `inclusive`: the price has them."""

    quantity: Quantity
    unit_price: Money
    discount: Discount = field(default_factory=Discount)
    taxes: tuple[Tax, ...] = ()
    inclusive: bool = False

    def __post_init__(self) -> None:
        if self.quantity.millionths <= 0:
            raise LineUnfit("a quantity is above zero", param="quantity")
        if self.unit_price.minor < 0:
            raise LineUnfit("a price is not below zero", param="unit_price")
        if len({tax.rate_id for tax in self.taxes}) != len(self.taxes):
            raise LineUnfit("a tax rate stands on a line once", param="taxes")


@dataclass(frozen=True, slots=True)
class LineTotals:
    """A line worked out: `listed` is before the discount; `taxes` has one amount per rate, in the line's order."""

    listed: Money
    discount: Money
    net: Money
    taxes: tuple[tuple[Tax, Money], ...]
    tax: Money
    gross: Money


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """What a document has of one rate: the net it is on, and the tax."""

    tax: Tax
    net: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class Totals:
    """A document worked out; its sums are those of its lines."""

    lines: tuple[LineTotals, ...]
    taxes: tuple[TaxTotal, ...]
    discount: Money
    net: Money
    tax: Money
    gross: Money


def calculate(lines: Sequence[PricedLine], currency: Currency, rounding: Rounding) -> Totals:
    """Work a document out. Raises LineUnfit for mixed currencies or a discount above its line, AmountOutOfRange."""
    amounts = [_amount(line, currency) for line in lines]
    shares: list[tuple[Money, ...]] = [()] * len(lines)
    for group in _groups(lines, rounding):
        taxes = _taxes(lines[group[0]], sum((amounts[index][2] for index in group), Money.zero(currency)))
        weights = [amounts[index][2].minor for index in group]
        parts = [_shared(tax, weights) for tax in taxes]
        for place, index in enumerate(group):
            shares[index] = tuple(part[place] for part in parts)
    return _totals([_line(*each) for each in zip(lines, amounts, shares, strict=True)], currency)


def _amount(line: PricedLine, currency: Currency) -> tuple[Money, Money, Money]:
    """The listed amount, the discount, and what is left."""
    if line.unit_price.currency != currency:
        raise LineUnfit(f"every line is in {currency}", param="unit_price")
    listed = line.quantity.times(line.unit_price)
    off = line.discount.amount
    if off is None:
        off = Money(divide_half_up(listed.minor * line.discount.ppm, WHOLE), currency)
    if off.currency != currency or not 0 <= off.minor <= listed.minor:
        raise LineUnfit("a discount is in the line's currency and at most its amount", param="discount")
    return listed, off, listed - off


def _groups(lines: Sequence[PricedLine], rounding: Rounding) -> list[list[int]]:
    """The indices of the lines whose tax is rounded together."""
    if rounding is Rounding.LINE:
        return [[index] for index in range(len(lines))]
    found: dict[tuple[bool, tuple[Tax, ...]], list[int]] = {}
    for index, line in enumerate(lines):
        found.setdefault((line.inclusive, line.taxes), []).append(index)
    return list(found.values())


def _taxes(line: PricedLine, amount: Money) -> list[Money]:
    """The tax on an amount by each of a line's rates."""
    rates = [tax.ppm for tax in line.taxes]
    if not line.inclusive:
        return [Money(divide_half_up(amount.minor * ppm, WHOLE), amount.currency) for ppm in rates]
    if sum(rates) == 0:
        return [Money.zero(amount.currency) for _ in rates]
    net = Money(divide_half_up(amount.minor * WHOLE, WHOLE + sum(rates)), amount.currency)
    return (amount - net).allocate(rates)


def _shared(tax: Money, weights: list[int]) -> list[Money]:
    if tax.minor == 0:
        return [tax for _ in weights]
    return tax.allocate(weights)


def _line(line: PricedLine, amounts: tuple[Money, Money, Money], taxes: tuple[Money, ...]) -> LineTotals:
    listed, discount, amount = amounts
    tax = sum(taxes, Money.zero(amount.currency))
    net, gross = (amount - tax, amount) if line.inclusive else (amount, amount + tax)
    return LineTotals(listed, discount, net, tuple(zip(line.taxes, taxes, strict=True)), tax, gross)


def _totals(lines: list[LineTotals], currency: Currency) -> Totals:
    zero = Money.zero(currency)
    by_rate: dict[Tax, tuple[Money, Money]] = {}
    for line in lines:
        for tax, amount in line.taxes:
            net, total = by_rate.get(tax, (zero, zero))
            by_rate[tax] = (net + line.net, total + amount)
    return Totals(
        lines=tuple(lines),
        taxes=tuple(TaxTotal(tax, net, amount) for tax, (net, amount) in by_rate.items()),
        discount=sum((line.discount for line in lines), zero),
        net=sum((line.net for line in lines), zero),
        tax=sum((line.tax for line in lines), zero),
        gross=sum((line.gross for line in lines), zero),
    )
