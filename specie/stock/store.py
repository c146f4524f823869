"""Every statement that changes stock: warehouses, policy, levels with their layers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.catalogue import ProductId
from specie.kernel.ids import AccountId
from specie.kernel.money import Currency
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.stock.model import Layer, Level, Method, Pile, Policy, Warehouse, WarehouseId
from specie.stock.tables import item, layer, level, policy, warehouse

Place = tuple[WarehouseId, ProductId]


async def insert_warehouse(uow: UnitOfWork, new: Warehouse) -> bool:
    """Add a warehouse unless its code is taken; whether it was added."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "code": new.code,
        "name": new.name,
        "currency": new.currency.code,
        "created_at": new.created_at,
    }
    statement = upsert(warehouse).values(row).on_conflict_do_nothing().returning(warehouse.c.id)
    return (await uow.execute(statement)).scalar_one_or_none() is not None


async def warehouses(uow: UnitOfWork) -> dict[WarehouseId, Warehouse]:
    """Every warehouse of the tenant by code."""
    query = select(warehouse).where(warehouse.c.tenant_id == uow.scope.tenant_id.uuid)
    rows = await uow.execute(query.order_by(func.lower(warehouse.c.code)))
    found = [Warehouse(WarehouseId(r.id), r.code, r.name, Currency.of(r.currency), r.created_at) for r in rows]
    return {each.id: each for each in found}


async def policy_of(uow: UnitOfWork) -> Policy:
    """The tenant's policy."""
    query = select(policy).where(policy.c.tenant_id == uow.scope.tenant_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return Policy(row.may_go_below, Method(row.method)) if row else Policy()


async def put_policy(uow: UnitOfWork, new: Policy) -> None:
    """Set the tenant's policy."""
    key = {"tenant_id": uow.scope.tenant_id.uuid}
    values = {"may_go_below": new.may_go_below, "method": str(new.method), "updated_at": uow.now}
    statement = upsert(policy).values(key | values)
    await uow.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


async def methods_of(uow: UnitOfWork, ids: Sequence[ProductId]) -> dict[ProductId, Method]:
    """How the cost of those products is found for which somebody has said so."""
    mine = (item.c.tenant_id == uow.scope.tenant_id.uuid, item.c.product_id.in_([each.uuid for each in ids]))
    return {ProductId(row.product_id): Method(row.method) for row in await uow.execute(select(item).where(*mine))}


async def put_method(uow: UnitOfWork, product_id: ProductId, method: Method) -> None:
    """Say how a product's cost is found where it has no stock yet."""
    key = {"tenant_id": uow.scope.tenant_id.uuid, "product_id": product_id.uuid}
    statement = upsert(item).values(key | {"method": str(method)})
    await uow.execute(statement.on_conflict_do_update(index_elements=list(key), set_={"method": str(method)}))


async def insert_level(uow: UnitOfWork, place: Place, account_id: AccountId, of: Policy, method: Method) -> None:
    """Begin a product's stock in a warehouse, unless it has begun."""
    row = {
        **key_of(uow, place),
        "account_id": account_id.uuid,
        "method": str(method),
        "on_hand": 0,
        "reserved": 0,
        "known_quantity": Quantity.ONE,
        "known_minor": 0,
        "may_go_below": of.may_go_below,
        "number": 0,
    }
    await uow.execute(upsert(level).values(row).on_conflict_do_nothing())


async def levels(uow: UnitOfWork, places: Sequence[Place], *, lock: bool = False) -> dict[Place, Level]:
    """These levels with their layers; with the lock, taken in sorted order, nobody else moves this stock."""
    query = select(level).where(at(uow, level, places)).order_by(level.c.warehouse_id, level.c.product_id)
    rows = (await uow.execute(query.with_for_update() if lock else query)).all()
    return await with_layers(uow, rows)


async def with_layers(uow: UnitOfWork, rows: Sequence[Row[Any]]) -> dict[Place, Level]:
    """Rows of levels as values."""
    places = [place_of(row) for row in rows]
    known = await warehouses(uow)
    layers: dict[Place, list[Layer]] = {place: [] for place in places}
    if places:
        query = select(layer).where(at(uow, layer, places)).order_by(layer.c.seq)
        for each in await uow.execute(query):
            layers[place_of(each)].append(Layer(each.quantity, each.cost_minor))
    return {place_of(row): _level(row, known, layers[place_of(row)]) for row in rows}


async def save_level(uow: UnitOfWork, before: Level, after: Level, *, may_go_below: bool) -> None:
    """Store a level that was locked when it was read."""
    place = (after.warehouse.id, after.product_id)
    if before.pile.layers != after.pile.layers:
        await _save_layers(uow, place, len(before.pile.layers), after)
    values = {
        "on_hand": after.on_hand.millionths,
        "reserved": after.reserved.millionths,
        "reorder_at": after.reorder_at.millionths if after.reorder_at is not None else None,
        "known_quantity": after.pile.unit_cost.quantity,
        "known_minor": after.pile.unit_cost.cost,
        # What went below zero while it might may stay there until a receipt fills it.
        "may_go_below": may_go_below or after.on_hand.millionths < 0,
        "number": after.number,
    }
    await uow.execute(update(level).where(at(uow, level, [place])).values(values))


async def _save_layers(uow: UnitOfWork, place: Place, before: int, after: Level) -> None:
    """Goods leave from the first layers and come in as the last; what lies between keeps its numbers."""
    query = select(layer.c.seq).where(at(uow, layer, [place])).order_by(layer.c.seq)
    seqs = list((await uow.execute(query)).scalars())
    count = len(after.pile.layers)
    kept = seqs[before - count :] if count <= before else [*seqs, *range(after.number, after.number + count - before)]
    gone = seqs[: len(seqs) - count] if count <= before else []
    if gone:
        await uow.execute(delete(layer).where(at(uow, layer, [place]), layer.c.seq.in_(gone)))
    if not count:
        return
    rows = [
        {**key_of(uow, place), "seq": seq, "quantity": each.quantity, "cost_minor": each.cost}
        for seq, each in zip(kept, after.pile.layers, strict=True)
    ]
    statement = upsert(layer).values(rows)
    new = {"quantity": statement.excluded.quantity, "cost_minor": statement.excluded.cost_minor}
    await uow.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "warehouse_id", "product_id", "seq"],
            set_=new,
            where=(layer.c.quantity != new["quantity"]) | (layer.c.cost_minor != new["cost_minor"]),
        )
    )


def key_of(uow: UnitOfWork, place: Place) -> dict[str, Any]:
    """What names a row of a place."""
    return {"tenant_id": uow.scope.tenant_id.uuid, "warehouse_id": place[0].uuid, "product_id": place[1].uuid}


def at(uow: UnitOfWork, table: Table, places: Sequence[Place]) -> ColumnElement[bool]:
    """The rows of a table that are of these places."""
    c = table.c
    here = [and_(c.warehouse_id == place[0].uuid, c.product_id == place[1].uuid) for place in places]
    return and_(c.tenant_id == uow.scope.tenant_id.uuid, or_(*here))


def place_of(row: Row[Any]) -> Place:
    """Which place a row is of."""
    return WarehouseId(row.warehouse_id), ProductId(row.product_id)


def _level(row: Row[Any], known: dict[WarehouseId, Warehouse], layers: list[Layer]) -> Level:
    return Level(
        warehouse=known[WarehouseId(row.warehouse_id)],
        product_id=ProductId(row.product_id),
        account_id=AccountId(row.account_id),
        pile=Pile(Method(row.method), tuple(layers), Layer(row.known_quantity, row.known_minor)),
        on_hand=Quantity(row.on_hand),
        reserved=Quantity(row.reserved),
        reorder_at=Quantity(row.reorder_at) if row.reorder_at is not None else None,
        number=row.number,
    )
