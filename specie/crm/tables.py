"""The tables of customer relations."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), nullable=nullable)


pipeline = sa.Table(
    "crm_pipeline",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

stage = sa.Table(
    "crm_stage",
    metadata,
    tenant_id(),
    object_id(),
    _id("pipeline_id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("probability_bps", sa.Integer, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
)

opportunity = sa.Table(
    "crm_opportunity",
    metadata,
    tenant_id(),
    object_id(),
    _id("pipeline_id"),
    _id("stage_id"),
    _id("party_id"),
    _id("sealed_for"),
    sa.Column("title", sa.LargeBinary, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("expected_close", sa.Date, nullable=False),
    _id("owner_id", nullable=True),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("lost_reason", sa.LargeBinary),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("moved_at", Timestamp, nullable=False),
    sa.Column("closed_at", Timestamp),
)

move = sa.Table(
    "crm_move",
    metadata,
    tenant_id(),
    sa.Column("opportunity_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    _id("from_stage", nullable=True),
    _id("to_stage"),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
)

activity = sa.Table(
    "crm_activity",
    metadata,
    tenant_id(),
    object_id(),
    _id("party_id"),
    _id("sealed_for"),
    _id("opportunity_id", nullable=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.LargeBinary, nullable=False),
    _id("owner_id", nullable=True),
    sa.Column("due_at", Timestamp, nullable=False),
    sa.Column("done_at", Timestamp),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)

note = sa.Table(
    "crm_note",
    metadata,
    tenant_id(),
    object_id(),
    _id("party_id"),
    _id("sealed_for"),
    _id("opportunity_id", nullable=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("mentions", ARRAY(UUID(as_uuid=True)), nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)

file = sa.Table(
    "crm_file",
    metadata,
    tenant_id(),
    object_id(),
    _id("party_id"),
    _id("sealed_for"),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("storage_key", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)

contact = sa.Table(
    "crm_contact",
    metadata,
    tenant_id(),
    sa.Column("company_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("person_id", UUID(as_uuid=True), primary_key=True),
    _id("sealed_for"),
    sa.Column("position", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

view = sa.Table(
    "crm_view",
    metadata,
    tenant_id(),
    object_id(),
    _id("owner_id"),
    sa.Column("screen", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("query", JSONB, nullable=False),
    sa.Column("is_shared", sa.Boolean, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

merge = sa.Table(
    "crm_merge",
    metadata,
    tenant_id(),
    object_id(),
    _id("survivor_id"),
    _id("merged_id"),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("undone_at", Timestamp),
)

merge_moved = sa.Table(
    "crm_merge_moved",
    metadata,
    tenant_id(),
    sa.Column("merge_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("row_id", UUID(as_uuid=True), primary_key=True),
)

problem = sa.Table(
    "crm_problem",
    metadata,
    tenant_id(),
    object_id(),
    _id("party_id"),
    _id("wallet_id"),
    _id("entry_id"),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("is_incoming", sa.Boolean, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("answer", sa.LargeBinary),
    sa.Column("answered_at", Timestamp),
    sa.Column("answered_by", sa.Text),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)
