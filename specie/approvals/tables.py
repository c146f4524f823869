"""Requests for approval, and the lines above which one is needed."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

approval = sa.Table(
    "approval",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject_kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger),
    sa.Column("currency", sa.Text),
    sa.Column("party_id", UUID(as_uuid=True)),
    sa.Column("before", JSONB, nullable=False),
    sa.Column("after", JSONB, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("maker", sa.Text, nullable=False),
    sa.Column("asked_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("checker", sa.Text),
    sa.Column("decided_at", Timestamp),
    sa.Column("reason", sa.Text),
)

approval_line = sa.Table(
    "approval_line",
    metadata,
    tenant_id(),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    sa.Column("above_minor", sa.BigInteger, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
)

approval_rule = sa.Table(
    "approval_rule",
    metadata,
    tenant_id(),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("set_at", Timestamp, nullable=False),
)
