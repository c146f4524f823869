"""What goes over the wire about invoices."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from specie.billing.ageing_model import bucket_of
from specie.billing.errors import LineInvalid
from specie.billing.invoicing import Standing, WriteInvoice
from specie.billing.model import OPEN_STATES, Figures, Invoice, Line, LineDraft, Profile, TaxPart
from specie.catalogue import ProductId, Rounding, TaxRateId
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.http import Schema
from specie.platform.wire import Amount, CurrencyCode, Note, id_text
from specie.stock import WarehouseId

_TEXT = r"^[^\x00]*$"
ShortText = Annotated[str, Field(max_length=120, pattern=_TEXT)]
LongText = Annotated[str, Field(max_length=1000, pattern=_TEXT)]
Quantity = Annotated[
    str, Field(pattern=r"^\d{1,12}(\.\d{1,6})?$", description="Up to 6 decimals, as text", examples=["2.5"])
]
Percent = Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,4})?$", description="Per cent, as text", examples=["11"])]


def percent(fraction: Decimal) -> str:
    """A fraction of one as per cent, without needless zeros."""
    return f"{(fraction * 100).normalize():f}"


class InvoiceLineIn(Schema):
    """A line as it is written, at the price of one. A product brings its unit, and its price of the customer's list."""

    description: Annotated[str, Field(min_length=1, max_length=500, pattern=_TEXT)]
    quantity: Quantity = "1"
    unit: Annotated[str, Field(max_length=20, pattern=_TEXT)] = ""
    unit_price: Amount | None = None
    discount: Percent = "0"
    tax_rate_ids: Annotated[list[str], Field(max_length=5)] = Field(default_factory=list)
    product_id: str | None = None

    def draft(self, n: int, currency: str) -> LineDraft:
        """The value. Raises LineInvalid for a price in another currency."""
        if self.unit_price is None and self.product_id is None:
            raise LineInvalid("say a price, or a product that has one", param=f"lines.{n}.unit_price")
        if self.unit_price is not None and self.unit_price.currency != currency:
            raise LineInvalid(f"every line is in {currency}", param=f"lines.{n}.unit_price")
        return LineDraft(
            description=self.description,
            quantity=Decimal(self.quantity),
            unit=self.unit,
            unit_price_minor=self.unit_price.amount if self.unit_price else None,
            discount=Decimal(self.discount) / 100,
            taxes=tuple(id_text(TaxRateId, each, f"lines.{n}.tax_rate_ids") for each in self.tax_rate_ids),
            product_id=id_text(ProductId, self.product_id, f"lines.{n}.product_id") if self.product_id else None,
        )


class InvoiceIn(Schema):
    """An invoice as it is written. `includes_tax` says that the prices have their taxes in them."""

    customer_id: str
    currency: CurrencyCode
    lines: Annotated[list[InvoiceLineIn], Field(max_length=200)]
    includes_tax: bool = False
    is_deposit: bool = Field(default=False, description="Money in advance, the customer's until later invoices draw it")
    due_days: Annotated[int, Field(ge=0, le=366)] | None = None
    reference: ShortText = ""
    note: LongText = ""

    def command(self) -> WriteInvoice:
        """The value. Raises LineInvalid or InvalidId."""
        return WriteInvoice(
            customer_id=id_text(PartyId, self.customer_id, "customer_id"),
            currency=Currency.of(self.currency),
            lines=drafts(self.lines, self.currency),
            includes_tax=self.includes_tax,
            is_deposit=self.is_deposit,
            due_days=self.due_days,
            reference=self.reference,
            note=self.note,
        )


class InvoicePreviewIn(Schema):
    """Lines, and for whom they are if that is known: their price list holds where a line says no price."""

    customer_id: str | None = None
    currency: CurrencyCode
    lines: Annotated[list[InvoiceLineIn], Field(max_length=200)]
    includes_tax: bool = False


def drafts(lines: Sequence[InvoiceLineIn], currency: str) -> list[LineDraft]:
    """The lines' values. Raises LineInvalid."""
    return [line.draft(n, currency) for n, line in enumerate(lines)]


class InvoiceTaxOut(Schema):
    """A tax: on how much, and what it comes to."""

    tax_rate_id: str
    name: str
    percent: Percent
    base: Amount
    tax: Amount

    @classmethod
    def of(cls, part: TaxPart, currency: str) -> "InvoiceTaxOut":
        """The wire form."""
        return cls(
            tax_rate_id=part.code,
            name=part.name,
            percent=percent(part.rate),
            base=Amount(amount=part.base_minor, currency=currency),
            tax=Amount(amount=part.tax_minor, currency=currency),
        )


class InvoiceLineOut(Schema):
    """A line as it is charged."""

    n: int
    product_id: str | None
    description: str
    quantity: str
    unit: str
    unit_price: Amount
    discount: Percent
    taxes: list[InvoiceTaxOut]
    net: Amount
    tax: Amount
    total: Amount

    @classmethod
    def of(cls, line: Line, currency: str) -> "InvoiceLineOut":
        """The wire form."""

        def amount(minor: int) -> Amount:
            return Amount(amount=minor, currency=currency)

        return cls(
            n=line.n,
            product_id=line.product_id,
            description=line.description,
            quantity=f"{line.quantity:f}",
            unit=line.unit,
            unit_price=amount(line.unit_price_minor),
            discount=percent(line.discount),
            taxes=[InvoiceTaxOut.of(part, currency) for part in line.taxes],
            net=amount(line.net_minor),
            tax=amount(line.tax_minor),
            total=amount(line.total_minor),
        )


class FiguresOut(Schema):
    """What lines come to."""

    lines: list[InvoiceLineOut]
    taxes: list[InvoiceTaxOut]
    net: Amount
    tax: Amount
    total: Amount

    @classmethod
    def of(cls, figures: Figures, currency: str) -> "FiguresOut":
        """The wire form."""
        return cls(
            lines=[InvoiceLineOut.of(line, currency) for line in figures.lines],
            taxes=[InvoiceTaxOut.of(part, currency) for part in figures.taxes],
            net=Amount(amount=figures.net_minor, currency=currency),
            tax=Amount(amount=figures.tax_minor, currency=currency),
            total=Amount(amount=figures.total_minor, currency=currency),
        )


class InvoiceOut(Schema):
    """An invoice with what is open of it now. `age` is the step of lateness of one that is open."""

    id: str
    number: str | None
    state: str
    customer_id: str
    customer_name: str | None
    reference: str
    note: str
    includes_tax: bool
    is_deposit: bool
    due_days: int
    net: Amount
    tax: Amount
    total: Amount
    open: Amount
    creditable: Amount
    issued_on: date | None
    due_on: date | None
    age: str | None
    days_late: int
    path: str | None = Field(description="The public address where the customer sees and pays it")
    entry_id: str | None
    account_id: str | None
    original_total: Amount | None = Field(
        description="Of one brought in from the system used before: what all of it came to; `total` was open then"
    )
    order_id: str | None = Field(description="The order it charges for, which also gives the goods out")
    version: int
    created_at: datetime

    @classmethod
    def of(cls, found: Standing, day: date, names: Mapping[PartyId, str]) -> "InvoiceOut":
        """The wire form on a day."""
        return cls(**invoice_fields(found, day, names))


def invoice_fields(found: Standing, day: date, names: Mapping[PartyId, str]) -> dict[str, Any]:
    """The fields of `InvoiceOut`."""
    invoice = found.invoice
    is_open = invoice.state in OPEN_STATES and invoice.due_on is not None

    def amount(minor: int) -> Amount:
        return Amount(amount=minor, currency=invoice.currency.code)

    return {
        "id": str(invoice.id),
        "number": invoice.number,
        "state": invoice.state.value,
        "customer_id": str(invoice.customer_id),
        "customer_name": names.get(invoice.customer_id),
        "reference": invoice.reference,
        "note": invoice.note,
        "includes_tax": invoice.includes_tax,
        "is_deposit": invoice.is_deposit,
        "due_days": invoice.due_days,
        "net": amount(invoice.net_minor),
        "tax": amount(invoice.tax_minor),
        "total": amount(invoice.total_minor),
        "open": amount(found.open_minor),
        "creditable": amount(found.creditable_minor),
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "age": bucket_of(invoice.due_on, day) if is_open and invoice.due_on else None,
        "days_late": max((day - invoice.due_on).days, 0) if is_open and invoice.due_on else 0,
        "path": page_path(invoice),
        "entry_id": str(invoice.entry_id) if invoice.entry_id else None,
        "account_id": str(invoice.account_id) if invoice.account_id else None,
        "original_total": None if invoice.original_total_minor is None else amount(invoice.original_total_minor),
        "order_id": str(invoice.order_id) if invoice.order_id else None,
        "version": invoice.version,
        "created_at": invoice.created_at,
    }


def page_path(invoice: Invoice) -> str | None:
    """The public address of an issued invoice."""
    return f"/invoice/{invoice.token}" if invoice.token else None


class InvoiceRef(Schema):
    """Which invoice, and how it stands."""

    id: str
    number: str | None
    state: str

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceRef":
        """The wire form."""
        return cls(id=str(invoice.id), number=invoice.number, state=invoice.state.value)


class BillingProfile(Schema):
    """How the business appears on its documents."""

    name: ShortText
    address: Note = ""
    tax_number: ShortText = ""
    footer: Note = ""
    due_days: Annotated[int, Field(ge=0, le=366)] = 14
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$", description="ISO 3166; electronic invoices need it")] = ""
    delivers_from: str | None = Field(
        None, description="The warehouse whose goods leave when an invoice is issued; null: they leave later"
    )

    rounding: Literal["line", "total"] = Field(
        "line", description="Whether taxes are rounded on each line, or once on the sum of the document's lines"
    )

    def profile(self) -> Profile:
        """The value. Raises InvalidId."""
        place = id_text(WarehouseId, self.delivers_from, "delivers_from") if self.delivers_from else None
        return Profile(
            self.name,
            self.address,
            self.tax_number,
            self.footer,
            self.due_days,
            country=self.country,
            delivers_from=place,
            rounding=Rounding(self.rounding),
        )

    @classmethod
    def of(cls, profile: Profile) -> "BillingProfile":
        """The wire form."""
        return cls(
            name=profile.name,
            address=profile.address,
            tax_number=profile.tax_number,
            footer=profile.footer,
            due_days=profile.due_days,
            country=profile.country,
            delivers_from=str(profile.delivers_from) if profile.delivers_from else None,
            rounding="line" if profile.rounding is Rounding.LINE else "total",
        )
