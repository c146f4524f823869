"""Purchases, the plan of their tenders, and what a refund takes from each; no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from specie.billing import CreditNoteId
from specie.installments import OrderId, PlanId
from specie.kernel.ids import AccountId, EntryId, HoldId, PartyId, PaymentId, PrefixedId, WalletId
from specie.kernel.money import Money
from specie.payments import RefundId as PaymentRefundId
from specie.purchases.errors import NobodyBuys, NotCovered, PurchaseCannotMove, TenderInvalid, TenderShort


class PurchaseId(PrefixedId, prefix="buy"):
    """One total that a customer pays a merchant."""


class PurchaseRefundId(PrefixedId, prefix="brf"):
    """Some or all of a purchase, given back."""


class TenderKind(StrEnum):
    """What can pay, in the order in which it does."""

    CASHBACK = "cashback"
    WALLET = "wallet"
    INSTALLMENTS = "installments"
    PROVIDER = "provider"


class PurchaseState(StrEnum):
    """Where a purchase stands."""

    OPEN = "open"
    """Nobody has set anything aside."""
    HELD = "held"
    """Every tender has set its part aside, and the provider's answer is missing."""
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PurchaseMove(StrEnum):
    """What moves a purchase."""

    HOLD = "hold"
    COMPLETE = "complete"
    RELEASE = "release"
    CANCEL = "cancel"
    EXPIRE = "expire"


PURCHASE_NEXT: dict[tuple[PurchaseState, PurchaseMove], PurchaseState] = {
    (PurchaseState.OPEN, PurchaseMove.HOLD): PurchaseState.HELD,
    (PurchaseState.OPEN, PurchaseMove.CANCEL): PurchaseState.CANCELLED,
    (PurchaseState.OPEN, PurchaseMove.EXPIRE): PurchaseState.EXPIRED,
    (PurchaseState.HELD, PurchaseMove.COMPLETE): PurchaseState.COMPLETED,
    # Everything has been given back; the customer may try again while there is time.
    (PurchaseState.HELD, PurchaseMove.RELEASE): PurchaseState.OPEN,
    (PurchaseState.HELD, PurchaseMove.CANCEL): PurchaseState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Purchase:
    """One total, paid whole by several tenders or not at all. `attempt` counts how often tenders were set aside."""

    id: PurchaseId
    merchant_id: PartyId
    customer_id: PartyId | None
    """Who pays; None until somebody has taken on a purchase that names nobody."""
    reference: str
    title: str
    amount: Money
    state: PurchaseState
    attempt: int
    version: int
    created_at: datetime
    expires_at: datetime
    failure: str | None = None
    completed_at: datetime | None = None
    entry_id: EntryId | None = None
    returnable: AccountId | None = None
    """The account of what may still be given back."""
    tenders: Sequence[TenderKind] = tuple(TenderKind)
    """What the merchant takes."""
    taken_on: bool = False
    """Whether it named nobody, and is its customer's only while that pays."""
    sells_goods: bool = False
    """Whether it sells of the business's own catalogue: then it makes an invoice and moves stock."""

    @property
    def buyer(self) -> PartyId:
        """Who pays. Raises NobodyBuys while that is open."""
        if self.customer_id is None:
            raise NobodyBuys("its customer takes it on by paying on its page")
        return self.customer_id

    def after(self, move: PurchaseMove, **changes: Any) -> "Purchase":
        """The purchase after a move, with other changes. Raises PurchaseCannotMove."""
        state = PURCHASE_NEXT.get((self.state, move))
        if state is None:
            raise PurchaseCannotMove(f"{self.id} is {self.state}", state=self.state.value)
        return replace(self, state=state, version=self.version + 1, **changes)

    def let_go(self) -> "Purchase":
        """The purchase as it was before somebody took it on; one that names its customer stays as it is."""
        return replace(self, customer_id=None, taken_on=False) if self.taken_on else self


@dataclass(frozen=True, slots=True)
class Wish:
    """A tender the customer wants to pay with: so much, or as much as it can give and is needed.

    Installments name their plan and the fingerprint of the cost the customer agrees to.
    """

    kind: TenderKind
    amount: Money | None = None
    plan_id: PlanId | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Tender:
    """A wish together with the most it can give; without `most` there is no end to it."""

    wish: Wish
    most: Money | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What one tender pays."""

    wish: Wish
    amount: Money


def plan(total: Money, tenders: Sequence[Tender]) -> list[Share]:
    """Who pays how much of a total: wanted amounts first, then each tender in its order as far as it goes.

    The shares sum to the total. Raises TenderInvalid, TenderShort or NotCovered.
    """
    kinds = [each.wish.kind for each in tenders]
    if len(set(kinds)) < len(kinds):
        raise TenderInvalid("name each tender once", param="tenders")
    ordered = sorted(tenders, key=lambda each: list(TenderKind).index(each.wish.kind))
    rest = total
    parts: dict[TenderKind, Money] = {}
    for each in sorted(ordered, key=lambda one: one.wish.amount is None):
        part = _part(each, rest)
        parts[each.wish.kind] = part
        rest = rest - part
    if rest.minor:
        raise NotCovered(f"{rest} is not paid by any tender", missing=rest.minor)
    return [Share(each.wish, parts[each.wish.kind]) for each in ordered if parts[each.wish.kind].minor]


def _part(tender: Tender, rest: Money) -> Money:
    wanted = tender.wish.amount
    if wanted is None:
        return rest if tender.most is None else max(min(rest, tender.most), Money.zero(rest.currency))
    if wanted > rest:
        raise TenderInvalid(f"only {rest} is left to pay by {tender.wish.kind}", param="tenders")
    if tender.most is not None and wanted > tender.most:
        raise TenderShort(f"{tender.wish.kind} can give {tender.most}", tender=tender.wish.kind.value)
    return wanted


@dataclass(frozen=True, slots=True)
class Leg:
    """What one tender pays of a purchase in one attempt, and by what it does so."""

    n: int
    kind: TenderKind
    amount: Money
    wallet_id: WalletId | None = None
    hold_ids: Sequence[HoldId] = ()
    order_id: OrderId | None = None
    payment_id: PaymentId | None = None
    entry_id: EntryId | None = None


@dataclass(frozen=True, slots=True)
class RefundLeg:
    """What went back by one leg of a purchase."""

    n: int
    amount: Money
    entry_id: EntryId
    payment_refund_id: PaymentRefundId | None = None


@dataclass(frozen=True, slots=True)
class PurchaseRefund:
    """Some of a purchase that was given back, by the ways in which it had been paid."""

    id: PurchaseRefundId
    purchase_id: PurchaseId
    amount: Money
    taken_back: Money
    reason: str
    created_at: datetime
    created_by: str
    entry_id: EntryId
    legs: Sequence[RefundLeg] = ()
    credit_note_id: CreditNoteId | None = None
    """What took back the part of the invoice, where goods of the catalogue came back."""


def given_back(legs: Sequence[int], total: int) -> list[int]:
    """What has gone back by each leg when so much has gone back in all, in minor units.

    Every leg bears its proportion of what is left for it and those after it, rounded down, so that the parts sum to
    the total, no leg exceeds itself, and none falls when the total grows: a series of refunds ends where one refund
    of their sum would have.
    """
    parts, whole, rest = [], sum(legs), total
    for leg in legs:
        part = rest * leg // whole if whole else 0
        parts.append(part)
        whole, rest = whole - leg, rest - part
    return parts


def to_give_back(legs: Sequence[Leg], before: Money, amount: Money) -> list[tuple[Leg, Money]]:
    """What a refund takes from each leg when `before` has been given back already. Legs that bear nothing are left out.

    The amount is not more than is left.
    """
    sizes = [leg.amount.minor for leg in legs]
    earlier, later = given_back(sizes, before.minor), given_back(sizes, before.minor + amount.minor)
    found = [(leg, Money(new - old, amount.currency)) for leg, old, new in zip(legs, earlier, later, strict=True)]
    return [(leg, part) for leg, part in found if part.minor]
