"""Terms of settlement, settlements, their lines, what waits in reserve, and the payouts made of them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _uuid(name: str, *, key: bool = False, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), primary_key=key, nullable=optional)


def _text(name: str, *, key: bool = False, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=optional)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, Timestamp, nullable=False)


def _rate(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(9, 8), nullable=False)


terms = sa.Table(
    "settlement_terms",
    metadata,
    tenant_id(),
    _uuid("party_id", key=True),
    _text("currency", key=True),
    sa.Column("delay_days", sa.Integer, nullable=False),
    _text("country"),
    _text("subdivision"),
    sa.Column("cut_off", sa.Time, nullable=False),
    _number("minimum_minor"),
    _number("fee_minor"),
    _rate("reserve_rate"),
    sa.Column("reserve_days", sa.Integer, nullable=False),
    _rate("recovery_rate"),
    _uuid("beneficiary_id", optional=True),
    _moment("next_run_at"),
    sa.Column("ended_at", Timestamp),
    sa.Column("version", sa.Integer, nullable=False),
    _moment("updated_at"),
)

settlement = sa.Table(
    "settlement",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("party_id"),
    _text("currency"),
    sa.Column("day", sa.Date, nullable=False),
    _uuid("account_id"),
    *(_number(name) for name in ("credit_after", "credit_through")),
    _moment("credit_since"),
    *(_number(name) for name in ("debit_after", "debit_through")),
    *(_moment(name) for name in ("debit_since", "cut_off_at", "seen_at")),
    *(_number(name) for name in ("payout_minor", "reserve_minor")),
    sa.Column("reserve_until", sa.Date),
    _uuid("beneficiary_id", optional=True),
    _text("kept_because", optional=True),
    _uuid("entry_id"),
    sa.Column("terms_version", sa.Integer, nullable=False),
    _text("made_by"),
    _moment("made_at"),
)

line = sa.Table(
    "settlement_line",
    metadata,
    tenant_id(),
    _uuid("settlement_id", key=True),
    _text("cause", key=True),
    _number("amount_minor"),
    sa.Column("postings", sa.Integer, nullable=False),
)

reserve = sa.Table(
    "settlement_reserve",
    metadata,
    tenant_id(),
    _uuid("settlement_id", key=True),
    _uuid("party_id"),
    _text("currency"),
    _number("amount_minor"),
    sa.Column("release_on", sa.Date, nullable=False),
    _uuid("released_in", optional=True),
)

paid = sa.Table(
    "settlement_payout",
    metadata,
    tenant_id(),
    _uuid("settlement_id", key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    _uuid("payout_id"),
    _moment("made_at"),
)
