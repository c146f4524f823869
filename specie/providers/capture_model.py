"""Captures of an authorised charge as providers speak of them, and what an adapter that can do it offers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, cast

from specie.kernel.ids import CallbackId, ConnectionId
from specie.kernel.money import Money
from specie.providers.model import ProviderAdapter, ProviderCall, Trust


class CaptureState(StrEnum):
    """Where a capture stands at the provider, in our words. `unmapped`: in a word we do not know."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """Money to take of an authorisation. `reference` and `key` come from our row and stay the same on every retry."""

    reference: str
    key: str
    charge_reference: str
    charge_ref: str
    amount: Money
    scenario: str = ""


@dataclass(frozen=True, slots=True)
class ProviderCapture:
    """A capture as the provider tells of it. `provider_ref` is its own id, never the charge's."""

    reference: str
    provider_ref: str
    charge_reference: str
    state: CaptureState
    raw_state: str
    amount: Money
    fee: Money | None
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaptureFact:
    """What a provider says has happened to one capture."""

    connection_id: ConnectionId
    reference: str
    provider_ref: str
    charge_reference: str
    event_key: str
    state: CaptureState
    raw_state: str
    amount: Money | None
    fee: Money | None
    occurred_at: datetime | None
    trust: Trust
    must_requery: bool
    callback_id: CallbackId | None = None


def capture_fact(capture: ProviderCapture, connection_id: ConnectionId) -> CaptureFact:
    """The fact in an answer to our own question or order."""
    return CaptureFact(
        connection_id=connection_id,
        reference=capture.reference,
        provider_ref=capture.provider_ref,
        charge_reference=capture.charge_reference,
        event_key="",
        state=capture.state,
        raw_state=capture.raw_state,
        amount=capture.amount,
        fee=capture.fee,
        occurred_at=capture.occurred_at,
        trust=Trust.QUERIED,
        must_requery=False,
    )


class CapturingAdapter(Protocol):
    """What an adapter has beyond the common part when it can authorise now and capture later.

    Its `cancel_charge` on an authorised charge gives up what has not been captured.
    """

    def create_capture(self, request: CaptureRequest) -> ProviderCall[ProviderCapture]:
        """Order a capture; the request's key goes along."""

    def get_capture(self, reference: str, charge_reference: str) -> ProviderCall[ProviderCapture | None]:
        """Ask what happened to our capture. None: the provider has never heard of it."""


def capturing(adapter: ProviderAdapter) -> CapturingAdapter | None:
    """The adapter as one that captures later; None when its provider does not."""
    return cast(CapturingAdapter, adapter) if adapter.capabilities().manual_capture else None
