"""What all readers of statements share: text, amounts and currencies taken exactly, or refused with the line."""

import codecs
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money
from specie.reconciliation.errors import StatementRefused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")


def decoded(content: bytes, encoding: str) -> str:
    """The text. A byte order mark names its own encoding, and what is no UTF-8 is Windows-1252, as banks write it.

    Figures are the same in both, so at worst a name is misread and never an amount. Raises StatementRefused with the
    line of the first byte that does not fit.
    """
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    encoding = marked or encoding
    if encoding == "utf-8" and not _is_utf_8(content):
        encoding = "windows-1252"
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].decode(encoding, "replace").count("\n") + 1
        raise StatementRefused("encoding", f"this is not {encoding}", line) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise StatementRefused("encoding", f"this is not {encoding}: it holds zero bytes", line)
    return text


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def money_of(text: str, currency: Currency, line: int | None) -> Money:
    """A plain decimal number as money. Raises StatementRefused when it is none, or finer than the currency."""
    if not _PLAIN.fullmatch(text):
        raise StatementRefused("unreadable", f"{text[:40]!r} is no amount", line)
    return exact(Decimal(text), currency, line)


def exact(amount: Decimal, currency: Currency, line: int | None) -> Money:
    """An amount in the currency's unit as money. Raises StatementRefused unless it is a whole number of minor units."""
    try:
        minor = amount.scaleb(currency.exponent)
        if minor != minor.to_integral_value():
            raise StatementRefused("amount_inexact", f"{amount} is no whole number of minor units of {currency}", line)
        return Money(int(minor), currency)
    except (InvalidOperation, SpecieError) as error:
        if isinstance(error, StatementRefused):
            raise
        raise StatementRefused("unreadable", f"{amount} is no amount that can be kept", line) from error


def currency_of(code: str, line: int | None) -> Currency:
    """A currency by its code. Raises StatementRefused."""
    try:
        return Currency.of(code)
    except SpecieError as error:
        raise StatementRefused("mixed_currencies", f"{code[:10]!r} is no currency we know", line) from error


def line_text(parts: Sequence[str | None], most: int = 500) -> str:
    """What is written of a line, in one piece."""
    return " ".join(" ".join(part.split()) for part in parts if part)[:most]
