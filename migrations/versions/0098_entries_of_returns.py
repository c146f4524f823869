"""A payout that came back is found by the entry that booked it."""

from alembic import op

revision = "0098"
down_revision = "0097"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    -- squawk-ignore require-concurrent-index-creation
    create index payout_of_return_entry on specie.payout (tenant_id, return_entry_id)
        where return_entry_id is not null;
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
