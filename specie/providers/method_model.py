"""Saved ways to pay as providers speak of them, and what an adapter that keeps them offers."""

from dataclasses import dataclass
from typing import Protocol, cast

from specie.providers.model import ChargeKind, ProviderAdapter, ProviderCall


@dataclass(frozen=True, slots=True)
class MethodRequest:
    """A customer's way to pay that the provider is to keep. `reference` is ours, the same on every retry."""

    reference: str
    kind: ChargeKind
    scenario: str = ""


@dataclass(frozen=True, slots=True)
class ProviderMethod:
    """A way to pay that the provider keeps: the token that stands for it, and what the customer knows it by."""

    token: str
    label: str


class SavingAdapter(Protocol):
    """What an adapter has beyond the common part when its capabilities say that it keeps ways to pay."""

    def save_method(self, request: MethodRequest) -> ProviderCall[ProviderMethod]:
        """Keep a way to pay. The same reference gives the same token."""


def saving(adapter: ProviderAdapter) -> SavingAdapter | None:
    """The adapter as one that keeps ways to pay; None when its provider does not."""
    return cast(SavingAdapter, adapter) if adapter.capabilities().saved_kinds else None
