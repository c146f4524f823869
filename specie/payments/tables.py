"""Payments, attempts, what providers have paid, every change of state, exceptions, links and terms."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

payment = sa.Table(
    "payment",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("party_id", UUID(as_uuid=True), nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("return_url", sa.Text),
    sa.Column("link_id", UUID(as_uuid=True)),
    sa.Column("metadata", JSONB, nullable=False),
    sa.Column("splits", JSONB, nullable=False),
    sa.Column("customer_key", sa.LargeBinary),
    sa.Column("sealed_customer", sa.LargeBinary),
    sa.Column("customer_email_index", sa.LargeBinary),
    sa.Column("customer_phone_index", sa.LargeBinary),
    sa.Column("paid_at", Timestamp),
    sa.Column("paid_late", sa.Boolean, nullable=False),
    sa.Column("entry_id", UUID(as_uuid=True)),
    sa.Column("platform_fee_minor", sa.BigInteger),
    sa.Column("provider_fee_minor", sa.BigInteger),
    sa.Column("net_minor", sa.BigInteger),
    sa.Column("held_until", Timestamp),
    sa.Column("released_at", Timestamp),
    sa.Column("failure", sa.Text),
)

attempt = sa.Table(
    "payment_attempt",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("payment_id", UUID(as_uuid=True), nullable=False),
    sa.Column("connection_id", UUID(as_uuid=True), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("provider_ref", sa.Text),
    sa.Column("action", JSONB),
    sa.Column("reason", sa.Text),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("leased_until", Timestamp),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
)

provider_charge = sa.Table(
    "provider_charge",
    metadata,
    tenant_id(),
    sa.Column("connection_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("provider_ref", sa.Text, primary_key=True),
    sa.Column("payment_id", UUID(as_uuid=True), nullable=False),
    sa.Column("attempt_id", UUID(as_uuid=True), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("disposition", sa.Text, nullable=False),
    sa.Column("entry_id", UUID(as_uuid=True), nullable=False),
    sa.Column("booked_at", Timestamp, nullable=False),
)

state_change = sa.Table(
    "payment_state_change",
    metadata,
    tenant_id(),
    sa.Column("subject_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("machine", sa.Text, nullable=False),
    sa.Column("payment_id", UUID(as_uuid=True), nullable=False),
    sa.Column("from_state", sa.Text),
    sa.Column("to_state", sa.Text, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("callback_id", UUID(as_uuid=True)),
)

payment_exception = sa.Table(
    "payment_exception",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("payment_id", UUID(as_uuid=True), nullable=False),
    sa.Column("attempt_id", UUID(as_uuid=True)),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("facts", JSONB, nullable=False),
    sa.Column("opened_at", Timestamp, nullable=False),
    sa.Column("closed_at", Timestamp),
    sa.Column("closed_by", sa.Text),
    sa.Column("note", sa.Text),
)

terms = sa.Table(
    "payment_terms",
    metadata,
    tenant_id(),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("party_id", UUID(as_uuid=True)),
    sa.Column("fee_rate", sa.Numeric(9, 8)),
    sa.Column("fee_fixed", JSONB),
    sa.Column("rounding", sa.Text),
    sa.Column("hold_days", sa.Integer),
    sa.Column("accept_late", sa.Boolean),
    sa.Column("return_urls", ARRAY(sa.Text)),
    sa.Column("display_name", sa.Text),
    sa.Column("accent_colour", sa.Text),
    sa.Column("expiry_seconds", sa.Integer),
    sa.Column("sealed_return_key", sa.LargeBinary),
    sa.Column("updated_at", Timestamp, nullable=False),
)

payment_link = sa.Table(
    "payment_link",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("party_id", UUID(as_uuid=True), nullable=False),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger),
    sa.Column("min_minor", sa.BigInteger),
    sa.Column("max_minor", sa.BigInteger),
    sa.Column("is_reusable", sa.Boolean, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("expires_at", Timestamp),
    sa.Column("uses", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
)

link_token = sa.Table(
    "payment_link_token",
    metadata,
    sa.Column("token_digest", sa.LargeBinary, primary_key=True),
    sa.Column("of_tenant", UUID(as_uuid=True), nullable=False),
    sa.Column("link_id", UUID(as_uuid=True), nullable=False),
)
