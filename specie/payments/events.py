"""What payments tell: one event for every change of state, with the object's version."""

from enum import StrEnum
from typing import Any

from specie.events import NewEvent
from specie.kernel.money import Money
from specie.payments.capture_model import Capture
from specie.payments.dispute_model import Dispute
from specie.payments.model import Payment, PaymentException, PaymentState
from specie.payments.refund_model import Refund


class PaymentEvent(StrEnum):
    """The facts this module publishes."""

    CREATED = "payment.created"
    PENDING = "payment.pending"
    PAID = "payment.paid"
    FAILED = "payment.failed"
    EXPIRED = "payment.expired"
    CANCELLED = "payment.cancelled"
    EXCEPTION = "payment.exception"
    RELEASED = "payment.released"
    AUTHORIZED = "payment.authorized"
    PARTLY_CAPTURED = "payment.partly_captured"
    CAPTURE_SUCCEEDED = "capture.succeeded"
    CAPTURE_FAILED = "capture.failed"
    DISPUTE_OPENED = "dispute.opened"
    DISPUTE_WON = "dispute.won"
    DISPUTE_LOST = "dispute.lost"
    REFUND_CREATED = "refund.created"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"


CATALOGUE: dict[str, str] = {
    PaymentEvent.CREATED: "A payment waits for its customer, for the first time or after a charge was withdrawn.",
    PaymentEvent.PENDING: "The customer has chosen how to pay.",
    PaymentEvent.PAID: "The money has been collected and booked; `paid_late` says that it came after expiry.",
    PaymentEvent.FAILED: "A charge was declined; the customer can try again until the payment expires.",
    PaymentEvent.EXPIRED: "The time to pay is over.",
    PaymentEvent.CANCELLED: "The payment was called off.",
    PaymentEvent.EXCEPTION: "Something does not fit and waits for a person; money that arrived is in suspense.",
    PaymentEvent.RELEASED: "The hold is over; the merchant's share is available.",
    PaymentEvent.AUTHORIZED: "The customer has agreed; the money can be captured, at once or in parts.",
    PaymentEvent.PARTLY_CAPTURED: "Some of what was authorised has been captured.",
    PaymentEvent.CAPTURE_SUCCEEDED: "A part of an authorised payment was captured and booked.",
    PaymentEvent.CAPTURE_FAILED: "The provider did not capture; the amount can be captured again.",
    PaymentEvent.DISPUTE_OPENED: "A customer asks the bank for the money back; it is on hold until the bank decides.",
    PaymentEvent.DISPUTE_WON: "The bank decided for the merchant; the money is no longer on hold.",
    PaymentEvent.DISPUTE_LOST: "The bank decided for the customer, or the dispute was accepted; the money is gone.",
    PaymentEvent.REFUND_CREATED: "A refund was asked for; its money is reserved until the provider has answered.",
    PaymentEvent.REFUND_SUCCEEDED: "The customer has the money back; `origin` tells who wanted it.",
    PaymentEvent.REFUND_FAILED: "The provider did not refund, or the refund came back; the money is where it was.",
}

_BY_STATE = {state: PaymentEvent(f"payment.{state.value}") for state in PaymentState}


def changed(payment: Payment) -> NewEvent:
    """The event of the state the payment has now."""
    return _event(_BY_STATE[payment.state], payment, {})


def excepted(payment: Payment, found: PaymentException) -> NewEvent:
    """Something does not fit."""
    return _event(PaymentEvent.EXCEPTION, payment, {"exception": {"id": str(found.id), "kind": found.kind}})


def released(payment: Payment) -> NewEvent:
    """The merchant's share has become available."""
    return _event(PaymentEvent.RELEASED, payment, {})


def refunded(payment: Payment, refund: Refund) -> NewEvent:
    """The event of the state the refund has now; `version` is the payment's, which grows with it."""
    told = {
        "id": str(refund.id),
        "amount": refund.amount.as_json(),
        "status": str(refund.state),
        "origin": str(refund.origin),
        "reason": refund.reason,
        "failure": refund.failure,
    }
    return _event(PaymentEvent(f"refund.{refund.state.value}"), payment, {"refund": told})


def captured(payment: Payment, capture: Capture) -> NewEvent:
    """The event of how a capture ended; `version` is the payment's, which grows with it."""
    told = {
        "id": str(capture.id),
        "amount": capture.amount.as_json(),
        "status": str(capture.state),
        "failure": capture.failure,
    }
    return _event(PaymentEvent(f"capture.{capture.state.value}"), payment, {"capture": told})


def disputed(payment: Payment, dispute: Dispute) -> NewEvent:
    """The event of the state the dispute has now; `version` is the payment's, which grows with it."""
    told = {
        "id": str(dispute.id),
        "amount": dispute.amount.as_json(),
        "fee": dispute.fee.as_json(),
        "status": "open" if dispute.is_open else str(dispute.state),
        "reason": dispute.reason,
    }
    type_ = PaymentEvent.DISPUTE_OPENED if dispute.is_open else PaymentEvent(f"dispute.{dispute.state.value}")
    return _event(type_, payment, {"dispute": told})


def _event(type_: PaymentEvent, payment: Payment, more: dict[str, Any]) -> NewEvent:
    return NewEvent(
        type=str(type_),
        subject=("payment", str(payment.id)),
        version=payment.version,
        data={"payment": snapshot(payment), **more},
        party_id=payment.party_id,
    )


def snapshot(payment: Payment) -> dict[str, Any]:
    """The payment as an event shows it: ids and amounts, nothing personal."""
    return {
        "id": str(payment.id),
        "kind": str(payment.kind),
        "party_id": str(payment.party_id),
        "reference": payment.reference,
        "status": str(payment.state),
        "version": payment.version,
        "amount": payment.amount.as_json(),
        "paid_at": payment.paid_at.isoformat() if payment.paid_at else None,
        "paid_late": payment.paid_late,
        "platform_fee": _known(payment.platform_fee),
        "provider_fee": _known(payment.provider_fee),
        "net": _known(payment.net),
        "captured": payment.captured.as_json(),
        "entry_id": str(payment.entry_id) if payment.entry_id else None,
        "metadata": dict(payment.metadata),
        "splits": [{"party_id": str(split.party_id), "amount": split.amount.as_json()} for split in payment.splits],
    }


def _known(amount: Money | None) -> dict[str, int | str] | None:
    return None if amount is None else amount.as_json()
