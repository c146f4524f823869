"""Portals and the ways to them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from specie.platform.tables import Timestamp, metadata, tenant_id

portal = sa.Table(
    "portal",
    metadata,
    tenant_id(),
    sa.Column("customer_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("opened_at", Timestamp, nullable=False),
)

link = sa.Table(
    "portal_link",
    metadata,
    sa.Column("token_digest", sa.LargeBinary, primary_key=True),
    sa.Column("of_tenant", UUID(as_uuid=True), nullable=False),
    sa.Column("customer_id", UUID(as_uuid=True), nullable=False),
)
