"""What a line of a statement says was taken off its amount: it explains what the line brings less than is open."""

from alembic import op

revision = "0110"
down_revision = "0101"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table specie.recon_line add column fee_minor bigint not null default 0")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
