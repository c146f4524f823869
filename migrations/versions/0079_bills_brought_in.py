"""Bills that were owed in the system used before come in with their suppliers' numbers alone."""

from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

# As for invoices: `original_total_minor` is what the whole bill asked for, and only one that was brought in has it.
# `withdrawn_id` is the entry that reversed how it came in; then its number may come again, as that of a rejected one.
BILLS = """
alter table specie.payables_bill add column original_total_minor bigint;
alter table specie.payables_bill add column withdrawn_id uuid;
-- Whoever reads `n` sorts or searches by it, and does without those that have none.
-- squawk-ignore ban-drop-not-null
alter table specie.payables_bill alter column n drop not null;
-- No bill has been brought in yet, so every one satisfies these.
alter table specie.payables_bill add constraint payables_bill_numbered check (
    (n is null) = (original_total_minor is not null)) not valid;
alter table specie.payables_bill add constraint payables_bill_brought_in check (
    original_total_minor is null or (original_total_minor >= net_minor and tax_minor = 0)) not valid;
alter table specie.payables_bill add constraint payables_bill_withdrawn check (
    withdrawn_id is null or (original_total_minor is not null and state = 'void')) not valid;
-- squawk-ignore require-concurrent-index-deletion
drop index specie.payables_bill_once;
-- squawk-ignore require-concurrent-index-creation
create unique index payables_bill_once on specie.payables_bill (tenant_id, supplier_id, their_number)
    where state <> 'rejected' and withdrawn_id is null;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(BILLS)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
