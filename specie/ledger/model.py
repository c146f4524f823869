"""Accounts, entries and the decision whether a posting may happen; no I/O, no clock.

`decide` is the one judge: the batcher, a product's own transaction and a bulk call all ask it, with account states that
were read under lock.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from specie.kernel.errors import BudgetExceeded, SpecieError
from specie.kernel.ids import AccountId, EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger.controls import Keeper, keep, keeper_of, owner_of_room
from specie.ledger.errors import (
    AccountClosed,
    AccountControlled,
    AccountFrozen,
    AccountMissing,
    AmountNotPositive,
    BalanceOutOfRange,
    EmptyEntry,
    InsufficientFunds,
    MemoMixed,
    PeriodClosed,
    PostingCurrency,
    SameAccount,
)
from specie.ledger.recipes import PROMISE, Recipe

if TYPE_CHECKING:
    from specie.ledger.monitor_model import Monitor


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
        found = {leg.debit for leg in self.legs} | {leg.credit for leg in self.legs}
        found |= {account_id for each in self.budgets for account_id in (each.source, each.day, each.month)}
        return found | {leg.remainder for leg in self.legs if leg.remainder is not None}

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


class _Standing:
    """An account within a decision, and where it stands after everything decided so far."""

    __slots__ = ("account", "balance_minor", "last_recorded_at", "released_minor", "version")

    def __init__(self, account: Account, released_minor: int) -> None:
        self.account = account
        self.balance_minor = account.balance.minor
        self.version = account.version
        self.last_recorded_at = account.last_recorded_at
        self.released_minor = released_minor


class Books:
    """The accounts of one decision, read under lock, and what rolling allowances may take back.

    `decide` keeps the outcome only when every posting is allowed.
    """

    def __init__(
        self,
        accounts: Mapping[AccountId, Account],
        released: Mapping[AccountId, int],
        closed_through: date | None = None,
        monitors: Sequence["Monitor"] = (),
    ) -> None:
        self.accounts = accounts
        self.monitors = monitors
        self._closed_through = closed_through
        self._standings = {
            account_id: _Standing(account, released.get(account_id, 0)) for account_id, account in accounts.items()
        }

    def standing(self, account_id: AccountId) -> _Standing:
        """Where the account stands. Raises AccountMissing."""
        try:
            return self._standings[account_id]
        except KeyError:
            raise AccountMissing(f"there is no account {account_id}") from None

    def balance(self, account_id: AccountId) -> Money:
        """The balance after everything decided so far. Raises AccountMissing."""
        standing = self.standing(account_id)
        return Money(standing.balance_minor, standing.account.currency)

    def is_open(self, day: date) -> bool:
        """Whether the books still take entries that are effective on a business date."""
        return self._closed_through is None or day > self._closed_through

    def require_open(self, day: date) -> None:
        """Raises PeriodClosed for a business date up to which the books are closed."""
        if self._closed_through is not None and not self.is_open(day):
            raise PeriodClosed(
                f"the books are closed up to {self._closed_through}; choose a later day or reopen them",
                param="effective_at",
                closed_through=self._closed_through.isoformat(),
            )

    def last_recorded_at(self, draft: EntryDraft) -> datetime | None:
        """The latest recording time of any account the entry names. Raises AccountMissing."""
        times = [self.standing(account_id).last_recorded_at for account_id in draft.account_ids()]
        return max((time for time in times if time is not None), default=None)

    def decide(self, draft: EntryDraft, recorded_at: datetime) -> list[Posting]:
        """The entry's postings in listed order, each judged after the ones before it; all or none count.

        Raises AccountControlled for a leg by hand to an account that a module keeps, AccountFrozen for one to an
        account of a budget, and what each posting refuses.
        """
        if draft.by_hand:
            for account_id in (side for leg in draft.legs for side in (leg.debit, leg.credit)):
                require_journals(self.standing(account_id).account.code)
        decision = _Decision(self, draft.is_fact, recorded_at)
        try:
            for leg in draft.legs:
                if draft.recipe.name != PROMISE.name:
                    self._require_no_budget(leg)
                decision.take(leg)
            for budget in draft.budgets:
                decision.draw(budget)
            if not decision.postings:
                raise EmptyEntry("an entry needs at least one posting", param="postings")
        except SpecieError:
            decision.undo()
            raise
        return decision.postings

    def _require_no_budget(self, leg: Leg) -> None:
        # Whoever could post to an allowance could lift what limits them.
        for account_id in (leg.debit, leg.credit):
            code = self.standing(account_id).account.code
            if is_budget(code):
                raise AccountFrozen(ONLY_DRAWN, account=code)


class _Decision:
    """One entry being judged; `undo` leaves the books as they were."""

    def __init__(self, books: Books, is_fact: bool, recorded_at: datetime) -> None:
        self.postings: list[Posting] = []
        self._books = books
        self._is_fact = is_fact
        self._recorded_at = recorded_at
        self._before: list[tuple[_Standing, int, int, datetime | None, int]] = []

    def undo(self) -> None:
        """Take back every step, the last one first."""
        for standing, balance_minor, version, last_recorded_at, released_minor in reversed(self._before):
            standing.balance_minor = balance_minor
            standing.version = version
            standing.last_recorded_at = last_recorded_at
            standing.released_minor = released_minor

    def take(self, leg: Leg) -> None:
        """Apply one leg. Raises the refusal of its first posting that is not allowed."""
        debit, credit = self._books.standing(leg.debit), self._books.standing(leg.credit)
        if leg.refill:
            self._refill(debit, credit)
            return
        if leg.amount is None or leg.amount.minor <= 0:
            raise AmountNotPositive("a posting moves more than nothing", param="amount")
        if leg.remainder is None:
            self._post(debit, credit, leg.amount)
            return
        self._split(debit, credit, leg.amount, self._books.standing(leg.remainder))

    def draw(self, budget: Budget) -> None:
        """Count what the entry moves in the budget's currency. Raises BudgetExceeded."""
        moved = [each.amount for each in self.postings if not each.is_memo]
        total = sum(amount.minor for amount in moved if amount.currency == budget.currency)
        if total:
            for leg in budget.draw(Money(total, budget.currency)):
                self.take(leg)

    def _refill(self, allowance: _Standing, source: _Standing) -> None:
        released_minor = allowance.released_minor
        if released_minor:
            self._post(allowance, source, Money(released_minor, allowance.account.currency))
            allowance.released_minor = 0

    def _split(self, debit: _Standing, credit: _Standing, amount: Money, remainder: _Standing) -> None:
        debit_lowers = not debit.account.type.debit_normal
        lowered = debit if debit_lowers else credit
        floor, room = lowered.account.floor, amount.minor
        if floor is not None:
            room = max(lowered.balance_minor - floor.minor, 0)
        borne = Money(min(room, amount.minor), amount.currency)
        rest = amount - borne
        if borne.minor:
            self._post(debit, credit, borne)
        if rest.minor:
            self._post(*((remainder, credit) if debit_lowers else (debit, remainder)), rest)

    def _post(self, debit: _Standing, credit: _Standing, amount: Money) -> None:
        _require_pair(debit.account, credit.account, amount)
        if not self._is_fact:
            _require_open(debit.account, "debits", debit.account.debits_frozen or debit.account.owner_frozen)
            _require_open(credit.account, "credits", credit.account.credits_frozen)
        self._move(debit, amount.minor if debit.account.type.debit_normal else -amount.minor)
        self._move(credit, -amount.minor if credit.account.type.debit_normal else amount.minor)
        posting = Posting(
            line=len(self.postings),
            debit=debit.account.id,
            credit=credit.account.id,
            amount=amount,
            debit_version=debit.version,
            credit_version=credit.version,
            debit_balance=Money(debit.balance_minor, amount.currency),
            credit_balance=Money(credit.balance_minor, amount.currency),
            debit_floor=debit.account.floor,
            credit_floor=credit.account.floor,
            is_memo=debit.account.type is AccountType.MEMO,
        )
        self.postings.append(posting)

    def _move(self, standing: _Standing, change_minor: int) -> None:
        after_minor = standing.balance_minor + change_minor
        _require_room(standing.account, standing.balance_minor, after_minor)
        before = (standing, standing.balance_minor, standing.version)
        self._before.append((*before, standing.last_recorded_at, standing.released_minor))
        standing.balance_minor = after_minor
        standing.version += 1
        standing.last_recorded_at = self._recorded_at


def _require_pair(debit: Account, credit: Account, amount: Money) -> None:
    if debit.id == credit.id:
        raise SameAccount("debit and credit are the same account", account=debit.code)
    if not debit.currency.code == amount.currency.code == credit.currency.code:
        raise PostingCurrency(
            f"{amount.currency} does not fit {debit.currency} and {credit.currency} accounts", param="currency"
        )
    if (debit.type is AccountType.MEMO) != (credit.type is AccountType.MEMO):
        raise MemoMixed(f"{debit.code} and {credit.code} cannot be paired")


def _require_open(account: Account, side: str, frozen: bool) -> None:
    if account.closed_at is not None:
        raise AccountClosed(f"{account.code} is closed", account=account.code)
    if frozen:
        raise AccountFrozen(f"{account.code} takes no {side} at present", account=account.code, side=side)


def _require_room(account: Account, before_minor: int, after_minor: int) -> None:
    if abs(after_minor) > Money.MAX_MINOR:
        raise BalanceOutOfRange(f"{account.code} would pass 2^53-1 minor units", account=account.code)
    floor = account.floor
    if floor is not None and after_minor < before_minor and after_minor < floor.minor:
        if is_budget(account.code):
            raise _budget_exceeded(account, floor, before_minor)
        raise InsufficientFunds(
            f"{account.code} may not fall below {floor}",
            account=account.code,
            account_id=str(account.id),
            available=max(before_minor - floor.minor, 0),
            currency=account.currency.code,
        )


def _budget_exceeded(account: Account, floor: Money, before_minor: int) -> BudgetExceeded:
    _, holder, span = account.code.rsplit(":", 2)
    rest = Money(max(before_minor - floor.minor, 0), account.currency)
    return BudgetExceeded(
        f"{rest} is left of the {span}'s budget",
        budget=span,
        holder=holder,
        limit=-floor.minor,
        left=rest.minor,
        currency=account.currency.code,
    )
