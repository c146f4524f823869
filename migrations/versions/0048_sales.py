"""Sales: quotes with versions, orders delivered and invoiced in parts."""

from alembic import op

from migrations.helpers import lookup, protect

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

TABLES = """
alter table specie.billing_invoice add column order_id uuid;

create table specie.sales_series (
    tenant_id uuid not null,
    series text not null check (series in ('quote', 'order')),
    last_n bigint not null check (last_n > 0),
    primary key (tenant_id, series)
);

create table specie.sales_quote (
    tenant_id uuid not null,
    id uuid not null,
    number text not null,
    n bigint not null,
    customer_id uuid not null,
    opportunity_id uuid,
    currency text not null,
    state text not null check (state in ('draft', 'sent', 'accepted', 'declined', 'expired')),
    version integer not null check (version > 0),
    sent_version integer check (sent_version between 1 and version),
    valid_until date not null,
    total_minor bigint not null check (total_minor >= 0),
    token text not null,
    changes integer not null check (changes > 0),
    created_at timestamptz not null,
    sent_at timestamptz,
    decided_at timestamptz,
    decided_by bytea not null,
    reason bytea not null,
    primary key (tenant_id, id),
    constraint sales_quote_number_once unique (tenant_id, n),
    constraint sales_quote_sent check (state = 'draft' or sent_version = version),
    constraint sales_quote_decided check ((state in ('accepted', 'declined')) = (decided_at is not null))
);
create index sales_quote_by_customer on specie.sales_quote (tenant_id, customer_id, id);
create index sales_quote_by_state on specie.sales_quote (tenant_id, state, id);

create table specie.sales_quote_version (
    tenant_id uuid not null,
    quote_id uuid not null,
    version integer not null check (version > 0),
    valid_until date not null,
    due_days integer check (due_days between 0 and 366),
    reference text not null,
    note text not null,
    includes_tax boolean not null,
    discount numeric(9, 6) not null check (discount between 0 and 1),
    lines jsonb not null,
    net_minor bigint not null check (net_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    created_at timestamptz not null,
    primary key (tenant_id, quote_id, version),
    foreign key (tenant_id, quote_id) references specie.sales_quote (tenant_id, id)
);

create table specie.sales_quote_link (
    token_digest bytea primary key,
    of_tenant uuid not null,
    quote_id uuid not null
);

create table specie.sales_order (
    tenant_id uuid not null,
    id uuid not null,
    number text not null,
    n bigint not null,
    customer_id uuid not null,
    quote_id uuid,
    currency text not null,
    state text not null check (state in ('open', 'done', 'cancelled')),
    includes_tax boolean not null,
    due_days integer check (due_days between 0 and 366),
    reference text not null,
    note text not null,
    net_minor bigint not null check (net_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    version integer not null check (version > 0),
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint sales_order_number_once unique (tenant_id, n),
    constraint sales_order_of_quote_once unique (tenant_id, quote_id),
    foreign key (tenant_id, quote_id) references specie.sales_quote (tenant_id, id)
);
create index sales_order_by_customer on specie.sales_order (tenant_id, customer_id, id);
create index sales_order_by_state on specie.sales_order (tenant_id, state, id);

-- The last word against delivering or invoicing more than was ordered, whoever races with whom.
create table specie.sales_order_line (
    tenant_id uuid not null,
    order_id uuid not null,
    n integer not null check (n > 0),
    product_id text,
    is_goods boolean not null,
    description text not null,
    unit text not null,
    unit_price_minor bigint not null check (unit_price_minor >= 0),
    discount numeric(9, 6) not null check (discount between 0 and 1),
    taxes jsonb not null,
    net_minor bigint not null check (net_minor >= 0),
    quantity numeric(18, 6) not null check (quantity > 0),
    cancelled numeric(18, 6) not null check (cancelled >= 0),
    delivered numeric(18, 6) not null check (delivered >= 0),
    invoiced numeric(18, 6) not null check (invoiced >= 0),
    primary key (tenant_id, order_id, n),
    constraint sales_order_line_delivered check (delivered + cancelled <= quantity),
    constraint sales_order_line_invoiced check (invoiced + cancelled <= quantity),
    foreign key (tenant_id, order_id) references specie.sales_order (tenant_id, id)
);

create table specie.sales_shipment (
    tenant_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    warehouse_id uuid not null,
    entry_id uuid,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references specie.sales_order (tenant_id, id)
);
create index sales_shipment_by_order on specie.sales_shipment (tenant_id, order_id, id);

create table specie.sales_shipment_line (
    tenant_id uuid not null,
    shipment_id uuid not null,
    n integer not null,
    order_id uuid not null,
    quantity numeric(18, 6) not null check (quantity > 0),
    primary key (tenant_id, shipment_id, n),
    foreign key (tenant_id, shipment_id) references specie.sales_shipment (tenant_id, id),
    foreign key (tenant_id, order_id, n) references specie.sales_order_line (tenant_id, order_id, n)
);
create index sales_shipment_line_by_order on specie.sales_shipment_line (tenant_id, order_id, n);

create table specie.sales_charge (
    tenant_id uuid not null,
    invoice_id uuid not null,
    n integer not null,
    order_id uuid not null,
    invoice_n integer not null,
    quantity numeric(18, 6) not null check (quantity > 0),
    primary key (tenant_id, invoice_id, n),
    foreign key (tenant_id, order_id, n) references specie.sales_order_line (tenant_id, order_id, n),
    foreign key (tenant_id, invoice_id, invoice_n) references specie.billing_line (tenant_id, invoice_id, n)
);
create index sales_charge_by_order on specie.sales_charge (tenant_id, order_id, n);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    for table in ("sales_series", "sales_quote", "sales_order", "sales_order_line"):
        protect(table, grants="select, insert, update")
    for table in ("sales_quote_version", "sales_shipment", "sales_shipment_line", "sales_charge"):
        protect(table, grants="select, insert")
    lookup("sales_quote_link", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
