"""Captures of an authorised charge as providers speak of them, and what an adapter that can do it offers."""

from dataclasses import dataclass
from typing import Protocol, cast

from specie.kernel.money import Money
from specie.providers.model import ProviderAdapter, ProviderCall
from specie.providers.operation_model import OperationFact, ProviderOperation


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """Money to take of an authorisation. `reference` and `key` come from our row and stay the same on every retry."""

    reference: str
    key: str
    charge_reference: str
    charge_ref: str
    amount: Money
    scenario: str = ""


class ProviderCapture(ProviderOperation):
    """A capture as the provider tells of it."""

    __slots__ = ()


class CaptureFact(OperationFact):
    """What a provider says has happened to one capture."""

    __slots__ = ()


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
