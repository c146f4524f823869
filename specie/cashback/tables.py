"""Merchants, offers with every version of their terms, purchases, cashback and returns."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _uuid(name: str, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UUID(as_uuid=True), nullable=False, primary_key=key)


def _text(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _minor(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _whole(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=optional)


def _moment(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Timestamp, nullable=optional)


merchant = sa.Table(
    "cashback_merchant",
    metadata,
    tenant_id(),
    _uuid("party_id", key=True),
    *_text("state", "reason"),
    _whole("version"),
    _moment("applied_at"),
    _moment("updated_at"),
)

offer = sa.Table(
    "cashback_offer",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("merchant_id"),
    *_text("name", "currency", "funded_by", "state"),
    _whole("rule_version"),
    _whole("priority"),
    *_minor("minimum_minor"),
    _moment("starts_at"),
    _moment("ends_at", optional=True),
    _uuid("budget_account_id"),
    _uuid("source_account_id"),
    _uuid("total_account_id"),
    _whole("version"),
    _moment("created_at"),
    *_text("created_by", "audience"),
)

offer_terms = sa.Table(
    "cashback_offer_terms",
    metadata,
    tenant_id(),
    _uuid("offer_id", key=True),
    sa.Column("rule_version", sa.Integer, primary_key=True),
    sa.Column("terms", JSONB, nullable=False),
    _moment("at"),
    *_text("actor"),
)

purchase = sa.Table(
    "cashback_purchase",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("merchant_id"),
    _uuid("party_id"),
    *_text("external_id"),
    *_minor("amount_minor", "returned_minor"),
    *_text("currency", "state", "source", "reason"),
    _moment("occurred_at"),
    _moment("created_at"),
    _whole("version"),
)

accrual = sa.Table(
    "cashback_accrual",
    metadata,
    tenant_id(),
    object_id(),
    _uuid("purchase_id"),
    _uuid("offer_id"),
    _whole("rule_version"),
    _uuid("party_id"),
    _uuid("merchant_id"),
    _uuid("account_id"),
    sa.Column("counter_account_id", UUID(as_uuid=True)),
    *_text("currency"),
    *_minor("granted_minor", "room_minor", "kept_minor", "borne_minor", "expired_minor"),
    *_text("state"),
    sa.Column("working", JSONB, nullable=False),
    _moment("matures_at"),
    _whole("expiry_days", optional=True),
    _moment("created_at"),
    _moment("matured_at", optional=True),
    _moment("expires_at", optional=True),
    _whole("version"),
)

goods_return = sa.Table(
    "cashback_return",
    metadata,
    tenant_id(),
    _uuid("purchase_id", key=True),
    sa.Column("external_id", sa.Text, primary_key=True),
    *_minor("amount_minor"),
    _moment("at"),
)

referral_code = sa.Table(
    "cashback_referral_code",
    metadata,
    tenant_id(),
    sa.Column("code", sa.Text, primary_key=True),
    _uuid("merchant_id"),
    _uuid("party_id"),
    _moment("created_at"),
)

referral = sa.Table(
    "cashback_referral",
    metadata,
    tenant_id(),
    _uuid("merchant_id", key=True),
    _uuid("party_id", key=True),
    _uuid("referrer_id"),
    *_text("code"),
    _moment("at"),
    sa.Column("purchase_id", UUID(as_uuid=True)),
)
