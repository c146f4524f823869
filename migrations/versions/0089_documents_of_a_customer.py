"""What is between a business and its customers: found by customer, delivered with the invoice, at their prices."""

from alembic import op

from migrations.helpers import protect

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
    -- Whether a document's taxes are rounded on each line or on their sum.
    alter table specie.billing_profile add column rounding text not null default 'line'
        constraint billing_profile_rounding check (rounding in ('line', 'total'));
    -- By which price list a customer buys in a currency; whoever has none buys by the default list.
    create table specie.customer_price_list (
        tenant_id uuid not null,
        party_id uuid not null,
        currency text not null,
        price_list_id uuid not null,
        primary key (tenant_id, party_id, currency),
        constraint customer_price_list_is foreign key (tenant_id, price_list_id)
            references specie.price_list (tenant_id, id)
    );
    """)
    protect("customer_price_list", grants="select, insert, update, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
