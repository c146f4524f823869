"""Refunds as providers speak of them: requests, answers, facts, and what an adapter that can refund offers."""

from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

from specie.kernel.money import Money
from specie.providers.model import ProviderAdapter, ProviderCall
from specie.providers.operation_model import OperationFact, ProviderOperation


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Money to give back of a charge. `reference` and `key` come from our row and are the same on every retry."""

    reference: str
    key: str
    charge_reference: str
    charge_ref: str
    amount: Money
    reason: str
    callback_url: str
    scenario: str = ""


@dataclass(frozen=True, slots=True)
class RefundQuestion:
    """Which refund is asked about: by our references, and by the provider's ids as far as they are known."""

    reference: str
    charge_reference: str
    charge_ref: str = ""
    provider_ref: str = ""


class ProviderRefund(ProviderOperation):
    """A refund as the provider tells of it. `reference` is empty for one that was made in its own dashboard."""

    __slots__ = ()


class RefundFact(OperationFact):
    """What a provider says has happened to one refund."""

    __slots__ = ()


class RefundingAdapter(Protocol):
    """What an adapter has beyond the common part when its capabilities say that it refunds."""

    def create_refund(self, request: RefundRequest) -> ProviderCall[ProviderRefund]:
        """Order a refund; the request's key goes along."""

    def get_refund(self, asked: RefundQuestion) -> ProviderCall[ProviderRefund | None]:
        """Ask what happened to our refund. None: the provider has never heard of it."""


@runtime_checkable
class NamingAdapter(Protocol):
    """What an adapter can do whose provider names a charge by its own id where it tells of refunds and disputes."""

    def name_charge(self, charge_ref: str) -> ProviderCall[str]:
        """Ask for our reference of a charge; empty when it is none of ours."""


def refunding(adapter: ProviderAdapter) -> RefundingAdapter | None:
    """The adapter as one that refunds; None when its provider does not."""
    return cast(RefundingAdapter, adapter) if adapter.capabilities().refunds else None
