"""Deposits: invoices for money in advance, which is the customer's until later invoices draw it."""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table specie.billing_invoice add column is_deposit boolean not null default false")
    op.execute("alter table specie.billing_invoice add column deposit_id uuid")
    # No invoice is a deposit yet, so there is nothing to validate.
    op.execute(
        "alter table specie.billing_invoice add constraint billing_invoice_deposit check "
        "((is_deposit and state <> 'draft') = (deposit_id is not null)) not valid"
    )
    for table in ("billing_allocation", "billing_refund"):
        # The list of what may be allocated grows; every row there satisfies the longer one.
        op.execute(
            "-- squawk-ignore ban-drop-constraint\n"
            f"alter table specie.{table} drop constraint {table}_source_kind_check"
        )
        op.execute(
            f"alter table specie.{table} add constraint {table}_source_kind_check "
            "check (source_kind in ('receipt', 'credit_note', 'deposit')) not valid"
        )


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
