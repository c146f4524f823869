"""A report of a period reads the documents and postings of that period, not all there ever were.

A bill says since when it is owed: it may have been held, so that is the day of its entry and not the day on it. The
entry is posted before the bill is written, so that processes of the release before need not know.
"""

from alembic import op

from migrations.helpers import for_each_tenant

revision = "0131"
down_revision = "0130"
branch_labels = None
depends_on = None

OWED_ON = """
alter table specie.payables_bill add column owed_on date;

create function specie.payables_bill_owed_on() returns trigger
    language plpgsql set search_path = specie, pg_temp
as $$
begin
    select e.business_date into new.owed_on from journal_entry e
     where e.tenant_id = new.tenant_id and e.id = new.entry_id;
    return new;
end $$;

create trigger payables_bill_owed_on before insert or update on specie.payables_bill
    for each row when (new.entry_id is not null and new.owed_on is null)
    execute function specie.payables_bill_owed_on();
"""
# Days of postings grow with their places: a few summaries find those of a period, and cost a posting next to nothing.
INDEXES = """
-- squawk-ignore require-concurrent-index-creation
create index payables_bill_by_day on specie.payables_bill (tenant_id, owed_on) where owed_on is not null;
-- squawk-ignore require-concurrent-index-creation
create index payables_debit_note_by_day on specie.payables_debit_note (tenant_id, issued_on);
-- squawk-ignore require-concurrent-index-creation
create index billing_invoice_by_day on specie.billing_invoice (tenant_id, issued_on) where issued_on is not null;
-- squawk-ignore require-concurrent-index-creation
create index billing_credit_note_by_day on specie.billing_credit_note (tenant_id, issued_on);
-- squawk-ignore require-concurrent-index-creation
create index posting_by_day on specie.posting using brin (business_date) with (autosummarize = on);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(OWED_ON)
    for_each_tenant("""
    update specie.payables_bill b set owed_on = e.business_date
      from specie.journal_entry e
     where b.tenant_id = tenant and e.tenant_id = tenant and e.id = b.entry_id
    """)
    op.execute(INDEXES)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
