"""A provider says by when a dispute must be answered; the list of disputes begins with the nearest such time."""

from alembic import op

revision = "0086"
down_revision = "0083"
branch_labels = None
depends_on = None

TABLES = """
alter table specie.payment_dispute add column answer_by timestamptz;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
