"""Invoices, credit notes, payments received and what moves them; no I/O, no clock."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from specie.billing.errors import InvoiceCannotMove
from specie.catalogue import ProductId, Rounding, TaxRateId
from specie.kernel.ids import AccountId, EntryId, PartyId, PaymentId, PrefixedId
from specie.kernel.money import Currency, Money
from specie.stock import WarehouseId


class InvoiceId(PrefixedId, prefix="inv"):
    """One invoice, from its draft on."""


class CreditNoteId(PrefixedId, prefix="cdn"):
    """What takes an invoice back, in full or in part."""


class ReceiptId(PrefixedId, prefix="rct"):
    """Money a customer paid, to be allocated over documents."""


class AllocationId(PrefixedId, prefix="alc"):
    """So much of one payment or credit note for one invoice."""


SourceId = ReceiptId | CreditNoteId | InvoiceId
"""What money to allocate is known by; a deposit by the invoice that asked for it."""


class SalesOrderId(PrefixedId, prefix="ord"):
    """The order that an invoice charges for; it gives the goods out itself."""


class Series(StrEnum):
    """What is numbered without gaps, each on its own."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"

    @property
    def prefix(self) -> str:
        """What a number begins with."""
        return _PREFIXES[self]

    def number(self, n: int) -> str:
        """The n-th number as people read it."""
        return f"{self.prefix}-{n:05d}"


_PREFIXES = {Series.INVOICE: "INV", Series.CREDIT_NOTE: "CN"}


class InvoiceState(StrEnum):
    """How far an invoice has come; from `issued` on its account's balance decides."""

    DRAFT = "draft"
    ISSUED = "issued"
    PART_PAID = "part_paid"
    PAID = "paid"
    VOID = "void"


OPEN_STATES = frozenset({InvoiceState.ISSUED, InvoiceState.PART_PAID})


class Method(StrEnum):
    """How money arrived. `payment` was collected by this platform; the others were noted by hand."""

    BANK = "bank"
    CASH = "cash"
    PAYMENT = "payment"


class SourceKind(StrEnum):
    """What may be allocated to an invoice."""

    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"
    DEPOSIT = "deposit"


@dataclass(frozen=True, slots=True)
class TaxPart:
    """One tax on one line or on a whole document: its code and rate, and what it comes to in minor units."""

    code: str
    name: str
    rate: Decimal
    base_minor: int
    tax_minor: int

    def to_json(self) -> dict[str, Any]:
        """The form in which a line keeps it."""
        return {
            "code": self.code,
            "name": self.name,
            "rate": str(self.rate),
            "base_minor": self.base_minor,
            "tax_minor": self.tax_minor,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "TaxPart":
        """The value of what `to_json` gave."""
        return cls(kept["code"], kept["name"], Decimal(kept["rate"]), kept["base_minor"], kept["tax_minor"])


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as it is written. `discount` is a fraction of one.

    The price is minor units for one; None: what the customer's price list says of the product.
    """

    description: str
    quantity: Decimal
    unit_price_minor: int | None
    unit: str = ""
    discount: Decimal = Decimal(0)
    taxes: tuple[TaxRateId, ...] = ()
    product_id: ProductId | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is charged. `discount` is a fraction of one; net, tax and total are minor units."""

    n: int
    description: str
    quantity: Decimal
    unit: str
    unit_price_minor: int
    discount: Decimal
    taxes: Sequence[TaxPart]
    net_minor: int
    product_id: str | None = None

    @property
    def tax_minor(self) -> int:
        """All taxes of the line."""
        return sum(part.tax_minor for part in self.taxes)

    @property
    def total_minor(self) -> int:
        """What the line charges."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Figures:
    """What a document comes to: its lines, and each tax on all of them."""

    lines: Sequence[Line]
    taxes: Sequence[TaxPart]

    @property
    def net_minor(self) -> int:
        """The lines before tax."""
        return sum(line.net_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """Every tax."""
        return sum(part.tax_minor for part in self.taxes)

    @property
    def total_minor(self) -> int:
        """What is asked for."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice. What is open of it is the balance of `account_id`; `creditable_id` is what may be credited yet.

    A deposit sells nothing: `deposit_id` holds what was paid of it and no other invoice has drawn. `billed_to` is the
    customer as it stood when the invoice was issued, sealed; empty before that. `letterhead` is the digest of our own.
    One that was brought in from the system used before has its old number and no `n`: its total is what was open then,
    and `original_total_minor` what all of it had asked for. `withdrawn_id` is the entry that reversed how it came in.
    """

    id: InvoiceId
    customer_id: PartyId
    currency: Currency
    state: InvoiceState
    reference: str
    note: str
    includes_tax: bool
    due_days: int
    net_minor: int
    tax_minor: int
    total_minor: int
    version: int
    created_at: datetime
    number: str | None = None
    n: int | None = None
    issued_on: date | None = None
    due_on: date | None = None
    account_id: AccountId | None = None
    creditable_id: AccountId | None = None
    entry_id: EntryId | None = None
    token: str | None = None
    order_id: SalesOrderId | None = None
    is_deposit: bool = False
    deposit_id: AccountId | None = None
    billed_to: bytes = field(default=b"", repr=False)
    original_total_minor: int | None = None
    withdrawn_id: EntryId | None = None
    letterhead: bytes | None = field(default=None, repr=False)

    @property
    def is_brought_in(self) -> bool:
        """Whether it was issued in the system used before."""
        return self.original_total_minor is not None

    @property
    def total(self) -> Money:
        """What is asked for."""
        return Money(self.total_minor, self.currency)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.number or "Draft"

    def require_draft(self) -> None:
        """Raise InvoiceCannotMove unless the invoice may still change."""
        if self.state is not InvoiceState.DRAFT:
            raise InvoiceCannotMove(f"{self.name} has been issued; credit it instead", state=self.state.value)

    def receivable(self) -> tuple[AccountId, AccountId]:
        """The accounts of what is open and what may be credited. Raises InvoiceCannotMove for a draft."""
        if self.account_id is None or self.creditable_id is None:
            raise InvoiceCannotMove("issue the invoice first", state=self.state.value)
        return self.account_id, self.creditable_id


@dataclass(frozen=True, slots=True)
class CreditNote:
    """What takes an invoice back; `account_id` holds what of it pays nothing yet."""

    id: CreditNoteId
    invoice_id: InvoiceId
    customer_id: PartyId
    currency: Currency
    number: str
    n: int
    reason: str
    issued_on: date
    net_minor: int
    tax_minor: int
    account_id: AccountId
    entry_id: EntryId
    created_at: datetime
    billed_to: bytes = field(default=b"", repr=False)
    letterhead: bytes | None = field(default=None, repr=False)

    @property
    def total_minor(self) -> int:
        """What is taken back."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money a customer paid; `account_id` holds what of it pays nothing yet: the customer's credit."""

    id: ReceiptId
    customer_id: PartyId
    amount: Money
    method: Method
    reference: str
    received_on: date
    account_id: AccountId
    entry_id: EntryId
    created_at: datetime
    payment_id: PaymentId | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Money that may be allocated: a payment received, a credit note or a deposit, with the account that holds it."""

    kind: SourceKind
    id: SourceId
    customer_id: PartyId
    currency: Currency
    account_id: AccountId
    name: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """So much of a source for an invoice, and the entry that moved it."""

    id: AllocationId
    source_kind: SourceKind
    source_id: SourceId
    invoice_id: InvoiceId
    amount_minor: int
    entry_id: EntryId
    allocated_on: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """How the tenant appears on its documents. `collector_id` is the party its own payments are collected for.

    `delivers_from` is the warehouse that gives out the goods of an invoice when it is issued; None: they leave later.
    `rounding` says whether taxes are rounded on each line or on their sum.
    """

    name: str = ""
    address: str = ""
    tax_number: str = ""
    footer: str = ""
    due_days: int = 14
    collector_id: PartyId | None = None
    country: str = ""
    delivers_from: WarehouseId | None = None
    rounding: Rounding = Rounding.LINE


@dataclass(frozen=True, slots=True)
class Letterhead:
    """How the tenant appears on a document; the address is lines of text."""

    seller: str
    address: str
    tax_number: str
    footer: str
    country: str
    colour: str

    @property
    def digest(self) -> bytes:
        """What it is kept by: the same for the same letterhead."""
        return hashlib.sha256(json.dumps(astuple(self)).encode()).digest()


def state_of(total_minor: int, open_minor: int, received_minor: int) -> InvoiceState:
    """The state an issued invoice is in: by what is open, and whether money or only credit notes brought it there."""
    if open_minor == 0:
        return InvoiceState.PAID if received_minor else InvoiceState.VOID
    return InvoiceState.ISSUED if open_minor == total_minor or not received_minor else InvoiceState.PART_PAID
