"""The catalogue: products and services, the words they are found by, tax rates, price lists and prices."""

from alembic import op

from migrations.helpers import protect

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

TABLES = """
create table specie.tax_rate (
    tenant_id uuid not null,
    id uuid not null,
    name text not null check (name <> ''),
    ppm integer not null constraint tax_rate_range check (ppm between 0 and 1000000),
    state text not null check (state in ('active', 'archived')),
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
create unique index tax_rate_name on specie.tax_rate (tenant_id, lower(name)) where state = 'active';

create table specie.product (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('product', 'service')),
    name text not null check (name <> ''),
    -- What lists are sorted by: the name in lower case, compared byte by byte.
    name_key text collate "C" not null,
    sku text not null check (sku <> ''),
    sku_key text collate "C" not null,
    barcode text collate "C" check (barcode <> ''),
    unit text not null check (unit <> ''),
    description text not null,
    state text not null check (state in ('active', 'archived')),
    version integer not null check (version > 0),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint product_sku_once unique (tenant_id, sku_key)
);
create unique index product_barcode_once on specie.product (tenant_id, barcode) where barcode is not null;
create index product_by_name on specie.product (tenant_id, name_key, id);

-- The words of name, SKU and barcode. Their prefixes are looked up by comparison, which row security lets an index do.
create table specie.product_word (
    tenant_id uuid not null,
    word text collate "C" not null,
    product_id uuid not null,
    primary key (tenant_id, word, product_id),
    foreign key (tenant_id, product_id) references specie.product (tenant_id, id)
);
create index product_word_of_product on specie.product_word (tenant_id, product_id, word);

create table specie.product_tax (
    tenant_id uuid not null,
    product_id uuid not null,
    position smallint not null check (position >= 0),
    tax_rate_id uuid not null,
    primary key (tenant_id, product_id, position),
    constraint product_tax_once unique (tenant_id, product_id, tax_rate_id),
    foreign key (tenant_id, product_id) references specie.product (tenant_id, id),
    foreign key (tenant_id, tax_rate_id) references specie.tax_rate (tenant_id, id)
);

create table specie.price_list (
    tenant_id uuid not null,
    id uuid not null,
    name text not null check (name <> ''),
    currency text not null,
    tax_inclusive boolean not null,
    is_default boolean not null,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
create unique index price_list_name on specie.price_list (tenant_id, lower(name));
create unique index price_list_default on specie.price_list (tenant_id, currency) where is_default;

create table specie.price (
    tenant_id uuid not null,
    product_id uuid not null,
    price_list_id uuid not null,
    amount_minor bigint not null constraint price_not_negative check (amount_minor >= 0),
    updated_at timestamptz not null,
    primary key (tenant_id, product_id, price_list_id),
    foreign key (tenant_id, product_id) references specie.product (tenant_id, id),
    foreign key (tenant_id, price_list_id) references specie.price_list (tenant_id, id)
);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    for table in ("tax_rate", "product", "price_list"):
        protect(table, grants="select, insert, update")
    for table in ("product_word", "product_tax", "price"):
        protect(table, grants="select, insert, update, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
