"""Purchases of the business's own goods: what of the catalogue they sell, from where, and the documents they made."""

from alembic import op

from migrations.helpers import protect

revision = "0092"
down_revision = "0089"
branch_labels = None
depends_on = None

TABLES = """
create table specie.purchase_goods (
    tenant_id uuid not null,
    purchase_id uuid not null,
    -- Where goods that are kept in stock leave from; services alone need none.
    warehouse_id uuid,
    includes_tax boolean not null,
    -- The lines of the invoice as they were agreed.
    lines jsonb not null,
    -- The invoice that was issued in the commit in which everything was paid.
    invoice_id uuid,
    -- What the stock calls that invoice.
    stock_cause text,
    primary key (tenant_id, purchase_id),
    check ((invoice_id is null) = (stock_cause is null)),
    foreign key (tenant_id, purchase_id) references specie.purchase (tenant_id, id)
);
create unique index purchase_goods_of_invoice on specie.purchase_goods (tenant_id, invoice_id)
    where invoice_id is not null;

alter table specie.purchase add column sells_goods boolean not null default false;
alter table specie.purchase_line add column product_id uuid;
alter table specie.purchase_refund add column credit_note_id uuid;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("purchase_goods", grants="select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
