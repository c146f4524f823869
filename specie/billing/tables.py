"""Invoices and credit notes with their lines, payments received, and what was allocated to what."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from specie.platform.searching import search_key
from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _uuid(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), nullable=nullable, primary_key=key)


def _minor(name: str) -> sa.Column[object]:
    return sa.Column(f"{name}_minor", sa.BigInteger, nullable=False)


def _text(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=nullable, primary_key=key)


profile = sa.Table(
    "billing_profile",
    metadata,
    tenant_id(),
    *(_text(name) for name in ("name", "address", "tax_number", "footer", "country")),
    sa.Column("due_days", sa.Integer, nullable=False),
    _uuid("collector_id", nullable=True),
    _uuid("delivers_from", nullable=True),
    _text("rounding"),
)

letterhead = sa.Table(
    "billing_letterhead",
    metadata,
    tenant_id(),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    *(_text(name) for name in ("seller", "address", "tax_number", "footer", "country", "colour")),
)

series = sa.Table(
    "billing_series", metadata, tenant_id(), _text("series", key=True), sa.Column("last_n", sa.BigInteger)
)

invoice = sa.Table(
    "billing_invoice",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("customer_id"),
    _text("currency"),
    _text("state"),
    _text("reference"),
    search_key("reference"),
    _text("note"),
    sa.Column("includes_tax", sa.Boolean, nullable=False),
    sa.Column("due_days", sa.Integer, nullable=False),
    *(_minor(name) for name in ("net", "tax", "total")),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    _text("number", nullable=True),
    search_key("number"),
    sa.Column("n", sa.BigInteger),
    sa.Column("issued_on", sa.Date),
    sa.Column("due_on", sa.Date),
    *(_uuid(name, nullable=True) for name in ("account_id", "creditable_id", "entry_id")),
    _text("token", nullable=True),
    _uuid("order_id", nullable=True),
    sa.Column("is_deposit", sa.Boolean, nullable=False),
    _uuid("deposit_id", nullable=True),
    sa.Column("billed_to", sa.LargeBinary, nullable=False),
    sa.Column("original_total_minor", sa.BigInteger),
    _uuid("withdrawn_id", nullable=True),
    sa.Column("letterhead", sa.LargeBinary),
)

line = sa.Table(
    "billing_line",
    metadata,
    tenant_id(),
    _uuid("invoice_id", key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    _text("product_id", nullable=True),
    _text("description"),
    sa.Column("quantity", sa.Numeric(18, 6), nullable=False),
    _text("unit"),
    _minor("unit_price"),
    sa.Column("discount", sa.Numeric(9, 6), nullable=False),
    sa.Column("taxes", JSONB, nullable=False),
    *(_minor(name) for name in ("net", "tax")),
)

tax = sa.Table(
    "billing_tax",
    metadata,
    tenant_id(),
    _uuid("document_id", key=True),
    _text("code", key=True),
    _text("name"),
    sa.Column("rate", sa.Numeric(9, 6), nullable=False),
    *(_minor(name) for name in ("base", "tax")),
)

credit_note = sa.Table(
    "billing_credit_note",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("invoice_id"),
    _uuid("customer_id"),
    _text("currency"),
    _text("number"),
    sa.Column("n", sa.BigInteger, nullable=False),
    _text("reason"),
    sa.Column("issued_on", sa.Date, nullable=False),
    *(_minor(name) for name in ("net", "tax")),
    *(_uuid(name) for name in ("account_id", "entry_id")),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("billed_to", sa.LargeBinary, nullable=False),
    sa.Column("letterhead", sa.LargeBinary),
)

credit_line = sa.Table(
    "billing_credit_line",
    metadata,
    tenant_id(),
    _uuid("credit_note_id", key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    _uuid("invoice_id"),
    sa.Column("quantity", sa.Numeric(18, 6), nullable=False),
    *(_minor(name) for name in ("net", "tax")),
)

receipt = sa.Table(
    "billing_receipt",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("customer_id"),
    _text("currency"),
    _minor("amount"),
    _text("method"),
    _text("reference"),
    sa.Column("received_on", sa.Date, nullable=False),
    *(_uuid(name) for name in ("account_id", "entry_id")),
    _uuid("payment_id", nullable=True),
    sa.Column("created_at", Timestamp, nullable=False),
)

allocation = sa.Table(
    "billing_allocation",
    metadata,
    tenant_id(),
    object_id(),
    _text("source_kind"),
    _uuid("source_id"),
    _uuid("invoice_id"),
    _minor("amount"),
    _uuid("entry_id"),
    sa.Column("allocated_on", sa.Date, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

refund = sa.Table(
    "billing_refund",
    metadata,
    tenant_id(),
    _uuid("entry_id", key=True),
    _text("source_kind"),
    _uuid("source_id"),
    _minor("amount"),
    _text("method"),
    _text("reason"),
    sa.Column("created_at", Timestamp, nullable=False),
)

request = sa.Table("billing_payment_request", metadata, tenant_id(), _uuid("payment_id", key=True), _uuid("invoice_id"))

customer_request = sa.Table(
    "billing_customer_request", metadata, tenant_id(), _uuid("payment_id", key=True), _uuid("customer_id")
)

link = sa.Table(
    "billing_link",
    metadata,
    sa.Column("token_digest", sa.LargeBinary, primary_key=True),
    _uuid("of_tenant"),
    _uuid("invoice_id"),
)

letter = sa.Table(
    "billing_letter",
    metadata,
    tenant_id(),
    object_id(),
    *(_text(name) for name in ("kind", "state", "error")),
    *(_uuid(name) for name in ("document_id", "customer_id")),
    sa.Column("step", sa.Integer),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("ended_at", Timestamp),
)

reminder_step = sa.Table(
    "billing_reminder_step", metadata, tenant_id(), sa.Column("days", sa.Integer, primary_key=True), _text("words")
)

reminder_run = sa.Table("billing_reminder_run", metadata, tenant_id(), sa.Column("next_on", sa.Date, nullable=False))

reminder_pause = sa.Table("billing_reminder_pause", metadata, tenant_id(), _uuid("invoice_id", key=True))

recurring = sa.Table(
    "billing_recurring",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("customer_id"),
    *(_text(name) for name in ("currency", "state", "unit", "handling", "reference", "note", "trouble")),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("every", "next_period", "version")),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date),
    sa.Column("next_on", sa.Date),
    sa.Column("includes_tax", sa.Boolean, nullable=False),
    sa.Column("due_days", sa.Integer),
    sa.Column("lines", JSONB, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

recurring_run = sa.Table(
    "billing_recurring_run",
    metadata,
    tenant_id(),
    _uuid("recurring_id", key=True),
    sa.Column("period", sa.Integer, primary_key=True),
    sa.Column("starts_on", sa.Date, nullable=False),
    _uuid("invoice_id"),
    sa.Column("made_at", Timestamp, nullable=False),
)
