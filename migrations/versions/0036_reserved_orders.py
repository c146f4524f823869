"""Installment orders may be reserved: consented to as one tender of a purchase that is not decided yet."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_RULES = """
do $$
declare
    rule record;
begin
    -- The rules about states had names made by the database.
    for rule in
        select conname from pg_constraint
         where conrelid = 'specie.installment_order'::regclass and contype = 'c'
           and (pg_get_constraintdef(oid) like '%consent%' or pg_get_constraintdef(oid) like '%offered%')
    loop
        execute format('alter table specie.installment_order drop constraint %I', rule.conname);
    end loop;
end $$;

-- Rows that are there satisfied the narrower rules, so nothing needs validating.
alter table specie.installment_order
    add constraint installment_order_state
        check (state in ('offered', 'reserved', 'active', 'paid', 'cancelled', 'expired', 'charged_off')) not valid,
    add constraint installment_order_begun
        check ((state in ('active', 'paid', 'charged_off')) = (principal_account_id is not null)) not valid,
    add constraint installment_order_agreed
        check (state not in ('reserved', 'active', 'paid', 'charged_off') or consent is not null) not valid;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(_RULES)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
