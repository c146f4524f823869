"""CSV statements, by the columns the source names."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime

from specie.kernel.money import Currency, Money
from specie.reconciliation.errors import StatementRefused
from specie.reconciliation.model import CsvMapping, Statement, StatementLine
from specie.reconciliation.reading import currency_of, line_text, money_of

Row = dict[str, str]


def read(text: str, mapping: CsvMapping, currency: Currency) -> Statement:
    """The statement. Amounts without a currency column are in the source's. Raises StatementRefused.

    Whether the last line ends does not matter, as long as it has all its cells.
    """
    rows = list(_rows(text, mapping))
    lines = [_line(row, number, mapping, currency) for number, row in rows]
    opening, closing = _balances(rows, lines, mapping)
    return Statement(_account(rows, mapping), "", opening, closing, lines)


def _rows(text: str, mapping: CsvMapping) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        missing = sorted(mapping.columns() - set(header))
        if missing:
            raise StatementRefused("unreadable", f"there is no column {', '.join(missing)}", 1)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                reason = "truncated" if len(cells) < len(header) else "unreadable"
                told = f"{len(cells)} cells where the first line has {len(header)}"
                raise StatementRefused(reason, told, reader.line_num)
            yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
    except csv.Error as error:
        reason = "truncated" if "unexpected end" in str(error) else "unreadable"
        raise StatementRefused(reason, str(error), reader.line_num) from error


def _line(row: Row, number: int, mapping: CsvMapping, currency: Currency) -> StatementLine:
    own = currency_of(row[mapping.currency], number) if mapping.currency else currency
    if own != currency:
        raise StatementRefused("mixed_currencies", f"{own} instead of {currency}", number)
    return StatementLine(
        number=number,
        amount=_amount(row, number, mapping, currency),
        booked_on=_day(row[mapping.date], mapping.date_format, number),
        reference=_cell(row, mapping.reference),
        batch=_cell(row, mapping.batch),
        key=_cell(row, mapping.key),
        text=line_text([row[mapping.text]] if mapping.text else []),
        fee=_fee(row, number, mapping, currency),
    )


def _amount(row: Row, number: int, mapping: CsvMapping, currency: Currency) -> Money:
    if mapping.amount:
        amount = _money(row[mapping.amount], number, mapping, currency)
    else:
        credit, debit = row[mapping.credit], row[mapping.debit]
        if bool(credit) == bool(debit):
            raise StatementRefused("unreadable", "a line has a credit or a debit, one of the two", number)
        amount = _money(credit or debit, number, mapping, currency)
        amount = amount if credit else Money(-amount.minor, currency)
    return amount - _fee(row, number, mapping, currency)


def _fee(row: Row, number: int, mapping: CsvMapping, currency: Currency) -> Money:
    told = _cell(row, mapping.fee)
    return _money(told, number, mapping, currency) if told else Money.zero(currency)


def _money(text: str, number: int, mapping: CsvMapping, currency: Currency) -> Money:
    whole, point, fraction = text.replace("\u00a0", "").replace(" ", "").partition(mapping.decimal)
    groups = whole.split("," if mapping.decimal == "." else ".")
    # A separator of thousands that stands elsewhere means that decimals are written the other way round.
    if len(groups) > 1 and any(len(group) != 3 for group in groups[1:]):
        raise StatementRefused(
            "unreadable", f"{text[:40]!r} is no amount with decimals after {mapping.decimal!r}", number
        )
    return money_of("".join(groups) + (f".{fraction}" if point else ""), currency, number)


def _day(text: str, written: str, number: int) -> date:
    try:
        return datetime.strptime(text, written).replace(tzinfo=UTC).date()
    except ValueError as error:
        raise StatementRefused("unreadable", f"{text[:40]!r} is no date as {written}", number) from error


def _balances(
    rows: list[tuple[int, Row]], lines: list[StatementLine], mapping: CsvMapping
) -> tuple[Money | None, Money | None]:
    if not mapping.balance or not lines:
        return None, None
    balances = [
        _money(row[mapping.balance], line.number, mapping, line.amount.currency)
        for (_, row), line in zip(rows, lines, strict=True)
    ]
    opening = balances[0] - lines[0].amount
    running = opening
    for line, told in zip(lines, balances, strict=True):
        running += line.amount
        if running != told:
            raise StatementRefused(
                "does_not_add_up", f"the balance is {told}, its lines come to {running}", line.number
            )
    return opening, balances[-1]


def _account(rows: list[tuple[int, Row]], mapping: CsvMapping) -> str:
    if not mapping.account or not rows:
        return ""
    named = rows[0][1][mapping.account]
    for number, row in rows:
        if row[mapping.account] != named:
            raise StatementRefused("other_account", f"{row[mapping.account]} after {named}", number)
    return named


def _cell(row: Row, column: str) -> str:
    return row[column][:200] if column else ""
