"""The documents that wait for goods are found by an index: few do, of many that something is promised to."""

from alembic import op

revision = "0129"
down_revision = "0128"
branch_labels = None
depends_on = None

WAITING = """
-- squawk-ignore require-concurrent-index-creation
create index stock_reservation_waiting on specie.stock_reservation (tenant_id, cause_kind, cause_id)
    where wanted > quantity;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(WAITING)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
