"""Wire shapes of approvals."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from specie.approvals.model import Approval, ApprovalLine
from specie.platform.http import Schema
from specie.platform.wire import Amount


class ApprovalSubjectOut(Schema):
    """What is to be decided about."""

    kind: str
    id: str


class ApprovalOut(Schema):
    """A request that a second person decides."""

    id: str
    kind: str
    subject: ApprovalSubjectOut
    amount: Amount | None
    party_id: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    note: str
    status: str
    asked_by: str
    asked_by_name: str | None
    asked_at: datetime
    expires_at: datetime
    checker: str | None
    checker_name: str | None
    decided_at: datetime | None
    reason: str | None
    can_decide: bool = Field(description="Whether the caller is somebody else than the one who asked")

    @classmethod
    def of(cls, approval: Approval, names: dict[str, str], me: str) -> "ApprovalOut":
        """The wire form, for a reader who is `me`."""
        return cls(
            id=str(approval.id),
            kind=approval.kind,
            subject=ApprovalSubjectOut(kind=approval.subject[0], id=approval.subject[1]),
            amount=Amount.of(approval.amount) if approval.amount is not None else None,
            party_id=str(approval.party_id) if approval.party_id else None,
            before=dict(approval.before),
            after=dict(approval.after),
            note=approval.note,
            status=str(approval.state),
            asked_by=approval.asked_by,
            asked_by_name=names.get(approval.maker),
            asked_at=approval.asked_at,
            expires_at=approval.expires_at,
            checker=approval.checker,
            checker_name=names.get(approval.checker or ""),
            decided_at=approval.decided_at,
            reason=approval.reason,
            can_decide=str(approval.state) == "open" and me != approval.maker,
        )


class ApprovalDecisionIn(Schema):
    """Why it is decided so."""

    reason: Annotated[str, Field(min_length=3, max_length=500)]


class ApprovalLineIn(Schema):
    """From which amount on; null for never."""

    above: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = Field(description="Minor units; null removes the line")


class ApprovalLineOut(Schema):
    """Above which amount a kind of act needs a second person."""

    kind: str
    above: Amount

    @classmethod
    def of(cls, line: ApprovalLine) -> "ApprovalLineOut":
        """The wire form."""
        return cls(kind=line.kind, above=Amount.of(line.above))


class ApprovalLinesOut(Schema):
    """Every line of the tenant."""

    data: list[ApprovalLineOut]


class ApprovalRuleIn(Schema):
    """Whether a kind of decision needs a second person."""

    second_person: bool


class ApprovalRuleOut(Schema):
    """Whether a kind of decision that has no amount needs a second person."""

    kind: str
    second_person: bool


class ApprovalRulesOut(Schema):
    """Every kind there is."""

    data: list[ApprovalRuleOut]

    @classmethod
    def of(cls, kinds: Iterable[str], needed: Collection[str]) -> "ApprovalRulesOut":
        """The wire form: all kinds, and for which of them a second person is needed."""
        return cls(data=[ApprovalRuleOut(kind=kind, second_person=kind in needed) for kind in kinds])
