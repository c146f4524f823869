"""Disputes as providers speak of them: a customer asks the bank for the money back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from specie.kernel.ids import CallbackId, ConnectionId
from specie.kernel.money import Money
from specie.providers.model import Trust


class DisputeState(StrEnum):
    """Where a dispute stands at the provider, in our words. `unmapped`: in a word we do not know."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class DisputeFact:
    """What a provider says of one dispute. It names the charge by our reference, the dispute by its own."""

    connection_id: ConnectionId
    reference: str
    provider_ref: str
    charge_reference: str
    event_key: str
    state: DisputeState
    raw_state: str
    amount: Money | None
    fee: Money | None
    occurred_at: datetime | None
    trust: Trust
    must_requery: bool
    reason: str = ""
    callback_id: CallbackId | None = None
