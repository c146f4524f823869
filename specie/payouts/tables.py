"""Beneficiaries, payouts, attempts, what providers paid out, every change of state, terms, routes, batches, signing."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from specie.platform.searching import search_key
from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _uuid(name: str, *, key: bool = False, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), primary_key=key, nullable=optional)


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional)


def _moment(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, Timestamp, nullable=optional)


def _minor(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=optional)


beneficiary = sa.Table(
    "beneficiary",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("party_id"),
    *(_text(name) for name in ("rail", "bank_code", "hint", "label", "state")),
    _moment("created_at"),
    _moment("usable_from"),
    sa.Column("version", sa.Integer, nullable=False),
    _moment("checked_at", optional=True),
    _uuid("connection_id", optional=True),
    sa.Column("number_index", sa.LargeBinary),
    sa.Column("data_key", sa.LargeBinary),
    sa.Column("sealed_details", sa.LargeBinary),
)

payout = sa.Table(
    "payout",
    metadata,
    tenant_id(),
    object_id(),
    *(_uuid(name) for name in ("party_id", "wallet_id", "beneficiary_id", "hold_id")),
    _uuid("batch_id", optional=True),
    _text("reference"),
    search_key("reference"),
    _minor("amount_minor"),
    _minor("fee_minor"),
    *(_text(name) for name in ("currency", "description", "state")),
    sa.Column("version", sa.Integer, nullable=False),
    _text("source"),
    _text("requested_by"),
    sa.Column("needs_approval", sa.Boolean, nullable=False),
    sa.Column("metadata", JSONB, nullable=False),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("ended_at", optional=True),
    _uuid("entry_id", optional=True),
    _uuid("return_entry_id", optional=True),
    _minor("provider_fee_minor", optional=True),
    _text("failure", optional=True),
    _text("attention", optional=True),
)

attempt = sa.Table(
    "payout_attempt",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("payout_id"),
    _uuid("connection_id"),
    sa.Column("number", sa.Integer, nullable=False),
    _text("state"),
    _text("reference"),
    _text("provider_ref", optional=True),
    _text("reason", optional=True),
    sa.Column("tries", sa.Integer, nullable=False),
    *(_moment(name) for name in ("leased_until", "called_at", "created_at", "updated_at")),
)

provider_payout = sa.Table(
    "provider_payout",
    metadata,
    tenant_id(),
    _uuid("connection_id", key=True),
    sa.Column("provider_ref", sa.Text, primary_key=True),
    _uuid("payout_id"),
    _uuid("attempt_id"),
    _minor("amount_minor"),
    _text("currency"),
    _text("disposition"),
    _uuid("entry_id"),
    _moment("booked_at"),
)

state_change = sa.Table(
    "payout_state_change",
    metadata,
    tenant_id(),
    _uuid("subject_id", key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    _text("machine"),
    _uuid("payout_id"),
    _text("from_state", optional=True),
    _text("to_state"),
    _moment("at"),
    _text("cause"),
    _uuid("callback_id", optional=True),
)

terms = sa.Table(
    "payout_terms",
    metadata,
    tenant_id(),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("fee_rate", sa.Numeric(9, 8), nullable=False),
    sa.Column("fee_fixed", JSONB, nullable=False),
    sa.Column("minimum", JSONB, nullable=False),
    _text("rounding"),
    sa.Column("cool_off_seconds", sa.Integer, nullable=False),
    _moment("updated_at"),
)

route = sa.Table(
    "payout_route",
    metadata,
    tenant_id(),
    _uuid("connection_id", key=True),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("per_minute", sa.Integer),
    sa.Column("position", sa.Integer, nullable=False),
    _moment("updated_at"),
)

batch = sa.Table(
    "payout_batch",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("party_id"),
    _uuid("wallet_id"),
    *(_text(name) for name in ("name", "state", "currency")),
    _minor("total_minor"),
    _moment("created_at"),
    _text("created_by"),
    sa.Column("version", sa.Integer, nullable=False),
    _moment("started_at", optional=True),
)

batch_line = sa.Table(
    "payout_batch_line",
    metadata,
    tenant_id(),
    _uuid("batch_id", key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    _uuid("beneficiary_id", optional=True),
    _text("reference"),
    _minor("amount_minor", optional=True),
    _minor("fee_minor", optional=True),
    _text("description"),
    _text("problem", optional=True),
    _uuid("payout_id", optional=True),
)

signing_key = sa.Table(
    "payout_signing_key",
    metadata,
    tenant_id(),
    _uuid("key_id", key=True),
    sa.Column("data_key", sa.LargeBinary, nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    _moment("created_at"),
    _text("created_by"),
)

nonce = sa.Table(
    "payout_nonce",
    metadata,
    tenant_id(),
    _uuid("key_id", key=True),
    sa.Column("nonce", sa.Text, primary_key=True),
    _moment("seen_at"),
)
