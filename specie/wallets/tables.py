"""Wallets, their limit accounts, holds, scheduled transfers, and the limits of each tier."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

wallet = sa.Table(
    "wallet",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("party_id", UUID(as_uuid=True), nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("exponent", sa.SmallInteger, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("draw_order", sa.Integer, nullable=False),
    sa.Column("available_account_id", UUID(as_uuid=True), nullable=False),
    sa.Column("pending_account_id", UUID(as_uuid=True), nullable=False),
    sa.Column("source_account_id", UUID(as_uuid=True)),
    sa.Column("day_account_id", UUID(as_uuid=True)),
    sa.Column("month_account_id", UUID(as_uuid=True)),
    sa.Column("room_account_id", UUID(as_uuid=True)),
    sa.Column("per_item_minor", sa.BigInteger),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("opened_at", Timestamp, nullable=False),
)

hold = sa.Table(
    "hold",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("wallet_id", UUID(as_uuid=True), nullable=False),
    sa.Column("account_id", UUID(as_uuid=True), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("placed_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("held_for", sa.Text),
)

scheduled_transfer = sa.Table(
    "scheduled_transfer",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("from_wallet_id", UUID(as_uuid=True), nullable=False),
    sa.Column("to_wallet_id", UUID(as_uuid=True), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("due_at", Timestamp, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("entry_id", UUID(as_uuid=True)),
    sa.Column("failure", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
)

limit_policy = sa.Table(
    "limit_policy",
    metadata,
    tenant_id(),
    sa.Column("tier", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    sa.Column("per_item_minor", sa.BigInteger),
    sa.Column("per_day_minor", sa.BigInteger),
    sa.Column("per_month_minor", sa.BigInteger),
    sa.Column("balance_minor", sa.BigInteger),
)

exchange_rate = sa.Table(
    "exchange_rate",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("base", sa.Text, nullable=False),
    sa.Column("quote", sa.Text, nullable=False),
    sa.Column("rate", sa.Numeric(24, 12), nullable=False),
    sa.Column("spread", sa.Numeric(10, 8), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
)
