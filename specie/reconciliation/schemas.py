"""Wire shapes of reconciliation."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from specie.kernel.ids import ConnectionId
from specie.kernel.money import Currency
from specie.platform.http import Schema
from specie.platform.wire import Amount, AwareMoment, CurrencyCode, Note, id_text
from specie.reconciliation.balances import Comparison
from specie.reconciliation.model import CsvMapping, Import, Item, Line, Match, Outcome, ReconException, SourceKind
from specie.reconciliation.service import NewSource, SourceState

Column = Annotated[str, Field(max_length=100, pattern="^[^\\x00]*$")]
Reason = Annotated[str, Field(min_length=3, max_length=500, pattern="^[^\\x00]*$")]
SourceName = Annotated[str, Field(min_length=1, max_length=100, pattern="^[^\\x00]*$", examples=["Stripe, IDR"])]
StatementAccount = Annotated[
    str,
    Field(
        max_length=60,
        pattern="^[^\\x00]*$",
        description="The account number that statements must name; empty: any",
    ),
]
Tolerance = Annotated[int, Field(ge=0, le=10**9, description="Minor units that a match may be off")]
Days = Annotated[int, Field(ge=0, le=60)]
FormatName = Literal["csv", "mt940", "camt053"]


class CsvIn(Schema):
    """Which column holds what; the names are those of the file's first line. Empty: there is none."""

    date: Annotated[Column, Field(min_length=1, examples=["Date"])]
    amount: Column = Field("", description="One column with signs, or else credit and debit")
    credit: Column = ""
    debit: Column = ""
    fee: Column = Field("", description="Taken off the amount")
    balance: Column = Field("", description="The balance after each line; it is checked")
    reference: Column = ""
    batch: Column = Field("", description="The settlement a line belongs to")
    key: Column = Field("", description="The line's own id")
    text: Column = ""
    currency: Column = ""
    account: Column = ""
    delimiter: Literal[",", ";", "\t", "|"] = ","
    decimal: Literal[".", ","] = "."
    date_format: Literal["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d"] = "%Y-%m-%d"
    encoding: Literal["utf-8", "windows-1252", "utf-16"] = "utf-8"

    @model_validator(mode="after")
    def _says_the_amount(self) -> "CsvIn":
        if bool(self.amount) == bool(self.credit and self.debit):
            raise ValueError("name one column of amounts, or one of credits and one of debits")
        return self

    def mapping(self) -> CsvMapping:
        """The value."""
        return CsvMapping(**self.model_dump())


class CsvOut(CsvIn):
    """Which column of a source's CSV files holds what."""


class SourceChange(Schema):
    """What to change of a source; what is left out stays. It holds for the statements that come from now on."""

    name: SourceName | None = None
    statement_account: StatementAccount | None = None
    csv: CsvIn | None = Field(None, description="All columns anew; null: its files are no CSV")
    tolerance: Tolerance | None = None
    window_days: Days | None = None
    late_after_days: Days | None = None

    def changes(self) -> dict[str, Any]:
        """The values, by the names of the columns."""
        wanted = self.model_dump(exclude={"csv", "tolerance"}, exclude_none=True)
        if self.tolerance is not None:
            wanted["tolerance_minor"] = self.tolerance
        if "csv" in self.model_fields_set:
            wanted["csv"] = asdict(self.csv.mapping()) if self.csv else None
        return wanted


class SourceIn(Schema):
    """A kind of statement to reconcile."""

    name: SourceName
    kind: Literal["provider", "bank"] = Field(
        description="A provider's statement moves what it confirms from clearing to settled; a bank's from settled on"
    )
    connection_id: str = Field(description="The provider whose money it is about")
    currency: CurrencyCode
    bank: Annotated[str, Field(max_length=40, pattern="^([a-z0-9]+(-[a-z0-9]+)*)?$")] = Field(
        "", description="For a bank's statement: the bank account's name in the books, as asset:bank:…"
    )
    statement_account: StatementAccount = ""
    csv: CsvIn | None = None
    tolerance: Tolerance = 0
    window_days: Days = 3
    late_after_days: Days = 0

    @model_validator(mode="after")
    def _names_the_bank(self) -> "SourceIn":
        if (self.kind == "bank") != bool(self.bank):
            raise ValueError("bank is given for a bank's statement, and only then")
        return self

    def command(self) -> NewSource:
        """The value. Raises InvalidId."""
        return NewSource(
            name=self.name,
            kind=SourceKind(self.kind),
            connection_id=id_text(ConnectionId, self.connection_id, "connection_id"),
            currency=Currency.of(self.currency),
            bank=self.bank,
            statement_account=self.statement_account,
            csv=self.csv.mapping() if self.csv else None,
            tolerance_minor=self.tolerance,
            window_days=self.window_days,
            late_after_days=self.late_after_days,
        )


class ImportOut(Schema):
    """A statement that was taken in."""

    id: str
    format: str
    file_name: str
    lines: int
    imported_by: str
    imported_at: datetime

    @classmethod
    def of(cls, taken: Import) -> "ImportOut":
        """The wire form."""
        return cls(
            id=str(taken.id),
            format=str(taken.format),
            file_name=taken.file_name,
            lines=taken.lines,
            imported_by=taken.imported_by,
            imported_at=taken.imported_at,
        )


class SourceOut(Schema):
    """A source with what is open in it."""

    id: str
    name: str
    kind: str
    currency: str
    connection_id: str | None
    account_id: str
    account_code: str
    target_code: str
    has_csv: bool
    csv: CsvOut | None
    statement_account: str
    tolerance: Amount
    window_days: int
    late_after_days: int
    balance: Amount = Field(description="Of the account; always the sum of its open items")
    open_items: int
    open_amount: Amount
    exceptions: int
    oldest_exception_at: datetime | None
    last_import: ImportOut | None

    @classmethod
    def of(cls, state: SourceState) -> "SourceOut":
        """The wire form."""
        source = state.source
        return cls(
            id=str(source.id),
            name=source.name,
            kind=str(source.kind),
            currency=source.currency.code,
            connection_id=str(source.connection_id) if source.connection_id else None,
            account_id=str(source.account_id),
            account_code=state.account_code,
            target_code=state.target_code,
            has_csv=source.csv is not None,
            csv=CsvOut(**asdict(source.csv)) if source.csv else None,
            statement_account=source.statement_account,
            tolerance=Amount.of(source.tolerance),
            window_days=source.window_days,
            late_after_days=source.late_after_days,
            balance=Amount.of(state.balance),
            open_items=state.open_items,
            open_amount=Amount.of(state.open_amount),
            exceptions=state.exceptions,
            oldest_exception_at=state.oldest_exception_at,
            last_import=ImportOut.of(state.last_import) if state.last_import else None,
        )


class SourcesOut(Schema):
    """Every source of the tenant."""

    data: list[SourceOut]


class ReconExceptionOut(Schema):
    """Something that did not match. `amount` is the line's, or the item's where there is no line."""

    id: str
    source_id: str
    kind: str
    line_id: str | None
    entry_id: str | None
    amount: Amount
    expected: Amount | None
    about: str
    opened_at: datetime
    owner: str | None
    note: str
    resolved_at: datetime | None
    resolution: str | None

    @classmethod
    def of(cls, found: ReconException) -> "ReconExceptionOut":
        """The wire form."""
        return cls(
            id=str(found.id),
            source_id=str(found.source_id),
            kind=str(found.kind),
            line_id=str(found.line_id) if found.line_id else None,
            entry_id=str(found.entry_id) if found.entry_id else None,
            amount=Amount.of(found.amount),
            expected=Amount.of(found.expected) if found.expected is not None else None,
            about=found.about,
            opened_at=found.opened_at,
            owner=found.owner,
            note=found.note,
            resolved_at=found.resolved_at,
            resolution=found.resolution,
        )


class ComparisonOut(Schema):
    """A provider's live balance, and what the books say it owes: clearing and what its statements confirmed."""

    at_provider: Amount
    in_books: Amount
    exception: ReconExceptionOut | None

    @classmethod
    def of(cls, found: Comparison) -> "ComparisonOut":
        """The wire form."""
        return cls(
            at_provider=Amount.of(found.at_provider),
            in_books=Amount.of(found.in_books),
            exception=ReconExceptionOut.of(found.exception) if found.exception else None,
        )


class OutcomeOut(Schema):
    """What an import or a run did, or in a dry run would do."""

    taken: ImportOut | None
    lines: int = Field(description="Lines that were looked at")
    matched: dict[str, int] = Field(description="Matches by rule")
    exceptions: list[ReconExceptionOut] = Field(description="Those that are new; at most 200")
    new_exceptions: int
    open_items: int
    open_amount: Amount | None

    @classmethod
    def of(cls, done: Outcome) -> "OutcomeOut":
        """The wire form."""
        return cls(
            taken=ImportOut.of(done.taken) if done.taken else None,
            lines=done.lines,
            matched={str(rule): number for rule, number in sorted(done.matched.items())},
            exceptions=[ReconExceptionOut.of(each) for each in done.exceptions[:200]],
            new_exceptions=len(done.exceptions),
            open_items=done.open_items,
            open_amount=Amount.of(done.open_amount) if done.open_amount is not None else None,
        )


class FetchIn(Schema):
    """The window of a provider's statement."""

    since: AwareMoment
    until: AwareMoment


class OpenLineOut(Schema):
    """A line of a statement that nothing has taken."""

    id: str
    import_id: str
    number: int
    amount: Amount
    booked_on: date
    reference: str
    batch: str
    text: str

    @classmethod
    def of(cls, line: Line) -> "OpenLineOut":
        """The wire form."""
        return cls(
            id=str(line.id),
            import_id=str(line.import_id),
            number=line.number,
            amount=Amount.of(line.amount),
            booked_on=line.booked_on,
            reference=line.reference,
            batch=line.batch,
            text=line.text,
        )


class OpenItemOut(Schema):
    """An entry on the account that no statement has confirmed."""

    entry_id: str
    amount: Amount
    day: date
    references: list[str]
    batch: str
    title: str

    @classmethod
    def of(cls, item: Item) -> "OpenItemOut":
        """The wire form."""
        return cls(
            entry_id=str(item.entry_id),
            amount=Amount.of(item.amount),
            day=item.day,
            references=sorted(item.references),
            batch=item.batch,
            title=item.title,
        )


class MatchIn(Schema):
    """Lines and items that are the same money; with only one of the two, a write-off."""

    line_ids: Annotated[list[str], Field(max_length=200)] = Field(default_factory=list)
    entry_ids: Annotated[list[str], Field(max_length=200)] = Field(default_factory=list)
    difference_account_id: str | None = Field(None, description="Takes what lines and items differ by")
    note: Note = ""

    @model_validator(mode="after")
    def _chooses_something(self) -> "MatchIn":
        if not self.line_ids and not self.entry_ids:
            raise ValueError("choose at least one line or item")
        return self


class MatchOut(Schema):
    """Lines and items that were found to be the same money."""

    id: str
    source_id: str
    entry_id: str | None
    rule: str
    lines: Amount
    items: Amount
    difference: Amount
    made_by: str
    made_at: datetime
    note: str
    reopened_at: datetime | None

    @classmethod
    def of(cls, match: Match) -> "MatchOut":
        """The wire form."""
        return cls(
            id=str(match.id),
            source_id=str(match.source_id),
            entry_id=str(match.entry_id) if match.entry_id else None,
            rule=str(match.rule),
            lines=Amount.of(match.lines),
            items=Amount.of(match.items),
            difference=Amount.of(match.difference),
            made_by=match.made_by,
            made_at=match.made_at,
            note=match.note,
            reopened_at=match.reopened_at,
        )


class ReconReasonIn(Schema):
    """Why."""

    reason: Reason


class CareIn(Schema):
    """Who looks after an exception, and what is known. What is left out stays."""

    owner: Annotated[str, Field(max_length=100, pattern="^[^\\x00]*$")] | None = Field(
        None, description="`me`, or nobody when empty"
    )
    note: Annotated[str, Field(max_length=500, pattern="^[^\\x00]*$")] | None = None
