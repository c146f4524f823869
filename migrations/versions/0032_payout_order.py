"""In which order connections are tried for payouts."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # Ties keep the order of the connections themselves, so nothing changes until somebody says otherwise.
    op.execute("""
    alter table specie.payout_route add column position integer not null default 0
        constraint payout_route_position_counts check (position between 0 and 1000);
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
