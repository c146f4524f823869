"""How many decimals Stripe counts, which is not always what ISO 4217 says."""

from specie.kernel.money import Currency, Money
from specie.providers.reading import in_units

ZERO_DECIMAL = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
TWO_DECIMAL = frozenset(["UGX", "ISK"])
THREE_DECIMAL = 3


def exponent_of(code: str) -> int:
    """How many decimals Stripe counts for a currency."""
    if code in ZERO_DECIMAL:
        return 0
    return 2 if code in TWO_DECIMAL else Currency.of(code).exponent


def amount_told(amount: Money) -> int:
    """An amount in Stripe's units. Raises ValueError for one that Stripe cannot tell."""
    digits = exponent_of(amount.currency.code)
    told = in_units(amount, digits)
    if digits == THREE_DECIMAL and told % 10:
        raise ValueError("the last of three decimals has to be zero")
    return told
