"""Refunds: their states, what a fact means for one, and who bears which part. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from specie.kernel.ids import AccountId, AttemptId, ConnectionId, PartyId, PaymentId, PrefixedId
from specie.kernel.money import Money
from specie.payments.model import Payment
from specie.providers import OperationState as AtProvider


class RefundId(PrefixedId, prefix="ref"):
    """Money given back to a customer."""


class RefundState(StrEnum):
    """Where a refund stands."""

    CREATED = "created"
    """Reserved and written down; the provider has not been called, or nobody knows yet whether it was."""
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Origin(StrEnum):
    """Who wanted a refund."""

    REQUEST = "request"
    PROVIDER = "provider"
    """It was made at the provider without us: it has happened, whether we like it or not."""


LIVE_REFUNDS = frozenset({RefundState.CREATED, RefundState.PENDING, RefundState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Parts:
    """Who bears how much of a refund; the parts add up to it."""

    merchant: Money
    platform_fee: Money
    others: Mapping[PartyId, Money] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money going back of one payment. While it is live the money waits in an account of its own."""

    id: RefundId
    payment_id: PaymentId
    merchant_id: PartyId
    attempt_id: AttemptId
    connection_id: ConnectionId
    amount: Money
    reason: str
    origin: Origin
    state: RefundState
    parts: Parts
    is_from_pending: bool
    """Whether the merchants' parts were taken from what was still on hold for them."""
    account_id: AccountId | None
    tries: int
    created_at: datetime
    updated_at: datetime
    created_by: str
    provider_ref: str | None = None
    failure: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether the provider may still decide it either way."""
        return self.state in LIVE_REFUNDS


def reference_of(refund_id: RefundId) -> str:
    """Our reference at the provider: 32 characters of A-Z and 0-9."""
    return refund_id.uuid.hex.upper()


class RefundRuling(StrEnum):
    """What a fact means for a refund."""

    COMPLETE = "complete"
    """The reserved money has reached the customer."""
    GIVE_BACK = "give_back"
    """The reserved money returns to those it was taken from."""
    TAKE_BACK = "take_back"
    """A refund that had succeeded came back."""
    TAKE_AGAIN = "take_again"
    """A refund that we had given up reached the customer after all."""
    PROGRESS = "progress"
    EXCEPTION = "exception"
    NOTHING = "nothing"


_RULINGS: dict[tuple[AtProvider, RefundState], RefundRuling] = {
    **{(AtProvider.SUCCEEDED, state): RefundRuling.COMPLETE for state in LIVE_REFUNDS},
    **{(AtProvider.FAILED, state): RefundRuling.GIVE_BACK for state in LIVE_REFUNDS},
    **{(AtProvider.UNMAPPED, state): RefundRuling.EXCEPTION for state in RefundState},
    (AtProvider.PENDING, RefundState.CREATED): RefundRuling.PROGRESS,
    (AtProvider.PENDING, RefundState.UNKNOWN): RefundRuling.PROGRESS,
    (AtProvider.FAILED, RefundState.SUCCEEDED): RefundRuling.TAKE_BACK,
    (AtProvider.SUCCEEDED, RefundState.FAILED): RefundRuling.TAKE_AGAIN,
}


def judge_refund(refund: Refund, state: AtProvider, amount: Money | None) -> RefundRuling:
    """What the provider's word on a refund means; an amount other than ours is never booked."""
    ruling = _RULINGS.get((state, refund.state), RefundRuling.NOTHING)
    differs = amount is not None and amount != refund.amount
    return RefundRuling.EXCEPTION if differs and ruling is not RefundRuling.NOTHING else ruling


def parts_of(payment: Payment, earlier: Sequence[Refund], amount: Money, *, returns_fee: bool) -> Parts:
    """Who bears a refund, in proportion to what each still has of the payment, to the minor unit.

    `returns_fee`: our fee goes back too; otherwise the payment's own merchant bears it. `earlier` are refunds that
    have not failed. What exceeds everything that is left falls on the merchant.
    """
    zero = Money.zero(amount.currency)
    left = _minor(payment.captured) - sum(each.amount.minor for each in earlier)
    others = {
        split.party_id: split.amount.minor - sum(each.parts.others.get(split.party_id, zero).minor for each in earlier)
        for split in payment.splits
    }
    fee = _minor(payment.platform_fee) - sum(each.parts.platform_fee.minor for each in earlier)
    fee = max(0, min(fee, left - sum(others.values()))) if returns_fee else 0
    weights = [left - fee - sum(others.values()), fee, *others.values()]
    if left <= 0:
        return Parts(amount, zero)
    borne = min(amount.minor, left)
    merchant, platform_fee, *rest = Money(borne, amount.currency).allocate(weights)
    over = Money(amount.minor - borne, amount.currency)
    return Parts(merchant + over, platform_fee, dict(zip(others, rest, strict=True)))


def _minor(money: Money | None) -> int:
    return 0 if money is None else money.minor
