"""Kinds of notices, choices about them, and what is on its way; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from specie.events import Event
from specie.kernel.ids import EventId, PartyId, PrefixedId, UserId
from specie.kernel.permissions import Permission


class NoticeId(PrefixedId, prefix="ntc"):
    """One thing one person is told."""


class Channel(StrEnum):
    """How a notice leaves the console."""

    EMAIL = "email"
    TELEGRAM = "telegram"


class MessageState(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    SENT = "sent"
    GIVEN_UP = "given_up"


class Language(StrEnum):
    """A language notices are written in."""

    ENGLISH = "en"
    INDONESIAN = "id"


@dataclass(frozen=True, slots=True)
class Choice:
    """Where one kind of notice goes."""

    inbox: bool
    email: bool
    telegram: bool

    @property
    def channels(self) -> list[Channel]:
        """The channels besides the console."""
        wanted = {Channel.EMAIL: self.email, Channel.TELEGRAM: self.telegram}
        return [channel for channel, is_wanted in wanted.items() if is_wanted]

    @property
    def is_silent(self) -> bool:
        """Whether nobody is told anywhere."""
        return not (self.inbox or self.email or self.telegram)


@dataclass(frozen=True, slots=True)
class Kind:
    """Events that people choose about together; `permission` is what a person must hold to be told."""

    name: str
    types: tuple[str, ...]
    permission: Permission
    default: Choice
    # Told to the one colleague whom the event names, and to nobody else.
    is_personal: bool = False
    # Told to the customer it is about, and not to staff, to whom it happens hundreds of times a day.
    is_customers: bool = False

    def about(self, event: Event) -> PartyId | None:
        """The party an event is about: the customer it names where the kind is for customers."""
        named = event.data.get("customer_id") if self.is_customers else None
        return PartyId.parse(named) if isinstance(named, str) else event.party_id


_INBOX = Choice(inbox=True, email=False, telegram=False)
_MAIL = Choice(inbox=True, email=True, telegram=False)
# A shop has hundreds of these a day: whoever wants them says so.
_SILENT = Choice(inbox=False, email=False, telegram=False)
_OWED_IN_PARTS = ("installment.reminder", "installment.collection_failed", "installment.late_fee_charged")

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("payments", ("payment.paid",), Permission.PAYMENTS_READ, _SILENT),
        Kind("payment_exceptions", ("payment.exception",), Permission.PAYMENTS_MANAGE, _MAIL),
        Kind("refunds", ("refund.succeeded", "refund.failed"), Permission.PAYMENTS_READ, _INBOX),
        Kind("payouts", ("payout.succeeded", "payout.failed", "payout.returned"), Permission.PAYOUTS_READ, _INBOX),
        Kind("payout_attention", ("payout.attention",), Permission.PAYOUTS_MANAGE, _MAIL),
        Kind("approvals", ("approval.requested",), Permission.APPROVALS_DECIDE, _MAIL),
        Kind("webhooks", ("webhook_endpoint.disabled",), Permission.WEBHOOKS_WRITE, _INBOX),
        Kind("mentions", ("note.mentioned",), Permission.CRM_READ, _MAIL, is_personal=True),
        Kind("money_overdue", ("reconciliation.money_overdue",), Permission.RECONCILIATION_READ, _MAIL),
        Kind("balances", ("ledger.balance.crossed",), Permission.LEDGER_READ, _MAIL),
        Kind("disputes", ("dispute.opened", "dispute.won", "dispute.lost"), Permission.PAYMENTS_READ, _MAIL),
        Kind("installments_due", _OWED_IN_PARTS, Permission.INSTALLMENTS_READ, _MAIL, is_customers=True),
        Kind("cashback_expiring", ("cashback.expiring",), Permission.CASHBACK_READ, _MAIL, is_customers=True),
        Kind("problems", ("problem.reported",), Permission.CRM_WRITE, _MAIL),
        Kind("problem_answers", ("problem.answered",), Permission.WALLETS_READ, _MAIL, is_customers=True),
        Kind("stock_low", ("stock.low",), Permission.STOCK_READ, _INBOX),
    )
}
KIND_OF_TYPE: Mapping[str, Kind] = {name: kind for kind in KINDS.values() for name in kind.types}


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may be told: a member, what the role allows, and the party it is limited to."""

    user_id: UserId
    permissions: frozenset[Permission]
    party_id: PartyId | None
    is_limited: bool

    def may_hear(self, kind: Kind, about: PartyId | None, named: object = None) -> bool:
        """Whether an event of a kind about a party is this person's business; `named` is the user it names, if any."""
        if kind.is_personal and named != str(self.user_id):
            return False
        if kind.is_customers and not self.is_limited:
            return False
        return kind.permission in self.permissions and (not self.is_limited or self.party_id == about)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one person has chosen; a kind that is missing stays at its default. `chat` is sealed."""

    language: Language = Language.ENGLISH
    chat: bytes | None = None
    chosen: Mapping[str, Choice] = field(default_factory=dict)

    def about(self, kind: Kind) -> Choice:
        """Where notices of a kind go."""
        return self.chosen.get(kind.name, kind.default)


@dataclass(frozen=True, slots=True)
class Notice:
    """One event as told to one person."""

    id: NoticeId
    user_id: UserId
    event_id: EventId
    type: str
    subject: tuple[str, str]
    data: Mapping[str, Any]
    party_id: PartyId | None
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """A notice on its way through a channel. `error` says why the last try failed, without secrets."""

    id: UUID
    notice_id: NoticeId
    user_id: UserId
    channel: Channel
    state: MessageState
    event_type: str
    tries: int
    error: str | None
    created_at: datetime
    finished_at: datetime | None
