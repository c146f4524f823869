"""Money never mixes currencies, never rounds twice, and splits without losing a unit."""

import json
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specie.kernel.money import AmountOutOfRange, Currency, MixedCurrencies, Money, UnknownCurrency, currencies

CODES = st.sampled_from(["JPY", "KWD", "IDR", "USD", "CLF"])
MINOR = st.integers(-Money.MAX_MINOR, Money.MAX_MINOR)


def test_the_table_agrees_with_iso_4217() -> None:
    published = {c.code: c.exponent for c in iso4217.Currency if c.exponent is not None}
    assert {code: currency.exponent for code, currency in currencies().items()} == published


def test_the_console_formats_with_the_same_table() -> None:
    root = Path(__file__).parents[2]
    ours = json.loads((root / "specie/kernel/currencies.json").read_text())
    theirs = json.loads((root / "web/src/lib/currencies.json").read_text())
    assert {row["code"]: row["exponent"] for row in theirs} == {row["code"]: row["exponent"] for row in ours}


@pytest.mark.parametrize(
    ("minor", "code", "text"),
    [(5, "JPY", "5 JPY"), (5, "KWD", "0.005 KWD"), (-150, "IDR", "-1.50 IDR"), (0, "USD", "0.00 USD")],
)
def test_an_amount_reads_with_its_currency_s_decimals(minor: int, code: str, text: str) -> None:
    assert str(Money.of(minor, code)) == text


@pytest.mark.parametrize("value", [1.0, "1", True, Decimal(1)])
def test_only_whole_numbers_are_amounts(value: object) -> None:
    with pytest.raises(TypeError):
        Money(value, Currency.of("IDR"))  # type: ignore[arg-type]


def test_two_currencies_cannot_be_added_or_compared() -> None:
    yen, dinar = Money.of(1, "JPY"), Money.of(1, "KWD")
    for mix in (lambda: yen + dinar, lambda: yen - dinar, lambda: yen < dinar, lambda: yen >= dinar):
        with pytest.raises(MixedCurrencies):
            mix()


def test_a_bare_number_cannot_be_added() -> None:
    with pytest.raises(TypeError):
        Money.of(1, "JPY") + 1  # type: ignore[operator]


def test_an_amount_has_no_truth_value() -> None:
    with pytest.raises(TypeError):
        bool(Money.of(0, "JPY"))


def test_an_amount_fits_what_every_json_client_can_hold() -> None:
    Money.of(2**53 - 1, "JPY")
    with pytest.raises(AmountOutOfRange):
        Money.of(2**53, "JPY")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrency):
        Currency.of("XTS")


@given(MINOR, CODES, st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
def test_parts_sum_to_the_whole_and_are_at_most_one_unit_from_their_share(
    minor: int, code: str, weights: list[int]
) -> None:
    parts = Money.of(minor, code).allocate(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor * sum(weights) - minor * weight) < sum(weights)


def test_indivisible_units_go_to_the_largest_remainders_first() -> None:
    assert [p.minor for p in Money.of(100, "IDR").allocate([1, 1, 1])] == [34, 33, 33]
    assert [p.minor for p in Money.of(-100, "JPY").allocate([1, 2])] == [-33, -67]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_need_something_positive_and_nothing_negative(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money.of(1, "JPY").allocate(weights)


def test_a_rate_rounds_once_by_the_mode_that_is_named() -> None:
    half = Money.of(25, "KWD")
    assert half.rate(Decimal("0.1"), ROUND_HALF_EVEN) == Money.of(2, "KWD")
    assert half.rate(Decimal("0.1"), ROUND_HALF_UP) == Money.of(3, "KWD")


@pytest.mark.parametrize("rate", [0.1, Decimal("NaN"), Decimal("Infinity")])
def test_a_rate_is_a_finite_decimal(rate: object) -> None:
    with pytest.raises(TypeError):
        Money.of(1, "JPY").rate(rate, ROUND_HALF_UP)  # type: ignore[arg-type]
