"""Stock: warehouses, levels with their layers, movements, reservations, and each tenant's policy."""

from alembic import op

from migrations.helpers import protect

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

# Quantities are whole millionths of a unit.
TABLES = """
create table specie.warehouse (
    tenant_id uuid not null,
    id uuid not null,
    code text not null check (code <> ''),
    name text not null check (name <> ''),
    currency text not null,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
create unique index warehouse_code on specie.warehouse (tenant_id, lower(code));

create table specie.stock_policy (
    tenant_id uuid not null,
    may_go_below boolean not null,
    method text not null check (method in ('fifo', 'average')),
    updated_at timestamptz not null,
    primary key (tenant_id)
);

create table specie.stock_item (
    tenant_id uuid not null,
    product_id uuid not null,
    method text not null check (method in ('fifo', 'average')),
    primary key (tenant_id, product_id),
    foreign key (tenant_id, product_id) references specie.product (tenant_id, id)
);

create table specie.stock_level (
    tenant_id uuid not null,
    warehouse_id uuid not null,
    product_id uuid not null,
    account_id uuid not null,
    method text not null check (method in ('fifo', 'average')),
    on_hand bigint not null,
    reserved bigint not null check (reserved >= 0),
    reorder_at bigint check (reorder_at >= 0),
    is_low boolean not null generated always as (coalesce(on_hand - reserved <= reorder_at, false)) stored,
    -- The last known cost of a quantity, in minor units.
    known_quantity bigint not null check (known_quantity > 0),
    known_minor bigint not null,
    may_go_below boolean not null,
    number bigint not null check (number >= 0),
    primary key (tenant_id, warehouse_id, product_id),
    -- However many deliveries race: where stock may not go below zero, it does not.
    constraint stock_not_below_zero check (may_go_below or on_hand >= 0),
    foreign key (tenant_id, warehouse_id) references specie.warehouse (tenant_id, id),
    foreign key (tenant_id, product_id) references specie.product (tenant_id, id)
);
create index stock_level_of_product on specie.stock_level (tenant_id, product_id, warehouse_id);
create index stock_level_low on specie.stock_level (tenant_id, product_id, warehouse_id) where is_low;

create table specie.stock_layer (
    tenant_id uuid not null,
    warehouse_id uuid not null,
    product_id uuid not null,
    seq bigint not null,
    quantity bigint not null check (quantity <> 0),
    cost_minor bigint not null,
    primary key (tenant_id, warehouse_id, product_id, seq),
    foreign key (tenant_id, warehouse_id, product_id)
        references specie.stock_level (tenant_id, warehouse_id, product_id)
);

create table specie.stock_movement (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('receipt', 'delivery', 'return_in', 'return_out', 'adjustment', 'count',
        'transfer_out', 'transfer_in')),
    warehouse_id uuid not null,
    product_id uuid not null,
    number bigint not null check (number > 0),
    quantity bigint not null check (quantity <> 0),
    value_minor bigint not null,
    correction_minor bigint not null,
    on_hand bigint not null,
    effective_at timestamptz not null,
    recorded_at timestamptz not null,
    entry_id uuid,
    actor text not null,
    note text not null,
    cause_kind text,
    cause_id text,
    line integer not null,
    of_id uuid,
    returned bigint not null constraint stock_returned_fits check (returned between 0 and abs(quantity)),
    primary key (tenant_id, id),
    constraint stock_movement_number unique (tenant_id, warehouse_id, product_id, number),
    constraint stock_movement_entry check (entry_id is not null or value_minor = 0),
    foreign key (tenant_id, warehouse_id, product_id)
        references specie.stock_level (tenant_id, warehouse_id, product_id)
);
create unique index stock_movement_once on specie.stock_movement (tenant_id, cause_kind, cause_id, kind, line)
    where cause_kind is not null;
create index stock_movement_effective on specie.stock_movement
    (tenant_id, warehouse_id, product_id, effective_at, number);
create index stock_movement_of_product on specie.stock_movement (tenant_id, product_id, id);
create index stock_movement_of_warehouse on specie.stock_movement (tenant_id, warehouse_id, id);

create table specie.stock_reservation (
    tenant_id uuid not null,
    cause_kind text not null,
    cause_id text not null,
    warehouse_id uuid not null,
    product_id uuid not null,
    quantity bigint not null check (quantity > 0),
    primary key (tenant_id, cause_kind, cause_id, warehouse_id, product_id),
    foreign key (tenant_id, warehouse_id, product_id)
        references specie.stock_level (tenant_id, warehouse_id, product_id)
);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("warehouse", grants="select, insert, update")
    protect("stock_movement", grants="select, insert, update (returned)")
    for table in ("stock_policy", "stock_item", "stock_level"):
        protect(table, grants="select, insert, update")
    for table in ("stock_layer", "stock_reservation"):
        protect(table, grants="select, insert, update, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
