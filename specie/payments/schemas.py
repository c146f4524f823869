"""Wire shapes of payments, links and terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.payments.capture_model import Capture
from specie.payments.capture_schemas import CaptureOut
from specie.payments.dispute_model import Dispute
from specie.payments.dispute_schemas import DisputeOut
from specie.payments.model import (
    Attempt,
    CaptureMode,
    Payment,
    PaymentException,
    PaymentKind,
    Split,
    StateChange,
    reference_of,
)
from specie.payments.refund_model import Refund, RefundState
from specie.payments.refund_schemas import RefundOut
from specie.payments.route_model import ChoiceRow
from specie.payments.route_schemas import ChoiceOut
from specie.payments.service import CreatePayment
from specie.payments.settled_schemas import PaymentSettlementOut, ProviderMoneyOut
from specie.payments.sharing import Share, shares_of
from specie.platform.http import Schema
from specie.platform.wire import Amount, PositiveAmount, id_text, plain_line
from specie.providers import CallbackRow

_MONTH = 30 * 24 * 3600
Text = Annotated[str, Field(max_length=200), AfterValidator(plain_line)]
Reference = Annotated[str, Field(min_length=1, max_length=100, examples=["order-1001"]), AfterValidator(plain_line)]
Seconds = Annotated[int, Field(ge=60, le=_MONTH)]


class CustomerIn(Schema):
    """Who pays, as far as the merchant wants to say. Sealed at rest."""

    name: Text | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    phone: Annotated[str, Field(max_length=30)] | None = None


class SplitIn(Schema):
    """What another merchant gets of the payment."""

    merchant_id: str
    amount: PositiveAmount

    def value(self) -> Split:
        """The value."""
        return Split(id_text(PartyId, self.merchant_id, "splits"), self.amount.money())


class SplitOut(Schema):
    """What another merchant was promised of the payment."""

    merchant_id: str
    amount: Amount


class ShareOut(Schema):
    """What somebody gets of a shared payment. The shares add up to it; what is given back is borne in proportion."""

    merchant_id: str | None = Field(description="Null for the platform's fee")
    merchant_name: str | None
    amount: Amount
    refunded: Amount = Field(description="Given back of it, or on its way back")

    @classmethod
    def of(cls, share: Share, names: Mapping[PartyId, str]) -> "ShareOut":
        """The wire form."""
        return cls(
            merchant_id=str(share.party_id) if share.party_id else None,
            merchant_name=names.get(share.party_id) if share.party_id else None,
            amount=Amount.of(share.amount),
            refunded=Amount.of(share.refunded),
        )


class PaymentIn(Schema):
    """A payment to collect. `reference` is the merchant's own and can be used once."""

    merchant_id: str | None = Field(None, description="Needed unless the key belongs to a merchant")
    reference: Reference
    amount: PositiveAmount
    description: Text = ""
    customer: CustomerIn | None = None
    return_url: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="One of the addresses in the payment settings, letter for letter"
    )
    expires_in: Seconds | None = Field(None, description="Seconds until it expires")
    metadata: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=500)]] = Field(
        default_factory=dict, max_length=20
    )
    splits: list[SplitIn] = Field(
        default_factory=list,
        max_length=20,
        description="Fixed parts for other merchants, each named once; the rest, less the fee, is the payment's own "
        "merchant's. Not with `capture: manual`",
    )
    capture: Literal["automatic", "manual"] = Field(
        "automatic", description="manual: the customer's yes is kept, and you capture it later, at once or in parts"
    )

    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = Field(
        None, description="Where the customer is (ISO 3166), for routing"
    )

    def command(self) -> CreatePayment:
        """The use case's input."""
        return CreatePayment(
            party_id=id_text(PartyId, self.merchant_id, "merchant_id") if self.merchant_id else None,
            reference=self.reference,
            amount=self.amount.money(),
            description=self.description,
            customer=self.customer.model_dump(exclude_none=True) if self.customer else None,
            return_url=self.return_url,
            expires_in=self.expires_in,
            metadata=self.metadata,
            splits=[split.value() for split in self.splits],
            capture=CaptureMode(self.capture),
            country=self.country,
        )


class TopUpIn(Schema):
    """Money to put into the payer's own wallet."""

    party_id: str | None = Field(None, description="Whose wallet; needed unless the caller is a customer")
    amount: PositiveAmount
    reference: Reference | None = Field(None, description="Made up when left out")
    return_url: Annotated[str, Field(max_length=2000)] | None = None
    metadata: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=500)]] = Field(
        default_factory=dict, max_length=20
    )

    def command(self, reference: str) -> CreatePayment:
        """The use case's input; `reference` stands in for one left out."""
        return CreatePayment(
            party_id=id_text(PartyId, self.party_id, "party_id") if self.party_id else None,
            reference=self.reference or reference,
            amount=self.amount.money(),
            description="",
            kind=PaymentKind.TOP_UP,
            return_url=self.return_url,
            metadata=self.metadata,
        )


class PaymentOut(Schema):
    """A payment. `version` grows with every change of state."""

    id: str
    kind: str
    merchant_id: str
    reference: str
    amount: Amount
    description: str
    status: str = Field(description="created, pending, authorized, partly_captured, paid, failed, expired or cancelled")
    capture: str = Field(description="automatic, or manual for one that is captured later")
    captured: Amount = Field(description="What has been collected so far")
    authorized_until: datetime | None
    version: int
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    paid_late: bool
    failure: str | None
    platform_fee: Amount | None
    provider_fee: Amount | None
    net: Amount | None = Field(description="What the merchant gets")
    held_until: datetime | None
    released_at: datetime | None
    entry_id: str | None
    payment_link_id: str | None
    return_url: str | None
    metadata: dict[str, str]
    splits: list[SplitOut] = Field(description="What was promised to other merchants")
    checkout_url: str | None = Field(None, description="The hosted page; in lists always null")

    @classmethod
    def of(cls, payment: Payment) -> "PaymentOut":
        """The wire form."""
        return cls(**payment_fields(payment))


class PaymentListed(PaymentOut):
    """A payment with the names of both sides, for people who read lists."""

    merchant_name: str | None
    customer_name: str | None = Field(description="The name, or what else the merchant told of the customer")
    refunded: Amount = Field(description="Given back, or on its way back")
    disputed: bool = Field(description="Whether the customer's bank is deciding about it")

    @classmethod
    def named(
        cls,
        payment: Payment,
        merchant: str | None,
        customer: Mapping[str, str] | None,
        refunded_minor: int,
        *,
        disputed: bool,
    ) -> "PaymentListed":
        """The wire form."""
        return cls(
            **payment_fields(payment),
            merchant_name=merchant,
            customer_name=customer_name(customer),
            refunded=Amount.of(Money(refunded_minor, payment.amount.currency)),
            disputed=disputed,
        )


class AttemptOut(Schema):
    """One try at a provider."""

    id: str
    number: int
    connection_id: str
    method: str
    status: str
    reference: str
    provider_ref: str | None
    reason: str | None
    action: dict[str, str] | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptOut":
        """The wire form."""
        return cls(
            id=str(attempt.id),
            number=attempt.number,
            connection_id=str(attempt.connection_id),
            method=str(attempt.kind),
            status=str(attempt.state),
            reference=reference_of(attempt.id),
            provider_ref=attempt.provider_ref,
            reason=attempt.reason,
            action=attempt.action.as_json() if attempt.action else None,
            created_at=attempt.created_at,
            updated_at=attempt.updated_at,
        )


class TimelineOut(Schema):
    """One step of the payment or of an attempt, and the callback that caused it."""

    at: datetime
    object: str
    kind: str
    from_status: str | None
    status: str
    cause: str
    callback_id: str | None

    @classmethod
    def of(cls, change: StateChange) -> "TimelineOut":
        """The wire form."""
        return cls(
            at=change.at,
            object=change.subject,
            kind=change.machine,
            from_status=change.from_state,
            status=change.to_state,
            cause=change.cause,
            callback_id=str(change.callback_id) if change.callback_id else None,
        )


class ExceptionOut(Schema):
    """Something about a payment that waits for a person, or has been dealt with."""

    id: str
    payment_id: str
    attempt_id: str | None
    kind: str
    facts: dict[str, Any]
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None

    @classmethod
    def of(cls, found: PaymentException) -> "ExceptionOut":
        """The wire form."""
        return cls(
            id=str(found.id),
            payment_id=str(found.payment_id),
            attempt_id=str(found.attempt_id) if found.attempt_id else None,
            kind=found.kind,
            facts=dict(found.facts),
            opened_at=found.opened_at,
            closed_at=found.closed_at,
            closed_by=found.closed_by,
            note=found.note,
        )


class ExceptionClose(Schema):
    """How it was dealt with."""

    note: Annotated[str, Field(min_length=1, max_length=500)]


class CallbackBrief(Schema):
    """A callback that spoke of this payment."""

    id: str
    received_at: datetime
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything there is to a payment."""

    payment: Payment
    checkout_url: str | None
    customer: dict[str, str] | None
    names: Mapping[PartyId, str]
    attempts: Sequence[Attempt]
    timeline: Sequence[StateChange]
    exceptions: Sequence[PaymentException]
    callbacks: Sequence[CallbackRow]
    entries: Sequence[dict[str, Any]]
    refunds: Sequence[Refund]
    captures: Sequence[Capture]
    capturable: Money
    routing: Sequence[ChoiceRow]
    disputes: Sequence[Dispute]
    refundable: Money
    extras: dict[str, Any]


class PaymentDetail(PaymentListed):
    """A payment with its way, its tries, its postings and what was said about it, in and out."""

    customer: CustomerIn | None
    attempts: list[AttemptOut]
    timeline: list[TimelineOut]
    entries: list[dict[str, Any]] = Field(
        description="Journal entries with their postings and the codes of the accounts"
    )
    callbacks: list[CallbackBrief]
    exceptions: list[ExceptionOut]
    refunds: list[RefundOut]
    shares: list[ShareOut] = Field(description="Of a shared payment: who gets what, its own merchant first")
    routing: list[ChoiceOut] = Field(description="Why each attempt went where it went")
    captures: list[CaptureOut]
    disputes: list[DisputeOut]
    settlements: list[PaymentSettlementOut] = Field(
        description="When its money was paid over to its merchants; empty for whoever may not read settlements"
    )
    provider_money: list[ProviderMoneyOut] = Field(
        description="When its money comes from the provider; empty for whoever may not read the reconciliation"
    )
    capturable: Amount = Field(description="What may still be captured")
    refundable: Amount = Field(description="What may still be refunded")
    deliveries: list[dict[str, Any]] = Field(description="Webhook deliveries of this payment's events")
    events: list[dict[str, Any]] = Field(description="What the feed tells about this payment")

    @classmethod
    def opened(cls, detail: Detail) -> "PaymentDetail":
        """The wire form."""
        fields = payment_fields(detail.payment) | {"checkout_url": detail.checkout_url}
        return cls(
            **fields,
            merchant_name=detail.names.get(detail.payment.party_id),
            customer_name=customer_name(detail.customer),
            refunded=Amount.of(_refunded(detail)),
            shares=[ShareOut.of(share, detail.names) for share in shares_of(detail.payment, detail.refunds)],
            routing=[ChoiceOut.of(row) for row in detail.routing],
            disputes=[DisputeOut.of(dispute) for dispute in detail.disputes],
            settlements=[
                PaymentSettlementOut.named(each, detail.names) for each in detail.extras.get("settlements", [])
            ],
            provider_money=[ProviderMoneyOut(**each) for each in detail.extras.get("provider_money", [])],
            disputed=any(dispute.is_open for dispute in detail.disputes),
            captures=[CaptureOut.of(capture) for capture in detail.captures],
            capturable=Amount.of(detail.capturable),
            refunds=[RefundOut.of(refund) for refund in detail.refunds],
            refundable=Amount.of(detail.refundable),
            customer=CustomerIn(**detail.customer) if detail.customer else None,
            attempts=[AttemptOut.of(attempt) for attempt in detail.attempts],
            timeline=[TimelineOut.of(change) for change in detail.timeline],
            entries=list(detail.entries),
            callbacks=[
                CallbackBrief(id=str(row.id), received_at=row.received_at, state=row.state, reason=row.reason)
                for row in detail.callbacks
            ],
            exceptions=[ExceptionOut.of(found) for found in detail.exceptions],
            deliveries=detail.extras.get("deliveries", []),
            events=detail.extras.get("events", []),
        )


def _refunded(detail: Detail) -> Money:
    back = [each.amount.minor for each in detail.refunds if each.state is not RefundState.FAILED]
    return Money(sum(back), detail.payment.amount.currency)


class StatusOut(Schema):
    """Where a payment stands, light enough to ask often."""

    id: str
    status: str
    version: int
    paid_at: datetime | None

    @classmethod
    def of(cls, payment: Payment) -> "StatusOut":
        """The wire form."""
        return cls(id=str(payment.id), status=str(payment.state), version=payment.version, paid_at=payment.paid_at)


def payment_fields(payment: Payment) -> dict[str, Any]:
    """The fields of a payment's wire form."""
    return {
        "id": str(payment.id),
        "kind": str(payment.kind),
        "merchant_id": str(payment.party_id),
        "reference": payment.reference,
        "amount": Amount.of(payment.amount),
        "description": payment.description,
        "status": str(payment.state),
        "version": payment.version,
        "capture": str(payment.capture_mode),
        "captured": Amount.of(payment.captured),
        "authorized_until": payment.authorized_until,
        "created_at": payment.created_at,
        "expires_at": payment.expires_at,
        "paid_at": payment.paid_at,
        "paid_late": payment.paid_late,
        "failure": payment.failure,
        "platform_fee": amount_out(payment.platform_fee),
        "provider_fee": amount_out(payment.provider_fee),
        "net": amount_out(payment.net),
        "held_until": payment.held_until,
        "released_at": payment.released_at,
        "entry_id": str(payment.entry_id) if payment.entry_id else None,
        "payment_link_id": str(payment.link_id) if payment.link_id else None,
        "return_url": payment.return_url,
        "metadata": dict(payment.metadata),
        "splits": [
            SplitOut(merchant_id=str(split.party_id), amount=Amount.of(split.amount)) for split in payment.splits
        ],
    }


def customer_name(customer: Mapping[str, str] | None) -> str | None:
    """How a list calls a customer: by name, else by e-mail address, else by phone number."""
    known = customer or {}
    return known.get("name") or known.get("email") or known.get("phone")


def amount_out(money: Money | None) -> Amount | None:
    """The wire form of an amount that may be missing."""
    return None if money is None else Amount.of(money)
