"""MT940 statements. A library reads the fields; where a statement starts, ends or breaks off is judged here."""

import logging
import re
from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any

import mt940

from specie.kernel.money import Currency, Money
from specie.reconciliation.errors import StatementRefused
from specie.reconciliation.model import Statement, StatementLine
from specie.reconciliation.reading import currency_of, exact, line_text

_TAG = re.compile(r":(\d{2}[A-Z]?):")
# What it cannot read the library would log, and a statement names people.
logging.getLogger("mt940").setLevel(logging.CRITICAL)
# Free text is the details; a structured :86: has its parts, of which these say what the line is for and of whom.
_TEXTS = ("transaction_details", "purpose", "applicant_name", "extra_details")
_NO_REFERENCE = {"", "NONREF", "NOTPROVIDED"}
# Among others: a credit taken back (RC) leaves the account, and a structured :86: takes no reference away.
_OPTIONS = mt940.Options.all()


def read(text: str) -> list[Statement]:
    """The statements in the file. Raises StatementRefused."""
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = [number for number, row in enumerate(rows) if row.startswith(":20:")]
    if not starts:
        raise StatementRefused("unreadable", "there is no :20: that starts a statement", 1)
    ends = [*starts[1:], len(rows)]
    return [_statement(rows[start:end], start) for start, end in zip(starts, ends, strict=True)]


def _statement(rows: list[str], before: int) -> Statement:
    tags = [(number, found[1]) for number, row in enumerate(rows, before + 1) if (found := _TAG.match(row))]
    names = [name for _, name in tags]
    for name, what in (("25", "account"), ("60", "opening balance"), ("62", "closing balance")):
        if not any(each.startswith(name) for each in names):
            raise StatementRefused("truncated", f"the statement has no {what} (:{name}:)", before + len(rows))
    data, transactions = _parsed(rows, before + 1)
    entries = [number for number, name in tags if name == "61"]
    if len(entries) != len(transactions):
        raise StatementRefused(
            "unreadable",
            f"{len(entries)} lines, of which {len(transactions)} can be read",
            entries[0] if entries else before + 1,
        )
    opening, closing = _balance(data, "opening", before + 1), _balance(data, "closing", before + len(rows))
    lines = [_line(entry.data, number, opening.currency) for number, entry in zip(entries, transactions, strict=True)]
    day = (data.get("final_closing_balance") or data["intermediate_closing_balance"]).date
    number = "/".join(part for part in (data.get("statement_number"), data.get("sequence_number")) if part)
    # Numbers start again with each year.
    return Statement(data["account_identification"], f"{day.year}:{number}" if number else "", opening, closing, lines)


def _parsed(rows: list[str], line: int) -> tuple[dict[str, Any], list[Any]]:
    try:
        parsed = mt940.parse("\n".join(rows) + "\n", options=_OPTIONS)
    except Exception as error:  # The library raises whatever its patterns and dates raise.
        raise StatementRefused("unreadable", f"this is not MT940: {str(error)[:100]}", line) from error
    return dict(parsed.data), [each for each in parsed.transactions if "amount" in each.data]


def _balance(data: dict[str, Any], which: str, line: int) -> Money:
    found = data.get(f"final_{which}_balance") or data.get(f"intermediate_{which}_balance")
    if found is None or found.amount is None:
        raise StatementRefused("unreadable", f"the {which} balance cannot be read", line)
    return _money(found.amount, line)


def _line(data: dict[str, Any], number: int, currency: Currency) -> StatementLine:
    amount = _money(data["amount"], number)
    if amount.currency != currency:
        raise StatementRefused("mixed_currencies", f"{amount.currency} instead of {currency}", number)
    return StatementLine(
        number=number,
        amount=amount,
        booked_on=_booked_on(data),
        reference=_reference(data),
        key=(data.get("bank_reference") or "").strip(),
        text=line_text([data.get(name) for name in _TEXTS]),
    )


def _reference(data: dict[str, Any]) -> str:
    """The line's own reference, or one of its structured text: the library writes what comes later below it."""
    told = [*(data.get("customer_reference") or "").split("\n"), data.get("end_to_end_reference") or ""]
    return next((each.strip() for each in told if each.strip() not in _NO_REFERENCE), "")


def _booked_on(data: dict[str, Any]) -> date:
    """The day of the booking, which is told without its year; the value date where nothing else is told.

    Money may be worth something before or after it was booked, also across the end of a year.
    """
    valued: date = data["date"]
    booked = data.get("entry_date")
    if booked is None:
        return valued
    years = range(valued.year - 1, valued.year + 2)
    days = [date(year, booked.month, booked.day) for year in years if booked.day <= monthrange(year, booked.month)[1]]
    return min(days, key=lambda day: abs(day - valued))


def _money(amount: Any, line: int) -> Money:
    return exact(Decimal(amount.amount), currency_of(amount.currency, line), line)
