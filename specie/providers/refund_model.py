"""Refunds as providers speak of them: requests, answers, facts, and what an adapter that can refund offers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, cast

from specie.kernel.ids import CallbackId, ConnectionId
from specie.kernel.money import Money
from specie.providers.model import ProviderAdapter, ProviderCall, Trust


class RefundState(StrEnum):
    """Where a refund stands at the provider, in our words. `unmapped`: in a word we do not know."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNMAPPED = "unmapped"


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
class ProviderRefund:
    """A refund as the provider tells of it. `reference` is empty for one that was made in its own dashboard."""

    reference: str
    provider_ref: str
    charge_reference: str
    state: RefundState
    raw_state: str
    amount: Money
    fee: Money | None
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefundFact:
    """What a provider says has happened to one refund."""

    connection_id: ConnectionId
    reference: str
    provider_ref: str
    charge_reference: str
    event_key: str
    state: RefundState
    raw_state: str
    amount: Money | None
    fee: Money | None
    occurred_at: datetime | None
    trust: Trust
    must_requery: bool
    callback_id: CallbackId | None = None


def refund_fact(refund: ProviderRefund, connection_id: ConnectionId) -> RefundFact:
    """The fact in an answer to our own question or order."""
    return RefundFact(
        connection_id=connection_id,
        reference=refund.reference,
        provider_ref=refund.provider_ref,
        charge_reference=refund.charge_reference,
        event_key="",
        state=refund.state,
        raw_state=refund.raw_state,
        amount=refund.amount,
        fee=refund.fee,
        occurred_at=refund.occurred_at,
        trust=Trust.QUERIED,
        must_requery=False,
    )


class RefundingAdapter(Protocol):
    """What an adapter has beyond the common part when its capabilities say that it refunds."""

    def create_refund(self, request: RefundRequest) -> ProviderCall[ProviderRefund]:
        """Order a refund; the request's key goes along."""

    def get_refund(self, reference: str, charge_reference: str) -> ProviderCall[ProviderRefund | None]:
        """Ask what happened to our refund. None: the provider has never heard of it."""


def refunding(adapter: ProviderAdapter) -> RefundingAdapter | None:
    """The adapter as one that refunds; None when its provider does not."""
    return cast(RefundingAdapter, adapter) if adapter.capabilities().refunds else None
