"""Batches of payouts: what a file may hold, read line by line. No I/O, no clock."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from specie.kernel.ids import PartyId, WalletId
from specie.kernel.money import Currency, Money
from specie.payouts.errors import BatchUnreadable
from specie.payouts.model import BatchId, BeneficiaryId, PayoutId

COLUMNS = ("account", "amount", "reference", "description")
MOST_LINES = 500


class BatchState(StrEnum):
    """Where a batch stands."""

    DRAFT = "draft"
    """Read and shown; nothing has moved."""
    WAITING = "waiting"
    """A second person has to say yes to the whole of it."""
    STARTED = "started"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as it stands in the file."""

    number: int
    account: str
    amount: str
    reference: str
    description: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line with what it means: a payout to make, made, or the code of why not."""

    number: int
    beneficiary_id: BeneficiaryId | None
    reference: str
    amount: Money | None
    fee: Money | None
    description: str
    problem: str | None = None
    payout_id: PayoutId | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Payouts that were asked for in one file; `total` is without fees."""

    id: BatchId
    party_id: PartyId
    wallet_id: WalletId
    name: str
    state: BatchState
    total: Money
    created_at: datetime
    created_by: str
    version: int
    started_at: datetime | None = None


def read_lines(text: str) -> list[RawLine]:
    """The lines of a CSV file with a header. Raises BatchUnreadable, naming the line; nothing is taken in part."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise BatchUnreadable(f"line {reader.line_num}: {error}", param="csv", line=reader.line_num) from error
    rows = [(number, row) for number, row in rows if any(row)]
    if not rows or tuple(name.lower() for name in rows[0][1]) != COLUMNS:
        raise BatchUnreadable(f"the first line is: {','.join(COLUMNS)}", param="csv", line=1)
    if not 1 <= len(rows) - 1 <= MOST_LINES:
        raise BatchUnreadable(f"a batch has 1 to {MOST_LINES} lines", param="csv", line=len(rows))
    return [_raw(number, row) for number, row in rows[1:]]


def _raw(number: int, row: list[str]) -> RawLine:
    if len(row) != len(COLUMNS):
        raise BatchUnreadable(f"line {number} has {len(row)} columns, not {len(COLUMNS)}", param="csv", line=number)
    if "\0" in "".join(row) or any(len(cell) > 200 for cell in row):
        raise BatchUnreadable(f"line {number} holds a text that is too long", param="csv", line=number)
    return RawLine(number, *row)


def amount_of(text: str, currency: Currency) -> Money | None:
    """An amount in major units with a point, exact; None for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    minor = value.scaleb(currency.exponent) if value.is_finite() else Decimal("0.1")
    fits = 0 < minor <= Money.MAX_MINOR and minor == minor.to_integral_value()
    return Money(int(minor), currency) if fits else None
