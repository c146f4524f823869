"""Wire shapes of stock. Quantities are decimal text, so that no program makes a float of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from specie.catalogue import Product, ProductId
from specie.kernel.errors import InvalidField
from specie.kernel.money import Money
from specie.kernel.quantity import Quantity
from specie.platform.http import Schema
from specie.platform.wire import Amount, AwareMoment, CurrencyCode, Note, QuantityText, id_text
from specie.stock.model import (
    DeliverLine,
    Later,
    Level,
    Method,
    Movement,
    MovementId,
    Policy,
    ReceiveLine,
    Warehouse,
    WarehouseId,
)
from specie.stock.moving import Moved, Occasion
from specie.stock.service import ReturnLine

MethodName = Literal["fifo", "average"]
SHOWN_LATER = 50
_MOST = 200


class WarehouseIn(Schema):
    """A warehouse to add; its stock is valued in the currency."""

    code: Annotated[str, Field(min_length=1, max_length=20, pattern=r"\S")] = Field(examples=["MAIN"])
    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
    currency: CurrencyCode


class WarehouseOut(Schema):
    """A place goods are kept in."""

    id: str
    code: str
    name: str
    currency: str

    @classmethod
    def of(cls, found: Warehouse) -> "WarehouseOut":
        """The wire form."""
        return cls(id=str(found.id), code=found.code, name=found.name, currency=found.currency.code)


class WarehousesOut(Schema):
    """Every warehouse, by code."""

    data: list[WarehouseOut]


class StockPolicyOut(Schema):
    """How stock is kept. `method` is that of products without one of their own and without stock."""

    may_go_below: bool
    method: MethodName

    @classmethod
    def of(cls, found: Policy) -> "StockPolicyOut":
        """The wire form."""
        return cls(may_go_below=found.may_go_below, method=found.method.value)


class StockPolicyIn(StockPolicyOut):
    """How stock should be kept, and why."""

    reason: Annotated[str, Field(min_length=3, max_length=500)]

    def policy(self) -> Policy:
        """The value."""
        return Policy(self.may_go_below, Method(self.method))


class StockMethodIn(Schema):
    """How the cost of a product is found."""

    method: MethodName


class ReorderIn(Schema):
    """At which available quantity it is time to buy again; null for never."""

    warehouse_id: str
    product_id: str
    reorder_at: QuantityText | None


class _MoveIn(Schema):
    """What every movement may say. A day gone by needs `confirmed` when other movements came after it."""

    effective_at: AwareMoment | None = None
    note: Note = ""
    confirmed: bool = False

    def occasion(self) -> Occasion:
        """When and why."""
        return Occasion(effective_at=self.effective_at, note=self.note, confirmed=self.confirmed)


class StockGoodsIn(Schema):
    """So much of a product."""

    product_id: str
    quantity: QuantityText

    def product(self) -> ProductId:
        """The product."""
        return id_text(ProductId, self.product_id, "product_id")

    def line(self) -> DeliverLine:
        """The goods as stock takes them."""
        return DeliverLine(self.product(), Quantity.parse(self.quantity))


class CostedIn(StockGoodsIn):
    """Goods with what a unit, or all of them, cost; one of the two."""

    unit_cost: Amount | None = None
    total_cost: Amount | None = None

    def cost(self) -> Money | None:
        """What all of them cost, if it was said. Raises InvalidField when it was said twice."""
        if self.unit_cost is not None and self.total_cost is not None:
            raise InvalidField("say what a unit costs, or what all of them cost", param="unit_cost")
        if self.unit_cost is not None:
            return Quantity.parse(self.quantity).times(self.unit_cost.money())
        return self.total_cost.money() if self.total_cost is not None else None

    def received(self) -> ReceiveLine:
        """The goods as a receipt takes them. Raises InvalidField without a cost."""
        cost = self.cost()
        if cost is None:
            raise InvalidField("say what the goods cost", param="unit_cost")
        return ReceiveLine(self.product(), Quantity.parse(self.quantity), cost)


Goods = Annotated[list[StockGoodsIn], Field(min_length=1, max_length=_MOST)]


class StockReceiptIn(_MoveIn):
    """Goods to take in: a supplier's, or those that were there when the books began."""

    warehouse_id: str
    source: Literal["supplier", "opening"] = "supplier"
    lines: Annotated[list[CostedIn], Field(min_length=1, max_length=_MOST)]


class StockDeliveryIn(_MoveIn):
    """Goods to give out."""

    warehouse_id: str
    lines: Goods


class StockTransferIn(StockDeliveryIn):
    """Goods to carry to another warehouse."""

    to_warehouse_id: str


class StockAdjustmentIn(_MoveIn):
    """Goods to write off or in; goods written in cost what the last ones did, unless it is said."""

    warehouse_id: str
    direction: Literal["out", "in"]
    goods: CostedIn

    def change(self) -> Quantity:
        """The change of the quantity."""
        much = Quantity.parse(self.goods.quantity)
        return much if self.direction == "in" else -much


class StockCountIn(_MoveIn):
    """What somebody has counted in a warehouse."""

    warehouse_id: str
    lines: Goods

    def counted(self) -> list[tuple[ProductId, Quantity]]:
        """The quantities by product."""
        return [(line.product(), Quantity.parse(line.quantity)) for line in self.lines]


class StockReturnIn(_MoveIn):
    """How much of a delivery has come back."""

    quantity: QuantityText

    def line(self, movement_id: MovementId) -> ReturnLine:
        """The return as stock takes it."""
        return ReturnLine(movement_id, Quantity.parse(self.quantity))


class StockMovementOut(Schema):
    """One change of one product's stock in one warehouse; quantity and value are signed."""

    id: str
    kind: str
    warehouse_id: str
    product_id: str
    product_name: str | None
    unit: str | None
    quantity: str
    value: Amount
    correction: Amount = Field(description="What goods gone below zero cost more than was estimated")
    on_hand: str = Field(description="What was there after it")
    effective_at: datetime
    recorded_at: datetime
    entry_id: str | None
    cause_kind: str | None
    cause_id: str | None
    note: str
    actor: str
    returned: str

    @classmethod
    def of(cls, made: Movement, product: Product | None) -> "StockMovementOut":
        """The wire form."""
        return cls(
            id=str(made.id),
            kind=str(made.kind),
            warehouse_id=str(made.warehouse_id),
            product_id=str(made.product_id),
            product_name=product.name if product else None,
            unit=product.unit if product else None,
            quantity=str(made.quantity),
            value=Amount.of(made.value),
            correction=Amount.of(made.correction),
            on_hand=str(made.on_hand),
            effective_at=made.effective_at,
            recorded_at=made.recorded_at,
            entry_id=str(made.entry_id) if made.entry_id else None,
            cause_kind=made.cause.kind if made.cause else None,
            cause_id=made.cause.id if made.cause else None,
            note=made.note,
            actor=made.actor,
            returned=str(made.returned),
        )


class StockLaterOut(Schema):
    """A movement after a back-dated one: the stock after it as it was known, and as it is known now."""

    movement_id: str
    kind: str
    product_id: str
    warehouse_id: str
    effective_at: datetime
    on_hand_before: str
    on_hand_after: str

    @classmethod
    def of(cls, later: Later) -> "StockLaterOut":
        """The wire form."""
        return cls(
            movement_id=str(later.movement.id),
            kind=str(later.movement.kind),
            product_id=str(later.movement.product_id),
            warehouse_id=str(later.movement.warehouse_id),
            effective_at=later.movement.effective_at,
            on_hand_before=str(later.before),
            on_hand_after=str(later.after),
        )


class StockMovedOut(Schema):
    """What was moved, or would be in a dry run. `later` are the first of the movements whose stock changes."""

    movements: list[StockMovementOut]
    entry_id: str | None
    later: list[StockLaterOut]
    later_count: int

    @classmethod
    def of(cls, moved: Moved, products: Mapping[ProductId, Product]) -> "StockMovedOut":
        """The wire form."""
        return cls(
            movements=[StockMovementOut.of(each, products.get(each.product_id)) for each in moved.movements],
            entry_id=str(moved.entry_id) if moved.entry_id else None,
            later=[StockLaterOut.of(each) for each in moved.later[:SHOWN_LATER]],
            later_count=len(moved.later),
        )


class StockLevelOut(Schema):
    """A product's stock in a warehouse. `value` is the balance of its account in the books."""

    warehouse_id: str
    product_id: str
    product_name: str | None
    sku: str | None
    unit: str | None
    on_hand: str
    reserved: str
    available: str
    value: Amount
    account_id: str
    method: str
    layers: int = Field(description="Receipts of which something is left, by FIFO")
    reorder_at: str | None
    is_low: bool

    @classmethod
    def of(cls, level: Level, value: Money, product: Product | None) -> "StockLevelOut":
        """The wire form."""
        return cls(
            warehouse_id=str(level.warehouse.id),
            product_id=str(level.product_id),
            product_name=product.name if product else None,
            sku=product.sku if product else None,
            unit=product.unit if product else None,
            on_hand=str(level.on_hand),
            reserved=str(level.reserved),
            available=str(level.available),
            value=Amount.of(value),
            account_id=str(level.account_id),
            method=str(level.pile.method),
            layers=len(level.pile.layers),
            reorder_at=str(level.reorder_at) if level.reorder_at is not None else None,
            is_low=level.is_low,
        )


def warehouse_id(text: str, param: str = "warehouse_id") -> WarehouseId:
    """Parse a warehouse's id. Raises InvalidId."""
    return id_text(WarehouseId, text, param)
