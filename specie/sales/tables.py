"""Quotes with their versions, orders with their lines, what left and what was charged of them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from specie.platform.searching import search_key
from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _uuid(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), nullable=nullable, primary_key=key)


def _minor(name: str) -> sa.Column[object]:
    return sa.Column(f"{name}_minor", sa.BigInteger, nullable=False)


def _text(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=nullable, primary_key=key)


def _quantity(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(18, 6), nullable=False)


def _number(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Integer, nullable=nullable, primary_key=key)


series = sa.Table("sales_series", metadata, tenant_id(), _text("series", key=True), sa.Column("last_n", sa.BigInteger))

quote = sa.Table(
    "sales_quote",
    metadata,
    tenant_id(),
    object_id(),
    *(_text(name) for name in ("number", "currency", "state", "token")),
    search_key("number"),
    *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("decided_by", "reason", "offered_to")),
    sa.Column("letterhead", sa.LargeBinary),
    sa.Column("n", sa.BigInteger, nullable=False),
    _uuid("customer_id"),
    _uuid("opportunity_id", nullable=True),
    *(_number(name) for name in ("version", "changes")),
    _number("sent_version", nullable=True),
    sa.Column("valid_until", sa.Date, nullable=False),
    _minor("total"),
    *(sa.Column(name, Timestamp) for name in ("created_at", "sent_at", "decided_at")),
)

version = sa.Table(
    "sales_quote_version",
    metadata,
    tenant_id(),
    _uuid("quote_id", key=True),
    _number("version", key=True),
    sa.Column("valid_until", sa.Date, nullable=False),
    _number("due_days", nullable=True),
    *(_text(name) for name in ("reference", "note")),
    sa.Column("includes_tax", sa.Boolean, nullable=False),
    sa.Column("discount", sa.Numeric(9, 6), nullable=False),
    _text("rounding"),
    sa.Column("lines", JSONB, nullable=False),
    *(_minor(name) for name in ("net", "tax")),
    sa.Column("created_at", Timestamp, nullable=False),
)

order = sa.Table(
    "sales_order",
    metadata,
    tenant_id(),
    object_id(),
    *(_text(name) for name in ("number", "currency", "state", "reference", "note", "rounding")),
    search_key("number"),
    sa.Column("n", sa.BigInteger, nullable=False),
    _uuid("customer_id"),
    _uuid("quote_id", nullable=True),
    sa.Column("includes_tax", sa.Boolean, nullable=False),
    _number("due_days", nullable=True),
    *(_minor(name) for name in ("net", "tax")),
    _number("version"),
    sa.Column("created_at", Timestamp, nullable=False),
)

order_line = sa.Table(
    "sales_order_line",
    metadata,
    tenant_id(),
    _uuid("order_id", key=True),
    _number("n", key=True),
    _text("product_id", nullable=True),
    sa.Column("is_goods", sa.Boolean, nullable=False),
    *(_text(name) for name in ("description", "unit")),
    _minor("unit_price"),
    sa.Column("discount", sa.Numeric(9, 6), nullable=False),
    sa.Column("taxes", JSONB, nullable=False),
    _minor("net"),
    *(_quantity(name) for name in ("quantity", "cancelled", "delivered", "invoiced", "credited")),
)

shipment = sa.Table(
    "sales_shipment",
    metadata,
    tenant_id(),
    object_id(),
    *(_uuid(name) for name in ("order_id", "warehouse_id")),
    _uuid("entry_id", nullable=True),
    sa.Column("created_at", Timestamp, nullable=False),
)

shipment_line = sa.Table(
    "sales_shipment_line",
    metadata,
    tenant_id(),
    _uuid("shipment_id", key=True),
    _number("n", key=True),
    _uuid("order_id"),
    _quantity("quantity"),
)

charge = sa.Table(
    "sales_charge",
    metadata,
    tenant_id(),
    _uuid("invoice_id", key=True),
    _number("n", key=True),
    _uuid("order_id"),
    _number("invoice_n"),
    _quantity("quantity"),
)

link = sa.Table(
    "sales_quote_link",
    metadata,
    sa.Column("token_digest", sa.LargeBinary, primary_key=True),
    _uuid("of_tenant"),
    _uuid("quote_id"),
)
