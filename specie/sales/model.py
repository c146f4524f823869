"""Quotes with their versions, orders with what was delivered and invoiced of them; no I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from specie.billing import Line, SalesOrderId, TaxPart
from specie.catalogue import Rounding, TaxRateId
from specie.crm import OpportunityId
from specie.kernel.ids import EntryId, PartyId, PrefixedId
from specie.kernel.money import Currency
from specie.sales.errors import MoreThanOrdered, QuoteCannotMove, QuoteChanged, QuoteExpired
from specie.stock import WarehouseId

_STEP = Decimal("0.000001")
_ONE = Decimal(1)


class QuoteId(PrefixedId, prefix="quo"):
    """One quote with all its versions."""


class ShipmentId(PrefixedId, prefix="shp"):
    """Goods of an order that left a warehouse together."""


class Series(StrEnum):
    """What is numbered, each on its own."""

    QUOTE = "quote"
    ORDER = "order"

    def number(self, n: int) -> str:
        """The n-th number as people read it."""
        return f"{'Q' if self is Series.QUOTE else 'SO'}-{n:05d}"


class QuoteState(StrEnum):
    """How far a quote has come."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class OrderState(StrEnum):
    """Whether something of an order is still open."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A line as it is offered; `own_discount` is what was said for it alone, before the discount on the whole."""

    line: Line
    own_discount: Decimal

    def to_json(self) -> dict[str, Any]:
        """The form in which a version keeps it."""
        line = self.line
        return {
            "product_id": line.product_id,
            "description": line.description,
            "quantity": f"{line.quantity:f}",
            "unit": line.unit,
            "unit_price_minor": line.unit_price_minor,
            "own_discount": f"{self.own_discount:f}",
            "discount": f"{line.discount:f}",
            "taxes": [part.to_json() for part in line.taxes],
            "net_minor": line.net_minor,
        }

    @classmethod
    def from_json(cls, n: int, kept: Mapping[str, Any]) -> "QuoteLine":
        """The value of what `to_json` gave."""
        line = Line(
            n=n,
            product_id=kept["product_id"],
            description=kept["description"],
            quantity=Decimal(kept["quantity"]),
            unit=kept["unit"],
            unit_price_minor=kept["unit_price_minor"],
            discount=Decimal(kept["discount"]),
            taxes=[TaxPart.from_json(part) for part in kept["taxes"]],
            net_minor=kept["net_minor"],
        )
        return cls(line, Decimal(kept["own_discount"]))


@dataclass(frozen=True, slots=True)
class QuoteVersion:
    """What a quote says in one of its versions. `discount` is a fraction of one, taken off every line.

    `rounding` is how its taxes were rounded when it was written: what follows from it rounds them the same way.
    """

    version: int
    valid_until: date
    due_days: int | None
    reference: str
    note: str
    includes_tax: bool
    discount: Decimal
    lines: Sequence[QuoteLine]
    net_minor: int
    tax_minor: int
    rounding: Rounding
    created_at: datetime

    @property
    def total_minor(self) -> int:
        """What is asked for."""
        return self.net_minor + self.tax_minor

    @property
    def taxes(self) -> list[TaxPart]:
        """Each tax on all lines."""
        found: dict[str, TaxPart] = {}
        for part in (part for each in self.lines for part in each.line.taxes):
            have = found.get(part.code)
            base, tax = (have.base_minor, have.tax_minor) if have else (0, 0)
            found[part.code] = replace(part, base_minor=base + part.base_minor, tax_minor=tax + part.tax_minor)
        return [found[code] for code in sorted(found)]


@dataclass(frozen=True, slots=True)
class Quote:
    """One quote. `version` is the newest, `sent_version` the one the customer was shown last.

    Who decided and why is what a person wrote: it is sealed with the customer, and empty where nothing was written.
    `offered_to` is the customer as it stood when the quote was sent last, sealed too. `letterhead` is the digest of
    our own then.
    """

    id: QuoteId
    number: str
    n: int
    customer_id: PartyId
    currency: Currency
    state: QuoteState
    version: int
    valid_until: date
    total_minor: int
    token: str
    changes: int
    created_at: datetime
    opportunity_id: OpportunityId | None = None
    sent_version: int | None = None
    sent_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: bytes = b""
    reason: bytes = b""
    offered_to: bytes = field(default=b"", repr=False)
    letterhead: bytes | None = field(default=None, repr=False)

    def after(self, state: QuoteState) -> "Quote":
        """The quote in another state, counted as one more change."""
        return replace(self, state=state, changes=self.changes + 1)

    def require_open(self) -> None:
        """Raise QuoteCannotMove for a quote that was accepted."""
        if self.state is QuoteState.ACCEPTED:
            raise QuoteCannotMove(f"{self.number} has been accepted", state=self.state.value)

    def require_answerable(self, version: int, day: date) -> None:
        """Raise QuoteCannotMove, QuoteChanged or QuoteExpired unless the customer may answer this version today."""
        if self.state is QuoteState.EXPIRED or (self.state is QuoteState.SENT and self.valid_until < day):
            raise QuoteExpired(f"{self.number} was valid until {self.valid_until}", valid_until=str(self.valid_until))
        if self.state is not QuoteState.SENT:
            raise QuoteCannotMove(f"{self.number} awaits no answer", state=self.state.value)
        if version != self.version:
            raise QuoteChanged(f"{self.number} has version {self.version} by now", version=self.version)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of an order: how much was ordered, and how much of it was cancelled, delivered and invoiced.

    `credited` is what was invoiced and then credited without having been sent: it will not be sent any more.
    """

    n: int
    product_id: str | None
    is_goods: bool
    description: str
    unit: str
    unit_price_minor: int
    discount: Decimal
    taxes: tuple[TaxRateId, ...]
    net_minor: int
    quantity: Decimal
    cancelled: Decimal = Decimal(0)
    delivered: Decimal = Decimal(0)
    invoiced: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)

    @property
    def wanted(self) -> Decimal:
        """How much is sold in the end."""
        return self.quantity - self.cancelled

    @property
    def to_deliver(self) -> Decimal:
        """How much has not left yet; services never leave."""
        return self.wanted - self.delivered - self.credited if self.is_goods else Decimal(0)

    @property
    def to_invoice(self) -> Decimal:
        """How much has not been charged yet."""
        return self.wanted - self.invoiced

    def with_delivered(self, quantity: Decimal) -> "OrderLine":
        """The line after so much has left. Raises MoreThanOrdered."""
        self._require(quantity, self.to_deliver)
        return replace(self, delivered=self.delivered + quantity)

    def with_invoiced(self, quantity: Decimal) -> "OrderLine":
        """The line after so much was charged. Raises MoreThanOrdered."""
        self._require(quantity, self.to_invoice)
        return replace(self, invoiced=self.invoiced + quantity)

    def without_open(self) -> "OrderLine":
        """The line without what was neither delivered nor charged."""
        return replace(self, cancelled=self.quantity - max(self.delivered + self.credited, self.invoiced))

    def with_credited(self, quantity: Decimal) -> "OrderLine":
        """The line after so much of what it charged was credited; what has been sent of it stays sent."""
        unsent = self.to_deliver if self.is_goods else self.invoiced - self.credited
        return replace(self, credited=self.credited + min(quantity, unsent, self.invoiced - self.credited))

    def _require(self, quantity: Decimal, most: Decimal) -> None:
        if not 0 < quantity <= most:
            raise MoreThanOrdered(f"of line {self.n} less is open", param="lines", line=self.n, most=f"{most:f}")


@dataclass(frozen=True, slots=True)
class Order:
    """One sales order; amounts in minor units are those of the whole order as it was made, its taxes rounded so."""

    id: SalesOrderId
    number: str
    n: int
    customer_id: PartyId
    currency: Currency
    state: OrderState
    includes_tax: bool
    due_days: int | None
    reference: str
    note: str
    net_minor: int
    tax_minor: int
    rounding: Rounding
    version: int
    created_at: datetime
    quote_id: QuoteId | None = None

    @property
    def total_minor(self) -> int:
        """What was ordered comes to."""
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Shipment:
    """Goods that left together: how much of which line, from where, and the entry of what they cost."""

    id: ShipmentId
    warehouse_id: WarehouseId
    entry_id: EntryId | None
    created_at: datetime
    quantities: Mapping[int, Decimal]


def order_state(lines: Sequence[OrderLine]) -> OrderState:
    """The state that an order's lines put it in."""
    if all(line.wanted == line.credited for line in lines):
        return OrderState.CANCELLED
    # What comes to nothing needs no invoice of its own.
    is_open = any(line.to_deliver or (line.to_invoice and line.net_minor) for line in lines)
    return OrderState.OPEN if is_open else OrderState.DONE


def both_discounts(own: Decimal, whole: Decimal) -> Decimal:
    """What a line's own discount and the one on the whole come to together, as a fraction to six places."""
    return (_ONE - (_ONE - own) * (_ONE - whole)).quantize(_STEP, ROUND_HALF_UP)
