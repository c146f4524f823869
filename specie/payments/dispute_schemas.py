"""Wire shapes of disputes."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from specie.payments.dispute_model import Dispute, DisputeState
from specie.platform.http import Schema
from specie.platform.wire import Amount


class EvidenceIn(Schema):
    """What speaks for the merchant."""

    note: Annotated[str, Field(min_length=1, max_length=4000)]


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
    opened_at: datetime
    updated_at: datetime

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
            opened_at=dispute.opened_at,
            updated_at=dispute.updated_at,
        )
