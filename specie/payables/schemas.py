"""What goes over the wire about orders to suppliers, bills and payments made."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from specie.billing import Ages, InvoiceLineIn, InvoiceLineOut, InvoiceTaxOut, Method, PartyAges
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.payables.errors import BillUnfit
from specie.payables.model import (
    Allocation,
    Bill,
    BillId,
    BillLine,
    DebitNote,
    Order,
    OrderLine,
    Payment,
    PurchaseOrderId,
)
from specie.payables.ordering import WriteOrder
from specie.payables.paying import Pay
from specie.payables.payout_schemas import BillPayoutOut
from specie.payables.recording import RecordBill
from specie.platform.http import Schema
from specie.platform.wire import Amount, BusinessDay, CurrencyCode, PositiveAmount, id_text
from specie.stock import WarehouseId

_TEXT = r"^[^\x00]*$"
ShortText = Annotated[str, Field(max_length=120, pattern=_TEXT)]
Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=_TEXT)]
Quantity = Annotated[
    str, Field(pattern=r"^\d{1,12}(\.\d{1,6})?$", description="Up to 6 decimals, as text", examples=["2.5"])
]
Names = Mapping[PartyId, str]


class PurchaseOrderIn(Schema):
    """What a supplier is asked for, and the warehouse it comes to."""

    supplier_id: str
    warehouse_id: str
    currency: CurrencyCode
    lines: Annotated[list[InvoiceLineIn], Field(min_length=1, max_length=200)]
    note: Annotated[str, Field(max_length=1000, pattern=_TEXT)] = ""

    def command(self) -> WriteOrder:
        """The value. Raises LineInvalid or InvalidId."""
        return WriteOrder(
            supplier_id=id_text(PartyId, self.supplier_id, "supplier_id"),
            warehouse_id=id_text(WarehouseId, self.warehouse_id, "warehouse_id"),
            currency=Currency.of(self.currency),
            lines=[line.draft(n, self.currency) for n, line in enumerate(self.lines)],
            note=self.note,
        )


class LineQuantityIn(Schema):
    """How much of a line."""

    n: Annotated[int, Field(ge=1)]
    quantity: Quantity


class GoodsReceiptIn(Schema):
    """What of an order came; without lines all that is left."""

    lines: Annotated[list[LineQuantityIn], Field(min_length=1, max_length=200)] | None = None


class DebitNoteIn(Schema):
    """Why a bill is taken back; without lines all that is left of it."""

    reason: Reason
    lines: Annotated[list[LineQuantityIn], Field(min_length=1, max_length=200)] | None = None


def quantities(lines: Sequence[LineQuantityIn] | None) -> dict[int, Decimal] | None:
    """How much of each line, or None for all that is left. Raises BillUnfit when a line is named twice."""
    if lines is None:
        return None
    named = {line.n: Decimal(line.quantity) for line in lines}
    if len(named) != len(lines):
        raise BillUnfit("name each line once", param="lines")
    return named


class BillLineIn(InvoiceLineIn):
    """A line as the supplier charges it; `order_line` is the number of the order's line it is for."""

    order_line: Annotated[int, Field(ge=1)] | None = None


class BillIn(Schema):
    """What a supplier asks for. With an order and no lines: what came and was not billed, at the order's prices."""

    supplier_id: str
    currency: CurrencyCode
    their_number: Annotated[str, Field(min_length=1, max_length=60, pattern=_TEXT)]
    billed_on: BusinessDay
    due_on: BusinessDay
    order_id: str | None = None
    includes_tax: bool = False
    lines: Annotated[list[BillLineIn], Field(max_length=200)] = Field(default_factory=list)

    def command(self) -> RecordBill:
        """The value. Raises LineInvalid or InvalidId."""
        return RecordBill(
            supplier_id=id_text(PartyId, self.supplier_id, "supplier_id"),
            currency=Currency.of(self.currency),
            their_number=self.their_number,
            lines=[(line.draft(n, self.currency), line.order_line) for n, line in enumerate(self.lines)],
            billed_on=self.billed_on,
            due_on=self.due_on,
            order_id=id_text(PurchaseOrderId, self.order_id, "order_id") if self.order_id else None,
            includes_tax=self.includes_tax,
        )


class BillReasonIn(Schema):
    """Why a held bill is accepted or rejected."""

    reason: Reason


class BillShareIn(Schema):
    """So much for one bill."""

    bill_id: str
    amount: PositiveAmount


class SupplierPaymentIn(Schema):
    """Money a supplier was paid. Without `allocations` it pays what has been owed longest."""

    supplier_id: str
    amount: PositiveAmount
    method: Literal["bank", "cash"] = "bank"
    reference: ShortText = ""
    allocations: Annotated[list[BillShareIn], Field(max_length=100)] | None = None

    def command(self) -> Pay:
        """The value. Raises InvalidId."""
        shares = None
        if self.allocations is not None:
            shares = [(id_text(BillId, each.bill_id, "bill_id"), each.amount.money()) for each in self.allocations]
        supplier = id_text(PartyId, self.supplier_id, "supplier_id")
        return Pay(supplier, self.amount.money(), Method(self.method), self.reference, shares)


class PurchaseOrderOut(Schema):
    """An order to a supplier."""

    id: str
    number: str
    supplier_id: str
    supplier_name: str | None
    warehouse_id: str
    state: str
    ordered_on: date
    note: str
    net: Amount
    tax: Amount
    total: Amount
    created_at: datetime

    @classmethod
    def of(cls, order: Order, names: Names) -> "PurchaseOrderOut":
        """The wire form."""
        return cls(**order_fields(order, names))


def order_fields(order: Order, names: Names) -> dict[str, Any]:
    """The fields of `PurchaseOrderOut`."""
    code = order.currency.code
    return {
        "id": str(order.id),
        "number": order.number,
        "supplier_id": str(order.supplier_id),
        "supplier_name": names.get(order.supplier_id),
        "warehouse_id": str(order.warehouse_id),
        "state": order.state.value,
        "ordered_on": order.ordered_on,
        "note": order.note,
        "net": Amount(amount=order.net_minor, currency=code),
        "tax": Amount(amount=order.tax_minor, currency=code),
        "total": Amount(amount=order.net_minor + order.tax_minor, currency=code),
        "created_at": order.created_at,
    }


class PurchaseOrderLineOut(InvoiceLineOut):
    """A line of an order with what came and what was billed of it."""

    is_goods: bool
    received: str
    billed: str

    @classmethod
    def of_order(cls, each: OrderLine, currency: str) -> "PurchaseOrderLineOut":
        """The wire form."""
        return cls(
            **InvoiceLineOut.of(each.line, currency).model_dump(),
            is_goods=each.is_goods,
            received=f"{each.received:f}",
            billed=f"{each.billed:f}",
        )


class BillOut(Schema):
    """A supplier's bill with what is owed of it now. `problems` say why it is held."""

    id: str
    number: str
    their_number: str
    supplier_id: str
    supplier_name: str | None
    order_id: str | None
    state: str
    billed_on: date
    due_on: date
    days_late: int
    net: Amount
    tax: Amount
    total: Amount
    owed: Amount
    problems: list[str]
    reason: str
    original_total: Amount | None = Field(
        description="Of one brought in from the system used before: what all of it came to; `total` was owed then"
    )
    entry_id: str | None
    account_id: str | None
    version: int
    created_at: datetime

    @classmethod
    def of(cls, bill: Bill, owed: int, day: date, names: Names) -> "BillOut":
        """The wire form on a day."""
        return cls(**bill_fields(bill, owed, day, names))


def bill_fields(bill: Bill, owed: int, day: date, names: Names) -> dict[str, Any]:
    """The fields of `BillOut`."""
    code = bill.currency.code
    return {
        "id": str(bill.id),
        "number": bill.number,
        "their_number": bill.their_number,
        "supplier_id": str(bill.supplier_id),
        "supplier_name": names.get(bill.supplier_id),
        "order_id": str(bill.order_id) if bill.order_id else None,
        "state": bill.state.value,
        "billed_on": bill.billed_on,
        "due_on": bill.due_on,
        "days_late": max((day - bill.due_on).days, 0) if owed else 0,
        "original_total": None
        if bill.original_total_minor is None
        else Amount(amount=bill.original_total_minor, currency=code),
        "net": Amount(amount=bill.net_minor, currency=code),
        "tax": Amount(amount=bill.tax_minor, currency=code),
        "total": Amount(amount=bill.total_minor, currency=code),
        "owed": Amount(amount=owed, currency=code),
        "problems": [each.words for each in bill.problems],
        "reason": bill.reason,
        "entry_id": str(bill.entry_id) if bill.entry_id else None,
        "account_id": str(bill.account_id) if bill.account_id else None,
        "version": bill.version,
        "created_at": bill.created_at,
    }


class BillLineOut(InvoiceLineOut):
    """A line of a bill and the line of the order it is for."""

    order_line: int | None
    taken_back: str

    @classmethod
    def of_bill(cls, each: BillLine, currency: str, taken_back: Decimal) -> "BillLineOut":
        """The wire form."""
        line = InvoiceLineOut.of(each.line, currency).model_dump()
        return cls(**line, order_line=each.order_line, taken_back=f"{taken_back:f}")


class BillPaidOut(Schema):
    """So much of a payment or debit note for a bill."""

    source_kind: str
    source_id: str
    amount: Amount
    allocated_on: date
    entry_id: str

    @classmethod
    def of(cls, made: Allocation, currency: str) -> "BillPaidOut":
        """The wire form."""
        return cls(
            source_kind=made.source_kind.value,
            source_id=str(made.source_id),
            amount=Amount(amount=made.amount_minor, currency=currency),
            allocated_on=made.allocated_on,
            entry_id=str(made.entry_id),
        )


class DebitNoteOut(Schema):
    """What took a bill back."""

    id: str
    number: str
    reason: str
    issued_on: date
    total: Amount
    entry_id: str

    @classmethod
    def of(cls, note: DebitNote) -> "DebitNoteOut":
        """The wire form."""
        total = Amount(amount=note.net_minor + note.tax_minor, currency=note.currency.code)
        return cls(
            id=str(note.id),
            number=note.number,
            reason=note.reason,
            issued_on=note.issued_on,
            total=total,
            entry_id=str(note.entry_id),
        )


class BillDetail(BillOut):
    """A bill with everything that belongs to it."""

    lines: list[BillLineOut]
    taxes: list[InvoiceTaxOut]
    allocations: list[BillPaidOut]
    payouts: list[BillPayoutOut] = Field(description="Payouts that were for it, oldest first")
    debit_notes: list[DebitNoteOut]
    advances: Amount = Field(description="What the supplier was paid in advance, in this currency")
    entries: list[dict[str, Any]] = Field(description="The journal entries behind the amounts")


class PurchaseOrderDetail(PurchaseOrderOut):
    """An order with what came and what was billed of each line."""

    lines: list[PurchaseOrderLineOut]
    bills: list[BillOut]


class SupplierPaymentOut(Schema):
    """Money a supplier was paid, and what of it pays nothing yet."""

    id: str
    supplier_id: str
    supplier_name: str | None
    amount: Amount
    left: Amount
    method: str
    reference: str
    paid_on: date
    entry_id: str

    @classmethod
    def of(cls, made: Payment, left: int, names: Names) -> "SupplierPaymentOut":
        """The wire form."""
        return cls(
            id=str(made.id),
            supplier_id=str(made.supplier_id),
            supplier_name=names.get(made.supplier_id),
            amount=Amount.of(made.amount),
            left=Amount(amount=left, currency=made.amount.currency.code),
            method=made.method,
            reference=made.reference,
            paid_on=made.paid_on,
            entry_id=str(made.entry_id),
        )


class SupplierAgesOut(Schema):
    """What one supplier was owed, by step of lateness, in minor units."""

    supplier_id: str
    supplier_name: str | None
    buckets: dict[str, int]
    total: int

    @classmethod
    def of(cls, one: PartyAges, names: Names) -> "SupplierAgesOut":
        """The wire form."""
        return cls(
            supplier_id=str(one.party_id),
            supplier_name=names.get(one.party_id),
            buckets=dict(one.buckets),
            total=one.total,
        )


class PayableAgesOut(Schema):
    """What was owed at the end of a day, in minor units; the buckets sum to the payable accounts' balance."""

    day: date
    currency: str
    buckets: dict[str, int]
    total: int
    control: int
    suppliers: list[SupplierAgesOut]

    @classmethod
    def of(cls, ages: Ages, currency: str, names: Names) -> "PayableAgesOut":
        """The wire form."""
        return cls(
            day=ages.day,
            currency=currency,
            buckets=dict(ages.buckets),
            total=ages.total,
            control=ages.control,
            suppliers=[SupplierAgesOut.of(one, names) for one in ages.parties],
        )
