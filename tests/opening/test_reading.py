"""What a line of an opening position may say, tried without a database."""

from datetime import date
from pathlib import Path

import pytest

from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money, minor_of
from specie.kernel.quantity import Quantity, amount_in_units
from specie.ledger import AccountType
from specie.opening.errors import OpeningLineUnfit
from specie.opening.reading import (
    LAYOUT,
    MAX_LINES,
    MAX_OTHERS,
    AskedAccount,
    AskedDocument,
    AskedGoods,
    AskedPurse,
    read_line,
    require_few_others,
)
from specie.platform.row_files import FileRow, ImportRefused, read

TEMPLATE = Path(__file__).parents[2] / "web" / "public" / "opening-balances.csv"
IDR, JPY = Currency.of("IDR"), Currency.of("JPY")


def line(**values: str) -> FileRow:
    return FileRow(2, values)


def test_a_line_about_an_account_counts_on_the_accounts_normal_side() -> None:
    row = line(kind="Account", account="Asset:Bank:Main", type="Asset", currency="idr", amount="-12.50")
    assert read_line(row) == AskedAccount("asset:bank:main", AccountType.ASSET, "", Money(-1_250, IDR))


def test_a_line_about_a_purse_is_about_the_main_one_unless_it_says_which() -> None:
    row = line(kind="wallet", party="a@b.example", currency="IDR", amount="5")
    assert read_line(row) == AskedPurse("a@b.example", "main", Money(500, IDR))
    assert read_line(FileRow(2, {**row.values, "purse": "Points"})) == AskedPurse(
        "a@b.example", "points", Money(500, IDR)
    )


def test_goods_are_worth_what_a_unit_costs_or_what_all_of_them_do() -> None:
    row = line(kind="stock", product="C1", warehouse="MAIN", quantity="2.5", unit_cost="1.50")
    asked = read_line(row)
    assert isinstance(asked, AskedGoods)
    assert (asked.quantity, asked.worth(IDR)) == (Quantity.parse("2.5"), Money(375, IDR))
    whole = read_line(line(kind="stock", product="C1", warehouse="MAIN", quantity="3", amount="100"))
    assert isinstance(whole, AskedGoods)
    assert whole.worth(IDR) == Money(10_000, IDR)


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "memo"}, "kind"),
        ({"kind": "account", "account": "bank", "currency": "IDR", "amount": "1"}, "account"),
        ({"kind": "account", "account": "liability:wallets:x", "currency": "IDR", "amount": "1"}, "account"),
        ({"kind": "account", "account": "memo:limits", "currency": "IDR", "amount": "1"}, "account"),
        ({"kind": "account", "account": "asset:a", "type": "income", "currency": "IDR", "amount": "1"}, "type"),
        ({"kind": "account", "account": "asset:a", "type": "memory", "currency": "IDR", "amount": "1"}, "type"),
        ({"kind": "account", "account": "asset:a", "currency": "IDR"}, "amount"),
        ({"kind": "account", "account": "asset:a", "currency": "JPY", "amount": "1.5"}, "amount"),
        ({"kind": "account", "account": "asset:a", "amount": "1"}, "currency"),
        ({"kind": "account", "account": "asset:a", "currency": "IDR", "amount": "1", "quantity": "1"}, "quantity"),
        ({"kind": "account", "account": "asset:a", "name": "x" * 201, "currency": "IDR", "amount": "1"}, "name"),
        ({"kind": "wallet", "party": "a", "purse": "a b", "currency": "IDR", "amount": "1"}, "purse"),
        ({"kind": "wallet", "currency": "IDR", "amount": "1"}, "party"),
        ({"kind": "stock", "product": "C1", "warehouse": "M", "quantity": "1"}, "unit_cost"),
        (
            {"kind": "stock", "product": "C1", "warehouse": "M", "quantity": "1", "unit_cost": "1", "amount": "1"},
            "unit_cost",
        ),
        ({"kind": "stock", "product": "C1", "warehouse": "M", "quantity": "-1", "unit_cost": "1"}, "quantity"),
    ],
)
def test_what_a_line_cannot_say_is_refused_with_its_column(values: dict[str, str], column: str) -> None:
    with pytest.raises(OpeningLineUnfit) as refused:
        read_line(FileRow(2, values))
    assert refused.value.param == column


@pytest.mark.parametrize(("cost", "column"), [("-1", "unit_cost"), ("0.001", "unit_cost"), ("9" * 12 + ".0", None)])
def test_goods_cost_no_less_than_nothing_and_whole_minor_units(cost: str, column: str | None) -> None:
    row = line(kind="stock", product="C1", warehouse="M", quantity="999999999", unit_cost=cost)
    asked = read_line(row)
    assert isinstance(asked, AskedGoods)
    with pytest.raises(SpecieError) as refused:
        asked.worth(IDR)
    assert refused.value.param == (column or "amount")


def test_an_amount_in_whole_units_is_exact_or_nothing() -> None:
    said = {
        text: amount_in_units(text, IDR) for text in ("12", "-0.05", "0.1", "1.005", "1.000", "1,5", "1e3", "", "+1")
    }
    assert [minor_of(money) for money in said.values()] == [1_200, -5, 10, None, None, None, None, None, None]
    assert amount_in_units("12", JPY) == Money(12, JPY)


def test_a_file_that_is_too_long_is_refused_as_a_whole() -> None:
    with pytest.raises(ImportRefused) as refused:
        read(b"kind\n" + b"account\n" * (MAX_LINES + 1), LAYOUT)
    assert refused.value.detail == "a file has at most 6000 lines"
    assert len(read(b"kind\n" + b"account\n" * MAX_LINES, LAYOUT)) == MAX_LINES


def test_a_file_has_few_lines_that_are_posted_one_by_one() -> None:
    rows = [FileRow(n, {"kind": "Invoice" if n > MAX_OTHERS else "stock"}) for n in range(2, MAX_LINES)]
    require_few_others(rows)
    with pytest.raises(ImportRefused) as refused:
        require_few_others([*rows, *rows[:2]])
    assert refused.value.detail == "a file has at most 1000 lines of accounts, purses and stock"


def test_what_is_open_is_read_with_the_days_of_a_workbook() -> None:
    said = line(kind="bill", party="a", number="1", currency="IDR", amount="5", issued_on="2025-11-03 00:00:00")
    with pytest.raises(SpecieError) as refused:
        read_line(said)
    assert refused.value.param == "due_on"
    asked = read_line(FileRow(2, said.values | {"due_on": "2025-12-03"}))
    assert isinstance(asked, AskedDocument)
    assert (asked.kind, asked.issued_on, asked.total, asked.note) == ("bill", date(2025, 11, 3), Money(500, IDR), "")


def test_every_line_of_the_template_can_be_read() -> None:
    rows = read(TEMPLATE.read_bytes(), LAYOUT)
    assert {type(read_line(row)) for row in rows} == {AskedAccount, AskedPurse, AskedGoods, AskedDocument}
