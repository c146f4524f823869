"""Saved ways to pay as providers speak of them, and what an adapter that keeps them offers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, cast

from specie.kernel.ids import CallbackId, ConnectionId
from specie.kernel.money import Money
from specie.providers.model import ChargeKind, ProviderAdapter, ProviderCall, ProviderCharge, Trust


class KeepState(StrEnum):
    """Where the keeping of a way to pay stands at the provider, in our words."""

    WAITING = "waiting"
    """For the customer, who gives it to the provider on the provider's own page."""
    KEPT = "kept"
    ENDED = "ended"
    """Nothing was kept and nothing will be."""


@dataclass(frozen=True, slots=True)
class MethodRequest:
    """A customer's way to pay that the provider is to keep. `reference` is ours, the same on every retry."""

    reference: str
    kind: ChargeKind
    scenario: str = ""
    callback_url: str = ""

    @property
    def return_url(self) -> str:
        """Where the customer goes from the provider's page."""
        return self.callback_url.partition("/api/")[0] + "/"


@dataclass(frozen=True, slots=True)
class ProviderMethod:
    """A way to pay as its provider tells of it.

    Once it is kept: the token that stands for it, and what the customer knows it by. While it waits: the page to which
    the customer goes. Once it has ended: the provider's word for why.
    """

    state: KeepState
    token: str = ""
    label: str = ""
    provider_ref: str = ""
    page: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MethodFact:
    """That a provider has news of a way to pay. What they are it is asked: this only says when."""

    connection_id: ConnectionId
    reference: str
    provider_ref: str
    event_key: str
    raw_state: str
    trust: Trust
    state: str = "news"
    amount: Money | None = None
    must_requery: bool = False
    callback_id: CallbackId | None = None


class SavingAdapter(Protocol):
    """What an adapter has beyond the common part when its capabilities say that it keeps ways to pay."""

    def save_method(self, request: MethodRequest) -> ProviderCall[ProviderMethod]:
        """Keep a way to pay. The same reference gives the same one."""

    def get_method(self, reference: str, provider_ref: str) -> ProviderCall[ProviderMethod]:
        """Ask what became of a way to pay that waited for its customer."""

    def get_saved_charge(self, reference: str, token: str, provider_ref: str) -> ProviderCall[ProviderCharge | None]:
        """Ask what happened to a charge to a saved way to pay. None: the provider has certainly never heard of it.

        The token is empty once the way to pay was forgotten.
        """

    def forget_method(self, token: str) -> ProviderCall[None]:
        """Have the provider forget a way to pay. Accepted also when it knows of none."""


def saving(adapter: ProviderAdapter) -> SavingAdapter | None:
    """The adapter as one that keeps ways to pay; None when its provider does not."""
    return cast(SavingAdapter, adapter) if adapter.capabilities().saved_kinds else None
