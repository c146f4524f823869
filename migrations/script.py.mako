"""${message}."""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A shorter patience than the session's default, for tables under traffic.
    op.execute("set local lock_timeout = '2s'")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
