"""Settlement terms end; what waits is settled to the last unit."""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table specie.settlement_terms add column ended_at timestamptz")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
