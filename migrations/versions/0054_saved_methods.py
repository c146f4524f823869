"""Saved ways to pay, and the collections of installments that are charged to them."""

from alembic import op

from migrations.helpers import protect

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

TABLES = """
create table specie.payment_method (
    tenant_id uuid not null,
    id uuid not null,
    party_id uuid not null,
    connection_id uuid not null,
    kind text not null check (kind in ('card', 'ewallet')),
    label text not null check (label <> ''),
    state text not null check (state in ('waiting', 'active', 'refused', 'removed')),
    token text,
    scenario text not null,
    failure text,
    consent jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint payment_method_has_token check (state <> 'active' or token is not null),
    foreign key (tenant_id, connection_id) references specie.provider_connection (tenant_id, id)
);
create index payment_method_by_party on specie.payment_method (tenant_id, party_id, id);

create table specie.installment_collection (
    tenant_id uuid not null,
    order_id uuid not null,
    day date not null,
    payment_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    state text not null check (state in ('open', 'collected', 'missed')),
    primary key (tenant_id, order_id, day),
    constraint installment_collection_of_payment unique (tenant_id, payment_id),
    foreign key (tenant_id, order_id) references specie.installment_order (tenant_id, id),
    foreign key (tenant_id, payment_id) references specie.payment (tenant_id, id)
);
-- The next collection waits until it is known what became of the last one.
create unique index installment_collection_one_open on specie.installment_collection (tenant_id, order_id)
    where state = 'open';
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute("alter table specie.payment add column method_id uuid")
    for table in ("payment_method", "installment_collection"):
        protect(table, grants="select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
