"""What can happen to a charge after it was paid: refunds, captures of an authorisation, disputes. No I/O, no clock."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from specie.providers.simulator.rules import fee_of

FINISHED_AFTER_SECONDS = 2
_ANSWERED_WITHIN_SECONDS = 7 * 24 * 3600


class OperationKind(StrEnum):
    """What is done to a charge."""

    REFUND = "refund"
    CAPTURE = "capture"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Operation:
    """A row of the simulator's book. `finishes_at`: when it turns from pending to its outcome, and tells of it."""

    id: str
    kind: str
    account: str
    charge_id: str
    charge_reference: str
    reference: str
    amount: int
    currency: str
    state: str
    outcome: str
    is_silent: bool
    callback_url: str
    created_at: int
    finishes_at: int | None
    occurred_at: int | None
    fee: int | None = None


def begun(scenario: str) -> tuple[str, str, bool]:
    """The first state, the outcome, and whether nobody is told: `slow`, `fail` and `lost` take a while."""
    words = set(scenario.split("+"))
    outcome = "failed" if "fail" in words else "done"
    waits = words & {"slow", "fail", "lost"}
    return "pending" if waits else "done", outcome, "lost" in words


def fee_for(kind: OperationKind, method: str, amount: int) -> int | None:
    """What the simulator keeps for it: as for a payment, one per cent for a dispute, nothing for a refund."""
    if kind is OperationKind.CAPTURE:
        return fee_of(method, amount)
    return amount // 100 if kind is OperationKind.DISPUTE else None


def told(operation: Operation) -> dict[str, Any]:
    """An operation as the API and the callbacks tell of it; one of the dashboard's has no reference."""
    is_dispute = operation.kind == OperationKind.DISPUTE
    return {
        "id": operation.id,
        "kind": operation.kind,
        "reference": operation.reference,
        "charge_reference": operation.charge_reference,
        "amount": operation.amount,
        "currency": operation.currency,
        "state": operation.state,
        "fee": operation.fee,
        "occurred_at": operation.occurred_at,
        "answer_by": operation.created_at + _ANSWERED_WITHIN_SECONDS if is_dispute else None,
    }
