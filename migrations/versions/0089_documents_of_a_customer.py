"""What is between a business and its customers: found by whom it is for, and delivered with the invoice."""

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
    -- Where the goods of an invoice leave when it is issued; null: they leave later.
    alter table specie.billing_profile add column delivers_from uuid;
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
