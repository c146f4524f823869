"""Reads statement files: all of it or nothing, and a refusal says in which line and why."""

import hashlib
import re

from specie.kernel.money import Currency
from specie.reconciliation import camt, csv_file, swift
from specie.reconciliation.errors import StatementRefused
from specie.reconciliation.model import CsvMapping, Format, Statement, StatementFile
from specie.reconciliation.reading import decoded


def read_file(content: bytes, name: str, kind: Format, currency: Currency, mapping: CsvMapping | None) -> StatementFile:
    """A statement file in its own format, checked. Raises StatementRefused."""
    if not content.strip():
        raise StatementRefused("truncated", "the file is empty")
    if kind is Format.CSV:
        if mapping is None:
            raise StatementRefused("unreadable", "the source does not say which column holds what")
        statements = [csv_file.read(decoded(content, mapping.encoding), mapping, currency)]
    elif kind is Format.MT940:
        statements = swift.read(decoded(content, "utf-8"))
    else:
        statements = camt.read(content)
    return StatementFile(kind, name, hashlib.sha256(content).hexdigest(), statements)


def check(file: StatementFile, currency: Currency, account: str) -> None:
    """Raise StatementRefused unless every statement is in this currency, of this account, and adds up."""
    for statement in file.statements:
        if account and _bare(statement.account) != _bare(account):
            told = statement.account or "an account it does not name"
            raise StatementRefused("other_account", f"the statement is of {told}, not of {account}")
        _check_currency(statement, currency)
        _check_sum(statement)


def _check_currency(statement: Statement, currency: Currency) -> None:
    for line in statement.lines:
        if line.amount.currency != currency:
            raise StatementRefused("mixed_currencies", f"{line.amount.currency} instead of {currency}", line.number)
    for balance in (statement.opening, statement.closing):
        if balance is not None and balance.currency != currency:
            raise StatementRefused("mixed_currencies", f"a balance is in {balance.currency} instead of {currency}")


def _check_sum(statement: Statement) -> None:
    if statement.opening is None or statement.closing is None:
        return
    sum_minor = statement.opening.minor + sum(line.amount.minor for line in statement.lines)
    if sum_minor != statement.closing.minor:
        last = statement.lines[-1].number if statement.lines else None
        off = statement.closing.minor - sum_minor
        raise StatementRefused(
            "does_not_add_up", f"opening and lines differ from the closing balance by {off} minor units", last
        )


def _bare(account: str) -> str:
    return re.sub(r"[\s/.-]", "", account).upper()
