"""Orders to suppliers, receipts, bills, debit notes, their lines, payments made and what they paid."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from specie.platform.searching import search_key
from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _uuid(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), nullable=nullable, primary_key=key)


def _minor(name: str) -> sa.Column[object]:
    return sa.Column(f"{name}_minor", sa.BigInteger, nullable=False)


def _text(name: str, *, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=False, primary_key=key)


def _day(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Date, nullable=False)


def _n(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _created() -> sa.Column[object]:
    return sa.Column("created_at", Timestamp, nullable=False)


series = sa.Table("payables_series", metadata, tenant_id(), _text("series", key=True), _n("last_n"))

order = sa.Table(
    "payables_order",
    metadata,
    tenant_id(),
    object_id(),
    *(_text(name) for name in ("number", "currency", "state", "note")),
    *(_n(name) for name in ("n", "version")),
    *(_uuid(name) for name in ("supplier_id", "warehouse_id")),
    _day("ordered_on"),
    *(_minor(name) for name in ("net", "tax")),
    _created(),
)

receipt = sa.Table(
    "payables_receipt",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("order_id"),
    _day("received_on"),
    _uuid("entry_id", nullable=True),
    _created(),
)

bill = sa.Table(
    "payables_bill",
    metadata,
    tenant_id(),
    object_id(),
    *(_text(name) for name in ("number", "their_number", "currency", "state", "reason")),
    *(search_key(name) for name in ("number", "their_number")),
    sa.Column("n", sa.BigInteger),
    _n("version"),
    _uuid("supplier_id"),
    *(_uuid(name, nullable=True) for name in ("order_id", "account_id", "debitable_id", "entry_id", "withdrawn_id")),
    sa.Column("original_total_minor", sa.BigInteger),
    *(_day(name) for name in ("billed_on", "due_on")),
    *(_minor(name) for name in ("net", "tax")),
    # The business date of its entry, written by the database.
    sa.Column("owed_on", sa.Date),
    sa.Column("problems", JSONB, nullable=False),
    _created(),
)

debit_note = sa.Table(
    "payables_debit_note",
    metadata,
    tenant_id(),
    object_id(),
    *(_text(name) for name in ("number", "currency", "reason")),
    _n("n"),
    *(_uuid(name) for name in ("bill_id", "supplier_id", "account_id", "entry_id")),
    _day("issued_on"),
    *(_minor(name) for name in ("net", "tax")),
    _created(),
)

line = sa.Table(
    "payables_line",
    metadata,
    tenant_id(),
    _uuid("document_id", key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    _uuid("order_id", nullable=True),
    sa.Column("order_line", sa.Integer),
    sa.Column("quantity", sa.Numeric(18, 6), nullable=False),
    *(_minor(name) for name in ("net", "tax", "cleared")),
    sa.Column("said", JSONB, nullable=False),
)

payment = sa.Table(
    "payables_payment",
    metadata,
    tenant_id(),
    object_id(),
    *(_text(name) for name in ("currency", "method", "reference")),
    *(_uuid(name) for name in ("supplier_id", "account_id", "entry_id")),
    _minor("amount"),
    _day("paid_on"),
    _created(),
)

payout = sa.Table(
    "payables_payout",
    metadata,
    tenant_id(),
    object_id(),
    *(_uuid(name) for name in ("payout_id", "supplier_id")),
    *(_text(name) for name in ("currency", "state")),
    _minor("amount"),
    _day("asked_on"),
    sa.Column("ended_on", sa.Date),
    _created(),
)

payout_bill = sa.Table(
    "payables_payout_bill",
    metadata,
    tenant_id(),
    *(_uuid(name, key=True) for name in ("supplier_payout_id", "bill_id")),
    _minor("amount"),
    _uuid("entry_id"),
    _uuid("back_entry_id", nullable=True),
)

allocation = sa.Table(
    "payables_allocation",
    metadata,
    tenant_id(),
    _uuid("entry_id", key=True),
    _text("source_kind"),
    *(_uuid(name) for name in ("source_id", "bill_id")),
    _minor("amount"),
    _day("allocated_on"),
)
