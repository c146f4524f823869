"""What goes over the wire about paying an invoice through this platform."""

from specie.payments import Payment
from specie.platform.http import Schema
from specie.platform.wire import Amount, PositiveAmount


class PayLinkIn(Schema):
    """How much the customer is asked for; without it all that is open."""

    amount: PositiveAmount | None = None


class PayLinkOut(Schema):
    """A payment that collects an invoice, and the path of its hosted page."""

    payment_id: str
    amount: Amount
    checkout_path: str | None

    @classmethod
    def of(cls, payment: Payment, path: str | None) -> "PayLinkOut":
        """The wire form."""
        return cls(payment_id=str(payment.id), amount=Amount.of(payment.amount), checkout_path=path)
