"""What payouts tell: one event for every change of state, with the object's version."""

from enum import StrEnum
from typing import Any

from specie.events import NewEvent
from specie.payouts.model import Beneficiary, Payout, State


class PayoutEvent(StrEnum):
    """The facts this module publishes."""

    REQUESTED = "payout.requested"
    APPROVED = "payout.approved"
    SENT = "payout.sent"
    UNKNOWN = "payout.unknown"
    SUCCEEDED = "payout.succeeded"
    FAILED = "payout.failed"
    RETURNED = "payout.returned"
    CANCELLED = "payout.cancelled"
    ATTENTION = "payout.attention"


CATALOGUE: dict[str, str] = {
    PayoutEvent.REQUESTED: "Money is set aside for a payout; a second person may have to say yes.",
    PayoutEvent.APPROVED: "The payout may leave.",
    PayoutEvent.SENT: "A provider is being called, or has taken the order.",
    PayoutEvent.UNKNOWN: "A provider did not answer; it is asked until it does, and nothing is sent again.",
    PayoutEvent.SUCCEEDED: "The money has arrived.",
    PayoutEvent.FAILED: "The money has certainly not left; the wallet has it again.",
    PayoutEvent.RETURNED: "The money arrived and came back; the wallet has it again.",
    PayoutEvent.CANCELLED: "The payout was called off before it left; the wallet has its money again.",
    PayoutEvent.ATTENTION: "Something about a payout does not fit and waits for a person.",
}

_BY_STATE = {state: PayoutEvent(f"payout.{state.value}") for state in State}


def changed(payout: Payout) -> NewEvent:
    """The event of the state the payout has now."""
    return _event(_BY_STATE[payout.state], payout)


def attention(payout: Payout) -> NewEvent:
    """Something does not fit."""
    return _event(PayoutEvent.ATTENTION, payout)


def beneficiary_event(name: str, beneficiary: Beneficiary) -> NewEvent:
    """Something about an account in a party's book; nothing that would name it."""
    return NewEvent(
        type=f"beneficiary.{name}",
        subject=("beneficiary", str(beneficiary.id)),
        version=beneficiary.version,
        data={
            "beneficiary": {
                "id": str(beneficiary.id),
                "party_id": str(beneficiary.party_id),
                "rail": str(beneficiary.rail),
                "bank_code": beneficiary.bank_code,
                "hint": beneficiary.hint,
                "status": str(beneficiary.state),
                "usable_from": beneficiary.usable_from.isoformat(),
            }
        },
        party_id=beneficiary.party_id,
    )


def _event(type_: PayoutEvent, payout: Payout) -> NewEvent:
    return NewEvent(
        type=str(type_),
        subject=("payout", str(payout.id)),
        version=payout.version,
        data={"payout": snapshot(payout)},
        party_id=payout.party_id,
    )


def snapshot(payout: Payout) -> dict[str, Any]:
    """The payout as an event shows it: ids and amounts, nothing personal."""
    return {
        "id": str(payout.id),
        "party_id": str(payout.party_id),
        "wallet_id": str(payout.wallet_id),
        "beneficiary_id": str(payout.beneficiary_id),
        "reference": payout.reference,
        "status": str(payout.state),
        "version": payout.version,
        "amount": payout.amount.as_json(),
        "fee": payout.fee.as_json(),
        "failure": payout.failure,
        "attention": payout.attention,
        "entry_id": str(payout.entry_id) if payout.entry_id else None,
        "metadata": dict(payout.metadata),
    }
