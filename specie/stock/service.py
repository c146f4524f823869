"""Receiving, delivering, returning, adjusting, counting and transferring goods, in the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from specie import audit, catalogue
from specie.catalogue import ProductId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.stock import movement_store, postings, store
from specie.stock.errors import (
    MovementMissing,
    MovementUnfit,
    ReturnedTooMuch,
    WarehouseTaken,
)
from specie.stock.model import (
    Against,
    DeliverLine,
    Kind,
    Level,
    Method,
    Movement,
    MovementId,
    Policy,
    ReceiveLine,
    Warehouse,
    WarehouseId,
    share_coming_back,
)
from specie.stock.moving import Moved, Occasion, Step, above_zero, lock_levels, move, require_warehouse
from specie.stock.sharing import change_level


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Goods of a delivery that come back."""

    movement_id: MovementId
    quantity: Quantity


async def add_warehouse(uow: UnitOfWork, code: str, name: str, currency: Currency) -> Warehouse:
    """Add a warehouse whose stock is valued in a currency. Raises WarehouseTaken."""
    new = Warehouse(WarehouseId.new(), code.strip(), name.strip(), currency, uow.now)
    if not await store.insert_warehouse(uow, new):
        raise WarehouseTaken(f"a warehouse has the code {new.code}", param="code")
    subject = ("warehouse", str(new.id))
    after = {"code": new.code, "name": new.name, "currency": currency.code}
    await audit.record(uow, action="stock.warehouse.add", subject=subject, after=after)
    return new


async def set_policy(uow: UnitOfWork, new: Policy, reason: str) -> Policy:
    """Say whether stock may go below zero, and how the cost of products without a method of their own is found.

    Stock that is there keeps its method; stock that is below zero stays so until goods come in.
    """
    before = await store.policy_of(uow)
    await store.put_policy(uow, new)
    await audit.record(
        uow,
        action="stock.policy",
        subject=("tenant", str(uow.scope.tenant_id)),
        before={"may_go_below": before.may_go_below, "method": str(before.method)},
        after={"may_go_below": new.may_go_below, "method": str(new.method)},
        reason=reason,
    )
    return new


async def set_method(uow: UnitOfWork, product_id: ProductId, method: Method) -> Method:
    """Say how a product's cost is found, before it has stock anywhere. Raises ProductMissing or MovementUnfit."""
    await catalogue.get_product(uow, product_id, lock=True)
    wanted = movement_store.LevelFilter(product_ids=[product_id])
    if any(level.pile.method is not method for level in await movement_store.find_levels(uow, wanted, None, 1000)):
        raise MovementUnfit("its stock is kept by the other method", param="method")
    await store.put_method(uow, product_id, method)
    subject = ("product", str(product_id))
    await audit.record(uow, action="stock.method", subject=subject, after={"method": str(method)})
    return method


async def receive(
    uow: UnitOfWork,
    warehouse_id: WarehouseId,
    lines: Sequence[ReceiveLine],
    occasion: Occasion,
    against: Against = Against.SUPPLIER,
) -> Moved:
    """Take goods in at what they cost; raises what `move` raises.

    Goods of a supplier are owed in `liability:received-not-billed` until a bill takes them out of there.
    """
    warehouse = await require_warehouse(uow, warehouse_id)
    source = postings.source_account(against, warehouse.currency)
    steps = [
        Step(Kind.RECEIPT, (warehouse_id, line.product_id), above_zero(line.quantity), source, line.cost, place)
        for place, line in enumerate(lines)
    ]
    return await move(uow, postings.RECEIVE, f"Goods received at {warehouse.name}", steps, occasion)


async def deliver(
    uow: UnitOfWork, warehouse_id: WarehouseId, lines: Sequence[DeliverLine], occasion: Occasion
) -> Moved:
    """Give goods out; what they cost becomes cost of goods in the same entry. Raises what `move` raises."""
    warehouse = await require_warehouse(uow, warehouse_id)
    cost_of_goods = postings.cost_of_goods_account(warehouse)
    steps = [
        Step(Kind.DELIVERY, (warehouse_id, line.product_id), -above_zero(line.quantity), cost_of_goods, None, place)
        for place, line in enumerate(lines)
    ]
    return await move(uow, postings.DELIVER, f"Goods delivered from {warehouse.name}", steps, occasion)


async def return_in(uow: UnitOfWork, lines: Sequence[ReturnLine], occasion: Occasion) -> Moved:
    """Take goods of deliveries back, at the cost they left with, into the warehouse they left.

    Raises MovementMissing, ReturnedTooMuch, or what `move` raises.
    """
    steps = []
    for place, line in enumerate(sorted(lines, key=lambda line: line.movement_id.uuid)):
        steps.append(await _back(uow, line, place))
    return await move(uow, postings.RETURN_IN, "Goods returned by a customer", steps, occasion)


async def _back(uow: UnitOfWork, line: ReturnLine, place: int) -> Step:
    delivery = await get_movement(uow, line.movement_id, lock=True)
    if delivery.kind is not Kind.DELIVERY:
        raise MovementUnfit("only what was delivered comes back", param="movement_id")
    more, sent = above_zero(line.quantity), -delivery.quantity
    if delivery.returned + more > sent:
        left = sent - delivery.returned
        raise ReturnedTooMuch(f"{left} of {sent} have not come back", param="quantity", left=str(left))
    cost = share_coming_back(-delivery.value.minor, sent.millionths, delivery.returned.millionths, more.millionths)
    await movement_store.count_returned(uow, delivery.id, delivery.returned + more)
    warehouse = await require_warehouse(uow, delivery.warehouse_id)
    return Step(
        kind=Kind.RETURN_IN,
        place=(delivery.warehouse_id, delivery.product_id),
        quantity=more,
        counter=postings.cost_of_goods_account(warehouse),
        cost=Money(cost, warehouse.currency),
        line=place,
        of=delivery.id,
    )


async def return_out(
    uow: UnitOfWork, warehouse_id: WarehouseId, lines: Sequence[DeliverLine], occasion: Occasion
) -> Moved:
    """Give goods back to their supplier at what they cost here. Raises what `move` raises."""
    warehouse = await require_warehouse(uow, warehouse_id)
    source = postings.source_account(Against.SUPPLIER, warehouse.currency)
    steps = [
        Step(Kind.RETURN_OUT, (warehouse_id, line.product_id), -above_zero(line.quantity), source, None, place)
        for place, line in enumerate(lines)
    ]
    return await move(uow, postings.RETURN_OUT, f"Goods given back from {warehouse.name}", steps, occasion)


async def adjust(
    uow: UnitOfWork,
    warehouse_id: WarehouseId,
    product_id: ProductId,
    change: Quantity,
    occasion: Occasion,
    cost: Money | None = None,
) -> Moved:
    """Write goods off, or in: by `cost`, or by the last known cost. Raises what `move` raises."""
    warehouse = await require_warehouse(uow, warehouse_id)
    if change.millionths == 0 or (change.millionths < 0 and cost is not None):
        raise MovementUnfit("an adjustment changes the quantity; only goods written in have a cost", param="quantity")
    account = postings.adjustments_account(warehouse)
    step = Step(Kind.ADJUSTMENT, (warehouse_id, product_id), change, account, cost)
    return await move(uow, postings.ADJUST, f"Stock adjusted at {warehouse.name}", [step], occasion)


async def count(
    uow: UnitOfWork, warehouse_id: WarehouseId, counted: Sequence[tuple[ProductId, Quantity]], occasion: Occasion
) -> Moved:
    """Make stock what was counted; what agrees moves nothing. Raises what `move` raises."""
    warehouse = await require_warehouse(uow, warehouse_id)
    if len({product_id for product_id, _ in counted}) != len(counted):
        raise MovementUnfit("a product is counted once", param="lines")
    if any(quantity.millionths < 0 for _, quantity in counted):
        raise MovementUnfit("nobody counts less than nothing", param="quantity")
    await catalogue.require_products(uow, [product_id for product_id, _ in counted])
    places = [(warehouse_id, product_id) for product_id, _ in counted]
    levels = await lock_levels(uow, places, await store.policy_of(uow))
    account = postings.adjustments_account(warehouse)
    steps = [
        Step(Kind.COUNT, place, quantity - levels[place].on_hand, account, None, number)
        for number, (place, (_, quantity)) in enumerate(zip(places, counted, strict=True))
        if quantity != levels[place].on_hand
    ]
    if not steps:
        return Moved((), None)
    return await move(uow, postings.COUNT, f"Stock counted at {warehouse.name}", steps, occasion)


async def transfer(
    uow: UnitOfWork, source_id: WarehouseId, target_id: WarehouseId, lines: Sequence[DeliverLine], occasion: Occasion
) -> Moved:
    """Carry goods to another warehouse of the same currency, at what they cost. Raises what `move` raises."""
    source, target = await require_warehouse(uow, source_id), await require_warehouse(uow, target_id)
    if source_id == target_id or source.currency != target.currency:
        raise MovementUnfit("goods go to another warehouse of the same currency", param="to_warehouse_id")
    steps = []
    for place, line in enumerate(lines):
        much = above_zero(line.quantity)
        steps.append(Step(Kind.TRANSFER_OUT, (source_id, line.product_id), -much, line=place))
        steps.append(Step(Kind.TRANSFER_IN, (target_id, line.product_id), much, line=place))
    return await move(uow, postings.TRANSFER, f"From {source.name} to {target.name}", steps, occasion)


async def set_reorder_point(
    uow: UnitOfWork, warehouse_id: WarehouseId, product_id: ProductId, at: Quantity | None
) -> Level:
    """Say at which available quantity it is time to buy again. Raises ProductMissing or WarehouseMissing."""
    await catalogue.require_products(uow, [product_id])
    policy = await store.policy_of(uow)
    place = (warehouse_id, product_id)
    before = (await lock_levels(uow, [place], policy))[place]
    after = await change_level(uow, before, replace(before, reorder_at=at), policy)
    subject = ("stock_level", f"{warehouse_id}/{product_id}")
    await audit.record(uow, action="stock.reorder", subject=subject, after={"at": str(at) if at else None})
    return after


async def get_movement(uow: UnitOfWork, movement_id: MovementId, *, lock: bool = False) -> Movement:
    """One movement. Raises MovementMissing."""
    found = await movement_store.movement_by_id(uow, movement_id, lock=lock)
    if found is None:
        raise MovementMissing(f"there is no movement {movement_id}", param="movement_id")
    return found
