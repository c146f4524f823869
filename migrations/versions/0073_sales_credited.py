"""A line of an order counts what was credited before it was sent, and will not be sent any more."""

from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

# A constraint that is tightened is first added for new rows and then checked against those that are there, which all
# have zero.
TABLES = """
alter table specie.sales_order_line add column credited numeric(18, 6) not null default 0;
alter table specie.sales_order_line
    add constraint sales_order_line_credited
    check (credited >= 0 and credited <= invoiced and delivered + cancelled + credited <= quantity) not valid;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute("alter table specie.sales_order_line validate constraint sales_order_line_credited")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
