"""Sources, statements, open items, matches and exceptions; no I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from specie.kernel.ids import AccountId, ConnectionId, EntryId, PrefixedId
from specie.kernel.money import Currency, Money

BALANCE_JOB = "reconciliation.balance"


class SourceId(PrefixedId, prefix="rsrc"):
    """An account whose statements are matched."""


class ImportId(PrefixedId, prefix="rimp"):
    """One statement file taken in."""


class LineId(PrefixedId, prefix="rln"):
    """One line of a statement."""


class MatchId(PrefixedId, prefix="rmt"):
    """Lines and items that belong together."""


class ReconExceptionId(PrefixedId, prefix="rex"):
    """Something that did not match and waits for a person."""


class SourceKind(StrEnum):
    """Whose statement it is."""

    PROVIDER = "provider"
    BANK = "bank"


class Format(StrEnum):
    """How a statement is written down."""

    CSV = "csv"
    MT940 = "mt940"
    CAMT053 = "camt053"
    PROVIDER = "provider"


class LineState(StrEnum):
    """Where a line of a statement can be."""

    OPEN = "open"
    MATCHED = "matched"
    DISMISSED = "dismissed"


class Rule(StrEnum):
    """Why lines and items were taken for the same money."""

    REFERENCE = "reference"
    AMOUNT = "amount"
    BATCH = "batch"
    SUM = "sum"
    HAND = "hand"
    WRITE_OFF = "write_off"


class ExceptionKind(StrEnum):
    """What is wrong."""

    UNKNOWN_LINE = "unknown_line"
    MISSING = "missing_in_statement"
    AMOUNT = "amount_differs"
    DOUBLED = "doubled_line"
    BALANCE = "balance_differs"
    OVERDUE = "money_overdue"


class MoneyState(StrEnum):
    """How far money that a provider has collected has come."""

    EXPECTED = "expected"
    """The provider has it; no statement of the provider speaks of it yet."""
    CONFIRMED = "confirmed"
    """It stands in the provider's statement."""
    ARRIVED = "arrived"
    """It stands in the bank's statement."""
    WRITTEN_OFF = "written_off"
    """A person gave it up."""
    UNTRACKED = "untracked"
    """No statements are matched with the account, so nobody knows."""


@dataclass(frozen=True, slots=True)
class CsvMapping:
    """Which column of a CSV file holds what; the names are those of its first line.

    `amount`, or `credit` and `debit`; `fee` is taken off the amount. With `balance` each line's balance is checked
    against the one before.
    """

    date: str
    amount: str = ""
    credit: str = ""
    debit: str = ""
    fee: str = ""
    balance: str = ""
    reference: str = ""
    batch: str = ""
    key: str = ""
    text: str = ""
    currency: str = ""
    account: str = ""
    delimiter: str = ","
    decimal: str = "."
    date_format: str = "%Y-%m-%d"
    encoding: str = "utf-8"

    def columns(self) -> set[str]:
        """The columns a file must have."""
        named = (self.date, self.amount, self.credit, self.debit, self.fee, self.balance, self.reference)
        return {name for name in (*named, self.batch, self.key, self.text, self.currency, self.account) if name}


@dataclass(frozen=True, slots=True)
class Source:
    """An account with open items, the statements that speak of it, and where matching moves what they confirm."""

    id: SourceId
    name: str
    kind: SourceKind
    connection_id: ConnectionId | None
    currency: Currency
    account_id: AccountId
    target_id: AccountId
    statement_account: str
    csv: CsvMapping | None
    tolerance: Money
    window_days: int
    late_after_days: int
    created_at: datetime
    seen_version: int = 0
    seen_at: datetime | None = None
    balance_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line as read; the amount is signed: above zero is money that came in at whoever wrote the statement.

    `fee`: what the writer says it has taken for itself; `amount` is what is left of the money after it.
    """

    number: int
    amount: Money
    booked_on: date
    reference: str = ""
    batch: str = ""
    key: str = ""
    text: str = ""
    fee: Money | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as read; opening and closing where it has them, and then its lines add up."""

    account: str
    number: str
    opening: Money | None
    closing: Money | None
    lines: Sequence[StatementLine]


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A whole file as read, with the digest of its bytes."""

    format: Format
    name: str
    digest: str
    statements: Sequence[Statement]

    def lines(self) -> list[StatementLine]:
        """Every line of every statement."""
        return [line for statement in self.statements for line in statement.lines]


@dataclass(frozen=True, slots=True)
class Line:
    """A line as kept; `fee` is what the statement says was taken off its amount, zero where it says nothing."""

    id: LineId
    source_id: SourceId
    import_id: ImportId
    number: int
    amount: Money
    booked_on: date
    reference: str
    batch: str
    key: str
    text: str
    fee: Money
    state: LineState = LineState.OPEN
    match_id: MatchId | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An entry with a net amount on the source's account that no match has taken. Above zero raises the account."""

    entry_id: EntryId
    amount: Money
    day: date
    references: frozenset[str]
    batch: str
    title: str


@dataclass(frozen=True, slots=True)
class Import:
    """A statement file that was taken in."""

    id: ImportId
    source_id: SourceId
    format: Format
    file_name: str
    digest: str
    lines: int
    imported_by: str
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """Lines and items that belong together, and the entry that moved their money (None when they sum to nothing)."""

    id: MatchId
    source_id: SourceId
    entry_id: EntryId | None
    rule: Rule
    lines: Money
    items: Money
    made_by: str
    made_at: datetime
    note: str = ""
    reopened_at: datetime | None = None

    @property
    def difference(self) -> Money:
        """What the items have more than the lines."""
        return self.items - self.lines


@dataclass(frozen=True, slots=True)
class ReconException:
    """Something that did not match. `amount` is the line's, or the item's where there is no line.

    Of a balance that differs, `amount` is what the provider says and `expected` what the books do; of money that is
    overdue, `amount` is what should have come.
    """

    id: ReconExceptionId
    source_id: SourceId
    kind: ExceptionKind
    line_id: LineId | None
    entry_id: EntryId | None
    amount: Money
    expected: Money | None
    about: str
    opened_at: datetime
    owner: str | None = None
    note: str = ""
    resolved_at: datetime | None = None
    resolution: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import or a new run of the matcher did."""

    taken: Import | None
    lines: int
    matched: Mapping[Rule, int] = field(default_factory=dict)
    exceptions: Sequence[ReconException] = ()
    open_items: int = 0
    open_amount: Money | None = None
