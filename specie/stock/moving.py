"""The one way stock changes: levels under lock, costs decided, the entry posted, movements written."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from specie import audit, catalogue, events, ledger
from specie.catalogue import ProductId, ProductKind, State
from specie.kernel.ids import EntryId
from specie.kernel.money import Money
from specie.kernel.quantity import Quantity
from specie.ledger import AccountSpec, Recipe
from specie.platform.db import UnitOfWork
from specie.stock import events as told
from specie.stock import movement_store, postings, promise_store, store
from specie.stock.errors import (
    BackdatingUnconfirmed,
    MovedBefore,
    MovementUnfit,
    NotStocked,
    OutOfStock,
    WarehouseMissing,
)
from specie.stock.model import (
    Cause,
    Kind,
    Later,
    Level,
    Movement,
    MovementId,
    Policy,
    Promise,
    Warehouse,
    WarehouseId,
    lowest,
)
from specie.stock.postings import Worth
from specie.stock.sharing import share_out
from specie.stock.store import Place

_LEAVING = frozenset({Kind.DELIVERY, Kind.RETURN_OUT, Kind.TRANSFER_OUT})


@dataclass(frozen=True, slots=True)
class Step:
    """One intended change; quantities are signed.

    What comes in costs `cost`, or what the step before took out, or an estimate by the last known cost. `counter` is
    the other side of its value; a transfer has its counter in the step before.
    """

    kind: Kind
    place: Place
    quantity: Quantity
    counter: AccountSpec | None = None
    cost: Money | None = None
    line: int = 0
    of: MovementId | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """When, why and on whose behalf; `reserved_for` is the document whose reservations are used up.

    `confirmed`: the caller knows what a movement among earlier ones changes. `approver` is who has said yes to it.
    """

    cause: Cause | None = None
    reserved_for: Cause | None = None
    effective_at: datetime | None = None
    note: str = ""
    confirmed: bool = False
    approver: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What was done: the movements, their entry, and the later movements whose stock is different now."""

    movements: tuple[Movement, ...]
    entry_id: EntryId | None
    later: tuple[Later, ...] = ()


@dataclass
class _Run:
    """One document's steps on their way."""

    occasion: Occasion
    at: datetime
    entry_id: EntryId
    policy: Policy
    levels: dict[Place, Level]
    promises: dict[Place, Promise]
    names: dict[ProductId, str]
    movements: list[Movement] = field(default_factory=list)
    worths: list[Worth] = field(default_factory=list)
    later: list[Later] = field(default_factory=list)
    of: dict[MovementId, MovementId] = field(default_factory=dict)


async def move(uow: UnitOfWork, recipe: Recipe, title: str, steps: Sequence[Step], occasion: Occasion) -> Moved:
    """Do all steps or none, and post what they are worth.

    Raises OutOfStock, NotStocked, MovementUnfit, MovedBefore, BackdatingUnconfirmed, ProductMissing, WarehouseMissing
    or what the ledger raises, PeriodClosed for a day of closed books among them.
    """
    run = await _begin(uow, steps, occasion)
    for step in steps:
        await _take_step(uow, run, step)
    draft = postings.moved(recipe, run.worths, title, run.at, _about(occasion))
    entry_id = run.entry_id if draft else None
    movements = [replace(each, entry_id=entry_id) for each in run.movements]
    event = told.moved(movements, entry_id)
    if draft is not None:
        await ledger.post(uow, replace(draft, id=run.entry_id, approver=occasion.approver), event)
    else:
        await events.record(uow, event)
    await movement_store.insert_movements(uow, movements, run.of)
    await _audit(uow, recipe, movements)
    return Moved(tuple(movements), entry_id, tuple(run.later))


async def _begin(uow: UnitOfWork, steps: Sequence[Step], occasion: Occasion) -> _Run:
    if not steps:
        raise MovementUnfit("there is nothing to move", param="lines")
    at = occasion.effective_at or uow.now
    if at > uow.now:
        raise MovementUnfit("goods move now or have moved before", param="effective_at")
    names = await _require_goods(uow, steps)
    policy = await store.policy_of(uow)
    levels = await lock_levels(uow, [step.place for step in steps], policy)
    # Asked under the locks of the levels, so that of two that race one finds what the other has done.
    if occasion.cause and await movement_store.is_moved(uow, occasion.cause, list({step.kind for step in steps})):
        raise MovedBefore(f"{occasion.cause.id} has moved stock already", cause=occasion.cause.id)
    promises = await promise_store.promises_to(uow, occasion.reserved_for) if occasion.reserved_for else {}
    return _Run(occasion, at, EntryId.new(), policy, levels, promises, names)


async def _require_goods(uow: UnitOfWork, steps: Sequence[Step]) -> dict[ProductId, str]:
    """The products' names. Raises ProductMissing or NotStocked."""
    products = await catalogue.require_products(uow, [step.place[1] for step in steps])
    for step in steps:
        product = products[step.place[1]]
        if product.kind is ProductKind.SERVICE:
            raise NotStocked(f"{product.name} is a service", param="product_id")
        if step.kind is Kind.RECEIPT and product.state is State.ARCHIVED:
            raise NotStocked(f"{product.name} is archived", param="product_id")
    return {product_id: product.name for product_id, product in products.items()}


def above_zero(quantity: Quantity) -> Quantity:
    """A quantity that somebody asked for, as it is. Raises MovementUnfit unless it is above zero."""
    if quantity.millionths <= 0:
        raise MovementUnfit("a quantity is above zero", param="quantity")
    return quantity


async def require_warehouse(uow: UnitOfWork, warehouse_id: WarehouseId) -> Warehouse:
    """One warehouse. Raises WarehouseMissing."""
    found = (await store.warehouses(uow)).get(warehouse_id)
    if found is None:
        raise WarehouseMissing(f"there is no warehouse {warehouse_id}", param="warehouse_id")
    return found


async def lock_levels(uow: UnitOfWork, places: Sequence[Place], policy: Policy) -> dict[Place, Level]:
    """These levels under lock, begun where there is none yet. Raises WarehouseMissing."""
    wanted = list(dict.fromkeys(places))
    known = await store.levels(uow, wanted)
    missing = [place for place in wanted if place not in known]
    methods = await store.methods_of(uow, [place[1] for place in missing]) if missing else {}
    for warehouse_id, product_id in sorted(missing, key=lambda place: (place[0].uuid, place[1].uuid)):
        its_warehouse = await require_warehouse(uow, warehouse_id)
        account = await ledger.ensure_account(uow, postings.goods_account(its_warehouse, product_id))
        method = methods.get(product_id, policy.method)
        await store.insert_level(uow, (warehouse_id, product_id), account.id, policy, method)
    return await store.levels(uow, wanted, lock=True)


async def _take_step(uow: UnitOfWork, run: _Run, step: Step) -> None:
    before = run.levels[step.place]
    after, value, correction = _decide(run, step, before)
    after = await _use_promise(uow, run, step, after)
    if step.quantity.millionths > 0:
        after = await share_out(uow, after)
    later = await _look_back(uow, run, step, before)
    if after.pile.cost < 0 <= before.pile.cost:
        await _let_go_below(uow, after)
    await store.save_level(uow, before, after, may_go_below=run.policy.may_go_below)
    run.levels[step.place] = after
    run.later += later
    run.movements.append(_movement(uow, run, step, after, value - correction, correction))
    if step.of is not None:
        run.of[run.movements[-1].id] = step.of
    if step.kind is not Kind.TRANSFER_OUT:
        run.worths.append(await _worth(uow, run, step, after, value, correction))
    if after.is_low and not before.is_low:
        await events.record(uow, told.low(after))


def _decide(run: _Run, step: Step, level: Level) -> tuple[Level, Money, Money]:
    """The level afterwards, the signed value, and the correction of what had left below zero."""
    currency, much = level.warehouse.currency, step.quantity.millionths
    if much < 0:
        if not run.policy.may_go_below and -much > level.on_hand.millionths:
            raise _too_little(run, level, level.on_hand)
        pile, cost = level.pile.take(-much, may_go_below=run.policy.may_go_below)
        value, correction = -cost, 0
    else:
        value = _cost(run, step, level)
        pile, correction = level.pile.receive(much, value)
    after = replace(level, pile=pile, on_hand=Quantity(pile.quantity), number=level.number + 1)
    return after, Money(value, currency), Money(correction, currency)


def _cost(run: _Run, step: Step, level: Level) -> int:
    if step.kind is Kind.TRANSFER_IN:
        return -run.movements[-1].value.minor
    if step.cost is None:
        return max(level.pile.estimate(step.quantity.millionths), 0)
    if step.cost.currency != level.warehouse.currency:
        raise MovementUnfit(f"{level.warehouse.name} values its stock in {level.warehouse.currency}", param="cost")
    return step.cost.minor


async def _use_promise(uow: UnitOfWork, run: _Run, step: Step, after: Level) -> Level:
    """Goods leave from what is kept aside for the document, then from what is promised to nobody. Raises OutOfStock."""
    if step.kind not in _LEAVING:
        return after
    before = run.promises.get(step.place, Promise())
    left = before.after(-step.quantity)
    if left != before and run.occasion.reserved_for is not None:
        run.promises[step.place] = left
        await promise_store.put_promise(uow, run.occasion.reserved_for, step.place, left)
    released = replace(after, reserved=after.reserved - (before.kept - left.kept))
    if released.available.millionths < 0 and not run.policy.may_go_below:
        raise _too_little(run, after, released.available - step.quantity, ", the rest is promised to others")
    return released


async def _look_back(uow: UnitOfWork, run: _Run, step: Step, before: Level) -> list[Later]:
    """What a movement among earlier ones changes. Raises OutOfStock or BackdatingUnconfirmed."""
    if run.at >= uow.now:
        return []
    later = await movement_store.later_movements(uow, before, run.at)
    later = [each for each in later if each.id not in {mine.id for mine in run.movements}]
    least = lowest(before.on_hand, [each.quantity for each in later]) + step.quantity
    if step.quantity.millionths < 0 and least.millionths < 0 and not run.policy.may_go_below:
        raise _too_little(run, before, least - step.quantity)
    if later and not run.occasion.confirmed:
        raise BackdatingUnconfirmed(
            f"{len(later)} later movements would have other stock after them", movements=len(later)
        )
    found, standing = [], before.on_hand
    for each in later:
        found.append(Later(each, standing, standing + step.quantity))
        standing = standing - each.quantity
    return found


def _too_little(run: _Run, level: Level, available: Quantity, why: str = "") -> OutOfStock:
    return OutOfStock(
        f"{level.warehouse.name} can give out {available} of {run.names[level.product_id]}{why}",
        param="quantity",
        available=str(available),
        product_id=str(level.product_id),
        warehouse_id=str(level.warehouse.id),
    )


async def _let_go_below(uow: UnitOfWork, level: Level) -> None:
    """The tenant lets stock go below zero, and so the value of it."""
    account = await ledger.get_account(uow, level.account_id)
    if account.floor is not None:
        await ledger.set_floor(uow, level.account_id, None, reason="stock may go below zero by the tenant's policy")


def _movement(uow: UnitOfWork, run: _Run, step: Step, after: Level, value: Money, correction: Money) -> Movement:
    return Movement(
        id=MovementId.new(),
        kind=step.kind,
        warehouse_id=after.warehouse.id,
        product_id=after.product_id,
        number=after.number,
        quantity=step.quantity,
        value=value,
        correction=correction,
        on_hand=after.on_hand,
        effective_at=run.at,
        recorded_at=uow.now,
        entry_id=run.entry_id,
        actor=str(uow.scope.actor),
        note=run.occasion.note,
        cause=run.occasion.cause,
        line=step.line,
    )


async def _worth(uow: UnitOfWork, run: _Run, step: Step, after: Level, value: Money, correction: Money) -> Worth:
    cost_of_goods = await ledger.ensure_account(uow, postings.cost_of_goods_account(after.warehouse))
    if step.counter is not None:
        counter = (await ledger.ensure_account(uow, step.counter)).id
    else:
        source = run.movements[-2]
        counter = run.levels[source.warehouse_id, source.product_id].account_id
    return Worth(after.account_id, counter, cost_of_goods.id, value, correction)


def _about(occasion: Occasion) -> dict[str, str]:
    return {"cause_kind": occasion.cause.kind, "cause_id": occasion.cause.id} if occasion.cause else {}


async def _audit(uow: UnitOfWork, recipe: Recipe, movements: Sequence[Movement]) -> None:
    first = movements[0]
    after = {
        "movements": len(movements),
        "effective_at": first.effective_at.isoformat(),
        "quantity": str(first.quantity),
        "value_minor": first.value.minor,
    }
    subject = ("stock_movement", str(first.id))
    await audit.record(uow, action=recipe.name, subject=subject, after=after, reason=first.note or None)
