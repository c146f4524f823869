"""Every statement on movements, and the lists of levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, insert, select, tuple_, update

from specie.catalogue import ProductId
from specie.kernel.ids import EntryId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.stock.model import Cause, Kind, Level, Movement, MovementId, WarehouseId
from specie.stock.store import with_layers
from specie.stock.tables import level, movement, warehouse


@dataclass(frozen=True, slots=True)
class MovementFilter:
    """What a list of movements is narrowed to."""

    warehouse_id: WarehouseId | None = None
    product_id: ProductId | None = None
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class LevelFilter:
    """What a list of levels is narrowed to."""

    warehouse_id: WarehouseId | None = None
    product_ids: Sequence[ProductId] | None = None
    is_low: bool = False


async def insert_movements(uow: UnitOfWork, new: Sequence[Movement], of: dict[MovementId, MovementId]) -> None:
    """Write movements down; `of` names the delivery that a return is of."""
    await uow.execute(insert(movement), [_row(uow, each, of.get(each.id)) for each in new])


async def is_moved(uow: UnitOfWork, cause: Cause, kinds: Sequence[Kind]) -> bool:
    """Whether a document has moved stock in one of these ways."""
    m = movement.c
    mine = (m.tenant_id == uow.scope.tenant_id.uuid, m.cause_kind == cause.kind, m.cause_id == cause.id)
    query = select(exists().where(*mine, m.kind.in_([str(kind) for kind in kinds])))
    return bool((await uow.execute(query)).scalar_one())


async def movement_by_id(uow: UnitOfWork, movement_id: MovementId, *, lock: bool = False) -> Movement | None:
    """One movement; with the lock nobody else returns goods of it."""
    m = movement.c
    query = _select().where(m.tenant_id == uow.scope.tenant_id.uuid, m.id == movement_id.uuid)
    row = (await uow.execute(query.with_for_update(of=movement) if lock else query)).one_or_none()
    return _movement(row) if row else None


async def movements_of(uow: UnitOfWork, cause: Cause) -> list[Movement]:
    """What a document has moved, line by line."""
    m = movement.c
    query = _select().where(m.tenant_id == uow.scope.tenant_id.uuid, m.cause_kind == cause.kind, m.cause_id == cause.id)
    return [_movement(row) for row in await uow.execute(query.order_by(m.line, m.id))]


async def count_returned(uow: UnitOfWork, movement_id: MovementId, returned: Quantity) -> None:
    """Remember how much of a movement has come back; it was locked when it was read."""
    m = movement.c
    mine = (m.tenant_id == uow.scope.tenant_id.uuid, m.id == movement_id.uuid)
    await uow.execute(update(movement).where(*mine).values(returned=returned.millionths))


async def later_movements(uow: UnitOfWork, of: Level, after: datetime) -> list[Movement]:
    """The movements of a level that took effect after a moment, the latest first."""
    m = movement.c
    query = _select().where(
        m.tenant_id == uow.scope.tenant_id.uuid,
        m.warehouse_id == of.warehouse.id.uuid,
        m.product_id == of.product_id.uuid,
        m.effective_at > after,
    )
    return [_movement(row) for row in await uow.execute(query.order_by(m.effective_at.desc(), m.number.desc()))]


async def find_movements(
    uow: UnitOfWork, wanted: MovementFilter, before: MovementId | None, limit: int
) -> list[Movement]:
    """Up to `limit + 1` movements, the last recorded first."""
    m = movement.c
    conditions: list[ColumnElement[bool]] = [m.tenant_id == uow.scope.tenant_id.uuid]
    if wanted.warehouse_id is not None:
        conditions.append(m.warehouse_id == wanted.warehouse_id.uuid)
    if wanted.product_id is not None:
        conditions.append(m.product_id == wanted.product_id.uuid)
    if wanted.kind is not None:
        conditions.append(m.kind == str(wanted.kind))
    if before is not None:
        conditions.append(m.id < before.uuid)
    rows = await uow.execute(_select().where(*conditions).order_by(m.id.desc()).limit(limit + 1))
    return [_movement(row) for row in rows]


async def find_levels(uow: UnitOfWork, wanted: LevelFilter, after: tuple[UUID, UUID] | None, limit: int) -> list[Level]:
    """Up to `limit + 1` levels by product and warehouse."""
    c = level.c
    query = select(level).where(c.tenant_id == uow.scope.tenant_id.uuid)
    if wanted.warehouse_id is not None:
        query = query.where(c.warehouse_id == wanted.warehouse_id.uuid)
    if wanted.product_ids is not None:
        query = query.where(c.product_id.in_([each.uuid for each in wanted.product_ids]))
    if wanted.is_low:
        query = query.where(c.is_low)
    if after is not None:
        query = query.where(tuple_(c.product_id, c.warehouse_id) > tuple_(*after))
    rows = (await uow.execute(query.order_by(c.product_id, c.warehouse_id).limit(limit + 1))).all()
    return list((await with_layers(uow, rows)).values())


def _select() -> Any:
    its_warehouse = (warehouse.c.tenant_id == movement.c.tenant_id) & (warehouse.c.id == movement.c.warehouse_id)
    return select(movement, warehouse.c.currency).join(warehouse, its_warehouse)


def _row(uow: UnitOfWork, of: Movement, returns: MovementId | None) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": of.id.uuid,
        "kind": str(of.kind),
        "warehouse_id": of.warehouse_id.uuid,
        "product_id": of.product_id.uuid,
        "number": of.number,
        "quantity": of.quantity.millionths,
        "value_minor": of.value.minor,
        "correction_minor": of.correction.minor,
        "on_hand": of.on_hand.millionths,
        "effective_at": of.effective_at,
        "recorded_at": of.recorded_at,
        "entry_id": of.entry_id.uuid if of.entry_id else None,
        "actor": of.actor,
        "note": of.note,
        "cause_kind": of.cause.kind if of.cause else None,
        "cause_id": of.cause.id if of.cause else None,
        "line": of.line,
        "of_id": returns.uuid if returns else None,
        "returned": of.returned.millionths,
    }


def _movement(row: Row[Any]) -> Movement:
    currency = Currency.of(row.currency)
    return Movement(
        id=MovementId(row.id),
        kind=Kind(row.kind),
        warehouse_id=WarehouseId(row.warehouse_id),
        product_id=ProductId(row.product_id),
        number=row.number,
        quantity=Quantity(row.quantity),
        value=Money(row.value_minor, currency),
        correction=Money(row.correction_minor, currency),
        on_hand=Quantity(row.on_hand),
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        actor=row.actor,
        note=row.note,
        cause=Cause(row.cause_kind, row.cause_id) if row.cause_kind else None,
        line=row.line,
        returned=Quantity(row.returned),
    )
