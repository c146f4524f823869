"""Statements and their numbers."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

number = sa.Table("statement_number", metadata, tenant_id(), sa.Column("last_n", sa.BigInteger, nullable=False))

statement = sa.Table(
    "statement",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("party_id", UUID(as_uuid=True), nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("from_day", sa.Date, nullable=False),
    sa.Column("through_day", sa.Date, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("addressee", sa.LargeBinary, nullable=False),
)
