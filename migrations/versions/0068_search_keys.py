"""References and numbers are found by their beginning, and movements of stock by their kind, at any size.

Row security lets no index answer what a function might give away about other tenants' rows, and `lower` and `like` are
such functions. So the text is kept in small letters, and a comparison, which gives nothing away, finds the beginning.
"""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

SEARCHED = [
    ("payment", "reference"),
    ("payout", "reference"),
    ("billing_invoice", "number"),
    ("billing_invoice", "reference"),
    ("sales_quote", "number"),
    ("sales_order", "number"),
    ("payables_bill", "number"),
    ("payables_bill", "their_number"),
]


def upgrade() -> None:
    # Writers wait for some seconds for each million rows; a column that a trigger fills would be dearer for ever.
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    -- squawk-ignore require-concurrent-index-deletion
    drop index specie.payment_by_reference;
    -- squawk-ignore require-concurrent-index-creation
    create index stock_movement_by_kind on specie.stock_movement (tenant_id, kind, id);
    """)
    for table, column in SEARCHED:
        op.execute(f"""
        alter table specie.{table} add column {column}_key text collate pg_c_utf8
            -- squawk-ignore adding-field-with-default
            generated always as (lower({column} collate pg_c_utf8)) stored;
        -- squawk-ignore require-concurrent-index-creation
        create index {table}_by_{column} on specie.{table} (tenant_id, {column}_key, id);
        """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
