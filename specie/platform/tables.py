"""The one metadata all tables register on, and the tables of the platform itself."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

metadata = sa.MetaData(schema="specie")

Timestamp = sa.DateTime(timezone=True)
"""`timestamptz`: a moment, never a wall-clock reading without a zone."""

HIDDEN_TENANT = "(select cast(:tenant as uuid))"
"""`:tenant` in the text of a query that joins many of its rows, hidden from the planner.

The planner believes that a tenant which it has not met has no rows, and plans to read all of them for each one. See
ADR 0046.
"""


def tenant_id() -> sa.Column[object]:
    """The first column of every tenant table and of its primary key."""
    return sa.Column("tenant_id", UUID(as_uuid=True), primary_key=True)


def object_id() -> sa.Column[object]:
    """The id of a row within its tenant."""
    return sa.Column("id", UUID(as_uuid=True), primary_key=True)


idempotency = sa.Table(
    "idempotency",
    metadata,
    tenant_id(),
    sa.Column("principal", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", JSONB, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("request_id", UUID(as_uuid=True), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

due = sa.Table(
    "due",
    metadata,
    tenant_id(),
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("due_at", Timestamp, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
)

tenant_clock = sa.Table(
    "tenant_clock",
    metadata,
    tenant_id(),
    sa.Column("offset_seconds", sa.BigInteger, nullable=False, server_default="0"),
)
