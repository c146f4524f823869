"""QRIS texts: what is written can be read by others, and a code for another amount is noticed."""

import pytest

from specie.kernel.money import Money
from specie.providers import qris

STATIC = qris.merchant("TOKO SPECIE", "JAKARTA", "ID1020000000011")
PRICE = Money.of(1_500_000, "IDR")


def test_a_dynamic_code_carries_the_amount_and_says_that_it_is_dynamic() -> None:
    values = qris.read(qris.dynamic(STATIC, PRICE))

    assert (values["01"], values["53"], values["54"], values["59"]) == ("12", "360", "15000", "TOKO SPECIE")


@pytest.mark.parametrize(("minor", "told"), [(1_500_050, "15000.50"), (100, "1"), (1_500_005, "15000.05")])
def test_sen_are_written_only_where_there_are_some(minor: int, told: str) -> None:
    assert qris.read(qris.dynamic(STATIC, Money.of(minor, "IDR")))["54"] == told


def test_a_code_for_the_order_does_not_differ() -> None:
    assert qris.differs(qris.dynamic(STATIC, PRICE), PRICE) == ""
    assert qris.differs(STATIC, PRICE) == ""


def test_a_code_for_another_amount_or_currency_differs() -> None:
    assert qris.differs(qris.dynamic(STATIC, Money.of(1_500_100, "IDR")), PRICE) == "qr_amount_differs"
    assert qris.differs(qris.dynamic(STATIC, PRICE), Money.of(15_000, "USD")) == "qr_currency_differs"
    dollars = qris.write({**qris.read(qris.dynamic(STATIC, PRICE)), "53": "840"})
    assert qris.differs(dollars, PRICE) == "qr_currency_differs"


@pytest.mark.parametrize("at", [5, 40, 80, -1])
def test_one_changed_digit_breaks_the_check_sum(at: int) -> None:
    code = list(STATIC)
    code[at] = "1" if code[at] == "0" else "0"

    with pytest.raises(qris.QrisInvalid):
        qris.read("".join(code))


@pytest.mark.parametrize("content", ["", "6304", "0002016304ABCD", "0099AB6304", "ü" * 20])
def test_what_is_no_code_is_refused(content: str) -> None:
    with pytest.raises(qris.QrisInvalid):
        qris.read(content + qris.crc(content) if content.endswith("6304") and content.isascii() else content)


def test_an_amount_in_dollars_makes_no_code() -> None:
    with pytest.raises(qris.QrisInvalid):
        qris.dynamic(STATIC, Money.of(1_500, "USD"))
