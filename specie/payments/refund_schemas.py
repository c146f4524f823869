"""Wire shapes of refunds."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from specie.approvals import Approval
from specie.payments.refund_model import Refund
from specie.platform.http import Schema
from specie.platform.wire import Amount, PositiveAmount


class RefundIn(Schema):
    """A refund to make. Without an amount, everything that may still be refunded."""

    amount: PositiveAmount | None = None
    reason: Annotated[str, Field(max_length=200)] = ""


class RefundPartOut(Schema):
    """Who bears how much of a refund."""

    party_id: str | None = Field(description="The merchant; null for the platform's fee")
    amount: Amount


class RefundOut(Schema):
    """A refund. Its parts add up to its amount."""

    id: str
    payment_id: str
    amount: Amount
    reason: str
    origin: str = Field(description="request, or provider for one made in the provider's own dashboard")
    status: str = Field(description="created, pending, unknown, succeeded or failed")
    parts: list[RefundPartOut]
    provider_ref: str | None
    failure: str | None
    created_at: datetime
    updated_at: datetime
    created_by: str

    @classmethod
    def of(cls, refund: Refund) -> "RefundOut":
        """The wire form."""
        return cls(**refund_fields(refund))


class RefundMade(RefundOut):
    """A refund just asked for, or in a dry run one that would be, with the postings that reserve its money."""

    postings: list[dict[str, Any]] = Field(description="Debit, credit and amount, with the balances after")
    refundable_after: Amount


class RefundAsked(Schema):
    """A refund that a second person decides; nothing has moved, and there is no refund yet."""

    approval_id: str
    payment_id: str
    amount: Amount | None
    reason: str
    status: Literal["needs_approval"] = "needs_approval"
    expires_at: datetime

    @classmethod
    def of(cls, approval: Approval) -> "RefundAsked":
        """The wire form."""
        return cls(
            approval_id=str(approval.id),
            payment_id=approval.subject[1],
            amount=Amount.of(approval.amount) if approval.amount is not None else None,
            reason=approval.note,
            expires_at=approval.expires_at,
        )


def refund_fields(refund: Refund) -> dict[str, Any]:
    """The fields of a refund's wire form; parties by the payment, which knows its merchant."""
    parts = [
        RefundPartOut(party_id=str(party_id), amount=Amount.of(amount))
        for party_id, amount in refund.parts.others.items()
    ]
    fee = [RefundPartOut(party_id=None, amount=Amount.of(refund.parts.platform_fee))]
    return {
        "id": str(refund.id),
        "payment_id": str(refund.payment_id),
        "amount": Amount.of(refund.amount),
        "reason": refund.reason,
        "origin": str(refund.origin),
        "status": str(refund.state),
        "parts": [
            RefundPartOut(party_id=str(refund.merchant_id), amount=Amount.of(refund.parts.merchant)),
            *parts,
            *(fee if refund.parts.platform_fee.minor else []),
        ],
        "provider_ref": refund.provider_ref,
        "failure": refund.failure,
        "created_at": refund.created_at,
        "updated_at": refund.updated_at,
        "created_by": refund.created_by,
    }
