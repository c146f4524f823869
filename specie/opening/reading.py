"""What the lines of an opening position may say, read one by one. No I/O, no clock.

The kinds of line share the columns of one file; each kind says which it needs and refuses those of the others, so
that nothing somebody wrote is left out silently.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity, amount_in_units
from specie.ledger import AccountType
from specie.opening.errors import OpeningLineUnfit
from specie.opening.model import DOCUMENTS, Kind
from specie.platform.row_files import FileRow, ImportRefused, Layout
from specie.wallets import PASSING

MAX_LINES = 6_000
MAX_OTHERS = 1_000
"""How many of the lines may be about anything but documents, which are looked up and posted together."""

LAYOUT = Layout(
    columns=(
        *("kind", "account", "type", "name", "party", "purse", "product", "warehouse"),
        *("quantity", "unit_cost", "currency", "amount", "number", "issued_on", "due_on", "total", "note"),
    ),
    required=frozenset({"kind"}),
    rows_called="lines",
    max_rows=MAX_LINES,
    also={
        "code": "account",
        "balance": "amount",
        "sku": "product",
        "cost": "unit_cost",
        "customer": "party",
        "supplier": "party",
        "open_amount": "amount",
        "issue_day": "issued_on",
        "due_day": "due_on",
    },
)

_USED: dict[Kind, frozenset[str]] = {
    Kind.ACCOUNT: frozenset({"account", "type", "name", "currency", "amount"}),
    Kind.WALLET: frozenset({"party", "purse", "currency", "amount"}),
    Kind.STOCK: frozenset({"product", "warehouse", "quantity", "unit_cost", "currency", "amount"}),
    **dict.fromkeys(
        DOCUMENTS, frozenset({"party", "number", "issued_on", "due_on", "currency", "amount", "total", "note"})
    ),
}
_CODE = re.compile(r"[a-z]+(:[a-z0-9_.-]+)+")
_PURSE = re.compile(r"[a-z0-9_-]{1,40}")
_DAY = re.compile(r"(19|20)\d\d-\d\d-\d\d")
_MAIN = "main"
_LONGEST = 200
_LONGEST_NUMBER = 60
_ELSEWHERE = {
    "equity:opening": "every line has it as its other side",
    "liability:wallets:": "bring a purse in with a line of the kind wallet",
    "asset:stock:": "bring goods in with a line of the kind stock",
    "memo:": "memo accounts hold no money",
}
# Modules open these themselves, with the owner and the floor that belong to them.
_KEPT = re.compile(
    r"(asset|liability):"
    r"(billing|cashback|debts|installments|payables|payments|providers|settlement|suspense)(:.*)?"
)


@dataclass(frozen=True, slots=True)
class AskedAccount:
    """A line about an account; with a type it is opened where it is not there."""

    code: str
    type: AccountType | None
    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class AskedPurse:
    """A line about a purse; the party is an id, an e-mail address or a phone number."""

    party: str
    purpose: str
    amount: Money


@dataclass(frozen=True, slots=True)
class AskedGoods:
    """A line about goods; either what a unit costs or what all of them do, in text until the currency is known."""

    sku: str
    warehouse: str
    quantity: Quantity
    unit_cost: str
    amount: str
    currency: str

    def worth(self, currency: Currency) -> Money:
        """What the goods are worth in the currency their warehouse values them in. Raises OpeningLineUnfit."""
        if self.currency and self.currency.upper() != currency.code:
            raise OpeningLineUnfit(f"the warehouse values its goods in {currency}", param="currency")
        column = "unit_cost" if self.unit_cost else "amount"
        cost = _money(self.unit_cost or self.amount, currency, column)
        if cost.minor < 0:
            raise OpeningLineUnfit("goods cost no less than nothing", param=column)
        return self.quantity.times(cost) if self.unit_cost else cost


@dataclass(frozen=True, slots=True)
class AskedDocument:
    """A line about a document of which something is open; the party is named as for a purse."""

    kind: Kind
    party: str
    number: str
    issued_on: date
    due_on: date
    open: Money
    total: Money
    note: str


Asked = AskedAccount | AskedPurse | AskedGoods | AskedDocument


def read_line(row: FileRow) -> Asked:
    """What a row asks for. Raises OpeningLineUnfit, which names the column, or UnknownCurrency."""
    values = row.values
    said = values.get("kind", "").lower()
    if said not in set(Kind):
        raise OpeningLineUnfit(f"a line is of the kind {', '.join(Kind)}", param="kind")
    kind = Kind(said)
    for column, value in values.items():
        _check(kind, column, value)
    return _document(kind, values) if kind in DOCUMENTS else _READERS[kind](values)


def require_few_others(rows: Sequence[FileRow]) -> None:
    """Raise ImportRefused when too many lines are about accounts, purses and stock."""
    if sum(row.values.get("kind", "").lower() not in DOCUMENTS for row in rows) > MAX_OTHERS:
        raise ImportRefused(f"a file has at most {MAX_OTHERS} lines of accounts, purses and stock", param="file")


def _check(kind: Kind, column: str, value: str) -> None:
    if value and column != "kind" and column not in _USED[kind]:
        raise OpeningLineUnfit(f"a line of the kind {kind} has no {column}", param=column)
    if len(value) > _LONGEST or "\0" in value:
        raise OpeningLineUnfit(f"a cell holds at most {_LONGEST} characters", param=column)


def _account(values: dict[str, str]) -> Asked:
    code = _needed(values, "account").lower()
    if _CODE.fullmatch(code) is None:
        raise OpeningLineUnfit("an account's code is a path like asset:bank:main", param="account")
    for prefix, why in _ELSEWHERE.items():
        if code == prefix or (prefix.endswith(":") and code.startswith(prefix)):
            raise OpeningLineUnfit(why, param="account")
    return AskedAccount(code, _type(values.get("type", ""), code), values.get("name", ""), _amount(values))


def is_kept_by_module(code: str) -> bool:
    """Whether an account of this code is opened by a module alone, with what it is about."""
    return _KEPT.fullmatch(code) is not None


def _type(said: str, code: str) -> AccountType | None:
    if not said:
        return None
    if said.lower() not in set(AccountType):
        raise OpeningLineUnfit("a type is asset, liability, equity, income or expense", param="type")
    if said.lower() != code.split(":", 1)[0]:
        raise OpeningLineUnfit("an account's code begins with its type", param="type")
    return AccountType(said.lower())


def _purse(values: dict[str, str]) -> Asked:
    purpose = values.get("purse", "").lower() or _MAIN
    if _PURSE.fullmatch(purpose) is None:
        raise OpeningLineUnfit("a purse's name has small letters, digits, - and _", param="purse")
    if purpose == PASSING:
        raise OpeningLineUnfit("money only passes this purse, so nothing opens it", param="purse")
    amount = _amount(values)
    if amount.minor < 0:
        raise OpeningLineUnfit(
            "a purse is never below zero; bring what is owed to you in as an account", param="amount"
        )
    return AskedPurse(_needed(values, "party"), purpose, amount)


def _goods(values: dict[str, str]) -> Asked:
    unit_cost, amount = values.get("unit_cost", ""), values.get("amount", "")
    if bool(unit_cost) is bool(amount):
        raise OpeningLineUnfit("say what a unit costs, or what all of them are worth", param="unit_cost")
    sku, warehouse, said = (_needed(values, column) for column in ("product", "warehouse", "quantity"))
    quantity = Quantity.parse(said)
    if quantity.millionths <= 0:
        raise OpeningLineUnfit("a quantity is above zero", param="quantity")
    return AskedGoods(sku, warehouse, quantity, unit_cost, amount, values.get("currency", ""))


def _document(kind: Kind, values: dict[str, str]) -> Asked:
    opened = _amount(values)
    if opened.minor <= 0:
        raise OpeningLineUnfit("what is open of it is above zero", param="amount")
    total = _money(values["total"], opened.currency, "total") if values.get("total") else opened
    if total < opened:
        raise OpeningLineUnfit("no more is open of it than all of it came to", param="total")
    issued_on, due_on = _day(values, "issued_on"), _day(values, "due_on")
    if due_on < issued_on:
        raise OpeningLineUnfit("it is due on its day or later", param="due_on")
    party, number = _needed(values, "party"), _needed(values, "number")
    if len(number) > _LONGEST_NUMBER:
        raise OpeningLineUnfit(f"a number has at most {_LONGEST_NUMBER} characters", param="number")
    return AskedDocument(kind, party, number, issued_on, due_on, opened, total, values.get("note", ""))


def _day(values: dict[str, str], column: str) -> date:
    # A workbook tells a day as the moment at which it begins.
    said = _needed(values, column).removesuffix(" 00:00:00")
    if _DAY.fullmatch(said):
        with suppress(ValueError):
            return date.fromisoformat(said)
    raise OpeningLineUnfit("write the day like 2025-12-31", param=column)


_READERS = {Kind.ACCOUNT: _account, Kind.WALLET: _purse, Kind.STOCK: _goods}


def _amount(values: dict[str, str]) -> Money:
    currency = Currency.of(_needed(values, "currency").upper())
    return _money(_needed(values, "amount"), currency, "amount")


def _money(text: str, currency: Currency, column: str) -> Money:
    try:
        money = amount_in_units(text, currency)
    except SpecieError as refusal:
        raise OpeningLineUnfit(refusal.detail, param=column) from refusal
    if money is None:
        decimals = f"at most {currency.exponent} decimals" if currency.exponent else "no decimals"
        raise OpeningLineUnfit(f"write it like 1250000.50, without separators, with {decimals}", param=column)
    return money


def _needed(values: dict[str, str], column: str) -> str:
    if not values.get(column):
        raise OpeningLineUnfit(f"{column} is missing", param=column)
    return values[column]
