"""Invoices, credit notes and quotes keep the letterhead that they were issued under; each letterhead is kept once."""

from alembic import op

from migrations.helpers import protect

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

TABLES = """
create table specie.billing_letterhead (
    tenant_id uuid not null,
    digest bytea not null check (length(digest) = 32),
    seller text not null,
    address text not null,
    tax_number text not null,
    footer text not null,
    country text not null,
    colour text not null,
    primary key (tenant_id, digest)
);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("billing_letterhead", grants="select, insert")
    # None for what was issued before: it goes on showing the letterhead as it is now.
    for table in ("billing_invoice", "billing_credit_note", "sales_quote"):
        op.execute(f"""
        alter table specie.{table}
            add column letterhead bytea,
            add constraint {table}_under_letterhead foreign key (tenant_id, letterhead)
                references specie.billing_letterhead (tenant_id, digest) not valid;
        """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
