"""Plans, orders, schedules and what belongs to them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

ACCOUNTS = (
    *("principal", "interest", "fee", "penalty", "unearned"),
    *("line", "source", "returnable", "written_off"),
)
"""The accounts of an order, as the columns `<name>_account_id` keep them."""


def _uuid(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), nullable=nullable, primary_key=key)


def _minor(name: str) -> sa.Column[object]:
    return sa.Column(f"{name}_minor", sa.BigInteger, nullable=False)


plan = sa.Table(
    "installment_plan",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("merchant_id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("terms", JSONB, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

usual = sa.Table(
    "installment_usual",
    metadata,
    tenant_id(),
    _uuid("merchant_id", key=True),
    sa.Column("allocation", ARRAY(sa.Text), nullable=False),
)

order = sa.Table(
    "installment_order",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("plan_id"),
    _uuid("merchant_id"),
    _uuid("customer_id"),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    _minor("amount"),
    sa.Column("terms", JSONB, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("schedule", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("starts_on", sa.Date),
    *(_uuid(f"{name}_account_id", nullable=True) for name in ACCOUNTS),
    sa.Column("consent", JSONB(none_as_null=True)),
    sa.Column("earned_through", sa.Date),
    sa.Column("act_on", sa.Date),
    sa.Column("paused_until", sa.Date),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("bucket", sa.Integer, nullable=False),
    sa.Column("ended_at", Timestamp),
)

schedule = sa.Table(
    "installment_schedule",
    metadata,
    tenant_id(),
    _uuid("order_id", key=True),
    sa.Column("schedule", sa.Integer, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("made_at", Timestamp, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
)

line = sa.Table(
    "installment_line",
    metadata,
    tenant_id(),
    _uuid("order_id", key=True),
    sa.Column("schedule", sa.Integer, primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    _minor("principal"),
    _minor("interest"),
    _minor("fee"),
)

entry = sa.Table(
    "installment_entry",
    metadata,
    tenant_id(),
    _uuid("order_id", key=True),
    _uuid("entry_id", key=True),
    _uuid("merchant_id"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("business_date", sa.Date, nullable=False),
)

late_fee = sa.Table(
    "installment_late_fee",
    metadata,
    tenant_id(),
    _uuid("order_id", key=True),
    sa.Column("due_on", sa.Date, primary_key=True),
    _minor("amount"),
    sa.Column("charged_on", sa.Date, nullable=False),
)

pause = sa.Table(
    "installment_pause",
    metadata,
    tenant_id(),
    _uuid("order_id", key=True),
    sa.Column("from_on", sa.Date, primary_key=True),
    sa.Column("until_on", sa.Date, nullable=False),
)

return_ = sa.Table(
    "installment_return",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("order_id"),
    _minor("amount"),
    _minor("lowered"),
    _minor("excess"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("returned_at", Timestamp, nullable=False),
)

quote = sa.Table(
    "installment_quote",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("order_id"),
    sa.Column("order_version", sa.Integer, nullable=False),
    sa.Column("valid_on", sa.Date, nullable=False),
    *(_minor(name) for name in ("principal", "interest", "fee", "penalty", "rebate", "given_back")),
)

collection = sa.Table(
    "installment_collection",
    metadata,
    tenant_id(),
    _uuid("order_id", key=True),
    sa.Column("day", sa.Date, primary_key=True),
    _uuid("payment_id"),
    _minor("amount"),
    sa.Column("state", sa.Text, nullable=False),
)

day = sa.Table("installment_day", metadata, tenant_id(), sa.Column("day", sa.Date, nullable=False))
