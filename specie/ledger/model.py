"""Accounts, entries and the decision whether a posting may happen; no I/O, no clock.

`decide` is the one judge: the batcher, a product's own transaction and a bulk call all ask it, with account states that
were read under lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from specie.kernel.ids import AccountId, EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger.errors import (
    AccountClosed,
    AccountFrozen,
    AccountMissing,
    AmountNotPositive,
    BalanceOutOfRange,
    EmptyEntry,
    InsufficientFunds,
    MemoMixed,
    PostingCurrency,
    SameAccount,
)


class AccountType(StrEnum):
    """What an account stands for; it decides the normal side."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"
    MEMO = "memo"

    @property
    def debit_normal(self) -> bool:
        """Whether a debit raises the balance (asset, expense, memo) or lowers it."""
        return self in _DEBIT_NORMAL


_DEBIT_NORMAL = frozenset({AccountType.ASSET, AccountType.EXPENSE, AccountType.MEMO})


class Side(StrEnum):
    """The two sides of a posting."""

    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account to open. `floor` is the lowest balance allowed (None: no floor).

    `window_seconds` makes a memo allowance roll: what was drawn flows back when that time has passed.
    """

    code: str
    type: AccountType
    currency: Currency
    owner: PartyId | None = None
    floor: Money | None = None
    name: str = ""
    window_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account as stored. The balance counts upwards on the normal side; `version` is the number of its postings."""

    id: AccountId
    code: str
    type: AccountType
    currency: Currency
    owner: PartyId | None
    name: str
    floor: Money | None
    debits_frozen: bool
    credits_frozen: bool
    window_seconds: int | None
    closed_at: datetime | None
    balance: Money
    version: int
    last_recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """The named, versioned rule that turned a decision into postings."""

    name: str
    version: int

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Leg:
    """One intended posting.

    `remainder`: when the lowered account cannot bear the whole amount, this account takes its place for the rest (a
    fact is never refused). `refill=True` has no amount of its own: it posts back to a rolling memo allowance (the
    debit side) what its window has released since it was last used.
    """

    debit: AccountId
    credit: AccountId
    amount: Money | None
    remainder: AccountId | None = None
    refill: bool = False


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """A journal entry to decide. A *fact* has happened already and is stopped by neither freeze nor closed door."""

    recipe: Recipe
    legs: Sequence[Leg]
    description: str = ""
    effective_at: datetime | None = None
    is_fact: bool = False
    id: EntryId = field(default_factory=EntryId.new)
    reverses: EntryId | None = None
    callback_id: UUID | None = None
    approver: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def account_ids(self) -> set[AccountId]:
        """Every account that the decision must read under lock."""
        found = {leg.debit for leg in self.legs} | {leg.credit for leg in self.legs}
        return found | {leg.remainder for leg in self.legs if leg.remainder is not None}


@dataclass(frozen=True, slots=True)
class Posting:
    """One debit and one credit of the same amount, with each side's version, balance after, and floor in force."""

    line: int
    debit: AccountId
    credit: AccountId
    amount: Money
    debit_version: int
    credit_version: int
    debit_balance: Money
    credit_balance: Money
    debit_floor: Money | None
    credit_floor: Money | None
    is_memo: bool


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An immutable entry with its cause."""

    id: EntryId
    recipe: str
    description: str
    effective_at: datetime
    recorded_at: datetime
    business_date: date
    actor: str
    request_id: UUID
    postings: Sequence[Posting]
    idempotency_key: str | None = None
    reverses: EntryId | None = None
    callback_id: UUID | None = None
    approver: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Position:
    """Where an account stands within a decision."""

    balance_minor: int
    version: int
    last_recorded_at: datetime | None


class Books:
    """The accounts of one decision, read under lock, and what rolling allowances may take back.

    `decide` works on the side and keeps the outcome only when every posting is allowed.
    """

    def __init__(self, accounts: Mapping[AccountId, Account], released: Mapping[AccountId, int]) -> None:
        self._accounts = accounts
        self._positions = {
            account.id: _Position(account.balance.minor, account.version, account.last_recorded_at)
            for account in accounts.values()
        }
        self._released = dict(released)

    def account(self, account_id: AccountId) -> Account:
        """The account as it was read. Raises AccountMissing."""
        try:
            return self._accounts[account_id]
        except KeyError:
            raise AccountMissing(f"there is no account {account_id}") from None

    def balance(self, account_id: AccountId) -> Money:
        """The balance after everything decided so far. Raises AccountMissing."""
        account = self.account(account_id)
        return Money(self._positions[account_id].balance_minor, account.currency)

    def last_recorded_at(self, draft: EntryDraft) -> datetime | None:
        """The latest recording time of any account the entry names. Raises AccountMissing."""
        latest: datetime | None = None
        for account_id in draft.account_ids():
            self.account(account_id)
            time = self._positions[account_id].last_recorded_at
            if time is not None and (latest is None or time > latest):
                latest = time
        return latest

    def decide(self, draft: EntryDraft, recorded_at: datetime) -> list[Posting]:
        """The entry's postings in listed order, each judged after the ones before it; all or none count."""
        decision = _Decision(self, draft.is_fact, recorded_at)
        for leg in draft.legs:
            decision.take(leg)
        if not decision.postings:
            raise EmptyEntry("an entry needs at least one posting", param="postings")
        self._positions.update(decision.positions)
        for account_id in decision.refilled:
            del self._released[account_id]
        return decision.postings

    def position(self, account_id: AccountId) -> _Position:
        """Where the account stands after everything decided so far."""
        return self._positions[account_id]

    def released(self, account_id: AccountId) -> int:
        """What a rolling allowance may still take back, in minor units."""
        return self._released.get(account_id, 0)


class _Decision:
    """One entry being judged on the side of its books."""

    def __init__(self, books: Books, is_fact: bool, recorded_at: datetime) -> None:
        self.postings: list[Posting] = []
        self.positions: dict[AccountId, _Position] = {}
        self.refilled: set[AccountId] = set()
        self._books = books
        self._is_fact = is_fact
        self._recorded_at = recorded_at

    def take(self, leg: Leg) -> None:
        """Apply one leg. Raises the refusal of its first posting that is not allowed."""
        if leg.refill:
            self._refill(leg)
            return
        if leg.amount is None or leg.amount.minor <= 0:
            raise AmountNotPositive("a posting moves more than nothing", param="amount")
        if leg.remainder is None:
            self._post(leg.debit, leg.credit, leg.amount)
            return
        self._split(leg, leg.amount, leg.remainder)

    def _refill(self, leg: Leg) -> None:
        released = 0 if leg.debit in self.refilled else self._books.released(leg.debit)
        if released:
            self._post(leg.debit, leg.credit, Money(released, self._books.account(leg.debit).currency))
            self.refilled.add(leg.debit)

    def _split(self, leg: Leg, amount: Money, remainder: AccountId) -> None:
        debit_lowers = not self._books.account(leg.debit).type.debit_normal
        lowered = self._books.account(leg.debit if debit_lowers else leg.credit)
        room = amount.minor
        if lowered.floor is not None:
            room = max(self._position(lowered.id).balance_minor - lowered.floor.minor, 0)
        borne = Money(min(room, amount.minor), amount.currency)
        rest = amount - borne
        if borne.minor:
            self._post(leg.debit, leg.credit, borne)
        if rest.minor:
            debit, credit = (remainder, leg.credit) if debit_lowers else (leg.debit, remainder)
            self._post(debit, credit, rest)

    def _post(self, debit_id: AccountId, credit_id: AccountId, amount: Money) -> None:
        debit, credit = self._books.account(debit_id), self._books.account(credit_id)
        _require_pair(debit, credit, amount)
        if not self._is_fact:
            _require_open(debit, debit.debits_frozen)
            _require_open(credit, credit.credits_frozen)
        debit_after = self._move(debit, amount.minor if debit.type.debit_normal else -amount.minor)
        credit_after = self._move(credit, -amount.minor if credit.type.debit_normal else amount.minor)
        posting = Posting(
            line=len(self.postings),
            debit=debit_id,
            credit=credit_id,
            amount=amount,
            debit_version=debit_after.version,
            credit_version=credit_after.version,
            debit_balance=Money(debit_after.balance_minor, amount.currency),
            credit_balance=Money(credit_after.balance_minor, amount.currency),
            debit_floor=debit.floor,
            credit_floor=credit.floor,
            is_memo=debit.type is AccountType.MEMO,
        )
        self.postings.append(posting)

    def _move(self, account: Account, change_minor: int) -> _Position:
        before = self._position(account.id)
        balance_minor = before.balance_minor + change_minor
        _require_room(account, before.balance_minor, balance_minor)
        after = _Position(balance_minor, before.version + 1, self._recorded_at)
        self.positions[account.id] = after
        return after

    def _position(self, account_id: AccountId) -> _Position:
        return self.positions.get(account_id) or self._books.position(account_id)


def _require_pair(debit: Account, credit: Account, amount: Money) -> None:
    if debit.id == credit.id:
        raise SameAccount("debit and credit are the same account", account=debit.code)
    if not debit.currency.code == amount.currency.code == credit.currency.code:
        raise PostingCurrency(
            f"{amount.currency} does not fit {debit.currency} and {credit.currency} accounts", param="currency"
        )
    if (debit.type is AccountType.MEMO) != (credit.type is AccountType.MEMO):
        raise MemoMixed(f"{debit.code} and {credit.code} cannot be paired")


def _require_open(account: Account, frozen: bool) -> None:
    if account.closed_at is not None:
        raise AccountClosed(f"{account.code} is closed", account=account.code)
    if frozen:
        raise AccountFrozen(f"{account.code} is frozen for this", account=account.code)


def _require_room(account: Account, before_minor: int, after_minor: int) -> None:
    if abs(after_minor) > Money.MAX_MINOR:
        raise BalanceOutOfRange(f"{account.code} would pass 2^53-1 minor units", account=account.code)
    floor = account.floor
    if floor is not None and after_minor < before_minor and after_minor < floor.minor:
        raise InsufficientFunds(
            f"{account.code} may not fall below {floor}",
            account=account.code,
            account_id=str(account.id),
            available=max(before_minor - floor.minor, 0),
            currency=account.currency.code,
        )
