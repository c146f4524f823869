"""Disputes as providers speak of them: a customer asks the bank for the money back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, cast, runtime_checkable

from specie.kernel.ids import CallbackId, ConnectionId
from specie.kernel.money import Money
from specie.providers.model import ProviderAdapter, ProviderCall, Trust


class DisputeState(StrEnum):
    """Where a dispute stands at the provider, in our words. `unmapped`: in a word we do not know."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class DisputeFact:
    """What a provider says of one dispute. It names the charge by our reference, the dispute by its own.

    `answer_by`: until when the provider takes evidence, if it says so.
    """

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
    answer_by: datetime | None = None
    callback_id: CallbackId | None = None
    charge_ref: str = ""
    """The provider's id of the charge, where it does not tell our reference."""


@dataclass(frozen=True, slots=True)
class DisputeQuestion:
    """Which dispute is asked about: by the provider's id of it, and by our reference of its charge."""

    provider_ref: str
    charge_reference: str


@dataclass(frozen=True, slots=True)
class AcceptanceRequest:
    """A dispute to give in to. `key` comes from our row and stays the same on every retry."""

    provider_ref: str
    key: str
    scenario: str = ""


@runtime_checkable
class DisputeAdapter(Protocol):
    """What an adapter can do whose provider can be asked about a dispute."""

    def get_dispute(self, asked: DisputeQuestion) -> ProviderCall[DisputeFact | None]:
        """Ask how a dispute stands. None: there is no such dispute."""


class AcceptingAdapter(DisputeAdapter, Protocol):
    """What an adapter has beyond the common part when its provider can be told that a dispute is accepted."""

    def accept_dispute(self, request: AcceptanceRequest) -> ProviderCall[DisputeFact | None]:
        """Give in to a dispute; the answer says how it stands then. Told twice, it is lost once."""


def accepting(adapter: ProviderAdapter) -> AcceptingAdapter | None:
    """The adapter as one that accepts disputes; None when its provider is not told so."""
    return cast(AcceptingAdapter, adapter) if adapter.capabilities().accepts_disputes else None
