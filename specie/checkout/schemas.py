"""Wire shapes of the hosted page."""

from datetime import datetime

from pydantic import Field

from specie.checkout.model import View
from specie.platform.http import Schema
from specie.platform.wire import Amount


class CheckoutOut(Schema):
    """What the hosted page shows, for those who build their own."""

    stage: str = Field(description="choose, waiting, confirming, declined, review, paid, expired or cancelled")
    status: str
    version: int
    payee: str
    description: str
    reference: str
    amount: Amount
    methods: list[str]
    method: str | None
    action: dict[str, str] | None
    expires_at: datetime
    seconds_left: int
    paid_at: datetime | None
    return_link: str | None

    @classmethod
    def of(cls, view: View) -> "CheckoutOut":
        """The wire form."""
        payment, attempt = view.payment, view.attempt
        action = attempt.action if attempt and view.stage == "waiting" else None
        return cls(
            stage=str(view.stage),
            status=str(payment.state),
            version=payment.version,
            payee=view.brand.name,
            description=payment.description,
            reference=payment.reference,
            amount=Amount.of(payment.amount),
            methods=[str(kind) for kind in view.methods],
            method=str(attempt.kind) if attempt else None,
            action=action.as_json() if action else None,
            expires_at=payment.expires_at,
            seconds_left=view.seconds_left,
            paid_at=payment.paid_at,
            return_link=view.return_link,
        )
