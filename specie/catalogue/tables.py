"""Products, the words they are found by, tax rates, price lists and prices."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from specie.platform.tables import Timestamp, metadata, object_id, tenant_id


def _uuid(name: str, *, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, UUID(as_uuid=True), primary_key=key, nullable=False)


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, Timestamp, nullable=False)


product = sa.Table(
    "product",
    metadata,
    tenant_id(),
    object_id(),
    *(_text(name) for name in ("kind", "name", "name_key", "sku", "sku_key")),
    sa.Column("barcode", sa.Text),
    *(_text(name) for name in ("unit", "description", "state")),
    sa.Column("version", sa.Integer, nullable=False),
    *(_moment(name) for name in ("created_at", "updated_at")),
)

product_word = sa.Table("product_word", metadata, tenant_id(), _text("word", key=True), _uuid("product_id", key=True))

product_tax = sa.Table(
    "product_tax",
    metadata,
    tenant_id(),
    _uuid("product_id", key=True),
    sa.Column("position", sa.SmallInteger, primary_key=True),
    _uuid("tax_rate_id"),
)

tax_rate = sa.Table(
    "tax_rate",
    metadata,
    tenant_id(),
    object_id(),
    _text("name"),
    sa.Column("ppm", sa.Integer, nullable=False),
    _text("state"),
    _moment("created_at"),
)

price_list = sa.Table(
    "price_list",
    metadata,
    tenant_id(),
    object_id(),
    *(_text(name) for name in ("name", "currency", "state")),
    sa.Column("tax_inclusive", sa.Boolean, nullable=False),
    sa.Column("is_default", sa.Boolean, nullable=False),
    _moment("created_at"),
)

customer_list = sa.Table(
    "customer_price_list",
    metadata,
    tenant_id(),
    sa.Column("party_id", UUID(as_uuid=True), primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    sa.Column("price_list_id", UUID(as_uuid=True), nullable=False),
)

price = sa.Table(
    "price",
    metadata,
    tenant_id(),
    _uuid("product_id", key=True),
    _uuid("price_list_id", key=True),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    _moment("updated_at"),
)

product_import = sa.Table(
    "product_import",
    metadata,
    tenant_id(),
    object_id(),
    _text("name"),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("content", sa.LargeBinary),
    sa.Column("skips_refused", sa.Boolean, nullable=False),
    _text("state"),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("total_rows", "done_rows")),
    *(sa.Column(name, JSONB, nullable=False) for name in ("counts", "told")),
    sa.Column("problem", sa.Text),
    _moment("created_at"),
    _text("created_by"),
    sa.Column("finished_at", Timestamp),
)
