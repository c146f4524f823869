"""Accounts: an owner stops what leaves, apart from what the tenant has stopped."""

from alembic import op

from migrations.helpers import APP

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # A stop of its own, so that neither side can take the other's away by setting its own.
    op.execute("alter table specie.account add column owner_frozen boolean not null default false")
    op.execute(f"grant update (owner_frozen) on specie.account to {APP}")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
