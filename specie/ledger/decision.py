"""The decision whether a posting may happen; no I/O, no clock.

`Books.decide` is the one judge: the batcher, a product's own transaction and a bulk call all ask it, with account
states that were read under lock, or that the server proves to be so where the postings are written.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from specie.kernel.errors import BudgetExceeded, SpecieError
from specie.kernel.ids import AccountId
from specie.kernel.money import Money
from specie.ledger.errors import (
    AccountClosed,
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
from specie.ledger.model import (
    ONLY_DRAWN,
    Account,
    AccountType,
    Budget,
    EntryDraft,
    Leg,
    Posting,
    Released,
    is_budget,
    require_journals,
)
from specie.ledger.recipes import PROMISE

if TYPE_CHECKING:
    from specie.ledger.monitor_model import Monitor


class Standing:
    """An account within a decision, and where it stands after everything decided so far, in minor units."""

    __slots__ = ("account", "balance_minor", "last_recorded_at", "released", "version")

    def __init__(self, account: Account, released: Sequence[Released] = ()) -> None:
        self.account = account
        self.balance_minor = account.balance.minor
        self.version = account.version
        self.last_recorded_at = account.last_recorded_at
        self.released = released

    @property
    def floor_minor(self) -> int | None:
        """What the balance may not fall below, if anything."""
        return None if self.account.floor is None else self.account.floor.minor


class Books:
    """The accounts of a decision, and what rolling allowances may take back by then and soon after.

    `decide` keeps the outcome only when every posting is allowed.
    """

    def __init__(
        self,
        accounts: Mapping[AccountId, Account],
        released: Mapping[AccountId, Sequence[Released]],
        closed_through: date | None = None,
        monitors: Sequence["Monitor"] = (),
    ) -> None:
        self.accounts = accounts
        self.monitors = monitors
        self._closed_through = closed_through
        self._standings = {
            account_id: Standing(account, released.get(account_id, ())) for account_id, account in accounts.items()
        }

    @property
    def size(self) -> int:
        """How many accounts the books know."""
        return len(self._standings)

    def take_in(self, accounts: Iterable[Account]) -> None:
        """Add accounts that were not known; known ones stand where everything decided so far has left them."""
        for account in accounts:
            self._standings.setdefault(account.id, Standing(account))

    def uses(self, account_ids: Iterable[AccountId]) -> list[tuple[Account, datetime | None]]:
        """Accounts, each with the time of its last posting. Raises AccountMissing."""
        standings = map(self.standing, account_ids)
        return [(standing.account, standing.last_recorded_at) for standing in standings]

    def release(self, released: Mapping[AccountId, Sequence[Released]]) -> None:
        """Know what rolling allowances get back, instead of what was known of it."""
        for account_id, each in released.items():
            self.standing(account_id).released = each

    def forget(self, account_ids: Iterable[AccountId]) -> None:
        """Know nothing of these accounts any more."""
        for account_id in account_ids:
            self._standings.pop(account_id, None)

    def unknown(self, account_ids: Iterable[AccountId]) -> list[AccountId]:
        """Those of the accounts that the books do not know."""
        return [account_id for account_id in account_ids if account_id not in self._standings]

    def standing(self, account_id: AccountId) -> Standing:
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

    def last_recorded_at(self, account_ids: Iterable[AccountId]) -> datetime | None:
        """The latest recording time of any of the accounts. Raises AccountMissing."""
        times = [self.standing(account_id).last_recorded_at for account_id in account_ids]
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
        self._before: list[tuple[Standing, int, int, datetime | None, Sequence[Released]]] = []

    def undo(self) -> None:
        """Take back every step, the last one first."""
        for standing, balance_minor, version, last_recorded_at, released in reversed(self._before):
            standing.balance_minor = balance_minor
            standing.version = version
            standing.last_recorded_at = last_recorded_at
            standing.released = released

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

    def _refill(self, allowance: Standing, source: Standing) -> None:
        due = sum(each.amount.minor for each in allowance.released if each.at <= self._recorded_at)
        if due:
            self._post(allowance, source, Money(due, allowance.account.currency))
            allowance.released = [each for each in allowance.released if each.at > self._recorded_at]

    def _split(self, debit: Standing, credit: Standing, amount: Money, remainder: Standing) -> None:
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

    def _post(self, debit: Standing, credit: Standing, amount: Money) -> None:
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

    def _move(self, standing: Standing, change_minor: int) -> None:
        after_minor = standing.balance_minor + change_minor
        _require_room(standing.account, standing.balance_minor, after_minor)
        before = (standing, standing.balance_minor, standing.version)
        self._before.append((*before, standing.last_recorded_at, standing.released))
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
