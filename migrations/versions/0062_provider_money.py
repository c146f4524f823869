"""When providers pay over what they have collected, and money of theirs that is overdue."""

from alembic import op

revision = "0062"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    -- All of it or nothing: null until somebody has said when the provider pays over.
    alter table specie.provider_connection
        add column pay_over_days integer check (pay_over_days between 0 and 90),
        add column pay_over_cut_off time,
        add column pay_over_country text,
        add column pay_over_subdivision text,
        -- squawk-ignore constraint-missing-not-valid
        add constraint provider_connection_pays_over check (
            num_nonnulls(pay_over_days, pay_over_cut_off, pay_over_country, pay_over_subdivision) in (0, 4));

    -- Exceptions are few, and what is there already fits the wider rules.
    -- squawk-ignore ban-drop-constraint
    alter table specie.recon_exception drop constraint recon_exception_kind_known;
    -- squawk-ignore constraint-missing-not-valid
    alter table specie.recon_exception add constraint recon_exception_kind_known check (kind in
        ('unknown_line', 'missing_in_statement', 'amount_differs', 'doubled_line', 'balance_differs',
         'money_overdue'));
    -- squawk-ignore ban-drop-constraint
    alter table specie.recon_exception drop constraint recon_exception_about_something;
    -- squawk-ignore constraint-missing-not-valid
    alter table specie.recon_exception add constraint recon_exception_about_something check (
        (kind in ('balance_differs', 'money_overdue')) = (line_id is null and entry_id is null)
        and (kind <> 'balance_differs' or expected_minor is not null));
    -- squawk-ignore require-concurrent-index-creation
    create unique index recon_exception_one_overdue on specie.recon_exception (tenant_id, source_id)
        where resolved_at is null and kind = 'money_overdue';
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
