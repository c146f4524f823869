"""By when a dispute must be answered, as its provider says; and each night's copy of a tenant's books, by its file."""

from alembic import op

from migrations.helpers import protect

revision = "0086"
down_revision = "0083"
branch_labels = None
depends_on = None

TABLES = """
alter table specie.payment_dispute add column answer_by timestamptz;

create table specie.books_copy (
    tenant_id uuid not null,
    id uuid not null,
    business_date date not null,
    format text not null constraint books_copy_format check (format in ('beancount', 'hledger')),
    storage_key text not null,
    size_bytes bigint not null constraint books_copy_size check (size_bytes > 0),
    digest bytea not null constraint books_copy_digest check (length(digest) = 32),
    entries bigint not null,
    accounts bigint not null,
    made_at timestamptz not null,
    primary key (tenant_id, id),
    -- One of a day: whoever comes second finds that it is there.
    constraint books_copy_once unique (tenant_id, business_date, format)
);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("books_copy", grants="select, insert, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
