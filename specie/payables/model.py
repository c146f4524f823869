"""Orders to suppliers, goods received, bills and payments made, and how the three are matched; no I/O, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from specie.billing import Line
from specie.kernel.ids import AccountId, EntryId, PartyId, PrefixedId
from specie.kernel.money import Currency, Money, part_by_quantity
from specie.payables.errors import BillCannotMove, PurchaseOrderClosed
from specie.stock import WarehouseId


class PurchaseOrderId(PrefixedId, prefix="por"):
    """What a supplier was asked for."""


class GoodsReceiptId(PrefixedId, prefix="grn"):
    """Goods of an order that came in together."""


class BillId(PrefixedId, prefix="bil"):
    """What a supplier asks for."""


class DebitNoteId(PrefixedId, prefix="dbn"):
    """What takes a bill back, in full or in part."""


class SupplierPaymentId(PrefixedId, prefix="spm"):
    """Money a supplier was paid."""


class SupplierPayoutId(PrefixedId, prefix="spo"):
    """Bills of a supplier paid by one payout."""


class Series(StrEnum):
    """What is numbered without gaps, each on its own."""

    ORDER = "order"
    BILL = "bill"
    DEBIT_NOTE = "debit_note"

    def number(self, n: int) -> str:
        """The n-th number as people read it."""
        return f"{_PREFIXES[self]}-{n:05d}"


_PREFIXES = {Series.ORDER: "PO", Series.BILL: "BILL", Series.DEBIT_NOTE: "DN"}


class OrderState(StrEnum):
    """Whether something may still come of an order."""

    OPEN = "open"
    CLOSED = "closed"


class BillState(StrEnum):
    """How far a bill has come.

    A held one is not owed: it differs from its order or from what came. What was owed of one that is `paying` is on its
    way to the supplier, and nothing else can pay it.
    """

    HELD = "held"
    REJECTED = "rejected"
    OPEN = "open"
    PART_PAID = "part_paid"
    PAYING = "paying"
    PAID = "paid"
    VOID = "void"


OWED = frozenset({BillState.OPEN, BillState.PART_PAID})
UNPOSTED = frozenset({BillState.HELD, BillState.REJECTED})


class SourceKind(StrEnum):
    """What may pay a bill."""

    PAYMENT = "payment"
    DEBIT_NOTE = "debit_note"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of an order: what came of it, what was ever billed, and `billed`, which is that less what was debited."""

    line: Line
    received: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    ever_billed: Decimal = Decimal(0)

    @property
    def is_goods(self) -> bool:
        """Whether it is taken into the stock."""
        return self.line.product_id is not None

    @property
    def billable(self) -> Decimal:
        """How much has come and was never billed; services come with the order.

        What was debited has gone back to the supplier, so it does not become billable again.
        """
        return (self.received if self.is_goods else self.line.quantity) - self.ever_billed

    def after(self, quantity: Decimal) -> "OrderLine":
        """The line once so much more of it is billed."""
        return replace(self, billed=self.billed + quantity, ever_billed=self.ever_billed + quantity)

    def clears(self, quantity: Decimal) -> int:
        """What a bill for so much takes out of received goods, in minor units: never more than was ordered."""
        left = max(self.line.quantity - self.billed, Decimal(0))
        return self.worth(self.billed, min(quantity, left))

    def worth(self, before: Decimal, now: Decimal) -> int:
        """What `now` of it is worth by the order after `before` of it, in minor units: parts sum to the whole."""
        return part_by_quantity(self.line.net_minor, self.line.quantity, before, now)


@dataclass(frozen=True, slots=True)
class Order:
    """What a supplier was asked for, and the warehouse it comes to."""

    id: PurchaseOrderId
    number: str
    n: int
    supplier_id: PartyId
    warehouse_id: WarehouseId
    currency: Currency
    state: OrderState
    ordered_on: date
    note: str
    net_minor: int
    tax_minor: int
    created_at: datetime
    version: int = 1

    def require_open(self) -> None:
        """Raise PurchaseOrderClosed unless something may still come of it."""
        if self.state is not OrderState.OPEN:
            raise PurchaseOrderClosed(f"{self.number} is closed", param="order_id")


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of a bill and the line of the order it is for.

    `cleared_minor` is how much of what was received and not billed it takes out of there.
    """

    line: Line
    order_line: int | None = None
    cleared_minor: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a bill does not match: which line, `quantity` or `price`, and in words."""

    line: int
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Bill:
    """What a supplier asks for. What is owed of it is the balance of `account_id`; a held bill has none.

    One that was brought in from the system used before has their number as its own and no `n`: its total is what was
    owed then, and `original_total_minor` what all of it had asked for. `withdrawn_id` is the entry that reversed how it
    came in.
    """

    id: BillId
    number: str
    n: int | None
    supplier_id: PartyId
    their_number: str
    order_id: PurchaseOrderId | None
    currency: Currency
    state: BillState
    billed_on: date
    due_on: date
    net_minor: int
    tax_minor: int
    created_at: datetime
    problems: Sequence[Problem] = ()
    reason: str = ""
    account_id: AccountId | None = None
    debitable_id: AccountId | None = None
    entry_id: EntryId | None = None
    version: int = 1
    original_total_minor: int | None = None
    withdrawn_id: EntryId | None = None

    @property
    def is_brought_in(self) -> bool:
        """Whether it was recorded in the system used before."""
        return self.original_total_minor is not None

    @property
    def total_minor(self) -> int:
        """What is asked for."""
        return self.net_minor + self.tax_minor

    def require(self, *states: BillState) -> None:
        """Raise BillCannotMove unless it is in one of the states."""
        if self.state not in states:
            raise BillCannotMove(f"{self.number} is {self.state.value}", state=self.state.value)

    def owed_accounts(self) -> tuple[AccountId, AccountId]:
        """The accounts of what is owed and what may be taken back. Raises BillCannotMove for a held bill."""
        if self.account_id is None or self.debitable_id is None:
            raise BillCannotMove(f"{self.number} is not owed", state=self.state.value)
        return self.account_id, self.debitable_id


@dataclass(frozen=True, slots=True)
class DebitNote:
    """What took a bill back; `account_id` holds what of it pays nothing yet."""

    id: DebitNoteId
    number: str
    n: int
    bill_id: BillId
    supplier_id: PartyId
    currency: Currency
    reason: str
    issued_on: date
    net_minor: int
    tax_minor: int
    account_id: AccountId
    entry_id: EntryId
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Payment:
    """Money a supplier was paid; `account_id` holds what of it pays nothing yet: paid in advance."""

    id: SupplierPaymentId
    supplier_id: PartyId
    amount: Money
    method: str
    reference: str
    paid_on: date
    account_id: AccountId
    entry_id: EntryId
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """What may pay a bill, with the account that holds it."""

    kind: SourceKind
    id: SupplierPaymentId | DebitNoteId
    supplier_id: PartyId
    currency: Currency
    account_id: AccountId
    name: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """So much of a source for a bill."""

    entry_id: EntryId
    source_kind: SourceKind
    source_id: SupplierPaymentId | DebitNoteId | SupplierPayoutId
    bill_id: BillId
    amount_minor: int
    allocated_on: date


def match(lines: Sequence[BillLine], order: Mapping[int, OrderLine]) -> list[Problem]:
    """Hold a bill against its order and against what came; nothing when the three agree.

    Goods are billed as far as they came and services as far as they were ordered, each at the price of the order and
    with its taxes. Two lines may be about the same line of the order: the second finds what the first has left.
    """
    problems: list[Problem] = []
    now = dict(order)
    for each in lines:
        if each.order_line is None:
            problems.append(Problem(each.line.n, "quantity", f"{each.line.description}: was not ordered"))
            continue
        ordered = now[each.order_line]
        problems += _differences(each, ordered)
        now[each.order_line] = ordered.after(each.line.quantity)
    return problems


def cleared(lines: Sequence[BillLine], order: Mapping[int, OrderLine]) -> list[BillLine]:
    """The lines with what each takes out of received goods: of the order, or itself when nobody ordered it."""
    done, now = list[BillLine](), dict(order)
    for each in lines:
        if each.order_line is None:
            done.append(replace(each, cleared_minor=each.line.net_minor if each.line.product_id else 0))
            continue
        ordered = now[each.order_line]
        done.append(replace(each, cleared_minor=ordered.clears(each.line.quantity) if each.line.product_id else 0))
        now[each.order_line] = ordered.after(each.line.quantity)
    return done


def _differences(each: BillLine, ordered: OrderLine) -> list[Problem]:
    found, line = list[Problem](), each.line
    if line.quantity > ordered.billable:
        came = "came" if ordered.is_goods else "was ordered"
        words = f"{line.description}: {line.quantity:f} billed, {max(ordered.billable, Decimal(0)):f} {came} and is not"
        found.append(Problem(line.n, "quantity", f"{words} billed"))
    # Parts of an amount are rounded by whoever writes them: one minor unit is no other price.
    if abs(line.net_minor - ordered.worth(ordered.billed, line.quantity)) > 1:
        words = f"{line.description}: the price is not that of the order"
        found.append(Problem(line.n, "price", words))
    if _rates(line) != _rates(ordered.line):
        found.append(Problem(line.n, "tax", f"{line.description}: the tax is not that of the order"))
    return found


def _rates(line: Line) -> set[tuple[str, Decimal]]:
    return {(part.code, part.rate) for part in line.taxes}


def state_of(owed_minor: int, paid_minor: int) -> BillState:
    """The state of a bill that was posted: by what is owed, and whether money or only debit notes brought it there."""
    if owed_minor == 0:
        return BillState.PAID if paid_minor else BillState.VOID
    return BillState.PART_PAID if paid_minor else BillState.OPEN
