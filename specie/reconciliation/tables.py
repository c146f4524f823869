"""Sources, imports, statement lines, open items, matches and exceptions."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _uuid(name: str, *, key: bool = False, optional: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, UUID(as_uuid=True), primary_key=key, nullable=optional)


def _text(name: str, *, optional: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.Text, nullable=optional)


def _minor(name: str, *, optional: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.BigInteger, nullable=optional)


def _moment(name: str, *, optional: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, Timestamp, nullable=optional)


source = sa.Table(
    "recon_source",
    metadata,
    tenant_id(),
    object_id(),
    _text("name"),
    _text("kind"),
    _uuid("connection_id", optional=True),
    _text("currency"),
    _uuid("account_id"),
    _uuid("target_account_id"),
    _text("statement_account"),
    sa.Column("csv", JSONB(none_as_null=True)),
    _minor("tolerance_minor"),
    sa.Column("window_days", sa.Integer, nullable=False),
    sa.Column("late_after_days", sa.Integer, nullable=False),
    _moment("created_at"),
    sa.Column("seen_version", sa.BigInteger, nullable=False, server_default="0"),
    _moment("seen_at", optional=True),
    _moment("balance_due_at", optional=True),
)

import_ = sa.Table(
    "recon_import",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("source_id"),
    _text("format"),
    _text("file_name"),
    _text("digest"),
    sa.Column("lines", sa.Integer, nullable=False),
    _text("imported_by"),
    _moment("imported_at"),
)

statement = sa.Table(
    "recon_statement",
    metadata,
    tenant_id(),
    _uuid("source_id", key=True),
    sa.Column("number", sa.Text, primary_key=True),
    _uuid("import_id"),
    _minor("opening_minor", optional=True),
    _minor("closing_minor", optional=True),
)

match = sa.Table(
    "recon_match",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("source_id"),
    _uuid("entry_id", optional=True),
    _text("rule"),
    _minor("lines_minor"),
    _minor("items_minor"),
    _text("made_by"),
    _moment("made_at"),
    _text("note"),
    _moment("reopened_at", optional=True),
    _uuid("reopen_entry_id", optional=True),
)

line = sa.Table(
    "recon_line",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("source_id"),
    _uuid("import_id"),
    sa.Column("number", sa.Integer, nullable=False),
    _minor("amount_minor"),
    sa.Column("booked_on", sa.Date, nullable=False),
    _text("reference"),
    _text("batch"),
    _text("key"),
    _text("text"),
    _minor("fee_minor"),
    _text("state"),
    _uuid("match_id", optional=True),
)

item = sa.Table(
    "recon_item",
    metadata,
    tenant_id(),
    _uuid("source_id", key=True),
    _uuid("entry_id", key=True),
    _minor("amount_minor"),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("refs", ARRAY(sa.Text), nullable=False),
    _text("batch"),
    _text("title"),
    _uuid("match_id", optional=True),
)

exception = sa.Table(
    "recon_exception",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("source_id"),
    _text("kind"),
    _uuid("line_id", optional=True),
    _uuid("entry_id", optional=True),
    _minor("amount_minor"),
    _minor("expected_minor", optional=True),
    _text("about"),
    _moment("opened_at"),
    _text("owner", optional=True),
    _text("note"),
    _moment("resolved_at", optional=True),
    _text("resolution", optional=True),
    sa.Column("version", sa.Integer, nullable=False),
)
