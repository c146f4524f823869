"""Hosted pages of payments and of purchases, and the look-ups from a page's token to its tenant."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

checkout = sa.Table(
    "checkout",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("payment_id", UUID(as_uuid=True), nullable=False),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
)

checkout_token = sa.Table(
    "checkout_token",
    metadata,
    sa.Column("token_digest", sa.LargeBinary, primary_key=True),
    sa.Column("of_tenant", UUID(as_uuid=True), nullable=False),
    sa.Column("checkout_id", UUID(as_uuid=True), nullable=False),
)

order_page = sa.Table(
    "order_page",
    metadata,
    tenant_id(),
    sa.Column("purchase_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("expires_at", Timestamp, nullable=False),
)

order_page_token = sa.Table(
    "order_page_token",
    metadata,
    sa.Column("token_digest", sa.LargeBinary, primary_key=True),
    sa.Column("of_tenant", UUID(as_uuid=True), nullable=False),
    sa.Column("purchase_id", UUID(as_uuid=True), nullable=False),
)
