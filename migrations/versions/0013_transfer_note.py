"""Transfers carry a note; one for later keeps it until it is made."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    alter table specie.scheduled_transfer add column note text
        constraint transfer_note_length check (length(note) between 1 and 140);
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
