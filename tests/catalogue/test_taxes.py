"""Lines, discounts and taxes: sums that hold whatever the numbers are, and figures worked out by hand."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specie.catalogue.errors import LineUnfit
from specie.catalogue.taxes import Discount, PricedLine, Rounding, Tax, Totals, calculate
from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity, QuantityInvalid, divide_half_up

EUR = Currency.of("EUR")
VAT, CITY, FREE = Tax("vat", 190_000), Tax("city", 15_000), Tax("free", 0)


def line(
    quantity: str, minor: int, *taxes: Tax, inclusive: bool = False, discount: Discount | None = None
) -> PricedLine:
    return PricedLine(Quantity.parse(quantity), Money(minor, EUR), discount or Discount(), taxes, inclusive)


_lines = st.builds(
    PricedLine,
    quantity=st.integers(1, 10**10).map(Quantity),
    unit_price=st.integers(0, 10**8).map(lambda minor: Money(minor, EUR)),
    discount=st.integers(0, 1_000_000).map(lambda ppm: Discount(ppm=ppm)),
    taxes=st.sampled_from([(), (VAT,), (VAT, CITY), (FREE,), (CITY, VAT, FREE)]),
    inclusive=st.booleans(),
)


def sums(of: Totals) -> None:
    zero = Money.zero(EUR)
    for each in of.lines:
        assert each.net + each.tax == each.gross
        assert each.tax == sum((amount for _, amount in each.taxes), zero)
        assert each.tax.minor >= 0
        assert each.net.minor >= 0
    assert of.net + of.tax == of.gross
    assert of.gross == sum((each.gross for each in of.lines), zero)
    assert of.tax == sum((each.amount for each in of.taxes), zero)


@settings(max_examples=150, deadline=None)
@given(st.lists(_lines, max_size=8), st.sampled_from(Rounding))
def test_net_and_tax_are_gross_on_every_line_and_in_every_document(lines: list[PricedLine], by: Rounding) -> None:
    worked = calculate(lines, EUR, by)
    sums(worked)
    for asked, each in zip(lines, worked.lines, strict=True):
        entered = each.listed - each.discount
        assert entered == (each.gross if asked.inclusive else each.net)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([(VAT,), (CITY,), (VAT, CITY), (CITY, VAT, FREE)]))
def test_taking_tax_out_again_gives_the_net_it_was_added_to(net: int, taxes: tuple[Tax, ...]) -> None:
    added = calculate([line("1", net, *taxes)], EUR, Rounding.LINE)
    taken = calculate([line("1", added.gross.minor, *taxes, inclusive=True)], EUR, Rounding.LINE)
    # Each rate of a price without tax is rounded by itself; with one rate nothing is lost on the way.
    assert abs(taken.net.minor - net) <= len(taxes) // 2


@settings(max_examples=100, deadline=None)
@given(st.lists(_lines.map(lambda each: replace(each, taxes=(VAT,), inclusive=False)), min_size=1, max_size=8))
def test_tax_by_total_is_that_of_the_sum_and_within_half_a_unit_a_line_of_tax_by_line(lines: list[PricedLine]) -> None:
    by_line, by_total = (calculate(lines, EUR, by) for by in (Rounding.LINE, Rounding.TOTAL))
    assert by_total.net == by_line.net
    assert by_total.tax.minor == divide_half_up(by_total.net.minor * VAT.ppm, 1_000_000)
    assert 2 * abs(by_total.tax.minor - by_line.tax.minor) <= len(lines) + 1


def test_rounding_by_line_and_by_total_differ_as_worked_out_by_hand() -> None:
    lines = [line("1", 103, VAT)] * 3
    # 19 % of 1.03 is 0.1957: three times 0.20, or 0.5871 once.
    assert calculate(lines, EUR, Rounding.LINE).tax.minor == 60
    assert calculate(lines, EUR, Rounding.TOTAL).tax.minor == 59


def test_a_discount_comes_off_before_tax_and_a_fraction_is_priced_exactly() -> None:
    worked = calculate([line("2.333333", 300, VAT, discount=Discount(ppm=100_000))], EUR, Rounding.LINE)
    [only] = worked.lines
    assert (only.listed.minor, only.discount.minor, only.net.minor, only.tax.minor) == (700, 70, 630, 120)
    fixed = calculate([line("1", 700, discount=Discount(amount=Money(700, EUR)))], EUR, Rounding.LINE)
    assert (fixed.net.minor, fixed.discount.minor) == (0, 700)


def test_several_rates_are_added_up_and_not_applied_to_one_another() -> None:
    worked = calculate([line("1", 10_000, VAT, CITY)], EUR, Rounding.LINE)
    assert [(each.tax.rate_id, each.amount.minor) for each in worked.taxes] == [("vat", 1900), ("city", 150)]
    taken_out = calculate([line("1", 12_050, VAT, CITY, inclusive=True)], EUR, Rounding.LINE)
    assert (taken_out.net.minor, [each.amount.minor for each in taken_out.taxes]) == (10_000, [1900, 150])


def test_large_quantities_are_priced_to_the_last_minor_unit() -> None:
    worked = calculate([line("999999999.999999", 1_000_003)], EUR, Rounding.LINE)
    assert worked.net.minor == divide_half_up(999_999_999_999_999 * 1_000_003, 1_000_000)


@pytest.mark.parametrize(
    "make",
    [
        lambda: line("0", 100),
        lambda: line("-1", 100),
        lambda: line("1", -100),
        lambda: line("1", 100, VAT, VAT),
        lambda: Tax("x", -1),
        lambda: Tax("x", 1_000_001),
        lambda: Discount(ppm=-1),
        lambda: Discount(ppm=1, amount=Money(1, EUR)),
        lambda: calculate([line("1", 100, discount=Discount(amount=Money(101, EUR)))], EUR, Rounding.LINE),
        lambda: calculate([line("1", 100, discount=Discount(amount=Money(-1, EUR)))], EUR, Rounding.LINE),
        lambda: calculate([line("1", 100)], Currency.of("IDR"), Rounding.LINE),
    ],
)
def test_what_cannot_be_a_line_is_refused(make: object) -> None:
    with pytest.raises(LineUnfit) as refused:
        make()  # type: ignore[operator]
    assert refused.value.code == "line_invalid"


def test_a_quantity_is_read_and_written_without_loss() -> None:
    for text in ("0", "1", "-2.5", "0.000001", "999999999999.999999"):
        assert str(Quantity.parse(text)) == text
    for text in ("", "1.", ".5", "1e3", "1,5", "0.0000001", "1000000000000", "+1", "١"):
        with pytest.raises(QuantityInvalid):
            Quantity.parse(text)
    assert issubclass(QuantityInvalid, SpecieError)
