"""Purchases, their legs, and what was given back."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _uuid(name: str, *, key: bool = False, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UUID(as_uuid=True), nullable=optional, primary_key=key)


purchase = sa.Table(
    "purchase",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("merchant_id"),
    _uuid("customer_id", optional=True),
    sa.Column("taken_on", sa.Boolean, nullable=False),
    sa.Column("sells_goods", sa.Boolean, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tenders", ARRAY(sa.Text), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("failure", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("completed_at", Timestamp),
    _uuid("entry_id", optional=True),
    _uuid("returnable_account_id", optional=True),
)

leg = sa.Table(
    "purchase_leg",
    metadata,
    tenant_id(),
    _uuid("purchase_id", key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    _uuid("wallet_id", optional=True),
    sa.Column("hold_ids", ARRAY(UUID(as_uuid=True)), nullable=False),
    _uuid("order_id", optional=True),
    _uuid("payment_id", optional=True),
    _uuid("entry_id", optional=True),
)

refund = sa.Table(
    "purchase_refund",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("purchase_id"),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("taken_back_minor", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    _uuid("entry_id"),
    _uuid("credit_note_id", optional=True),
)

refund_leg = sa.Table(
    "purchase_refund_leg",
    metadata,
    tenant_id(),
    _uuid("refund_id", key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    _uuid("entry_id"),
    _uuid("payment_refund_id", optional=True),
)

goods = sa.Table(
    "purchase_goods",
    metadata,
    tenant_id(),
    _uuid("purchase_id", key=True),
    _uuid("warehouse_id", optional=True),
    sa.Column("includes_tax", sa.Boolean, nullable=False),
    sa.Column("rounding", sa.Text, nullable=False),
    sa.Column("lines", JSONB, nullable=False),
    _uuid("invoice_id", optional=True),
    sa.Column("stock_cause", sa.Text),
)

invoice_order = sa.Table(
    "purchase_invoice_order",
    metadata,
    tenant_id(),
    _uuid("order_id", key=True),
    _uuid("invoice_id"),
    _uuid("receipt_id", optional=True),
)

line = sa.Table(
    "purchase_line",
    metadata,
    tenant_id(),
    _uuid("purchase_id", key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    _uuid("product_id", optional=True),
)

refund_line = sa.Table(
    "purchase_refund_line",
    metadata,
    tenant_id(),
    _uuid("refund_id", key=True),
    _uuid("purchase_id"),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
)
