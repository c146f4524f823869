"""Accounts, and entries before and after they are decided: values, no I/O, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from specie.kernel.ids import AccountId, EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger.controls import Keeper, keep, keeper_of, owner_of_room
from specie.ledger.errors import AccountControlled
from specie.ledger.recipes import Recipe

BUDGETS = "memo:budgets:"
"""The codes of the allowances that budgets draw on, and of their other sides."""


keep("Budgets", BUDGETS, instead="set the budget of the person or of the key")


def is_budget(code: str) -> bool:
    """Whether an account belongs to a budget: only what moves or promises money draws on it, nobody posts to it."""
    return code.startswith(BUDGETS)


ONLY_DRAWN = "only postings draw on a budget"
"""Why nothing else reaches the accounts of budgets."""


def require_journals(code: str) -> None:
    """Raises AccountControlled for an account that takes no postings by hand."""
    keeper = keeper_of(code)
    if keeper is not None and not keeper.takes_journals:
        raise _controlled(code, keeper)


def require_unkept(code: str) -> None:
    """Raises AccountControlled for an account that a module opens: its floor and its end are not decided by hand."""
    keeper = keeper_of(code)
    if keeper is not None:
        raise _controlled(code, keeper)


def require_own(code: str) -> None:
    """Raises AccountControlled for an account that nobody opens by hand: a module's, or one named like its own.

    What a module adds up by the beginning of codes must not hold what it knows nothing of.
    """
    require_unkept(code)
    keeper = owner_of_room(code)
    if keeper is not None:
        raise AccountControlled(
            f"{code} would lie among the accounts of {keeper.name}: choose another name",
            account=code,
            kept_by=keeper.name,
            param="code",
        )


def _controlled(code: str, keeper: Keeper) -> AccountControlled:
    detail = f"{code} is kept by {keeper.name}: {keeper.instead}"
    return AccountControlled(detail, account=code, kept_by=keeper.name, instead=keeper.instead)


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

    `window_seconds` makes a memo allowance roll: what was drawn flows back when that time has passed. `control` is the
    code of the control account of which it is one leaf among very many, whose balances are asked for by day.
    """

    code: str
    type: AccountType
    currency: Currency
    owner: PartyId | None = None
    floor: Money | None = None
    name: str = ""
    window_seconds: int | None = None
    control: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account as stored. The balance counts upwards on the normal side; `version` is the number of its postings.

    `owner_frozen` is the owner's own stop of debits, beside the tenant's `debits_frozen`: either is enough.
    """

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
    owner_frozen: bool = False
    is_monitored: bool = False


@dataclass(frozen=True, slots=True)
class Released:
    """What a rolling allowance gets back from a moment on, because by then its use has left the window."""

    at: datetime
    amount: Money


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


def moving(legs: Iterable[Leg]) -> list[Leg]:
    """The legs that move something, in their order: a fee of nothing or an empty share has no posting."""
    return [leg for leg in legs if leg.refill or (leg.amount is not None and leg.amount.minor > 0)]


@dataclass(frozen=True, slots=True)
class Budget:
    """What the postings of an actor in a currency draw on: two rolling allowances, and their other side."""

    actor: str
    currency: Currency
    source: AccountId
    day: AccountId
    month: AccountId

    def draw(self, amount: Money) -> list["Leg"]:
        """How an amount is drawn: the windows first take back what has aged out."""
        return [
            Leg(self.day, self.source, None, refill=True),
            Leg(self.source, self.day, amount),
            Leg(self.month, self.source, None, refill=True),
            Leg(self.source, self.month, amount),
        ]


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """A journal entry to decide. A *fact* has happened already and is stopped by neither freeze nor closed door.

    What it moves is drawn from `budgets`, unless it `was_counted` when it was promised or set aside. One written
    `by_hand` reaches no control account.
    """

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
    budgets: Sequence[Budget] = ()
    was_counted: bool = False
    by_hand: bool = False

    def account_ids(self) -> set[AccountId]:
        """Every account that the decision must read under lock."""
        found = set()
        for leg in self.legs:
            found |= {leg.debit, leg.credit} if leg.remainder is None else {leg.debit, leg.credit, leg.remainder}
        for each in self.budgets:
            found |= {each.source, each.day, each.month}
        return found

    def refilled(self) -> set[AccountId]:
        """The rolling allowances that take back what has aged out."""
        own = {leg.debit for leg in self.legs if leg.refill}
        return own | {account_id for each in self.budgets for account_id in (each.day, each.month)}


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
