"""Statements: what one says, and how it is frozen; no I/O, no clock."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

import orjson

from specie.kernel.ids import PartyId, PrefixedId
from specie.kernel.money import Currency

LONGEST_DAYS = 366


class StatementId(PrefixedId, prefix="stm"):
    """What one party had and did in one period and currency."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement; `amount` counts below zero when it left, `balance` is what was left after it. Minor units."""

    at: str
    title: str
    entry_id: str
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class WalletPart:
    """One wallet: what it had before, everything that moved it, and what it had after."""

    wallet_id: str
    purpose: str
    opening: int
    arrived: int
    left: int
    closing: int
    movements: Sequence[Moved]


@dataclass(frozen=True, slots=True)
class PurchasePart:
    """One purchase completed in the period, what paid it, and what has come back of it by the end of the period."""

    purchase_id: str
    role: str
    reference: str
    title: str
    at: str
    amount: int
    returned: int
    legs: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class OrderPart:
    """One order in parts: what was paid in the period, what was owed at its end, and when parts of that fall due.

    The parts and the late fees come to what was owed.
    """

    order_id: str
    reference: str
    title: str
    status: str
    paid: int
    owed: int
    late_fees: int
    due: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class InvoicePart:
    """One invoice to the party: what paid and credited it in the period, and what was open at its end.

    `to_credit` is what of the credited had been paid: it became the party's credit and asks for nothing less.
    `is_new`: it was issued in the period. `is_overdue`: something was open at the end of a day past its due day.
    """

    invoice_id: str
    number: str
    issued_on: str
    due_on: str
    amount: int
    is_new: bool
    paid: int
    credited: int
    to_credit: int
    owed: int
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class InvoicesPart:
    """The party's invoices, and what was open and overdue of them all; `credit` is what it may still use for them."""

    owed: int
    overdue: int
    credit: int
    invoices: Sequence[InvoicePart]


@dataclass(frozen=True, slots=True)
class CashbackPart:
    """Cashback on its way, to spend, and about to run out, when the period ended."""

    pending: int
    available: int
    expiring: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Stated:
    """Everything a statement says. Amounts are minor units of its currency; `zone` is that of its business days.

    Of names only the tenant's own is part of it: the party's is sealed, beside it.
    """

    tenant: str
    zone: str
    party_id: str
    currency: str
    from_day: str
    through_day: str
    made_at: str
    opening: int
    closing: int
    wallets: Sequence[WalletPart]
    purchases: Sequence[PurchasePart]
    installments: Sequence[OrderPart]
    invoices: InvoicesPart
    cashback: CashbackPart


@dataclass(frozen=True, slots=True)
class Statement:
    """A numbered, frozen statement. `content` is what was stated, byte for byte; `digest` is its SHA-256.

    `addressee` is the party as it stood then, sealed.
    """

    id: StatementId
    n: int
    party_id: PartyId
    currency: Currency
    from_day: date
    through_day: date
    content: str
    digest: bytes
    created_at: datetime
    created_by: str
    addressee: bytes = field(default=b"", repr=False)

    @property
    def stated(self) -> dict[str, Any]:
        """What it says."""
        said: dict[str, Any] = orjson.loads(self.content)
        return said


def frozen(stated: Stated) -> tuple[str, bytes]:
    """The text of what is stated, with sorted keys, and its digest."""
    content = orjson.dumps(asdict(stated), option=orjson.OPT_SORT_KEYS)
    return content.decode(), hashlib.sha256(content).digest()
