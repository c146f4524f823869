"""Opening positions: the files that were brought in, and what each line became."""

from alembic import op

from migrations.helpers import protect

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

TABLES = """
create table specie.opening_import (
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    digest bytea not null check (octet_length(digest) = 32),
    cut_over_on date not null,
    state text not null check (state in ('waiting', 'posted', 'refused')),
    created_at timestamptz not null,
    created_by text not null,
    version integer not null,
    primary key (tenant_id, id)
);
-- The same file is brought in once; what a second person has refused may come again.
create unique index opening_import_once on specie.opening_import (tenant_id, digest) where state <> 'refused';

create table specie.opening_line (
    tenant_id uuid not null,
    import_id uuid not null,
    number integer not null check (number > 0),
    kind text not null check (kind in ('account', 'wallet', 'stock')),
    code text not null,
    account_type text not null,
    name text not null,
    party_id uuid,
    purpose text,
    warehouse_id uuid,
    product_id uuid,
    quantity bigint check (quantity > 0),
    amount_minor bigint not null,
    currency text not null,
    opens boolean not null,
    entry_id uuid,
    primary key (tenant_id, import_id, number),
    foreign key (tenant_id, import_id) references specie.opening_import (tenant_id, id),
    constraint opening_line_of_wallet check (
        (kind = 'wallet') = (party_id is not null) and (kind = 'wallet') = (purpose is not null)),
    constraint opening_line_of_stock check (
        (kind = 'stock') = (warehouse_id is not null) and (kind = 'stock') = (product_id is not null)
        and (kind = 'stock') = (quantity is not null))
);
create index opening_line_by_account on specie.opening_line (tenant_id, code, currency);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("opening_import", grants="select, insert, update")
    protect("opening_line", grants="select, insert")
    # A line gets its entry when a second person has said yes.
    op.execute("grant update (entry_id) on specie.opening_line to specie_app")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
