"""Wire shapes of balance sheet, profit and loss and general ledger, and the tables of the files of statements."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter

from pydantic import Field

from specie.kernel.ids import AccountId, EntryId
from specie.kernel.money import Currency, Money
from specie.ledger import Branch
from specie.platform.http import Schema
from specie.platform.wire import Amount
from specie.reports.sheets import Cell, Table
from specie.reports.statement_model import BalanceSheet, LedgerLine, Movement, PostingLine, ProfitAndLoss, Section


class StatementRowOut(Schema):
    """One line: the sum of all accounts at or below the code."""

    code: str
    account_id: str | None = Field(description="Set when the line is a single account")
    amount: Amount
    compared: Amount

    @classmethod
    def of(cls, line: Movement) -> "StatementRowOut":
        """The wire form."""
        return cls(
            code=line.code,
            account_id=str(line.account_id) if line.account_id else None,
            amount=Amount.of(line.amount),
            compared=Amount.of(line.compared),
        )


class SectionOut(Schema):
    """The lines of one type of account and their sum."""

    type: str
    lines: list[StatementRowOut]
    total: Amount
    compared: Amount

    @classmethod
    def of(cls, section: Section) -> "SectionOut":
        """The wire form."""
        return cls(
            type=section.type.value,
            lines=[StatementRowOut.of(line) for line in section.lines],
            total=Amount.of(section.total),
            compared=Amount.of(section.compared),
        )


class ProfitAndLossPart(Schema):
    """One currency."""

    currency: str
    income: SectionOut
    expense: SectionOut
    result: Amount
    compared_result: Amount

    @classmethod
    def of(cls, found: ProfitAndLoss) -> "ProfitAndLossPart":
        """The wire form."""
        return cls(
            currency=found.currency.code,
            income=SectionOut.of(found.income),
            expense=SectionOut.of(found.expense),
            result=Amount.of(found.result),
            compared_result=Amount.of(found.compared),
        )


class ProfitAndLossOut(Schema):
    """Income, expense and result of a period, by currency."""

    since: date
    until: date
    compare_since: date | None
    compare_until: date | None
    currencies: list[ProfitAndLossPart]


class BalanceSheetPart(Schema):
    """One currency. `result` is all income less all expense up to the day; `difference` is zero."""

    currency: str
    assets: SectionOut
    liabilities: SectionOut
    equity: SectionOut
    result: Amount
    compared_result: Amount
    difference: Amount

    @classmethod
    def of(cls, found: BalanceSheet) -> "BalanceSheetPart":
        """The wire form."""
        return cls(
            currency=found.currency.code,
            assets=SectionOut.of(found.assets),
            liabilities=SectionOut.of(found.liabilities),
            equity=SectionOut.of(found.equity),
            result=Amount.of(found.result),
            compared_result=Amount.of(found.compared_result),
            difference=Amount.of(found.difference),
        )


class BalanceSheetOut(Schema):
    """What is owned, owed and left at the end of a business date, by currency."""

    as_of: date
    compare_as_of: date | None
    balanced: bool
    currencies: list[BalanceSheetPart]


class LedgerLineOut(Schema):
    """One account over a period, on its normal side."""

    account_id: str
    code: str
    type: str
    opening: Amount
    debit: Amount
    credit: Amount
    closing: Amount

    @classmethod
    def of(cls, line: LedgerLine) -> "LedgerLineOut":
        """The wire form."""
        return cls(
            account_id=str(AccountId(line.account_id)),
            code=line.code,
            type=line.type.value,
            opening=Amount.of(line.opening),
            debit=Amount.of(line.debit),
            credit=Amount.of(line.credit),
            closing=Amount.of(line.closing),
        )


class LedgerPostingOut(Schema):
    """One posting of a period as one account sees it."""

    entry_id: str
    line: int
    business_date: date
    recipe: str
    description: str
    debit: Amount
    credit: Amount

    @classmethod
    def of(cls, line: PostingLine) -> "LedgerPostingOut":
        """The wire form."""
        return cls(
            entry_id=str(EntryId(line.entry_id)),
            line=line.line,
            business_date=line.business_date,
            recipe=line.recipe,
            description=line.description,
            debit=Amount.of(line.debit),
            credit=Amount.of(line.credit),
        )


def profit_and_loss_table(parts: Sequence[ProfitAndLoss]) -> Table:
    """The statement as it is shown, with the sums in it."""
    rows = [row for part in parts for row in (*_rows(part.income), *_rows(part.expense), _result(part))]
    return Table("Profit and loss", _HEADER, rows)


def balance_sheet_table(parts: Sequence[BalanceSheet]) -> Table:
    """The statement as it is shown, with the sums in it."""
    rows: list[tuple[Cell, ...]] = []
    for part in parts:
        rows += [*_rows(part.assets), *_rows(part.liabilities), *_rows(part.equity)]
        rows.append(("result", "Result", part.currency.code, part.result, part.compared_result))
    return Table("Balance sheet", _HEADER, rows)


def trial_balance_table(branches: Sequence[Branch]) -> Table:
    """Each balance on the side it stands on, currency by currency, and what each side comes to."""
    rows: list[tuple[Cell, ...]] = []
    code_of = attrgetter("currency.code")
    for code, found in groupby(sorted(branches, key=code_of), code_of):
        lines = list(found)
        rows += [(one.code, one.type.value, code, *_sides(one.debit_minor, one.currency)) for one in lines]
        debited = Money(sum(max(one.debit_minor, 0) for one in lines), lines[0].currency)
        credited = Money(sum(max(-one.debit_minor, 0) for one in lines), lines[0].currency)
        rows.append(("Total", None, code, debited, credited))
    return Table("Trial balance", ("Account", "Type", "Currency", "Debit", "Credit"), rows)


def _sides(debit_minor: int, currency: Currency) -> tuple[Cell, Cell]:
    balance = Money(abs(debit_minor), currency)
    return (balance, None) if debit_minor > 0 else (None, balance)


def general_ledger_table(lines: Sequence[LedgerLine]) -> Table:
    """The accounts as they are shown."""
    header = ("Account", "Type", "Currency", "Opening", "Debit", "Credit", "Closing")
    rows = [
        (one.code, one.type.value, one.opening.currency.code, one.opening, one.debit, one.credit, one.closing)
        for one in lines
    ]
    return Table("General ledger", header, rows)


_HEADER = ("Section", "Line", "Currency", "Amount", "Compared")


def _rows(section: Section) -> list[tuple[Cell, ...]]:
    kind = section.type.value
    lines: list[tuple[Cell, ...]] = [
        (kind, one.code, one.currency.code, one.amount, one.compared) for one in section.lines
    ]
    return [*lines, (kind, "Total", section.total.currency.code, section.total, section.compared)]


def _result(part: ProfitAndLoss) -> tuple[Cell, ...]:
    return ("result", "Result", part.currency.code, part.result, part.compared)
