"""Connections with sealed credentials, the inbox of callbacks, and the look-up from a callback's path to its tenant."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

connection = sa.Table(
    "provider_connection",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("timeout_ms", sa.Integer, nullable=False),
    sa.Column("pay_over_days", sa.Integer),
    sa.Column("pay_over_cut_off", sa.Time),
    sa.Column("pay_over_country", sa.Text),
    sa.Column("pay_over_subdivision", sa.Text),
    sa.Column("sealed_key", sa.LargeBinary, nullable=False),
    sa.Column("sealed_credentials", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
)

callback_path = sa.Table(
    "callback_path",
    metadata,
    sa.Column("token_digest", sa.LargeBinary, primary_key=True),
    sa.Column("of_tenant", UUID(as_uuid=True), nullable=False),
    sa.Column("connection_id", UUID(as_uuid=True), nullable=False),
)

callback = sa.Table(
    "provider_callback",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("connection_id", UUID(as_uuid=True), nullable=False),
    sa.Column("event_key", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("received_at", Timestamp, nullable=False),
    sa.Column("stored_at", Timestamp, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("body_sha256", sa.LargeBinary, nullable=False),
    sa.Column("sealed_body", sa.LargeBinary),
    sa.Column("sealed_envelope", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("facts", JSONB, nullable=False),
    sa.Column("processed_at", Timestamp),
)
