"""Imports of opening positions, their lines and states; no I/O, no clock."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from specie.catalogue import ProductId
from specie.kernel.ids import EntryId, PartyId, PrefixedId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity
from specie.ledger import AccountType
from specie.platform.searching import key_of
from specie.stock import WarehouseId


class OpeningImportId(PrefixedId, prefix="oim"):
    """A file with which a business brought its opening position in."""


class ImportState(StrEnum):
    """Where an import stands."""

    WAITING = "waiting"
    """A second person has to say yes to the whole of it; nothing is posted."""
    POSTED = "posted"
    REFUSED = "refused"


class Kind(StrEnum):
    """What a line is about."""

    ACCOUNT = "account"
    WALLET = "wallet"
    STOCK = "stock"
    INVOICE = "invoice"
    BILL = "bill"


DOCUMENTS = frozenset({Kind.INVOICE, Kind.BILL})
"""The kinds of what is open one by one."""


@dataclass(frozen=True, slots=True)
class AccountPlace:
    """An account of the books, with what to open it as where it is not there."""

    code: str
    type: AccountType
    name: str = ""
    kind: ClassVar[Kind] = Kind.ACCOUNT


@dataclass(frozen=True, slots=True)
class PursePlace:
    """A party's purse; the code is that of its available account."""

    code: str
    party_id: PartyId
    purpose: str
    kind: ClassVar[Kind] = Kind.WALLET
    type: ClassVar[AccountType] = AccountType.LIABILITY


@dataclass(frozen=True, slots=True)
class GoodsPlace:
    """So much of a product in a warehouse; the code is that of the account that says what it is worth."""

    code: str
    warehouse_id: WarehouseId
    product_id: ProductId
    quantity: Quantity
    kind: ClassVar[Kind] = Kind.STOCK
    type: ClassVar[AccountType] = AccountType.ASSET


@dataclass(frozen=True, slots=True)
class DocumentPlace:
    """An invoice or bill that has not been paid, by its old number; `total` is what all of it came to.

    The code is that of the account that will say what is open of it.
    """

    code: str
    kind: Kind
    document_id: PrefixedId
    party_id: PartyId
    number: str
    issued_on: date
    due_on: date
    total: Money
    note: str

    @property
    def type(self) -> AccountType:
        """What is open of an invoice is owed to us, and of a bill by us."""
        return AccountType.LIABILITY if self.kind is Kind.BILL else AccountType.ASSET

    @property
    def number_key(self) -> str:
        """The number without regard to large and small letters."""
        return key_of(self.number)

    @property
    def key(self) -> tuple[str, str]:
        """What no two documents have in common."""
        return f"{self.kind}:{self.party_id}", self.number_key


Place = AccountPlace | PursePlace | GoodsPlace | DocumentPlace


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line is refused: a stable code, the column at fault where one is, and words."""

    code: str
    column: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line judged: where it belongs, and how much of it on the normal side of that account.

    A refused line may have neither. `opens`: the account is not there before this line.
    """

    number: int
    place: Place | None = None
    amount: Money | None = None
    opens: bool = False
    warning: str | None = None
    problem: Problem | None = None
    entry_id: EntryId | None = None

    def refused(self, code: str, column: str | None, words: str) -> "Line":
        """The line with a reason why it cannot be."""
        return replace(self, problem=Problem(code, column, words))

    @property
    def debit(self) -> Money | None:
        """What the line debits its account with, and `equity:opening` gets; below zero it credits it."""
        if self.place is None or self.amount is None:
            return None
        return self.amount if self.place.type.debit_normal else -self.amount

    @property
    def moved(self) -> Money | None:
        """How much the line moves, whichever way."""
        debit = self.debit
        return -debit if debit is not None and debit.minor < 0 else debit


@dataclass(frozen=True, slots=True)
class Total:
    """What the good lines of an import come to in one currency; what they differ by goes to `equity:opening`."""

    debit: Money
    credit: Money

    @property
    def opening(self) -> Money:
        """By how much `equity:opening` grows."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Import:
    """An opening position as of the beginning of a business date; `digest` is the SHA-256 of the file."""

    id: OpeningImportId
    name: str
    digest: bytes
    cut_over_on: date
    state: ImportState
    lines: tuple[Line, ...]
    created_at: datetime
    created_by: str
    version: int = 1

    def ended(self, state: ImportState, lines: Sequence[Line] | None = None) -> "Import":
        """The import after a decision, with what its lines became."""
        return replace(self, state=state, lines=self.lines if lines is None else tuple(lines), version=self.version + 1)


def totals(lines: Sequence[Line]) -> list[Total]:
    """The debits and credits of the good lines, one total for each currency. Raises AmountOutOfRange."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        if line.debit is not None and line.problem is None:
            sums[line.debit.currency.code][line.debit.minor < 0] += abs(line.debit.minor)
    return [
        Total(Money(debit, Currency.of(code)), Money(credit, Currency.of(code)))
        for code, (debit, credit) in sorted(sums.items())
    ]
