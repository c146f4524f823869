"""Wire shapes of opening positions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.opening.importing import Outcome
from specie.opening.model import DocumentPlace, GoodsPlace, Import, ImportState, Line, PursePlace, Total, totals
from specie.platform.http import Schema
from specie.platform.wire import Amount


@dataclass(frozen=True, slots=True)
class Names:
    """What lines are about, as people know it.

    `goods` has for the lines about goods, by number, the product's SKU and the warehouse's code; `parties` is empty
    for an answer that is kept, since nothing personal is kept in clear.
    """

    goods: Mapping[int, tuple[str, str]]
    parties: Mapping[PartyId, str]


ImportStatus = Literal["preview", "waiting", "posted", "refused"]


class OpeningDocumentOut(Schema):
    """An invoice or bill of the system used before, of which something was open."""

    id: str | None = Field(description="Its id here; null before it is posted")
    number: str
    issued_on: date
    due_on: date
    total: Amount = Field(description="What all of it came to")
    note: str

    @classmethod
    def of(cls, place: DocumentPlace, line: Line) -> "OpeningDocumentOut":
        """The wire form."""
        return cls(
            id=str(place.document_id) if line.entry_id else None,
            number=place.number,
            issued_on=place.issued_on,
            due_on=place.due_on,
            total=Amount.of(place.total),
            note=place.note,
        )


class OpeningLineOut(Schema):
    """What a line of the file brings to which account; the other side is `equity:opening` of its currency.

    One of `debit` and `credit` is given. A refused line has `code`, `problem`, and `column` where one is at fault.
    """

    number: int = Field(description="The line in the file, as a person counts")
    kind: str | None
    account_code: str | None
    debit: Amount | None
    credit: Amount | None
    opens: bool = Field(description="Whether the account is opened by this line")
    party_id: str | None
    party_name: str | None = Field(
        description="Masked without `parties:read`; null in the answer to a posting, which is kept"
    )
    purse: str | None
    product: str | None = Field(description="The SKU")
    warehouse: str | None = Field(description="The code")
    quantity: str | None
    document: OpeningDocumentOut | None = Field(description="The invoice or bill a line is about")
    entry_id: str | None
    code: str | None
    column: str | None
    problem: str | None
    warning: str | None

    @classmethod
    def of(cls, line: Line, names: Names) -> "OpeningLineOut":
        """The wire form; goods and parties are named where they were looked up."""
        place, problem, moved = line.place, line.problem, line.moved
        product, warehouse = names.goods.get(line.number, (None, None))
        shown = None if moved is None else Amount.of(moved)
        is_debit = line.debit is not None and line.debit == moved
        return cls(
            number=line.number,
            kind=place.kind.value if place else None,
            account_code=place.code if place else None,
            debit=shown if is_debit else None,
            credit=None if is_debit else shown,
            opens=line.opens,
            party_id=str(place.party_id) if isinstance(place, PursePlace | DocumentPlace) else None,
            party_name=names.parties.get(place.party_id) if isinstance(place, PursePlace | DocumentPlace) else None,
            purse=place.purpose if isinstance(place, PursePlace) else None,
            product=product,
            warehouse=warehouse,
            quantity=str(place.quantity) if isinstance(place, GoodsPlace) else None,
            document=OpeningDocumentOut.of(place, line) if isinstance(place, DocumentPlace) else None,
            entry_id=str(line.entry_id) if line.entry_id else None,
            code=problem.code if problem else None,
            column=problem.column if problem else None,
            problem=problem.words if problem else None,
            warning=line.warning,
        )


class OpeningTotalOut(Schema):
    """What the lines come to in one currency, and what that leaves for opening equity."""

    currency: str
    debit: Amount
    credit: Amount
    opening: Amount = Field(description="By how much `equity:opening` grows")
    equity_after: Amount | None = Field(
        description="What `equity:opening` holds with this import; null when shown later"
    )

    @classmethod
    def of(cls, total: Total, after: Money | None) -> "OpeningTotalOut":
        """The wire form."""
        return cls(
            currency=total.opening.currency.code,
            debit=Amount.of(total.debit),
            credit=Amount.of(total.credit),
            opening=Amount.of(total.opening),
            equity_after=None if after is None else Amount.of(after),
        )


class OpeningImportOut(Schema):
    """An opening position that was brought in, or waits for a second person."""

    id: str
    name: str
    status: ImportStatus
    cut_over_on: date
    created_at: datetime
    created_by: str

    @classmethod
    def of(cls, found: Import) -> "OpeningImportOut":
        """The wire form."""
        return cls(
            id=str(found.id),
            name=found.name,
            status=found.state.value,
            cut_over_on=found.cut_over_on,
            created_at=found.created_at,
            created_by=found.created_by,
        )


class OpeningImportDetail(Schema):
    """An opening position with every line. A preview has no id, and nothing of it has been posted."""

    id: str | None
    name: str
    status: ImportStatus
    cut_over_on: date
    needs_approval: bool = Field(description="Whether a second person has to say yes before it is posted")
    approval_id: str | None
    refused: int = Field(description="How many lines are refused; nothing is posted while there is one")
    totals: list[OpeningTotalOut]
    lines: list[OpeningLineOut]

    @classmethod
    def of(cls, found: Import, names: Names) -> "OpeningImportDetail":
        """The wire form of an import that is kept."""
        return cls(
            id=str(found.id),
            name=found.name,
            status=found.state.value,
            cut_over_on=found.cut_over_on,
            needs_approval=found.state is ImportState.WAITING,
            approval_id=None,
            refused=sum(line.problem is not None for line in found.lines),
            totals=[OpeningTotalOut.of(total, None) for total in totals(found.lines)],
            lines=[OpeningLineOut.of(line, names) for line in found.lines],
        )

    @classmethod
    def told(cls, outcome: Outcome, names: Names, *, is_preview: bool) -> "OpeningImportDetail":
        """The wire form of what has just come of a file."""
        news: dict[str, object] = {
            "needs_approval": outcome.above is not None,
            "approval_id": str(outcome.approval.id) if outcome.approval else None,
            "totals": [OpeningTotalOut.of(each, outcome.equity[each.opening.currency.code]) for each in outcome.sums],
        }
        preview: dict[str, object] = {"id": None, "status": "preview"} if is_preview else {}
        return cls.of(outcome.found, names).model_copy(update=news | preview)
