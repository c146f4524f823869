"""A line of an order counts what was credited before it was sent, and will not be sent any more."""

from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

# Every line that is there has zero, and there are few: to check them holds nobody up.
TABLES = """
alter table specie.sales_order_line add column credited numeric(18, 6) not null default 0;
alter table specie.sales_order_line
    -- squawk-ignore constraint-missing-not-valid
    add constraint sales_order_line_credited
    check (credited >= 0 and credited <= invoiced and delivered + cancelled + credited <= quantity);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
