"""Statements keep how their party stood on them, sealed."""

from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # Empty for what was made before: it goes on showing the party as it is now.
    op.execute("alter table specie.statement add column addressee bytea not null default ''")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
