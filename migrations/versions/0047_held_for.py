"""A hold says what it is held for; that alone ends it. Holds from before end as they always did."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table specie.hold add column held_for text")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
