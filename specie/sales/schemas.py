"""What goes over the wire about quotes and orders."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from specie.billing import InvoiceLineIn, InvoiceLineOut, InvoiceTaxOut, SalesOrderId, Standing, drafts
from specie.crm import OpportunityId
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.http import Schema
from specie.platform.wire import Amount, BusinessDay, CurrencyCode, id_text
from specie.sales.model import Order, OrderLine, Quote, QuoteState, QuoteVersion, Shipment
from specie.sales.ordering import WriteOrder
from specie.sales.quoting import Answer, Offered, WriteQuote
from specie.stock import Promise

_TEXT = r"^[^\x00]*$"
ShortText = Annotated[str, Field(max_length=120, pattern=_TEXT)]
LongText = Annotated[str, Field(max_length=1000, pattern=_TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=_TEXT)]
Reason = Annotated[str, Field(max_length=500, pattern=_TEXT)]
Quantity = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,6})?$", description="Up to 6 decimals, as text")]
Percent = Annotated[str, Field(pattern=r"^\d{1,2}(\.\d{1,4})?$", description="Per cent, as text", examples=["5"])]
DueDays = Annotated[int, Field(ge=0, le=366)]


def percent(fraction: Decimal) -> str:
    """A fraction of one as per cent, without needless zeros."""
    return f"{(fraction * 100).normalize():f}"


class SalesQuoteVersionIn(Schema):
    """What a quote says. `discount` is taken off every line after the line's own."""

    lines: Annotated[list[InvoiceLineIn], Field(min_length=1, max_length=200)]
    currency: CurrencyCode
    valid_until: BusinessDay | None = Field(None, description="Without it fourteen days from today")
    includes_tax: bool = False
    discount: Percent = "0"
    due_days: DueDays | None = None
    reference: ShortText = ""
    note: LongText = ""

    def command(self) -> WriteQuote:
        """The value. Raises LineInvalid or InvalidId."""
        return WriteQuote(
            lines=drafts(self.lines, self.currency),
            currency=Currency.of(self.currency),
            valid_until=self.valid_until,
            includes_tax=self.includes_tax,
            discount=Decimal(self.discount) / 100,
            due_days=self.due_days,
            reference=self.reference,
            note=self.note,
        )


class SalesQuoteIn(SalesQuoteVersionIn):
    """A new quote: what it says, for whom, and the deal it belongs to."""

    customer_id: str
    opportunity_id: str | None = None

    def offered(self) -> Offered:
        """The value. Raises InvalidId."""
        deal = id_text(OpportunityId, self.opportunity_id, "opportunity_id") if self.opportunity_id else None
        return Offered(id_text(PartyId, self.customer_id, "customer_id"), deal)


class SalesQuoteAcceptIn(Schema):
    """Which version is accepted, and who did so."""

    version: Annotated[int, Field(ge=1)]
    name: Name


class SalesQuoteDeclineIn(Schema):
    """Which version is declined, and why."""

    version: Annotated[int, Field(ge=1)]
    reason: Reason = ""


class SalesOrderIn(Schema):
    """What is ordered without a quote."""

    customer_id: str
    currency: CurrencyCode
    lines: Annotated[list[InvoiceLineIn], Field(min_length=1, max_length=200)]
    includes_tax: bool = False
    discount: Percent = "0"
    due_days: DueDays | None = None
    reference: ShortText = ""
    note: LongText = ""

    def command(self) -> WriteOrder:
        """The value. Raises LineInvalid or InvalidId."""
        return WriteOrder(
            customer_id=id_text(PartyId, self.customer_id, "customer_id"),
            currency=Currency.of(self.currency),
            lines=drafts(self.lines, self.currency),
            includes_tax=self.includes_tax,
            discount=Decimal(self.discount) / 100,
            due_days=self.due_days,
            reference=self.reference,
            note=self.note,
        )


class SalesOrderLinePartIn(Schema):
    """So much of a line."""

    n: Annotated[int, Field(ge=1)]
    quantity: Quantity


class _PartIn(Schema):
    lines: Annotated[list[SalesOrderLinePartIn], Field(min_length=1, max_length=200)] | None = None

    def quantities(self) -> dict[int, Decimal] | None:
        """How much of each line, what is said twice together, or None for all that is open."""
        if self.lines is None:
            return None
        found: dict[int, Decimal] = {}
        for line in self.lines:
            found[line.n] = found.get(line.n, Decimal(0)) + Decimal(line.quantity)
        return found


class SalesOrderShipmentIn(_PartIn):
    """What leaves which warehouse; without lines all that has not left."""

    warehouse_id: str


class SalesOrderChargeIn(_PartIn):
    """What is invoiced; without lines all that was not charged."""


class SalesOrderCancelIn(Schema):
    """Why what is open will not come."""

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=_TEXT)]


class SalesQuoteLineOut(InvoiceLineOut):
    """A line as it is offered; `own_discount` was said for it alone."""

    own_discount: str


class SalesQuoteVersionOut(Schema):
    """What a quote says in one of its versions."""

    version: int
    valid_until: date
    due_days: int | None
    reference: str
    note: str
    includes_tax: bool
    discount: str
    lines: list[SalesQuoteLineOut]
    taxes: list[InvoiceTaxOut]
    net: Amount
    tax: Amount
    total: Amount
    created_at: datetime

    @classmethod
    def of(cls, said: QuoteVersion, currency: str) -> "SalesQuoteVersionOut":
        """The wire form."""
        return cls(
            version=said.version,
            valid_until=said.valid_until,
            due_days=said.due_days,
            reference=said.reference,
            note=said.note,
            includes_tax=said.includes_tax,
            discount=percent(said.discount),
            lines=[
                SalesQuoteLineOut(
                    **InvoiceLineOut.of(each.line, currency).model_dump(), own_discount=percent(each.own_discount)
                )
                for each in said.lines
            ],
            taxes=[InvoiceTaxOut.of(part, currency) for part in said.taxes],
            net=Amount(amount=said.net_minor, currency=currency),
            tax=Amount(amount=said.tax_minor, currency=currency),
            total=Amount(amount=said.total_minor, currency=currency),
            created_at=said.created_at,
        )


class SalesQuoteOut(Schema):
    """A quote as it stands; `path` is where its customer answers it, shown to that customer and to who may answer."""

    id: str
    number: str
    state: str
    customer_id: str
    customer_name: str | None
    opportunity_id: str | None
    version: int
    sent_version: int | None
    valid_until: date
    total: Amount
    path: str | None
    created_at: datetime
    sent_at: datetime | None
    decided_at: datetime | None
    decided_by: str
    reason: str

    @classmethod
    def of(cls, quote: Quote, names: Mapping[PartyId, str], answer: Answer, *, shows_way: bool) -> "SalesQuoteOut":
        """The wire form. Whoever knows the way to a sent quote can answer it."""
        has_way = shows_way and quote.state is not QuoteState.DRAFT
        return cls(
            id=str(quote.id),
            number=quote.number,
            state=quote.state.value,
            customer_id=str(quote.customer_id),
            customer_name=names.get(quote.customer_id),
            opportunity_id=str(quote.opportunity_id) if quote.opportunity_id else None,
            version=quote.version,
            sent_version=quote.sent_version,
            valid_until=quote.valid_until,
            total=Amount(amount=quote.total_minor, currency=quote.currency.code),
            path=f"/quote/{quote.token}" if has_way else None,
            created_at=quote.created_at,
            sent_at=quote.sent_at,
            decided_at=quote.decided_at,
            decided_by=answer.decided_by,
            reason=answer.reason,
        )


class SalesQuoteDetail(SalesQuoteOut):
    """A quote with every version, the newest first, and the order it became."""

    versions: list[SalesQuoteVersionOut]
    order_id: str | None


class SalesOrderLineOut(Schema):
    """A line of an order and how much of it is open."""

    n: int
    product_id: str | None
    is_goods: bool
    description: str
    unit: str
    unit_price: Amount
    discount: str
    net: Amount
    quantity: str
    cancelled: str
    delivered: str
    invoiced: str
    credited: str = Field(description="Charged, credited before it was sent, and not sent any more")
    to_deliver: str
    to_invoice: str
    reserved: str = Field(description="Of what has to leave: so much lies in stock and is promised to nobody else")
    waits_for: str = Field(description="Of what has to leave: so much is kept aside as soon as it comes, in turn")

    @classmethod
    def of(cls, line: OrderLine, currency: str, aside: Promise) -> "SalesOrderLineOut":
        """The wire form."""
        return cls(
            n=line.n,
            product_id=line.product_id,
            is_goods=line.is_goods,
            description=line.description,
            unit=line.unit,
            unit_price=Amount(amount=line.unit_price_minor, currency=currency),
            discount=percent(line.discount),
            net=Amount(amount=line.net_minor, currency=currency),
            reserved=str(aside.kept),
            waits_for=str(aside.missing),
            **{name: f"{getattr(line, name):f}" for name in _QUANTITIES},
        )


_QUANTITIES = ("quantity", "cancelled", "delivered", "invoiced", "credited", "to_deliver", "to_invoice")


class SalesOrderProgress(Schema):
    """How many lines there are, and how many have left or were charged in full."""

    lines: int
    goods: int
    delivered: int
    invoiced: int


class SalesOrderOut(Schema):
    """An order as it stands; the amounts are those of the whole order."""

    id: str
    number: str
    state: str
    customer_id: str
    customer_name: str | None
    quote_id: str | None
    reference: str
    note: str
    includes_tax: bool
    due_days: int | None
    net: Amount
    tax: Amount
    total: Amount
    progress: SalesOrderProgress
    version: int
    created_at: datetime

    @classmethod
    def of(cls, order: Order, lines: Sequence[OrderLine], names: Mapping[PartyId, str]) -> "SalesOrderOut":
        """The wire form."""

        def amount(minor: int) -> Amount:
            return Amount(amount=minor, currency=order.currency.code)

        return cls(
            id=str(order.id),
            number=order.number,
            state=order.state.value,
            customer_id=str(order.customer_id),
            customer_name=names.get(order.customer_id),
            quote_id=str(order.quote_id) if order.quote_id else None,
            reference=order.reference,
            note=order.note,
            includes_tax=order.includes_tax,
            due_days=order.due_days,
            net=amount(order.net_minor),
            tax=amount(order.tax_minor),
            total=amount(order.total_minor),
            progress=_progress(lines),
            version=order.version,
            created_at=order.created_at,
        )


def _progress(lines: Sequence[OrderLine]) -> SalesOrderProgress:
    wanted = [line for line in lines if line.wanted > line.credited]
    goods = [line for line in wanted if line.is_goods]
    return SalesOrderProgress(
        lines=len(wanted),
        goods=len(goods),
        delivered=sum(not line.to_deliver for line in goods),
        invoiced=sum(not line.to_invoice for line in wanted),
    )


class SalesOrderShipmentOut(Schema):
    """Goods that left together, and the entry of what they cost."""

    id: str
    warehouse_id: str
    entry_id: str | None
    lines: dict[int, str]
    created_at: datetime

    @classmethod
    def of(cls, made: Shipment) -> "SalesOrderShipmentOut":
        """The wire form."""
        return cls(
            id=str(made.id),
            warehouse_id=str(made.warehouse_id),
            entry_id=str(made.entry_id) if made.entry_id else None,
            lines={n: f"{quantity:f}" for n, quantity in made.quantities.items()},
            created_at=made.created_at,
        )


class SalesOrderInvoiceOut(Schema):
    """An invoice that charges for the order."""

    id: str
    number: str | None
    state: str
    total: Amount
    open: Amount
    issued_on: date | None
    entry_id: str | None

    @classmethod
    def of(cls, found: Standing) -> "SalesOrderInvoiceOut":
        """The wire form."""
        invoice = found.invoice
        return cls(
            id=str(invoice.id),
            number=invoice.number,
            state=invoice.state.value,
            total=Amount.of(invoice.total),
            open=Amount(amount=found.open_minor, currency=invoice.currency.code),
            issued_on=invoice.issued_on,
            entry_id=str(invoice.entry_id) if invoice.entry_id else None,
        )


class SalesOrderDetail(SalesOrderOut):
    """An order with its lines, what left of it and what charges for it."""

    lines: list[SalesOrderLineOut]
    shipments: list[SalesOrderShipmentOut]
    invoices: list[SalesOrderInvoiceOut]


def order_id_of(text: str) -> SalesOrderId:
    """The id of an order in a path. Raises InvalidId."""
    return id_text(SalesOrderId, text, "sales_order_id")
