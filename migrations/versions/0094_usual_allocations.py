"""In which order payments pay what is owed in parts, as a merchant usually wants it for its plans."""

from alembic import op

from migrations.helpers import protect

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None

TABLES = """
create table specie.installment_usual (
    tenant_id uuid not null,
    merchant_id uuid not null,
    allocation text[] not null check (cardinality(allocation) = 4),
    primary key (tenant_id, merchant_id)
);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("installment_usual", grants="select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
