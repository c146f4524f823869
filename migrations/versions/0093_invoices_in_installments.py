"""Invoices paid in installments: which orders were offered for which invoice."""

from alembic import op

from migrations.helpers import protect

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None

TABLES = """
create table specie.purchase_invoice_order (
    tenant_id uuid not null,
    order_id uuid not null,
    invoice_id uuid not null,
    -- What paid the invoice as the order began.
    receipt_id uuid,
    primary key (tenant_id, order_id),
    foreign key (tenant_id, order_id) references specie.installment_order (tenant_id, id)
);
create index purchase_invoice_order_by_invoice on specie.purchase_invoice_order (tenant_id, invoice_id, order_id);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("purchase_invoice_order", grants="select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
