"""The one table of reports: copies of the books that were put into the storage."""

import sqlalchemy as sa

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

books_copy = sa.Table(
    "books_copy",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("storage_key", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("entries", sa.BigInteger, nullable=False),
    sa.Column("accounts", sa.BigInteger, nullable=False),
    sa.Column("made_at", Timestamp, nullable=False),
)
