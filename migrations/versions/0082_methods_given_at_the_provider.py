"""A way to pay may be given to the provider on the provider's own page: its id there, and where that is."""

from alembic import op

revision = "0082"
down_revision = "0079"
branch_labels = None
depends_on = None

TABLES = """
alter table specie.payment_method add column provider_ref text, add column page_url text;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
