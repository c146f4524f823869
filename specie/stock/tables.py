"""Warehouses, levels with their layers, movements, reservations and policy; quantities in millionths of a unit."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _uuid(name: str, *, key: bool = False, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), primary_key=key, nullable=optional)


def _text(name: str, *, key: bool = False, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=optional)


def _number(name: str, *, key: bool = False, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=key, nullable=optional)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, Timestamp, nullable=False)


warehouse = sa.Table(
    "warehouse",
    metadata,
    tenant_id(),
    object_id(),
    *(_text(name) for name in ("code", "name", "currency")),
    _moment("created_at"),
)

policy = sa.Table(
    "stock_policy",
    metadata,
    tenant_id(),
    sa.Column("may_go_below", sa.Boolean, nullable=False),
    _text("method"),
    _moment("updated_at"),
)

item = sa.Table("stock_item", metadata, tenant_id(), _uuid("product_id", key=True), _text("method"))

level = sa.Table(
    "stock_level",
    metadata,
    tenant_id(),
    _uuid("warehouse_id", key=True),
    _uuid("product_id", key=True),
    _uuid("account_id"),
    _text("method"),
    *(_number(name) for name in ("on_hand", "reserved")),
    _number("reorder_at", optional=True),
    sa.Column("is_low", sa.Boolean, sa.Computed("coalesce(on_hand - reserved <= reorder_at, false)", persisted=True)),
    *(_number(name) for name in ("known_quantity", "known_minor")),
    sa.Column("may_go_below", sa.Boolean, nullable=False),
    _number("number"),
)

layer = sa.Table(
    "stock_layer",
    metadata,
    tenant_id(),
    _uuid("warehouse_id", key=True),
    _uuid("product_id", key=True),
    _number("seq", key=True),
    *(_number(name) for name in ("quantity", "cost_minor")),
)

movement = sa.Table(
    "stock_movement",
    metadata,
    tenant_id(),
    object_id(),
    _text("kind"),
    *(_uuid(name) for name in ("warehouse_id", "product_id")),
    *(_number(name) for name in ("number", "quantity", "value_minor", "correction_minor", "on_hand")),
    *(_moment(name) for name in ("effective_at", "recorded_at")),
    _uuid("entry_id", optional=True),
    *(_text(name) for name in ("actor", "note")),
    *(_text(name, optional=True) for name in ("cause_kind", "cause_id")),
    sa.Column("line", sa.Integer, nullable=False),
    _uuid("of_id", optional=True),
    _number("returned"),
)

reservation = sa.Table(
    "stock_reservation",
    metadata,
    tenant_id(),
    *(_text(name, key=True) for name in ("cause_kind", "cause_id")),
    *(_uuid(name, key=True) for name in ("warehouse_id", "product_id")),
    *(_number(name) for name in ("wanted", "quantity", "turn")),
)
