"""The tables of webhooks."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

endpoint = sa.Table(
    "webhook_endpoint",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("party_id", UUID(as_uuid=True)),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("types", ARRAY(sa.Text), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("disabled_reason", sa.Text),
    sa.Column("missed_from_n", sa.BigInteger),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("previous_secret", sa.LargeBinary),
    sa.Column("previous_secret_until", Timestamp),
    sa.Column("consecutive_failures", sa.Integer, nullable=False),
    sa.Column("failing_since", Timestamp),
    sa.Column("warned_at", Timestamp),
    sa.Column("open_until", Timestamp),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
)

position = sa.Table(
    "webhook_position",
    metadata,
    tenant_id(),
    sa.Column("last_n", sa.BigInteger, nullable=False),
)

delivery = sa.Table(
    "webhook_delivery",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("endpoint_id", UUID(as_uuid=True), nullable=False),
    sa.Column("event_id", UUID(as_uuid=True), nullable=False),
    sa.Column("event_type", sa.Text, nullable=False),
    sa.Column("n", sa.BigInteger),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", Timestamp),
    sa.Column("lease_until", Timestamp),
    sa.Column("last_status", sa.Integer),
    sa.Column("last_error", sa.Text),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("finished_at", Timestamp),
)

attempt = sa.Table(
    "webhook_attempt",
    metadata,
    tenant_id(),
    sa.Column("delivery_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("endpoint_id", UUID(as_uuid=True), nullable=False),
    sa.Column("started_at", Timestamp, nullable=False),
    sa.Column("finished_at", Timestamp),
    sa.Column("url", sa.Text),
    sa.Column("request_headers", JSONB),
    sa.Column("body_hash", sa.LargeBinary),
    sa.Column("status", sa.Integer),
    sa.Column("answer", sa.Text),
    sa.Column("latency_ms", sa.Integer),
    sa.Column("error", sa.Text),
)
