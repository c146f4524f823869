"""Merchants, offers with their terms, purchases and the cashback they bring; no I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from specie.cashback.errors import AccrualCannotMove, MerchantCannotMove, OfferCannotMove, PurchaseCannotMove
from specie.kernel.ids import AccountId, PartyId, PrefixedId
from specie.kernel.money import Currency, Money

PURSE = "cashback"
"""The purpose of the wallet in which available cashback lies."""

DRAW_ORDER = 10
"""Its place among a party's purses: money of one's own, at 100, is spent after it."""


class OfferId(PrefixedId, prefix="ofr"):
    """A merchant's promise of cashback."""


class PurchaseId(PrefixedId, prefix="pur"):
    """Something bought, as the merchant told it."""


class AccrualId(PrefixedId, prefix="acr"):
    """What one offer gives for one purchase."""


class RewardKind(StrEnum):
    """How an offer says how much it gives."""

    PERCENT = "percent"
    FIXED = "fixed"
    TIERS = "tiers"


class Stacking(StrEnum):
    """Whether an offer gives beside others."""

    EXCLUSIVE = "exclusive"
    STACKABLE = "stackable"


class Clawback(StrEnum):
    """What happens when goods come back and their cashback has been spent."""

    DEBT = "debt"
    """The customer owes the rest; what comes next repays it."""
    FLOOR = "floor"
    """What the purse still has is taken; the offer bears the rest."""


class FundedBy(StrEnum):
    """Whose money fills an offer's budget."""

    MERCHANT = "merchant"
    HOUSE = "house"


class Audience(StrEnum):
    """For whose purchase an offer gives, and to whom."""

    EVERYONE = "everyone"
    REFERRED = "referred"
    """To whoever came by a friend's code, for the first purchase."""
    REFERRER = "referrer"
    """To the friend whose code it was, for that same purchase."""


@dataclass(frozen=True, slots=True)
class Tier:
    """From this amount of a purchase on, this rate of all of it or this fixed amount."""

    since: Money
    rate: Decimal | None = None
    fixed: Money | None = None


@dataclass(frozen=True, slots=True)
class Reward:
    """How much an offer gives: a rate of the purchase, a fixed amount, or the highest tier it reaches."""

    kind: RewardKind
    rate: Decimal | None = None
    fixed: Money | None = None
    tiers: Sequence[Tier] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What an offer promises. Changing them makes a new rule version; what was promised before stays as it was.

    `ends_at` is the first moment that is too late. None means no limit, no end and no expiry.
    """

    currency: Currency
    reward: Reward
    minimum: Money
    starts_at: datetime
    ends_at: datetime | None = None
    cap_purchase: Money | None = None
    cap_user: Money | None = None
    cap_total: Money | None = None
    priority: int = 100
    stacking: Stacking = Stacking.EXCLUSIVE
    return_days: int = 14
    expiry_days: int | None = None
    clawback: Clawback = Clawback.DEBT
    audience: Audience = Audience.EVERYONE


class OfferState(StrEnum):
    """Where an offer stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class OfferMove(StrEnum):
    """What moves an offer."""

    ACTIVATE = "activate"
    PAUSE = "pause"
    END = "end"


OFFER_NEXT: dict[tuple[OfferState, OfferMove], OfferState] = {
    (OfferState.DRAFT, OfferMove.ACTIVATE): OfferState.ACTIVE,
    (OfferState.DRAFT, OfferMove.END): OfferState.ENDED,
    (OfferState.ACTIVE, OfferMove.PAUSE): OfferState.PAUSED,
    (OfferState.ACTIVE, OfferMove.END): OfferState.ENDED,
    (OfferState.PAUSED, OfferMove.ACTIVATE): OfferState.ACTIVE,
    (OfferState.PAUSED, OfferMove.END): OfferState.ENDED,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A merchant's promise. `budget` is the account it spends from; `total` and `source` count what it gave."""

    id: OfferId
    merchant_id: PartyId
    name: str
    funded_by: FundedBy
    state: OfferState
    terms: Terms
    rule_version: int
    budget: AccountId
    source: AccountId
    total: AccountId
    version: int
    created_at: datetime
    created_by: str

    def after(self, move: OfferMove) -> "Offer":
        """The offer after a move. Raises OfferCannotMove."""
        state = OFFER_NEXT.get((self.state, move))
        if state is None:
            raise OfferCannotMove(f"an offer that is {self.state} cannot {move}", state=str(self.state))
        return replace(self, state=state, version=self.version + 1)

    def changed(self, name: str, terms: Terms) -> "Offer":
        """The offer under new terms, which purchases from now on get. Raises OfferCannotMove."""
        if self.state not in (OfferState.DRAFT, OfferState.PAUSED):
            raise OfferCannotMove(f"pause the offer first; it is {self.state}", state=str(self.state))
        return replace(self, name=name, terms=terms, rule_version=self.rule_version + 1, version=self.version + 1)


class MerchantState(StrEnum):
    """How far a merchant's activation is."""

    APPLIED = "applied"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class MerchantMove(StrEnum):
    """What moves an activation."""

    ACTIVATE = "activate"
    SUSPEND = "suspend"


MERCHANT_NEXT: dict[tuple[MerchantState, MerchantMove], MerchantState] = {
    (MerchantState.APPLIED, MerchantMove.ACTIVATE): MerchantState.ACTIVE,
    (MerchantState.SUSPENDED, MerchantMove.ACTIVATE): MerchantState.ACTIVE,
    (MerchantState.ACTIVE, MerchantMove.SUSPEND): MerchantState.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class CashbackMerchant:
    """A party that offers cashback, or wants to."""

    party_id: PartyId
    state: MerchantState
    reason: str
    version: int
    applied_at: datetime
    updated_at: datetime

    def after(self, move: MerchantMove, reason: str, now: datetime) -> "CashbackMerchant":
        """The activation after a move. Raises MerchantCannotMove."""
        state = MERCHANT_NEXT.get((self.state, move))
        if state is None:
            raise MerchantCannotMove(f"a merchant that is {self.state} cannot {move}", state=str(self.state))
        return replace(self, state=state, reason=reason, version=self.version + 1, updated_at=now)


class PurchaseState(StrEnum):
    """Where a purchase stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    REVERSED = "reversed"


class PurchaseMove(StrEnum):
    """What moves a purchase."""

    CONFIRM = "confirm"
    REJECT = "reject"
    RETURN_ALL = "return_all"


PURCHASE_NEXT: dict[tuple[PurchaseState, PurchaseMove], PurchaseState] = {
    (PurchaseState.PENDING, PurchaseMove.CONFIRM): PurchaseState.CONFIRMED,
    (PurchaseState.PENDING, PurchaseMove.REJECT): PurchaseState.REJECTED,
    (PurchaseState.PENDING, PurchaseMove.RETURN_ALL): PurchaseState.REVERSED,
    (PurchaseState.CONFIRMED, PurchaseMove.RETURN_ALL): PurchaseState.REVERSED,
}


@dataclass(frozen=True, slots=True)
class Purchase:
    """Something a party bought from a merchant. `returned` is how much of it came back."""

    id: PurchaseId
    merchant_id: PartyId
    party_id: PartyId
    external_id: str
    amount: Money
    returned: Money
    state: PurchaseState
    source: str
    occurred_at: datetime
    created_at: datetime
    version: int
    reason: str = ""

    @property
    def kept(self) -> Money:
        """What has not come back."""
        return self.amount - self.returned

    def after(self, move: PurchaseMove) -> "Purchase":
        """The purchase after a move. Raises PurchaseCannotMove."""
        state = PURCHASE_NEXT.get((self.state, move))
        if state is None:
            raise PurchaseCannotMove(f"a purchase that is {self.state} cannot {move}", state=str(self.state))
        return replace(self, state=state, version=self.version + 1)


class AccrualState(StrEnum):
    """Where the cashback of one offer for one purchase stands."""

    PENDING = "pending"
    """The purchase has not been confirmed."""
    CONFIRMED = "confirmed"
    """The return window is open."""
    AVAILABLE = "available"
    PAID = "paid"
    """All of it has been spent; seen when its time is over."""
    EXPIRED = "expired"
    REVERSED = "reversed"
    """The purchase was rejected or came back whole."""


class AccrualMove(StrEnum):
    """What moves cashback."""

    CONFIRM = "confirm"
    MATURE = "mature"
    USE_UP = "use_up"
    EXPIRE = "expire"
    REVERSE = "reverse"


ACCRUAL_NEXT: dict[tuple[AccrualState, AccrualMove], AccrualState] = {
    (AccrualState.PENDING, AccrualMove.CONFIRM): AccrualState.CONFIRMED,
    (AccrualState.PENDING, AccrualMove.REVERSE): AccrualState.REVERSED,
    (AccrualState.CONFIRMED, AccrualMove.MATURE): AccrualState.AVAILABLE,
    (AccrualState.CONFIRMED, AccrualMove.REVERSE): AccrualState.REVERSED,
    (AccrualState.AVAILABLE, AccrualMove.USE_UP): AccrualState.PAID,
    (AccrualState.AVAILABLE, AccrualMove.EXPIRE): AccrualState.EXPIRED,
    (AccrualState.AVAILABLE, AccrualMove.REVERSE): AccrualState.REVERSED,
    (AccrualState.PAID, AccrualMove.REVERSE): AccrualState.REVERSED,
    (AccrualState.EXPIRED, AccrualMove.REVERSE): AccrualState.REVERSED,
}

WAITING = frozenset({AccrualState.PENDING, AccrualState.CONFIRMED})
"""While its money lies in the accrual's own account."""


@dataclass(frozen=True, slots=True)
class Accrual:
    """What one offer gives for one purchase.

    `granted` was given at first and `room` is the most that caps and budget then allowed; `kept` is what returns have
    left of it, `borne` what the offer lost of a spent part, `expired` what ran out. `counter` counts against the
    customer's cap, where there was one.
    """

    id: AccrualId
    purchase_id: PurchaseId
    offer_id: OfferId
    rule_version: int
    party_id: PartyId
    merchant_id: PartyId
    account: AccountId
    counter: AccountId | None
    granted: Money
    room: Money
    kept: Money
    borne: Money
    expired: Money
    state: AccrualState
    working: Sequence[Mapping[str, Any]]
    matures_at: datetime
    expiry_days: int | None
    created_at: datetime
    version: int
    matured_at: datetime | None = None
    expires_at: datetime | None = None

    def after(self, move: AccrualMove) -> "Accrual":
        """The cashback after a move. Raises AccrualCannotMove."""
        state = ACCRUAL_NEXT.get((self.state, move))
        if state is None:
            raise AccrualCannotMove(f"cashback that is {self.state} cannot {move}", state=str(self.state))
        return replace(self, state=state, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class GoodsReturn:
    """Some of a purchase that came back."""

    purchase_id: PurchaseId
    external_id: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Where the cashback of returned goods is taken from, in this order: it adds up to what is to be taken.

    `waiting` has not become available yet, `breakage` had run out, `purse` is still there; of the spent rest `debt` is
    the customer's and `borne` the offer's.
    """

    waiting: Money
    breakage: Money
    purse: Money
    debt: Money
    borne: Money

    @property
    def to_budget(self) -> Money:
        """What the offer has again."""
        return self.waiting + self.breakage + self.purse + self.debt


def take_back(accrual: Accrual, clawback: Clawback, amount: Money, in_purse: Money) -> TakenBack:
    """How an amount of cashback is taken back, given what the customer's purse holds."""
    nothing = Money.zero(amount.currency)
    if accrual.state in WAITING:
        return TakenBack(amount, nothing, nothing, nothing, nothing)
    breakage = min(accrual.expired, amount)
    purse = min(amount - breakage, max(in_purse, nothing))
    rest = amount - breakage - purse
    if clawback is Clawback.DEBT:
        return TakenBack(nothing, breakage, purse, rest, nothing)
    return TakenBack(nothing, breakage, purse, nothing, rest)


@dataclass(frozen=True, slots=True)
class PurseMove:
    """One posting of a purse: above zero what came in, below it what left.

    `accrual_id` is the cashback it is about; with `brings` that became available with it.
    """

    at: datetime
    amount: Money
    accrual_id: AccrualId | None = None
    brings: bool = False


_NEVER = datetime.max.replace(tzinfo=UTC)


def ends(lot: Accrual) -> tuple[datetime, str]:
    """The order in which available cashback runs out and is spent."""
    return lot.expires_at or _NEVER, str(lot.id)


def unspent(lots: Sequence[Accrual], moves: Sequence[PurseMove]) -> dict[AccrualId, Money]:
    """How much of each piece of cashback is left after what moved an empty purse, in its order.

    What is spent was there when it was spent: of that, what runs out first. What comes back in fills up what was spent
    and still counts then, what runs out last first. What runs out or is taken back leaves its own piece first.
    """
    ordered = sorted(lots, key=ends)
    left = {lot.id: Money.zero(lot.granted.currency) for lot in ordered}
    for move in moves:
        if move.brings and move.accrual_id is not None:
            left[move.accrual_id] += move.amount
        elif move.amount.minor > 0:
            _fill(ordered, left, move)
        else:
            _drain(ordered, left, move)
    return left


def _fill(ordered: Sequence[Accrual], left: dict[AccrualId, Money], move: PurseMove) -> None:
    rest = move.amount
    for lot in reversed(ordered):
        if lot.matured_at is None or lot.matured_at > move.at or (lot.expires_at or _NEVER) <= move.at:
            continue
        part = min(rest, lot.granted - left[lot.id])
        left[lot.id] += part
        rest -= part


def _drain(ordered: Sequence[Accrual], left: dict[AccrualId, Money], move: PurseMove) -> None:
    rest = -move.amount
    own = [move.accrual_id] if move.accrual_id is not None else []
    for accrual_id in [*own, *(lot.id for lot in ordered)]:
        part = min(rest, left[accrual_id])
        left[accrual_id] -= part
        rest -= part
