"""Billing by mail: documents sent to customers, and reminders of invoices that are due."""

from alembic import op

from migrations.helpers import protect

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

TABLES = """
create table specie.billing_letter (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null check (kind in ('invoice', 'quote', 'reminder')),
    document_id uuid not null,
    customer_id uuid not null,
    step integer,
    state text not null check (state in ('queued', 'sent', 'given_up')),
    tries integer not null check (tries >= 0),
    error text not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (tenant_id, id),
    constraint billing_letter_step check ((kind = 'reminder') = (step is not null)),
    constraint billing_letter_ended check ((state = 'queued') = (ended_at is null))
);
create index billing_letter_by_document on specie.billing_letter (tenant_id, document_id, id);
-- Each step reminds of an invoice once, however many workers look at it.
create unique index billing_reminder_once on specie.billing_letter (tenant_id, document_id, step)
    where step is not null;

create table specie.billing_reminder_step (
    tenant_id uuid not null,
    days integer not null check (days between -60 and 365),
    words text not null,
    primary key (tenant_id, days)
);

create table specie.billing_reminder_run (
    tenant_id uuid primary key,
    next_on date not null
);

create table specie.billing_reminder_pause (
    tenant_id uuid not null,
    invoice_id uuid not null,
    primary key (tenant_id, invoice_id),
    foreign key (tenant_id, invoice_id) references specie.billing_invoice (tenant_id, id)
);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    for table in ("billing_letter", "billing_reminder_run"):
        protect(table, grants="select, insert, update")
    for table in ("billing_reminder_step", "billing_reminder_pause"):
        protect(table, grants="select, insert, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
