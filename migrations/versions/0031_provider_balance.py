"""The live balance of providers compared with the books, day by day."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    -- When the provider is asked next; null until it has been planned.
    alter table specie.recon_source add column balance_due_at timestamptz;

    -- Exceptions are few, and what is there already fits the wider rules.
    -- squawk-ignore ban-drop-constraint
    alter table specie.recon_exception drop constraint recon_exception_kind_check;
    -- squawk-ignore constraint-missing-not-valid
    alter table specie.recon_exception add constraint recon_exception_kind_known check (kind in
        ('unknown_line', 'missing_in_statement', 'amount_differs', 'doubled_line', 'balance_differs'));
    -- squawk-ignore ban-drop-constraint
    alter table specie.recon_exception drop constraint recon_exception_about_something;
    -- squawk-ignore constraint-missing-not-valid
    alter table specie.recon_exception add constraint recon_exception_about_something check (
        (kind = 'balance_differs') = (line_id is null and entry_id is null)
        and (kind <> 'balance_differs' or expected_minor is not null));
    -- squawk-ignore require-concurrent-index-creation
    create unique index recon_exception_one_balance on specie.recon_exception (tenant_id, source_id)
        where resolved_at is null and kind = 'balance_differs';
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
