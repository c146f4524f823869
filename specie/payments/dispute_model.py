"""Disputes: their states and what a fact means for one. No I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from specie.kernel.ids import AccountId, AttemptId, ConnectionId, PartyId, PaymentId, PrefixedId
from specie.kernel.money import Money
from specie.providers import DisputeState as AtProvider


class DisputeId(PrefixedId, prefix="dsp"):
    """A customer who asks the bank for the money back."""


class DisputeState(StrEnum):
    """Where a dispute stands."""

    CREATED = "created"
    """Open: the money is on hold until the bank has decided."""
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Dispute:
    """A disputed payment. While it is open the money waits in an account of its own.

    `answer_by`: until when the provider takes evidence; None when it has not said. `accepted_at`: when somebody gave
    in; until the provider has taken it the dispute is open, and `acceptance_failure` is why it was last not taken.
    """

    id: DisputeId
    payment_id: PaymentId
    merchant_id: PartyId
    attempt_id: AttemptId
    connection_id: ConnectionId
    provider_ref: str
    amount: Money
    fee: Money
    reason: str
    state: DisputeState
    is_from_pending: bool
    account_id: AccountId
    opened_at: datetime
    updated_at: datetime
    answer_by: datetime | None = None
    evidence: str | None = None
    evidence_by: str | None = None
    submitted_at: datetime | None = None
    submitted_by: str | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    acceptance_failure: str | None = None
    acceptance_tries: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the bank may still decide it either way."""
        return self.state is DisputeState.CREATED

    @property
    def is_being_accepted(self) -> bool:
        """Whether the provider is still to be told, or has not answered, that the merchant gives in."""
        return self.is_open and self.accepted_at is not None


_ENDS = {AtProvider.WON: DisputeState.WON, AtProvider.LOST: DisputeState.LOST}


def ended_as(dispute: Dispute, told: AtProvider) -> DisputeState | None:
    """How the provider's word ends a dispute; None when it changes nothing. What is decided is decided once."""
    return _ENDS.get(told) if dispute.is_open else None
