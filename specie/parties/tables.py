"""Parties with their sealed data, the keys that open it, what they are found by, documents and their links."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

party = sa.Table(
    "party",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("person", sa.LargeBinary, nullable=False),
    sa.Column("email_index", sa.LargeBinary),
    sa.Column("phone_index", sa.LargeBinary),
    sa.Column("kyc_state", sa.Text, nullable=False),
    sa.Column("kyc_reason", sa.Text),
    sa.Column("kyc_submitted_at", Timestamp),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

party_key = sa.Table(
    "party_key",
    metadata,
    tenant_id(),
    sa.Column("party_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("wrapped", sa.LargeBinary),
    sa.Column("destroyed_at", Timestamp),
)

term = sa.Table(
    "party_term",
    metadata,
    tenant_id(),
    sa.Column("digest", sa.BigInteger, primary_key=True),
    sa.Column("party_id", UUID(as_uuid=True), primary_key=True),
)

document = sa.Table(
    "party_document",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("party_id", UUID(as_uuid=True), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("storage_key", sa.Text, nullable=False),
    sa.Column("uploaded_at", Timestamp, nullable=False),
)

document_link = sa.Table(
    "party_document_link",
    metadata,
    tenant_id(),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("document_id", UUID(as_uuid=True), nullable=False),
    sa.Column("principal", sa.Text, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
    sa.Column("used_at", Timestamp),
)
