"""Wallets, holds, limits and scheduled transfers; no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from specie.kernel.ids import AccountId, EntryId, HoldId, PartyId, TransferId, WalletId
from specie.kernel.money import Currency, Money
from specie.wallets.errors import HoldEnded, TransferEnded

DAY_SECONDS = 86_400
MONTH_SECONDS = 30 * DAY_SECONDS
MAIN = "main"
PASSING = "passing"
"""The purpose of a wallet that our own money passes on its way to a party, in and out with one commit."""


@dataclass(frozen=True, slots=True)
class LimitAccounts:
    """The memo accounts in which a party's limits are kept: what is used is below zero, the limit is the floor.

    All purses of a party in a currency share them, so that a further purse brings no further allowance. `day` and
    `month` roll: a use flows back when its window has passed. `room` mirrors what the purses have available and
    held, so that its floor is the balance's cap. `source` is the other side of all of them, one for each party, so
    that strangers never queue behind each other.
    """

    source: AccountId
    day: AccountId
    month: AccountId
    room: AccountId


@dataclass(frozen=True, slots=True)
class Wallet:
    """What a party has in one currency for one purpose. Purses with a lower `draw_order` pay first."""

    id: WalletId
    party_id: PartyId
    currency: Currency
    purpose: str
    draw_order: int
    available_account: AccountId
    pending_account: AccountId
    limits: LimitAccounts | None
    per_item: Money | None
    version: int
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Balances:
    """A wallet's money: free to spend, still on its way, and set aside; and who has stopped it.

    `debits_frozen` and `credits_frozen` are the tenant's doing, `owner_frozen` is the owner's own stop of debits.
    """

    available: Money
    pending: Money
    held: Money
    debits_frozen: bool
    credits_frozen: bool
    owner_frozen: bool


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """The limits of one tier in one currency; None is no limit."""

    tier: str
    currency: Currency
    per_item: Money | None = None
    per_day: Money | None = None
    per_month: Money | None = None
    balance: Money | None = None


@dataclass(frozen=True, slots=True)
class LimitLeft:
    """One limit of a wallet: what it allows, what is used, what is left."""

    kind: str
    limit: Money
    used: Money
    left: Money


class HoldState(StrEnum):
    """Where a hold can be."""

    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"
    EXPIRED = "expired"


class HoldEvent(StrEnum):
    """What can happen to a hold."""

    CAPTURE_PART = "capture_part"
    CAPTURE_ALL = "capture_all"
    RELEASE = "release"
    EXPIRE = "expire"


HOLD_NEXT: dict[tuple[HoldState, HoldEvent], HoldState] = {
    (HoldState.HELD, HoldEvent.CAPTURE_PART): HoldState.HELD,
    (HoldState.HELD, HoldEvent.CAPTURE_ALL): HoldState.CAPTURED,
    (HoldState.HELD, HoldEvent.RELEASE): HoldState.RELEASED,
    (HoldState.HELD, HoldEvent.EXPIRE): HoldState.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside in an account of its own; that account's balance is what is left of it."""

    id: HoldId
    wallet_id: WalletId
    account_id: AccountId
    amount: Money
    state: HoldState
    reason: str
    placed_at: datetime
    expires_at: datetime | None
    version: int
    held_for: str | None = None

    def after(self, event: HoldEvent) -> "Hold":
        """The hold after an event. Raises HoldEnded."""
        state = HOLD_NEXT.get((self.state, event))
        if state is None:
            raise HoldEnded(f"{self.id} is {self.state}")
        return replace(self, state=state, version=self.version + 1)


class TransferState(StrEnum):
    """Where a scheduled transfer can be."""

    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TransferEvent(StrEnum):
    """What can happen to a scheduled transfer."""

    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"


TRANSFER_NEXT: dict[tuple[TransferState, TransferEvent], TransferState] = {
    (TransferState.SCHEDULED, TransferEvent.COMPLETE): TransferState.COMPLETED,
    (TransferState.SCHEDULED, TransferEvent.FAIL): TransferState.FAILED,
    (TransferState.SCHEDULED, TransferEvent.CANCEL): TransferState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class ScheduledTransfer:
    """A transfer to be made at a later business time."""

    id: TransferId
    from_wallet: WalletId
    to_wallet: WalletId
    amount: Money
    due_at: datetime
    state: TransferState
    version: int
    entry_id: EntryId | None = None
    failure: str | None = None
    note: str | None = None

    def after(self, event: TransferEvent) -> "ScheduledTransfer":
        """The transfer after an event. Raises TransferEnded."""
        state = TRANSFER_NEXT.get((self.state, event))
        if state is None:
            raise TransferEnded(f"{self.id} is {self.state}")
        return replace(self, state=state, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Draw:
    """A part of an amount that one purse pays."""

    wallet: Wallet
    amount: Money


def plan_draw(purses: Sequence[tuple[Wallet, Money]], amount: Money) -> list[Draw]:
    """Which purses pay how much: in their draw order, each as far as its available money goes.

    What no purse can bear stays with the last one, whose floor then refuses it under lock.
    """
    draws: list[Draw] = []
    rest = amount
    ordered = sorted(purses, key=lambda purse: (purse[0].draw_order, str(purse[0].id)))
    for index, (wallet, available) in enumerate(ordered):
        last = index == len(ordered) - 1
        part = rest if last else min(rest, max(available, Money.zero(amount.currency)))
        if part.minor > 0:
            draws.append(Draw(wallet, part))
            rest = rest - part
    return draws
