"""A purchase remembers that its customer took it on, so that it is anybody's again when nothing was paid."""

from alembic import op

revision = "0072"
down_revision = "0069"
branch_labels = None
depends_on = None

TABLES = """
alter table specie.purchase add column taken_on boolean not null default false;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
