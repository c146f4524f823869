"""The journal, its postings, the accounts with their balances, one total per account and day, and sealed blocks."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id

account = sa.Table(
    "account",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("exponent", sa.SmallInteger, nullable=False),
    sa.Column("owner_party_id", UUID(as_uuid=True)),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("floor_minor", sa.BigInteger),
    sa.Column("debits_frozen", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("credits_frozen", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("owner_frozen", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("is_monitored", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("window_seconds", sa.Integer),
    sa.Column("closed_at", Timestamp),
    sa.Column("opened_at", Timestamp, nullable=False),
    sa.Column("balance_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("last_recorded_at", Timestamp),
    sa.Column("control", sa.Text),
    sa.Column("first_on", sa.Date),
    sa.Column("settled_on", sa.Date),
)

journal_entry = sa.Table(
    "journal_entry",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("recipe", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("effective_at", Timestamp, nullable=False),
    sa.Column("recorded_at", Timestamp, nullable=False),
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("request_id", UUID(as_uuid=True), nullable=False),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("command_key", sa.Text),
    sa.Column("command_fingerprint", JSONB),
    sa.Column("reverses_id", UUID(as_uuid=True)),
    sa.Column("callback_id", UUID(as_uuid=True)),
    sa.Column("approver", sa.Text),
    sa.Column("metadata", JSONB, nullable=False),
)

posting = sa.Table(
    "posting",
    metadata,
    tenant_id(),
    sa.Column("entry_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True),
    sa.Column("debit_account_id", UUID(as_uuid=True), nullable=False),
    sa.Column("credit_account_id", UUID(as_uuid=True), nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("debit_version", sa.BigInteger, nullable=False),
    sa.Column("credit_version", sa.BigInteger, nullable=False),
    sa.Column("debit_balance_minor", sa.BigInteger, nullable=False),
    sa.Column("credit_balance_minor", sa.BigInteger, nullable=False),
    sa.Column("debit_floor_minor", sa.BigInteger),
    sa.Column("credit_floor_minor", sa.BigInteger),
    sa.Column("is_memo", sa.Boolean, nullable=False),
    sa.Column("recorded_at", Timestamp, nullable=False),
    sa.Column("business_date", sa.Date, nullable=False),
)

account_day = sa.Table(
    "account_day",
    metadata,
    tenant_id(),
    sa.Column("account_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("business_date", sa.Date, primary_key=True),
    sa.Column("debit_minor", sa.Numeric(38, 0), nullable=False),
    sa.Column("credit_minor", sa.Numeric(38, 0), nullable=False),
)

period_closing = sa.Table(
    "period_closing",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("closed_through", sa.Date),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
)

block = sa.Table(
    "ledger_block",
    metadata,
    tenant_id(),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("first_n", sa.BigInteger, nullable=False),
    sa.Column("last_n", sa.BigInteger, nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("previous_hash", sa.LargeBinary, nullable=False),
    sa.Column("merkle_root", sa.LargeBinary, nullable=False),
    sa.Column("leaves", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("sealed_at", Timestamp, nullable=False),
)

head = sa.Table(
    "ledger_head",
    metadata,
    sa.Column("tenant_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

checkpoint = sa.Table(
    "ledger_checkpoint",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("made_at", Timestamp, nullable=False),
    sa.Column("previous_hash", sa.LargeBinary, nullable=False),
    sa.Column("leaves", sa.LargeBinary, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
)

checkpoint_part = sa.Table(
    "ledger_checkpoint_part",
    metadata,
    tenant_id(),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("first_block", sa.BigInteger, nullable=False),
    sa.Column("last_block", sa.BigInteger, nullable=False),
)
