"""Wire shapes of captures."""

from datetime import datetime

from pydantic import Field

from specie.payments.capture_model import Capture
from specie.platform.http import Schema
from specie.platform.wire import Amount, PositiveAmount


class CaptureIn(Schema):
    """Some of an authorised amount to take. Without an amount, everything that is left."""

    amount: PositiveAmount | None = None
    final: bool = Field(False, description="Whether what is left afterwards is let go")


class CaptureOut(Schema):
    """Some of an authorised amount, taken or on its way."""

    id: str
    payment_id: str
    amount: Amount
    final: bool
    status: str = Field(description="created, pending, unknown, succeeded or failed")
    provider_ref: str | None
    failure: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, capture: Capture) -> "CaptureOut":
        """The wire form."""
        return cls(
            id=str(capture.id),
            payment_id=str(capture.payment_id),
            amount=Amount.of(capture.amount),
            final=capture.is_final,
            status=str(capture.state),
            provider_ref=capture.provider_ref,
            failure=capture.failure,
            created_at=capture.created_at,
            updated_at=capture.updated_at,
        )
