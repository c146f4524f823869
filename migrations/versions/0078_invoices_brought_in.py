"""Invoices that were open in the system used before come in with their old numbers, as lines of an opening position."""

from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

# `original_total_minor` is what the whole invoice asked for; only one that was brought in has it, and that one has no
# place in the series. `withdrawn_id` is the entry that reversed how it came in.
INVOICES = """
alter table specie.billing_invoice add column original_total_minor bigint;
alter table specie.billing_invoice add column withdrawn_id uuid;
-- squawk-ignore ban-drop-constraint
alter table specie.billing_invoice drop constraint billing_invoice_issued_whole;
-- Every invoice there satisfies the wider one, and none has been brought in yet.
alter table specie.billing_invoice add constraint billing_invoice_issued_whole check (
    (state = 'draft') = (number is null)
    and num_nulls(number, issued_on, due_on, account_id, creditable_id, entry_id, token) in (0, 7)
    and (n is null) = (number is null or original_total_minor is not null)) not valid;
alter table specie.billing_invoice add constraint billing_invoice_brought_in check (
    original_total_minor >= total_minor) not valid;
alter table specie.billing_invoice add constraint billing_invoice_withdrawn check (
    withdrawn_id is null or (original_total_minor is not null and state = 'void')) not valid;
-- squawk-ignore require-concurrent-index-creation
create unique index billing_invoice_brought_in_once on specie.billing_invoice (tenant_id, customer_id, number_key)
    where original_total_minor is not null and withdrawn_id is null;
"""

LINES = """
alter table specie.opening_line add column document_id uuid;
alter table specie.opening_line add column document_number text;
alter table specie.opening_line add column issued_on date;
alter table specie.opening_line add column due_on date;
alter table specie.opening_line add column total_minor bigint;
alter table specie.opening_line add column note text;
-- The list of kinds grows; every line there satisfies the longer one.
-- squawk-ignore ban-drop-constraint
alter table specie.opening_line drop constraint opening_line_kind_check;
alter table specie.opening_line add constraint opening_line_kind_check
    check (kind in ('account', 'wallet', 'stock', 'invoice', 'bill')) not valid;
-- squawk-ignore ban-drop-constraint
alter table specie.opening_line drop constraint opening_line_of_wallet;
alter table specie.opening_line add constraint opening_line_of_wallet check (
    (kind in ('wallet', 'invoice', 'bill')) = (party_id is not null)
    and (kind = 'wallet') = (purpose is not null)) not valid;
alter table specie.opening_line add constraint opening_line_of_document check (
    num_nulls(document_id, document_number, issued_on, due_on, total_minor, note)
    = case when kind in ('invoice', 'bill') then 0 else 6 end) not valid;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(INVOICES)
    op.execute(LINES)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
