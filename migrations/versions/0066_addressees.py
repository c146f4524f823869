"""Invoices, credit notes and quotes keep how their customer stood on them, sealed."""

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # Empty for what was issued before: it goes on showing the customer as it is now.
    op.execute("alter table specie.billing_invoice add column billed_to bytea not null default ''")
    op.execute("alter table specie.billing_credit_note add column billed_to bytea not null default ''")
    op.execute("alter table specie.sales_quote add column offered_to bytea not null default ''")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
