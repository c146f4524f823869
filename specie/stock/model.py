"""Warehouses, movements and what stock costs; pure decisions in millionths of a unit and minor units of money.

Costing is one rule for both methods. A pile is a row of layers, oldest first, each with a quantity and what all of it
cost. What leaves is taken from the oldest layer; by the average method whatever comes in is merged into one layer. A
part of a layer costs its share, rounded half up, and the last of it costs all that is left: so what came in is always
what went out and what is still there, to the minor unit.

Where a tenant lets stock go below zero, what is missing is a layer of its own with negative quantity and cost,
estimated by the last known cost. The next receipt fills it first, and the difference between the estimate and what
the goods really cost is the receipt's correction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from specie.catalogue import ProductId
from specie.kernel.ids import AccountId, EntryId, PrefixedId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity, divide_half_up
from specie.stock.errors import MovementUnfit


class WarehouseId(PrefixedId, prefix="whs"):
    """A place goods are kept in."""


class MovementId(PrefixedId, prefix="mov"):
    """One change of one product's stock in one warehouse."""


class Method(StrEnum):
    """Which cost leaves with the goods."""

    FIFO = "fifo"
    AVERAGE = "average"


class Kind(StrEnum):
    """Why stock changed."""

    RECEIPT = "receipt"
    DELIVERY = "delivery"
    RETURN_IN = "return_in"
    RETURN_OUT = "return_out"
    ADJUSTMENT = "adjustment"
    COUNT = "count"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"


class Against(StrEnum):
    """Where the value of received goods comes from."""

    SUPPLIER = "supplier"
    """Goods a supplier's bill is to come for, or has."""
    OPENING = "opening"
    """Goods that were there when the books began."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Goods of one cost: how many millionths of a unit, and what all of them cost in minor units."""

    quantity: int
    cost: int


@dataclass(frozen=True, slots=True)
class Pile:
    """A product's stock in a warehouse, oldest layer first. `unit_cost` is the last known cost, as a layer."""

    method: Method
    layers: tuple[Layer, ...] = ()
    unit_cost: Layer = Layer(Quantity.ONE, 0)

    @property
    def quantity(self) -> int:
        """What is there, in millionths; below zero when more has left."""
        return sum(layer.quantity for layer in self.layers)

    @property
    def cost(self) -> int:
        """What is there cost, in minor units."""
        return sum(layer.cost for layer in self.layers)

    def estimate(self, quantity: int) -> int:
        """What a quantity costs by the last known cost."""
        return divide_half_up(quantity * self.unit_cost.cost, self.unit_cost.quantity)

    def receive(self, quantity: int, cost: int) -> tuple["Pile", int]:
        """Take goods in; also by how much what had left before they came cost more than was estimated.

        Raises MovementUnfit unless the quantity is above zero and the cost not below it.
        """
        if quantity <= 0 or cost < 0:
            raise MovementUnfit("a receipt has a quantity above zero and a cost not below it", param="quantity")
        known = Layer(quantity, cost)
        if self.quantity >= 0:
            return replace(self, layers=self._with(known), unit_cost=known), 0
        [missing] = self.layers
        filled = min(quantity, -missing.quantity)
        real = divide_half_up(cost * filled, quantity)
        _, estimated = _cut(Layer(-missing.quantity, -missing.cost), filled)
        left = Layer(missing.quantity + filled, missing.cost + estimated)
        layers = tuple(layer for layer in (left, Layer(quantity - filled, cost - real)) if layer.quantity != 0)
        return Pile(self.method, layers, known), real - estimated

    def take(self, quantity: int, *, may_go_below: bool = False) -> tuple["Pile", int]:
        """Take goods out; also what they cost. Raises MovementUnfit for more than there is, unless it may go below."""
        if quantity <= 0:
            raise MovementUnfit("a quantity is above zero", param="quantity")
        left, cost, layers = quantity, 0, list(self.layers)
        while left and layers and layers[0].quantity > 0:
            taken = min(left, layers[0].quantity)
            rest, part = _cut(layers[0], taken)
            cost, left = cost + part, left - taken
            layers[:1] = [rest] if rest.quantity else []
        if not left:
            return replace(self, layers=tuple(layers), unit_cost=self._known(quantity, cost)), cost
        if not may_go_below:
            raise MovementUnfit("more is taken than there is", param="quantity")
        estimated = self.estimate(left)
        missing = layers[0] if layers else Layer(0, 0)
        below = Layer(missing.quantity - left, missing.cost - estimated)
        return replace(self, layers=(below,)), cost + estimated

    def _with(self, new: Layer) -> tuple[Layer, ...]:
        if self.method is Method.FIFO or not self.layers:
            return (*self.layers, new)
        return (Layer(self.quantity + new.quantity, self.cost + new.cost),)

    def _known(self, quantity: int, cost: int) -> Layer:
        """By the average the last known cost is that of what left; by FIFO it is that of what came last."""
        return Layer(quantity, cost) if self.method is Method.AVERAGE else self.unit_cost


def _cut(layer: Layer, quantity: int) -> tuple[Layer, int]:
    """What is left of a layer when a part of it goes, and what the part cost."""
    cost = layer.cost if quantity == layer.quantity else divide_half_up(layer.cost * quantity, layer.quantity)
    return Layer(layer.quantity - quantity, layer.cost - cost), cost


def share_coming_back(cost: int, quantity: int, returned: int, more: int) -> int:
    """What `more` of a delivery costs on its way back after `returned` of it; all that comes back sums to its cost."""
    before, after = (divide_half_up(cost * part, quantity) for part in (returned, returned + more))
    return after - before


@dataclass(frozen=True, slots=True)
class Policy:
    """How a tenant keeps stock: whether it may go below zero, and how a new product's cost is found."""

    may_go_below: bool = False
    method: Method = Method.FIFO


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A place goods are kept in; its stock is valued in one currency."""

    id: WarehouseId
    code: str
    name: str
    currency: Currency
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Level:
    """A product's stock in a warehouse, locked while it changes. `value` is the balance of its account.

    `reserved` is promised to orders; `reorder_at` is when to buy again. `number` counts its movements.
    """

    warehouse: Warehouse
    product_id: ProductId
    account_id: AccountId
    pile: Pile
    on_hand: Quantity
    reserved: Quantity
    reorder_at: Quantity | None
    number: int

    @property
    def available(self) -> Quantity:
        """What is there and promised to nobody."""
        return self.on_hand - self.reserved

    @property
    def is_low(self) -> bool:
        """Whether it is time to buy again."""
        return self.reorder_at is not None and self.available <= self.reorder_at


_NONE = Quantity(0)


@dataclass(frozen=True, slots=True)
class Cause:
    """The document a movement follows, for example `("invoice", "inv_…")`; each of its lines moves stock once."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Promise:
    """How much of a product a document wants from one warehouse, and how much of that is kept aside for it."""

    wanted: Quantity = _NONE
    kept: Quantity = _NONE

    @property
    def missing(self) -> Quantity:
        """What the document waits for."""
        return self.wanted - self.kept

    def wanting(self, wanted: Quantity) -> "Promise":
        """The same document when it wants this much in all: what it wants no longer is not kept for it either."""
        return Promise(wanted, min(self.kept, wanted))

    def with_more(self, quantity: Quantity) -> "Promise":
        """The same document when it wants so much more, and has it."""
        return Promise(self.wanted + quantity, self.kept + quantity)

    def with_kept(self, quantity: Quantity) -> "Promise":
        """The promise after so much of what was missing is kept aside."""
        return replace(self, kept=self.kept + quantity)

    def after(self, left: Quantity) -> "Promise":
        """The promise after so much has left: what was kept aside goes first."""
        return Promise(self.wanted - min(self.wanted, left), self.kept - min(self.kept, left))


@dataclass(frozen=True, slots=True)
class ReceiveLine:
    """Goods to take in, with what all of them cost."""

    product_id: ProductId
    quantity: Quantity
    cost: Money


@dataclass(frozen=True, slots=True)
class DeliverLine:
    """Goods to give out."""

    product_id: ProductId
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of one product's stock in one warehouse; quantity and value are signed.

    `correction` is by how much goods that had left below zero cost more than was estimated; it went to cost of goods.
    """

    id: MovementId
    kind: Kind
    warehouse_id: WarehouseId
    product_id: ProductId
    number: int
    quantity: Quantity
    value: Money
    correction: Money
    on_hand: Quantity
    effective_at: datetime
    recorded_at: datetime
    entry_id: EntryId | None
    actor: str
    note: str = ""
    cause: Cause | None = None
    line: int = 0
    returned: Quantity = _NONE


@dataclass(frozen=True, slots=True)
class Later:
    """A movement that comes after a back-dated one, and what was in stock after it: as known before, and now."""

    movement: Movement
    before: Quantity
    after: Quantity


def lowest(on_hand: Quantity, later: Sequence[Quantity]) -> Quantity:
    """The least that was in stock from a moment on. `later` are the changes since, the latest first."""
    least = standing = on_hand
    for change in later:
        standing = standing - change
        least = min(least, standing)
    return least
