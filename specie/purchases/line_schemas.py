"""Wire shapes of the lines of a purchase."""

from typing import Annotated, Literal

from pydantic import Field

from specie.billing import InvoiceLineIn, drafts
from specie.platform.http import Schema
from specie.platform.wire import Amount, CurrencyCode, id_text
from specie.purchases.goods import ShownGoods
from specie.purchases.goods_store import Goods
from specie.purchases.lines import MOST_PIECES, Line, LineBack, ReturnedLine
from specie.stock import Movement, WarehouseId

Quantity = Annotated[int, Field(ge=1, le=MOST_PIECES)]
LineName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class PurchaseLineIn(Schema):
    """Some pieces of one thing; the amount is what all of them cost together."""

    name: LineName
    quantity: Quantity = 1
    amount: Amount


class PurchaseGoodsIn(Schema):
    """What the business sells of its own catalogue, by whole pieces; prices and taxes are those of the lines."""

    currency: CurrencyCode
    warehouse_id: str | None = Field(
        None, description="Where stocked goods leave from; null: where the business says. Another takes `stock:move`"
    )
    includes_tax: bool = Field(default=False, description="Whether the prices have their taxes in them")
    lines: Annotated[list[InvoiceLineIn], Field(min_length=1, max_length=200)]

    def goods(self) -> Goods:
        """The value. Raises LineInvalid or InvalidId."""
        place = self.warehouse_id
        return Goods(
            lines=tuple(drafts(self.lines, self.currency)),
            warehouse_id=id_text(WarehouseId, place, "goods.warehouse_id") if place else None,
            includes_tax=self.includes_tax,
        )


class PurchaseGoodsOut(Schema):
    """The invoice that a completed purchase made, and whether its goods have left."""

    invoice_id: str
    invoice_number: str
    net: Amount
    tax: Amount
    delivery: Literal["none", "waiting", "delivered"] = Field(
        description="`waiting`: the stock had gone meanwhile; the goods are given out from the invoice"
    )

    @classmethod
    def of(cls, shown: ShownGoods) -> "PurchaseGoodsOut":
        """The wire form."""
        made, code = shown.invoice, shown.invoice.currency.code
        return cls(
            invoice_id=str(made.id),
            invoice_number=made.name,
            net=Amount(amount=made.net_minor, currency=code),
            tax=Amount(amount=made.tax_minor, currency=code),
            delivery="delivered" if shown.is_delivered else "waiting" if shown.waits else "none",
        )


class LineBackIn(Schema):
    """So many pieces of a line that come back."""

    n: Annotated[int, Field(ge=1, le=200)]
    quantity: Quantity

    def back(self) -> LineBack:
        """What the service takes."""
        return LineBack(self.n, self.quantity)


class PurchaseLineOut(Schema):
    """A line of a purchase, and how many pieces of it have come back."""

    n: int
    name: str
    quantity: int
    amount: Amount
    returned: int

    @classmethod
    def of(cls, line: Line, returned: int) -> "PurchaseLineOut":
        """The wire form."""
        amount = Amount.of(line.amount)
        return cls(n=line.n, name=line.name, quantity=line.quantity, amount=amount, returned=returned)


class ReturnedLineOut(Schema):
    """Pieces of a line that came back with a refund."""

    n: int
    quantity: int
    amount: Amount

    @classmethod
    def of(cls, back: ReturnedLine) -> "ReturnedLineOut":
        """The wire form."""
        return cls(n=back.n, quantity=back.quantity, amount=Amount.of(back.amount))


class ReturnedStockOut(Schema):
    """Pieces of a line that came into a warehouse again with a refund, at what they had cost."""

    n: int
    product_id: str
    warehouse_id: str
    quantity: str
    cost: Amount
    entry_id: str | None

    @classmethod
    def of(cls, n: int, moved: Movement) -> "ReturnedStockOut":
        """The wire form."""
        return cls(
            n=n,
            product_id=str(moved.product_id),
            warehouse_id=str(moved.warehouse_id),
            quantity=str(moved.quantity),
            cost=Amount.of(moved.value),
            entry_id=str(moved.entry_id) if moved.entry_id else None,
        )


def lines_in(given: list[PurchaseLineIn]) -> list[Line]:
    """What the service takes: the lines, numbered as they stand."""
    return [Line(n, line.name, line.quantity, line.amount.money()) for n, line in enumerate(given, 1)]
