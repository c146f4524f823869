"""Balance sheet, profit and loss and general ledger as sums of what the books hold; pure, no I/O and no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountType


@dataclass(frozen=True, slots=True)
class Movement:
    """The balance that the accounts at or below a code have in a period, on their own normal side.

    `account_id` is set when the code is a single account. `compared` is the same for the period compared with.
    """

    code: str
    type: AccountType
    currency: Currency
    account_id: AccountId | None
    amount: Money
    compared: Money


@dataclass(frozen=True, slots=True)
class Section:
    """All lines of one type with their sum."""

    type: AccountType
    lines: Sequence[Movement]
    total: Money
    compared: Money


@dataclass(frozen=True, slots=True)
class ProfitAndLoss:
    """What came in and went out in one currency; the result is income less expense."""

    currency: Currency
    income: Section
    expense: Section

    @property
    def result(self) -> Money:
        """Income less expense."""
        return self.income.total - self.expense.total

    @property
    def compared(self) -> Money:
        """The result of the period compared with."""
        return self.income.compared - self.expense.compared


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """What is owned, owed and left in one currency. `result` is all income less all expense up to the day."""

    currency: Currency
    assets: Section
    liabilities: Section
    equity: Section
    result: Money
    compared_result: Money

    @property
    def difference(self) -> Money:
        """Assets less liabilities, equity and result: zero, always."""
        return self.assets.total - self.liabilities.total - self.equity.total - self.result


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One account over a period: what it had, what was posted on each side, and what it has then."""

    account_id: UUID
    code: str
    type: AccountType
    opening: Money
    debit: Money
    credit: Money

    @property
    def closing(self) -> Money:
        """The opening balance and the period's postings, on the account's normal side."""
        moved = self.debit - self.credit
        return self.opening + (moved if self.type.debit_normal else -moved)


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One posting of a period as one account sees it."""

    entry_id: UUID
    line: int
    business_date: date
    recipe: str
    description: str
    debit: Money
    credit: Money


def profit_and_loss(movements: Sequence[Movement]) -> list[ProfitAndLoss]:
    """By currency, of the income and expense among the movements."""
    return [
        ProfitAndLoss(
            currency,
            _section(movements, AccountType.INCOME, currency),
            _section(movements, AccountType.EXPENSE, currency),
        )
        for currency in _currencies(movements)
    ]


def balance_sheet(movements: Sequence[Movement]) -> list[BalanceSheet]:
    """By currency, of everything up to a day."""
    results = {one.currency: one for one in profit_and_loss(movements)}
    return [
        BalanceSheet(
            currency,
            _section(movements, AccountType.ASSET, currency),
            _section(movements, AccountType.LIABILITY, currency),
            _section(movements, AccountType.EQUITY, currency),
            results[currency].result,
            results[currency].compared,
        )
        for currency in _currencies(movements)
    ]


def _section(movements: Sequence[Movement], kind: AccountType, currency: Currency) -> Section:
    lines = [one for one in movements if one.type is kind and one.currency == currency]
    zero = Money.zero(currency)
    return Section(kind, lines, sum((one.amount for one in lines), zero), sum((one.compared for one in lines), zero))


def _currencies(movements: Sequence[Movement]) -> list[Currency]:
    return sorted({one.currency for one in movements}, key=lambda currency: currency.code)
