"""What providers have in common: charges, facts, outcomes, and the interface of an adapter. No I/O, no clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, Self, TypeVar

from specie.kernel.ids import CallbackId, ConnectionId
from specie.kernel.money import Money
from specie.platform.outbound import OutboundResponse

if TYPE_CHECKING:
    from specie.providers.dialect import Dialect

    # What may be told of is a union of this file's facts and others, which are built on this file.
    from specie.providers.facts import Fact

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class ChargeKind(StrEnum):
    """How a customer pays."""

    QR = "qr"
    VIRTUAL_ACCOUNT = "virtual_account"
    EWALLET = "ewallet"
    CARD = "card"


class ChargeState(StrEnum):
    """Where a charge stands at the provider, in our words. `unmapped`: in a word we do not know."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    """Set aside on the customer's side until it is captured or let go."""
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNMAPPED = "unmapped"


class PayoutRail(StrEnum):
    """How money leaves."""

    BANK_ACCOUNT = "bank_account"
    EWALLET = "ewallet"


class PayoutState(StrEnum):
    """Where a payout stands at the provider, in our words. `unmapped`: in a word we do not know."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RETURNED = "returned"
    UNMAPPED = "unmapped"


class Trust(StrEnum):
    """How far a fact proves itself."""

    SIGNED = "signed"
    """Signed over the whole body."""
    PARTIAL = "signed_partial"
    """Signed, but not over the state or the amount."""
    STATIC = "token"
    """A static token, which says who but not what."""
    NONE = "none"
    QUERIED = "queried"
    """The provider's answer to our own question."""


class ErrorClass(StrEnum):
    """Why a provider refused, in our words."""

    AUTH = "auth"
    VALIDATION = "validation"
    DUPLICATE = "duplicate"
    LIMIT = "limit"
    UNSUPPORTED = "unsupported"
    RATE_LIMITED = "rate_limited"
    PROVIDER_DOWN = "provider_down"
    DECLINED = "declined"
    SOFT_DECLINED = "soft_declined"
    """Declined here; another provider may well accept it."""
    CUSTOMER_NEEDED = "customer_needed"
    """Not without the customer, whose bank wants to ask them."""


@dataclass(frozen=True, slots=True)
class Accepted(Generic[T_co]):
    """The provider did it, or answered the question."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Rejected:
    """Certainly not done. `safe_to_retry`: the same call may succeed later."""

    code: str
    error_class: ErrorClass
    safe_to_retry: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Done or not done: only the provider knows, and it has to be asked."""

    reason: str


Outcome = Accepted[T] | Rejected | Unknown


class Heard(StrEnum):
    """What asking a provider about something of ours brought."""

    KNOWN = "known"
    NEVER = "never"
    """The provider says that it has never heard of it."""
    SILENCE = "silence"
    """No answer, or one that is none: an earlier order may have arrived."""


class ActionKind(StrEnum):
    """What the customer has to do."""

    QR_STRING = "qr_string"
    QR_IMAGE = "qr_image"
    """The provider gives a picture to show instead of a text to scan."""
    VIRTUAL_ACCOUNT = "virtual_account"
    REDIRECT = "redirect"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Action:
    """What the customer has to do: scan `text` or the picture at `image`, pay to `number` at `bank`, or go to `url`.

    Besides a redirect, a `url` is the page on which a simulated payment is made.
    """

    kind: ActionKind
    text: str = ""
    bank: str = ""
    number: str = ""
    url: str = ""
    image: str = ""

    def as_json(self) -> dict[str, str]:
        """The stored and public form, without empty parts."""
        parts = {
            "kind": str(self.kind),
            "text": self.text,
            "bank": self.bank,
            "number": self.number,
            "url": self.url,
            "image": self.image,
        }
        return {name: value for name, value in parts.items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, str]) -> Self:
        """The value of a stored form."""
        parts = {name: value for name, value in stored.items() if name != "kind"}
        return cls(ActionKind(stored["kind"]), **parts)


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """A charge to create. `reference` and `key` come from our row and are the same on every retry."""

    reference: str
    key: str
    amount: Money
    kind: ChargeKind
    expires_at: datetime
    description: str
    callback_url: str
    return_url: str = ""
    scenario: str = ""
    manual_capture: bool = False
    method_token: str = ""
    """The saved way to pay it is taken from; the customer is not asked."""
    ordered_at: datetime | None = None

    @property
    def seconds(self) -> int:
        """How long the customer has, for providers that count from the order on; an hour when nobody said."""
        if self.ordered_at is None:
            return 3600
        return max(60, int((self.expires_at - self.ordered_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class ProviderCharge:
    """A charge as the provider tells of it. `raw_state` is its own word; no amount where the provider tells none."""

    reference: str
    provider_ref: str
    state: ChargeState
    raw_state: str
    amount: Money | None
    fee: Money | None
    action: Action
    occurred_at: datetime | None
    expires_at: datetime | None
    failure: ErrorClass | None = None
    """Why it failed, where the provider says more than that."""


@dataclass(frozen=True, slots=True)
class ProviderFact:
    """What a provider says has happened to one charge; the only thing that moves a payment."""

    connection_id: ConnectionId
    reference: str
    provider_ref: str
    event_key: str
    state: ChargeState
    raw_state: str
    amount: Money | None
    fee: Money | None
    occurred_at: datetime | None
    trust: Trust
    must_requery: bool
    action: Action | None = None
    callback_id: CallbackId | None = None
    failure: ErrorClass | None = None


@dataclass(frozen=True, slots=True)
class PayoutFact:
    """What a provider says has happened to one payout; the only thing that moves one that has been sent."""

    connection_id: ConnectionId
    reference: str
    provider_ref: str
    event_key: str
    state: PayoutState
    raw_state: str
    amount: Money | None
    fee: Money | None
    occurred_at: datetime | None
    trust: Trust
    must_requery: bool
    callback_id: CallbackId | None = None


def fact_of(charge: ProviderCharge, connection_id: ConnectionId) -> ProviderFact:
    """The fact in an answer to our own question or order."""
    return ProviderFact(
        connection_id=connection_id,
        reference=charge.reference,
        provider_ref=charge.provider_ref,
        event_key="",
        state=charge.state,
        raw_state=charge.raw_state,
        amount=charge.amount,
        fee=charge.fee,
        occurred_at=charge.occurred_at,
        trust=Trust.QUERIED,
        must_requery=False,
        action=None if charge.action.kind is ActionKind.NONE else charge.action,
        failure=charge.failure,
    )


class Handling(StrEnum):
    """What a subscriber did with a fact."""

    APPLIED = "applied"
    IGNORED = "ignored"
    UNKNOWN_REFERENCE = "unknown_reference"
    UNBOOKED = "unbooked"
    """It has happened and the books have no room for it; an exception says so."""


@dataclass(frozen=True, slots=True)
class RawCallback:
    """A callback exactly as it came. Header names are lower case; `received_at` is machine time."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    remote_ip: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RawResponse:
    """What a provider wants to hear."""

    status: int
    body: bytes
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One line of a provider's statement; amounts in minor units of one currency."""

    key: str
    kind: str
    reference: str | None
    provider_ref: str | None
    gross: Money
    fee: Money
    net: Money
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Some lines, and the cursor of the next ones."""

    rows: Sequence[StatementRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, so that routing is data."""

    charge_kinds: frozenset[ChargeKind]
    currencies: frozenset[str] | None
    can_cancel: bool
    callback_trust: Trust
    statement: bool
    min_minor: int = 1
    max_minor: int = Money.MAX_MINOR
    payout_rails: frozenset[PayoutRail] = frozenset()
    refunds: bool = False
    manual_capture: bool = False
    """Whether a charge can be authorised first and captured later, in parts."""
    saved_kinds: frozenset[ChargeKind] = frozenset()
    """Ways to pay that the provider keeps, so that later charges need no customer."""
    step_minor: int = 1
    """Amounts are whole multiples of this: 100 where the provider knows whole rupiah only."""
    account_inquiry: bool = False
    """Whether it can be asked whose bank account it is."""
    least_payouts: Mapping[PayoutRail, int] = field(default_factory=dict)
    """The smallest payout over a rail, in minor units."""
    accepts_disputes: bool = False
    """Whether it can be told that a dispute is accepted."""

    def takes(self, kind: ChargeKind, amount: Money) -> bool:
        """Whether a charge of this kind and amount is possible."""
        known = self.currencies is None or amount.currency.code in self.currencies
        return known and kind in self.charge_kinds and self._fits(amount)

    def pays(self, rail: PayoutRail, amount: Money) -> bool:
        """Whether a payout over this rail and of this amount is possible."""
        known = self.currencies is None or amount.currency.code in self.currencies
        enough = amount.minor >= self.least_payouts.get(rail, 1) and amount.minor % self.step_minor == 0
        return known and rail in self.payout_rails and enough

    def _fits(self, amount: Money) -> bool:
        return self.min_minor <= amount.minor <= self.max_minor and amount.minor % self.step_minor == 0


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a request carries that only its sending knows: machine time, a number used once, a token logged in for."""

    at: datetime
    number: str
    token: str


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a login gives, and for how many seconds it is good."""

    text: str = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class ProviderCall(Generic[T_co]):
    """One request, and how to read its answer.

    `sign` adds the headers that depend on the moment of sending. `login` gets the token for them; the transport keeps
    it, and renews it once when the provider no longer takes it. `known`: the answer is certain and nothing is sent.
    `then`: this is only a question, and the call that was meant is made of what it brought.
    """

    name: str
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes
    read: Callable[[OutboundResponse], "Accepted[T_co] | Rejected | Unknown"]
    sign: Callable[[Stamp], Mapping[str, str]] | None = None
    login: "ProviderCall[AccessToken] | None" = None
    known: "Accepted[T_co] | Rejected | Unknown | None" = None
    then: "Callable[[Any], ProviderCall[Any]] | None" = None


@dataclass(frozen=True, slots=True)
class Installation:
    """What adapters need to know of this installation: where it is reached, and where its simulator listens."""

    public_url: str
    simulator_url: str


class ProviderAdapter(Protocol):
    """One provider's dialect: builds requests and reads answers, without a socket or a clock."""

    name: ClassVar[str]
    dialect: ClassVar["Dialect"]

    @property
    def allow_private(self) -> bool:
        """Whether its address is one the operator chose and may lie in a private network."""

    @property
    def sandbox_only(self) -> bool:
        """Whether its money is not real, so that a live tenant may not connect it."""

    @classmethod
    def from_credentials(
        cls, connection_id: ConnectionId, credentials: Mapping[str, Any], installation: "Installation"
    ) -> Self:
        """An adapter that speaks for one connection. Raises CredentialsInvalid."""

    def credentials(self) -> dict[str, Any]:
        """What has to be kept, sealed, to make this adapter again, defaults filled in."""

    def capabilities(self) -> Capabilities:
        """What this connection can do."""

    def create_charge(self, request: ChargeRequest) -> ProviderCall[ProviderCharge]:
        """Order a charge; the request's key goes along."""

    def get_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge | None]:
        """Ask what happened to our reference. None: the provider has certainly never heard of it."""

    def cancel_charge(self, reference: str, provider_ref: str = "") -> ProviderCall[ProviderCharge]:
        """Ask the provider to take no payment any more; the answer's state says how it ended."""

    def probe(self) -> ProviderCall[None]:
        """Ask something harmless that needs the credentials; Accepted says that they work."""

    def list_statement(self, since: datetime, until: datetime, cursor: str | None) -> ProviderCall[StatementPage]:
        """Ask for statement lines of a window."""

    def parse_callback(self, raw: RawCallback) -> "Sequence[Fact]":
        """Verify and read a callback. Raises CallbackUnverified, then CallbackUnreadable."""

    def callback_reply(self) -> RawResponse:
        """What the provider wants to hear when its callback is stored."""
