"""Payments and attempts: their states, the edges between them, the judgement of a fact. No I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from specie.kernel.ids import (
    AccountId,
    AttemptId,
    CallbackId,
    ConnectionId,
    EntryId,
    PartyId,
    PaymentId,
    PaymentLinkId,
    PrefixedId,
)
from specie.kernel.money import Money
from specie.payments.errors import PaymentCannotMove
from specie.payments.method_model import MethodId
from specie.providers import Action, ChargeKind, ChargeState, ProviderFact

NO_ROOM = "balance_range"
"""Why money waits that would bring an account over what the books can hold."""


class ExceptionId(PrefixedId, prefix="exc"):
    """Something about a payment that a person has to look at."""


class PaymentKind(StrEnum):
    """Whom the money is for."""

    MERCHANT = "merchant"
    TOP_UP = "top_up"
    """The payer's own wallet."""
    INVOICE = "invoice"
    """The tenant itself: no fee, no hold, no settlement."""


class PaymentState(StrEnum):
    """Where a payment stands. Only `paid` is final: money can still arrive late for the others."""

    CREATED = "created"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    """The customer has agreed; nothing has been taken yet."""
    PARTLY_CAPTURED = "partly_captured"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class CaptureMode(StrEnum):
    """When an agreed payment is taken."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class PaymentMove(StrEnum):
    """What moves a payment."""

    TRY = "try"
    WITHDRAW = "withdraw"
    AUTHORIZE = "authorize"
    CAPTURE_PART = "capture_part"
    SUCCEED = "succeed"
    FAIL = "fail"
    EXPIRE = "expire"
    CANCEL = "cancel"


class AttemptState(StrEnum):
    """Where one try at a provider stands."""

    CREATED = "created"
    """Written down; the provider has not been called, or nobody knows yet whether it was."""
    PENDING = "pending"
    UNKNOWN = "unknown"
    AUTHORIZED = "authorized"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SET_ASIDE = "set_aside"
    """Money arrived that does not fit the payment; it waits in suspense."""


LIVE_ATTEMPTS = frozenset({AttemptState.CREATED, AttemptState.PENDING, AttemptState.UNKNOWN})
OPEN_PAYMENTS = frozenset({PaymentState.CREATED, PaymentState.PENDING, PaymentState.FAILED})

# The same edges stand in the migration, where a trigger holds everybody to them.
PAYMENT_EDGES: dict[tuple[PaymentState, PaymentMove], PaymentState] = {
    (PaymentState.CREATED, PaymentMove.TRY): PaymentState.PENDING,
    (PaymentState.FAILED, PaymentMove.TRY): PaymentState.PENDING,
    (PaymentState.PENDING, PaymentMove.WITHDRAW): PaymentState.CREATED,
    (PaymentState.PENDING, PaymentMove.SUCCEED): PaymentState.PAID,
    (PaymentState.CREATED, PaymentMove.SUCCEED): PaymentState.PAID,
    (PaymentState.FAILED, PaymentMove.SUCCEED): PaymentState.PAID,
    (PaymentState.EXPIRED, PaymentMove.SUCCEED): PaymentState.PAID,
    (PaymentState.PENDING, PaymentMove.FAIL): PaymentState.FAILED,
    (PaymentState.CREATED, PaymentMove.EXPIRE): PaymentState.EXPIRED,
    (PaymentState.PENDING, PaymentMove.EXPIRE): PaymentState.EXPIRED,
    (PaymentState.FAILED, PaymentMove.EXPIRE): PaymentState.EXPIRED,
    (PaymentState.CREATED, PaymentMove.CANCEL): PaymentState.CANCELLED,
    (PaymentState.PENDING, PaymentMove.CANCEL): PaymentState.CANCELLED,
    (PaymentState.FAILED, PaymentMove.CANCEL): PaymentState.CANCELLED,
    (PaymentState.CREATED, PaymentMove.AUTHORIZE): PaymentState.AUTHORIZED,
    (PaymentState.PENDING, PaymentMove.AUTHORIZE): PaymentState.AUTHORIZED,
    (PaymentState.FAILED, PaymentMove.AUTHORIZE): PaymentState.AUTHORIZED,
    (PaymentState.AUTHORIZED, PaymentMove.CAPTURE_PART): PaymentState.PARTLY_CAPTURED,
    (PaymentState.PARTLY_CAPTURED, PaymentMove.CAPTURE_PART): PaymentState.PARTLY_CAPTURED,
    (PaymentState.AUTHORIZED, PaymentMove.SUCCEED): PaymentState.PAID,
    (PaymentState.PARTLY_CAPTURED, PaymentMove.SUCCEED): PaymentState.PAID,
    (PaymentState.AUTHORIZED, PaymentMove.CANCEL): PaymentState.CANCELLED,
    (PaymentState.AUTHORIZED, PaymentMove.EXPIRE): PaymentState.EXPIRED,
}

_ENDS = (AttemptState.SUCCEEDED, AttemptState.SET_ASIDE)
ATTEMPT_EDGES: frozenset[tuple[AttemptState, AttemptState]] = frozenset(
    [
        (AttemptState.CREATED, AttemptState.PENDING),
        (AttemptState.CREATED, AttemptState.UNKNOWN),
        (AttemptState.UNKNOWN, AttemptState.PENDING),
        *((live, over) for live in LIVE_ATTEMPTS for over in (AttemptState.FAILED, AttemptState.CANCELLED)),
        *((live, AttemptState.EXPIRED) for live in LIVE_ATTEMPTS),
        *((live, AttemptState.AUTHORIZED) for live in LIVE_ATTEMPTS),
        (AttemptState.AUTHORIZED, AttemptState.CANCELLED),
        (AttemptState.AUTHORIZED, AttemptState.EXPIRED),
        *((state, end) for state in AttemptState if state not in _ENDS for end in _ENDS),
    ]
)


def moved(payment_id: PaymentId, state: PaymentState, move: PaymentMove) -> PaymentState:
    """The state after a move. Raises PaymentCannotMove."""
    target = PAYMENT_EDGES.get((state, move))
    if target is None:
        raise PaymentCannotMove(
            f"a payment that is {state} cannot {move}", payment_id=str(payment_id), state=str(state)
        )
    return target


@dataclass(frozen=True, slots=True)
class Split:
    """What another merchant gets of a payment."""

    party_id: PartyId
    amount: Money


@dataclass(frozen=True, slots=True)
class Payment:
    """The state machine around collecting one amount. `version` grows with every change of state."""

    id: PaymentId
    kind: PaymentKind
    party_id: PartyId
    reference: str
    amount: Money
    description: str
    state: PaymentState
    version: int
    created_at: datetime
    expires_at: datetime
    return_url: str | None = None
    link_id: PaymentLinkId | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    splits: Sequence[Split] = ()
    paid_at: datetime | None = None
    paid_late: bool = False
    entry_id: EntryId | None = None
    platform_fee: Money | None = None
    provider_fee: Money | None = None
    net: Money | None = None
    held_until: datetime | None = None
    released_at: datetime | None = None
    failure: str | None = None
    refundable_account: AccountId | None = None
    capture_mode: CaptureMode = CaptureMode.AUTOMATIC
    collected: Money | None = None
    """What has been captured so far; kept only for manual capture."""
    authorized_until: datetime | None = None
    capturable_account: AccountId | None = None
    country: str | None = None
    """Where the customer is, by ISO 3166 code of two letters, as far as the merchant says."""
    method_id: MethodId | None = None
    """The saved way to pay it is taken from, without asking the customer again."""

    @property
    def title(self) -> str:
        """What a statement calls it: a merchant's payment by its reference, a customer's own top-up simply so."""
        return "Top-up" if self.kind is PaymentKind.TOP_UP else f"Payment {self.reference}"

    @property
    def captured(self) -> Money:
        """What has been collected and booked."""
        if self.collected is not None:
            return self.collected
        return self.amount if self.state is PaymentState.PAID else Money.zero(self.amount.currency)

    @property
    def is_open(self) -> bool:
        """Whether the customer can still start to pay."""
        return self.state in OPEN_PAYMENTS


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one provider. `reference` is ours at the provider; `tries` counts the calls that ordered it."""

    id: AttemptId
    payment_id: PaymentId
    connection_id: ConnectionId
    number: int
    kind: ChargeKind
    state: AttemptState
    tries: int
    created_at: datetime
    updated_at: datetime
    provider_ref: str | None = None
    action: Action | None = None
    reason: str | None = None
    error_class: str | None = None

    @property
    def is_in_review(self) -> bool:
        """Whether its money has arrived and waits for a person, in suspense or where no account has room for it."""
        if self.reason == NO_ROOM:
            return self.state not in (AttemptState.SUCCEEDED, AttemptState.AUTHORIZED)
        return self.state is AttemptState.SET_ASIDE

    @property
    def is_live(self) -> bool:
        """Whether it may still lead to money without anybody ordering anew."""
        return self.state in LIVE_ATTEMPTS


def reference_of(attempt_id: AttemptId) -> str:
    """Our reference at the provider: 32 characters of A-Z and 0-9, which every provider takes."""
    return attempt_id.uuid.hex.upper()


@dataclass(frozen=True, slots=True)
class StateChange:
    """One step on the way of a payment or an attempt."""

    subject: str
    machine: str
    seq: int
    from_state: str | None
    to_state: str
    at: datetime
    cause: str
    callback_id: CallbackId | None


@dataclass(frozen=True, slots=True)
class PaymentException:
    """Something a person has to look at."""

    id: ExceptionId
    payment_id: PaymentId
    attempt_id: AttemptId | None
    kind: str
    facts: Mapping[str, Any]
    opened_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What applies to a merchant's payments: fees, hold, policy, looks. `fee_fixed` is in minor units by currency."""

    fee_rate: Decimal = Decimal(0)
    fee_fixed: Mapping[str, int] = field(default_factory=dict)
    rounding: str = "ROUND_HALF_UP"
    hold_days: int = 0
    accept_late: bool = True
    return_urls: tuple[str, ...] = ()
    display_name: str = ""
    accent_colour: str = ""
    expiry_seconds: int = 3600
    refund_fee: str = "keep"
    """Whether our fee goes back with a refund (`return`) or the merchant bears it (`keep`)."""
    methods_off: tuple[str, ...] = ()
    """Ways to pay that the merchant does not want."""


def platform_fee(terms: Terms, amount: Money) -> Money:
    """Rate and fixed part, rounded once, at most the amount. The merchant gets the rest, so nothing is lost."""
    fixed = Money(terms.fee_fixed.get(amount.currency.code, 0), amount.currency)
    return min(amount.rate(terms.fee_rate, terms.rounding) + fixed, amount)


class Ruling(StrEnum):
    """What a fact means for a payment."""

    PAY = "pay"
    SET_ASIDE = "set_aside"
    AUTHORIZE = "authorize"
    LET_GO = "let_go"
    PROGRESS = "progress"
    END = "end"
    EXCEPTION = "exception"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ruling and, where it is not plain, why."""

    ruling: Ruling
    reason: str = ""


_ENDED: dict[ChargeState, AttemptState] = {
    ChargeState.FAILED: AttemptState.FAILED,
    ChargeState.EXPIRED: AttemptState.EXPIRED,
    ChargeState.CANCELLED: AttemptState.CANCELLED,
}


def ended_as(state: ChargeState) -> AttemptState:
    """The state of an attempt whose charge ended without money."""
    return _ENDED[state]


def judge(payment: Payment, attempt: Attempt, fact: ProviderFact, *, is_settled: bool, accept_late: bool) -> Verdict:
    """What a fact means. `is_settled`: this very charge has been booked before, whoever told of it."""
    if is_settled:
        return Verdict(Ruling.NOTHING, "booked before")
    if fact.state is ChargeState.UNMAPPED:
        return Verdict(Ruling.EXCEPTION, "unmapped_state")
    if attempt.state is AttemptState.AUTHORIZED:
        return _judge_authorized(fact)
    if fact.state is ChargeState.AUTHORIZED:
        return _judge_yes(payment, attempt, fact)
    if fact.state is ChargeState.PAID:
        return _judge_money(payment, attempt, fact, accept_late=accept_late)
    if fact.state is ChargeState.PENDING:
        waiting = attempt.state in (AttemptState.CREATED, AttemptState.UNKNOWN)
        return Verdict(Ruling.PROGRESS if waiting else Ruling.NOTHING)
    # A late "failed" or "expired" never takes back what has been paid, nor ends twice.
    return Verdict(Ruling.END if attempt.is_live else Ruling.NOTHING)


def _judge_yes(payment: Payment, attempt: Attempt, fact: ProviderFact) -> Verdict:
    if attempt.state in _ENDS:
        return Verdict(Ruling.NOTHING, "captured before")
    if fact.amount != payment.amount:
        return Verdict(Ruling.EXCEPTION, "authorized_amount")
    fits = payment.capture_mode is CaptureMode.MANUAL and payment.is_open and attempt.is_live
    return Verdict(Ruling.AUTHORIZE) if fits else Verdict(Ruling.EXCEPTION, "authorized_late")


def _judge_authorized(fact: ProviderFact) -> Verdict:
    # Captures tell of themselves: the charge's own word counts only when the authorisation is over.
    over = fact.state in (ChargeState.CANCELLED, ChargeState.EXPIRED)
    return Verdict(Ruling.LET_GO if over else Ruling.NOTHING)


def _judge_money(payment: Payment, attempt: Attempt, fact: ProviderFact, *, accept_late: bool) -> Verdict:
    if fact.amount is None or not fact.provider_ref:
        return Verdict(Ruling.EXCEPTION, "amount_missing")
    if fact.amount.currency.code != payment.amount.currency.code:
        return Verdict(Ruling.SET_ASIDE, "currency_mismatch")
    if fact.amount.minor != payment.amount.minor:
        return Verdict(Ruling.SET_ASIDE, "amount_mismatch")
    if payment.state is PaymentState.PAID or attempt.state in _ENDS:
        return Verdict(Ruling.SET_ASIDE, "second_charge")
    if payment.state is PaymentState.CANCELLED:
        return Verdict(Ruling.SET_ASIDE, "paid_after_cancel")
    if payment.state is PaymentState.EXPIRED and not accept_late:
        return Verdict(Ruling.SET_ASIDE, "paid_late")
    return Verdict(Ruling.PAY)
