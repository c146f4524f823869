"""What goes over the wire about payments received, credit notes, allocations and ages."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from specie.billing.ageing_model import Ages, PartyAges
from specie.billing.delivering import Goods
from specie.billing.errors import CreditsTooMuch
from specie.billing.model import Allocation, CreditNote, InvoiceId, Method, Receipt, Source
from specie.billing.receiving import Receive, Share
from specie.billing.schemas import InvoiceLineOut, InvoiceOut, InvoiceTaxOut, Quantity, ShortText
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.http import Schema
from specie.platform.wire import Amount, PositiveAmount, id_text

ByHand = Literal["bank", "cash"]
Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class ShareIn(Schema):
    """So much for one invoice."""

    invoice_id: str
    amount: PositiveAmount

    def share(self) -> Share:
        """The value. Raises InvalidId."""
        return id_text(InvoiceId, self.invoice_id, "invoice_id"), self.amount.money()


class MoneyReceivedIn(Schema):
    """Money a customer paid. Without `allocations` it pays what the customer has owed longest."""

    customer_id: str
    amount: PositiveAmount
    method: ByHand = "bank"
    reference: ShortText = ""
    allocations: Annotated[list[ShareIn], Field(max_length=100)] | None = None

    def command(self) -> Receive:
        """The value. Raises InvalidId."""
        shares = None if self.allocations is None else [each.share() for each in self.allocations]
        customer = id_text(PartyId, self.customer_id, "customer_id")
        return Receive(customer, self.amount.money(), Method(self.method), self.reference, shares)


class AllocateIn(Schema):
    """What money that is left pays. Without `allocations` it pays what the customer has owed longest."""

    allocations: Annotated[list[ShareIn], Field(max_length=100)] | None = None

    def shares(self) -> list[Share] | None:
        """The value. Raises InvalidId."""
        return None if self.allocations is None else [each.share() for each in self.allocations]


class CreditRefundIn(Schema):
    """What of a customer's credit is paid back, how and why."""

    amount: PositiveAmount
    method: ByHand = "bank"
    reason: Reason


class CreditedLineIn(Schema):
    """How much of a line is taken back."""

    n: Annotated[int, Field(ge=1)]
    quantity: Quantity


class DeliveryIn(Schema):
    """The warehouse that gives out an invoice's goods."""

    warehouse_id: str


class IssueIn(Schema):
    """Whether the goods leave with the invoice. Left out, the setting of the business says so."""

    deliver_from: str | None = Field(None, description="A warehouse; null: the goods leave later")


class CreditNoteIn(Schema):
    """Why an invoice is taken back; without lines all that is left of it, and of a deposit all that nobody paid."""

    reason: Reason
    amount: Annotated[
        PositiveAmount | None, Field(description="So much of what nobody paid of a deposit, in place of lines")
    ] = None
    keeps_order: bool = Field(
        default=False,
        description="The order that the invoice charges for still delivers what is credited and was not sent",
    )
    lines: Annotated[list[CreditedLineIn], Field(min_length=1, max_length=200)] | None = None

    def quantities(self) -> dict[int, Decimal] | None:
        """How much of each line, or None for all that is left. Raises CreditsTooMuch when a line is named twice."""
        if self.lines is None:
            return None
        named = {line.n: Decimal(line.quantity) for line in self.lines}
        if len(named) != len(self.lines):
            raise CreditsTooMuch("name each line once", param="lines")
        return named


class AllocationOut(Schema):
    """So much of a payment or credit note for one invoice."""

    id: str
    source_kind: str
    source_id: str
    invoice_id: str
    amount: Amount
    allocated_on: date
    entry_id: str

    @classmethod
    def of(cls, made: Allocation, currency: Currency) -> "AllocationOut":
        """The wire form."""
        return cls(
            id=str(made.id),
            source_kind=made.source_kind.value,
            source_id=str(made.source_id),
            invoice_id=str(made.invoice_id),
            amount=Amount(amount=made.amount_minor, currency=currency.code),
            allocated_on=made.allocated_on,
            entry_id=str(made.entry_id),
        )


class MoneyReceivedOut(Schema):
    """Money a customer paid: what it has paid, and what is left as the customer's credit."""

    id: str
    customer_id: str
    customer_name: str | None
    amount: Amount
    left: Amount
    method: str
    reference: str
    received_on: date
    payment_id: str | None
    entry_id: str
    allocations: list[AllocationOut]
    created_at: datetime

    @classmethod
    def of(
        cls, receipt: Receipt, left: int, made: Sequence[Allocation], names: Mapping[PartyId, str]
    ) -> "MoneyReceivedOut":
        """The wire form."""
        currency = receipt.amount.currency
        return cls(
            id=str(receipt.id),
            customer_id=str(receipt.customer_id),
            customer_name=names.get(receipt.customer_id),
            amount=Amount.of(receipt.amount),
            left=Amount(amount=left, currency=currency.code),
            method=receipt.method.value,
            reference=receipt.reference,
            received_on=receipt.received_on,
            payment_id=str(receipt.payment_id) if receipt.payment_id else None,
            entry_id=str(receipt.entry_id),
            allocations=[AllocationOut.of(each, currency) for each in made],
            created_at=receipt.created_at,
        )


class CreditNoteOut(Schema):
    """What took an invoice back; `left` is what of it pays nothing yet."""

    id: str
    number: str
    invoice_id: str
    reason: str
    issued_on: date
    net: Amount
    tax: Amount
    total: Amount
    left: Amount
    entry_id: str

    @classmethod
    def of(cls, note: CreditNote, left: int) -> "CreditNoteOut":
        """The wire form."""

        def amount(minor: int) -> Amount:
            return Amount(amount=minor, currency=note.currency.code)

        return cls(
            id=str(note.id),
            number=note.number,
            invoice_id=str(note.invoice_id),
            reason=note.reason,
            issued_on=note.issued_on,
            net=amount(note.net_minor),
            tax=amount(note.tax_minor),
            total=amount(note.total_minor),
            left=amount(left),
            entry_id=str(note.entry_id),
        )


class CustomerCreditOut(Schema):
    """Money of a customer that pays nothing yet."""

    source_kind: str
    source_id: str
    account_id: str
    name: str
    left: Amount

    @classmethod
    def of(cls, source: Source, left: int) -> "CustomerCreditOut":
        """The wire form."""
        return cls(
            source_kind=source.kind.value,
            source_id=str(source.id),
            account_id=str(source.account_id),
            name=source.name,
            left=Amount(amount=left, currency=source.currency.code),
        )


class CustomerAccountOut(Schema):
    """What a customer owes and has left in one currency; each part is the balance of an account that is named."""

    owed: Amount
    overdue: Amount
    credit: Amount
    invoices: list[InvoiceOut] = Field(description="Those that are open, the longest due first")
    credits: list[CustomerCreditOut]

    @classmethod
    def of(cls, currency: Currency, invoices: list[InvoiceOut], credits_: list[CustomerCreditOut]) -> Self:
        """The wire form: sums of what is listed."""

        def amount(minor: int) -> Amount:
            return Amount(amount=minor, currency=currency.code)

        return cls(
            owed=amount(sum(each.open.amount for each in invoices)),
            overdue=amount(sum(each.open.amount for each in invoices if each.days_late > 0)),
            credit=amount(sum(each.left.amount for each in credits_)),
            invoices=invoices,
            credits=credits_,
        )


class InvoiceDetail(InvoiceOut):
    """An invoice with everything that belongs to it. `credited` says how much of each line was taken back."""

    lines: list[InvoiceLineOut]
    taxes: list[InvoiceTaxOut]
    allocations: list[AllocationOut]
    credit_notes: list[CreditNoteOut]
    credited: dict[int, str]
    credit: Amount = Field(description="What the customer has left from before, in this currency")
    deposit_left: Amount = Field(description="What was paid of a deposit and no invoice has drawn")
    goods: Goods = Field(description="Whether it sells goods of the stock, and whether they have left")
    entries: list[dict[str, Any]] = Field(description="The journal entries behind the amounts; none for a customer")


class AgedInvoiceOut(Schema):
    """What was open of one invoice."""

    invoice_id: str
    number: str
    due_on: date
    open: int


class CustomerAgesOut(Schema):
    """What one customer owed, by step of lateness, in minor units."""

    customer_id: str
    customer_name: str | None
    buckets: dict[str, int]
    total: int
    invoices: list[AgedInvoiceOut]

    @classmethod
    def of(cls, one: PartyAges, names: Mapping[PartyId, str]) -> "CustomerAgesOut":
        """The wire form."""
        return cls(
            customer_id=str(one.party_id),
            customer_name=names.get(one.party_id),
            buckets=dict(one.buckets),
            total=one.total,
            invoices=[
                AgedInvoiceOut(invoice_id=str(each.id), number=each.number, due_on=each.due_on, open=each.open_minor)
                for each in one.documents
            ],
        )


class AgesOut(Schema):
    """What was owed at the end of a day, in minor units; the buckets sum to the receivable accounts' balance."""

    day: date
    currency: str
    buckets: dict[str, int]
    total: int
    control: int
    customers: list[CustomerAgesOut]

    @classmethod
    def of(cls, ages: Ages, currency: str, names: Mapping[PartyId, str]) -> "AgesOut":
        """The wire form."""
        return cls(
            day=ages.day,
            currency=currency,
            buckets=dict(ages.buckets),
            total=ages.total,
            control=ages.control,
            customers=[CustomerAgesOut.of(one, names) for one in ages.parties],
        )
