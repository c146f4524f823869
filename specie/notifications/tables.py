"""The tables of notifications."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

notice = sa.Table(
    "notice",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("user_id", UUID(as_uuid=True), nullable=False),
    sa.Column("event_id", UUID(as_uuid=True), nullable=False),
    sa.Column("in_inbox", sa.Boolean, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("read_at", Timestamp),
)

message = sa.Table(
    "notice_message",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("notice_id", UUID(as_uuid=True), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("finished_at", Timestamp),
)

choice = sa.Table(
    "notice_choice",
    metadata,
    tenant_id(),
    sa.Column("user_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("inbox", sa.Boolean, nullable=False),
    sa.Column("email", sa.Boolean, nullable=False),
    sa.Column("telegram", sa.Boolean, nullable=False),
)

person = sa.Table(
    "notice_person",
    metadata,
    tenant_id(),
    sa.Column("user_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("chat_sealed", sa.LargeBinary),
)

position = sa.Table(
    "notice_position",
    metadata,
    tenant_id(),
    sa.Column("last_n", sa.BigInteger, nullable=False),
    sa.Column("asked_n", sa.BigInteger, nullable=False),
)
