"""The audit rows, the queue of those not yet sealed, their seals and each tenant's chain head."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

audit = sa.Table(
    "audit",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject_kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("request_id", UUID(as_uuid=True), nullable=False),
    sa.Column("session_id", UUID(as_uuid=True)),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("txid", sa.Text, nullable=False),
)

audit_pending = sa.Table(
    "audit_pending",
    metadata,
    tenant_id(),
    sa.Column("audit_id", UUID(as_uuid=True), primary_key=True),
)

audit_seal = sa.Table(
    "audit_seal",
    metadata,
    tenant_id(),
    sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("audit_id", UUID(as_uuid=True), nullable=False),
    sa.Column("prev_hash", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    tenant_id(),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)
