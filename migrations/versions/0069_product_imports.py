"""Long files of products that are taken in in the background: what they held, how far they are, what came of them."""

from alembic import op

from migrations.helpers import protect

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

TABLES = """
create table specie.product_import (
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    digest bytea not null check (octet_length(digest) = 32),
    -- The file waits here for its turn and goes with the decision about it.
    content bytea,
    skips_refused boolean not null,
    state text not null check (state in ('waiting', 'done', 'refused')),
    total_rows integer not null,
    done_rows integer not null default 0,
    counts jsonb not null default '{}',
    told jsonb not null default '[]',
    problem text,
    created_at timestamptz not null,
    created_by text not null,
    finished_at timestamptz,
    primary key (tenant_id, id),
    constraint product_import_waits check ((state = 'waiting') = (content is not null)),
    constraint product_import_ends check ((state = 'waiting') = (finished_at is null))
);
-- The same file is taken in once; one that was refused may come again.
create unique index product_import_once on specie.product_import (tenant_id, digest) where state <> 'refused';
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("product_import", grants="select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
