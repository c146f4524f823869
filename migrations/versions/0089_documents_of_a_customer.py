"""Mails to a customer and bills of a supplier are found by whom they are for, as the timeline of a customer asks."""

from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    -- squawk-ignore require-concurrent-index-creation
    create index billing_letter_by_customer on specie.billing_letter (tenant_id, customer_id, created_at, id);
    -- squawk-ignore require-concurrent-index-creation
    create index payables_bill_by_supplier on specie.payables_bill (tenant_id, supplier_id, created_at, id);
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
