"""Payables: what is ordered of suppliers, what came, what they bill, and what they are paid."""

from alembic import op

from migrations.helpers import protect

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

TABLES = """
create table specie.payables_series (
    tenant_id uuid not null,
    series text not null check (series in ('order', 'bill', 'debit_note')),
    last_n bigint not null check (last_n > 0),
    primary key (tenant_id, series)
);

create table specie.payables_order (
    tenant_id uuid not null,
    id uuid not null,
    number text not null,
    n bigint not null,
    supplier_id uuid not null,
    warehouse_id uuid not null,
    currency text not null,
    state text not null check (state in ('open', 'closed')),
    ordered_on date not null,
    note text not null,
    net_minor bigint not null check (net_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    version integer not null,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint payables_order_number_once unique (tenant_id, n)
);
create index payables_order_by_supplier on specie.payables_order (tenant_id, supplier_id, id);

create table specie.payables_receipt (
    tenant_id uuid not null,
    id uuid not null,
    order_id uuid not null,
    received_on date not null,
    entry_id uuid,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references specie.payables_order (tenant_id, id)
);
create index payables_receipt_by_order on specie.payables_receipt (tenant_id, order_id, id);

create table specie.payables_bill (
    tenant_id uuid not null,
    id uuid not null,
    number text not null,
    n bigint not null,
    supplier_id uuid not null,
    their_number text not null,
    order_id uuid,
    currency text not null,
    state text not null check (state in ('held', 'rejected', 'open', 'part_paid', 'paid', 'void')),
    billed_on date not null,
    due_on date not null check (due_on >= billed_on),
    net_minor bigint not null check (net_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    problems jsonb not null,
    reason text not null,
    account_id uuid,
    debitable_id uuid,
    entry_id uuid,
    version integer not null,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint payables_bill_number_once unique (tenant_id, n),
    constraint payables_bill_charges check (net_minor + tax_minor > 0),
    constraint payables_bill_posted check (
        (state in ('held', 'rejected')) = (account_id is null)
        and (account_id is null) = (entry_id is null) and (account_id is null) = (debitable_id is null)),
    foreign key (tenant_id, order_id) references specie.payables_order (tenant_id, id)
);
-- A supplier's own number is owed once; what was rejected may come again, corrected.
create unique index payables_bill_once on specie.payables_bill (tenant_id, supplier_id, their_number)
    where state <> 'rejected';
create index payables_bill_by_state on specie.payables_bill (tenant_id, state, id);
create index payables_bill_by_order on specie.payables_bill (tenant_id, order_id) where order_id is not null;

create table specie.payables_debit_note (
    tenant_id uuid not null,
    id uuid not null,
    number text not null,
    n bigint not null,
    bill_id uuid not null,
    supplier_id uuid not null,
    currency text not null,
    reason text not null,
    issued_on date not null,
    net_minor bigint not null check (net_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    account_id uuid not null,
    entry_id uuid not null,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint payables_debit_note_number_once unique (tenant_id, n),
    foreign key (tenant_id, bill_id) references specie.payables_bill (tenant_id, id)
);
create index payables_debit_note_by_bill on specie.payables_debit_note (tenant_id, bill_id, id);

-- The lines of orders, receipts, bills and debit notes; `order_line` is the line of the order they are about.
create table specie.payables_line (
    tenant_id uuid not null,
    document_id uuid not null,
    n integer not null check (n > 0),
    order_id uuid,
    order_line integer,
    quantity numeric(18, 6) not null check (quantity > 0),
    net_minor bigint not null check (net_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    cleared_minor bigint not null check (cleared_minor >= 0),
    said jsonb not null,
    primary key (tenant_id, document_id, n),
    constraint payables_line_of_order check ((order_id is null) = (order_line is null))
);
create index payables_line_by_order on specie.payables_line (tenant_id, order_id, order_line)
    where order_id is not null;

create table specie.payables_payment (
    tenant_id uuid not null,
    id uuid not null,
    supplier_id uuid not null,
    currency text not null,
    amount_minor bigint not null check (amount_minor > 0),
    method text not null check (method in ('bank', 'cash')),
    reference text not null,
    paid_on date not null,
    account_id uuid not null,
    entry_id uuid not null,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
create index payables_payment_by_supplier on specie.payables_payment (tenant_id, supplier_id, id);

create table specie.payables_allocation (
    tenant_id uuid not null,
    entry_id uuid not null,
    source_kind text not null check (source_kind in ('payment', 'debit_note')),
    source_id uuid not null,
    bill_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    allocated_on date not null,
    primary key (tenant_id, entry_id),
    foreign key (tenant_id, bill_id) references specie.payables_bill (tenant_id, id)
);
create index payables_allocation_by_bill on specie.payables_allocation (tenant_id, bill_id);
create index payables_allocation_by_source on specie.payables_allocation (tenant_id, source_id);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    for table in ("payables_series", "payables_order", "payables_bill"):
        protect(table, grants="select, insert, update")
    for table in (
        *("payables_receipt", "payables_debit_note", "payables_line"),
        *("payables_payment", "payables_allocation"),
    ):
        protect(table, grants="select, insert")
    # What a held bill clears is known when it is owed.
    op.execute("grant update (cleared_minor) on specie.payables_line to specie_app")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
