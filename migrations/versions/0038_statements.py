"""Statements: numbered without gaps for each tenant, and frozen as they were made."""

from alembic import op

from migrations.helpers import protect

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TABLES = """
create table specie.statement_number (
    tenant_id uuid primary key,
    last_n bigint not null check (last_n >= 0)
);

create table specie.statement (
    tenant_id uuid not null,
    id uuid not null,
    n bigint not null check (n > 0),
    party_id uuid not null,
    currency text not null,
    from_day date not null,
    through_day date not null,
    -- What was stated, byte for byte, and its digest.
    content text not null,
    digest bytea not null,
    created_at timestamptz not null,
    created_by text not null,
    primary key (tenant_id, id),
    constraint statement_number_once unique (tenant_id, n),
    constraint statement_period_once unique (tenant_id, party_id, currency, from_day, through_day),
    check (through_day >= from_day)
);
create index statement_by_party on specie.statement (tenant_id, party_id, n);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("statement_number", grants="select, insert, update")
    protect("statement", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
