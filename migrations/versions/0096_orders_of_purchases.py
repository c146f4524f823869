"""Which purchase an order in parts pays a part of is found by the order."""

from alembic import op

revision = "0096"
down_revision = "0095"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    -- squawk-ignore require-concurrent-index-creation
    create unique index purchase_leg_of_order on specie.purchase_leg (tenant_id, order_id)
        where order_id is not null;
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
