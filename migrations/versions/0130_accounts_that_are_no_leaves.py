"""Accounts that are no leaves are found by an index: a report adds them up beside very many that each document has."""

from alembic import op

revision = "0130"
down_revision = "0129"
branch_labels = None
depends_on = None

WITHOUT_CONTROL = """
-- squawk-ignore require-concurrent-index-creation
create index account_without_control on specie.account (tenant_id, type) where control is null;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(WITHOUT_CONTROL)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
