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

    alter table specie.recon_exception drop constraint recon_exception_kind_check;
    alter table specie.recon_exception add constraint recon_exception_kind_known check (kind in
        ('unknown_line', 'missing_in_statement', 'amount_differs', 'doubled_line', 'balance_differs')) not valid;
    alter table specie.recon_exception validate constraint recon_exception_kind_known;
    alter table specie.recon_exception drop constraint recon_exception_about_something;
    alter table specie.recon_exception add constraint recon_exception_about_something check (
        (kind = 'balance_differs') = (line_id is null and entry_id is null)
        and (kind <> 'balance_differs' or expected_minor is not null)) not valid;
    alter table specie.recon_exception validate constraint recon_exception_about_something;
    create unique index recon_exception_one_balance on specie.recon_exception (tenant_id, source_id)
        where resolved_at is null and kind = 'balance_differs';
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
