"""Imports of opening positions and their lines."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

opening_import = sa.Table(
    "opening_import",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("cut_over_on", sa.Date, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

opening_line = sa.Table(
    "opening_line",
    metadata,
    tenant_id(),
    sa.Column("import_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "code", "account_type", "name")),
    sa.Column("party_id", UUID(as_uuid=True)),
    sa.Column("purpose", sa.Text),
    sa.Column("warehouse_id", UUID(as_uuid=True)),
    sa.Column("product_id", UUID(as_uuid=True)),
    sa.Column("quantity", sa.BigInteger),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("opens", sa.Boolean, nullable=False),
    sa.Column("entry_id", UUID(as_uuid=True)),
    sa.Column("document_id", UUID(as_uuid=True)),
    *(sa.Column(name, sa.Text) for name in ("document_number", "note")),
    *(sa.Column(name, sa.Date) for name in ("issued_on", "due_on")),
    sa.Column("total_minor", sa.BigInteger),
)
