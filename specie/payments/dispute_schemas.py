"""Wire shapes of disputes."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from specie.approvals import Approval
from specie.payments.dispute_model import Dispute, DisputeState
from specie.payments.evidence_model import EvidenceFile
from specie.platform.http import Schema
from specie.platform.wire import Amount


class EvidenceIn(Schema):
    """What speaks for the merchant."""

    note: Annotated[str, Field(min_length=1, max_length=4000)]


class DisputeAcceptIn(Schema):
    """Why a dispute is accepted, for one's own records."""

    reason: Annotated[str, Field(max_length=200)] = ""


class EvidenceFileOut(Schema):
    """A file of a dispute's evidence; the size is in bytes."""

    id: str
    dispute_id: str
    name: str
    media_type: str
    size: int
    created_at: datetime
    created_by: str

    @classmethod
    def of(cls, file: EvidenceFile) -> "EvidenceFileOut":
        """The wire form."""
        return cls(
            id=str(file.id),
            dispute_id=str(file.dispute_id),
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            created_at=file.created_at,
            created_by=file.created_by,
        )


class EvidenceFilesOut(Schema):
    """All files of a dispute's evidence."""

    data: list[EvidenceFileOut]


class DisputeOut(Schema):
    """A disputed payment."""

    id: str
    payment_id: str
    amount: Amount
    fee: Amount
    reason: str
    status: str = Field(description="open, won or lost")
    provider_ref: str
    evidence: str | None
    evidence_by: str | None
    submitted_at: datetime | None = Field(description="When somebody noted that the evidence was handed in")
    submitted_by: str | None
    accepted_at: datetime | None = Field(
        description="When somebody gave in; the status is open until the provider has taken it, then lost"
    )
    accepted_by: str | None
    acceptance_failure: str | None = Field(description="Why the provider did not take it when it was last told")
    opened_at: datetime
    updated_at: datetime
    answer_by: datetime | None = Field(description="Until when the provider takes evidence; null if it has not said")

    @classmethod
    def of(cls, dispute: Dispute) -> "DisputeOut":
        """The wire form."""
        return cls(
            id=str(dispute.id),
            payment_id=str(dispute.payment_id),
            amount=Amount.of(dispute.amount),
            fee=Amount.of(dispute.fee),
            reason=dispute.reason,
            status="open" if dispute.state is DisputeState.CREATED else dispute.state.value,
            provider_ref=dispute.provider_ref,
            evidence=dispute.evidence,
            evidence_by=dispute.evidence_by,
            submitted_at=dispute.submitted_at,
            submitted_by=dispute.submitted_by,
            accepted_at=dispute.accepted_at,
            accepted_by=dispute.accepted_by,
            acceptance_failure=dispute.acceptance_failure,
            opened_at=dispute.opened_at,
            updated_at=dispute.updated_at,
            answer_by=dispute.answer_by,
        )


class AcceptanceAsked(Schema):
    """A dispute that a second person has to agree to accept; it is as open as before."""

    approval_id: str
    dispute_id: str
    amount: Amount | None
    reason: str
    status: Literal["needs_approval"] = "needs_approval"
    expires_at: datetime

    @classmethod
    def of(cls, approval: Approval) -> "AcceptanceAsked":
        """The wire form."""
        return cls(
            approval_id=str(approval.id),
            dispute_id=approval.subject[1],
            amount=Amount.of(approval.amount) if approval.amount is not None else None,
            reason=approval.note,
            expires_at=approval.expires_at,
        )
