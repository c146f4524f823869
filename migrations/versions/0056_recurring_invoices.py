"""Recurring invoices: what is charged every week, month or year, and which invoice each period got."""

from alembic import op

from migrations.helpers import protect

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

TABLES = """
create table specie.billing_recurring (
    tenant_id uuid not null,
    id uuid not null,
    customer_id uuid not null,
    currency text not null,
    state text not null check (state in ('active', 'paused', 'ended')),
    unit text not null check (unit in ('week', 'month', 'year')),
    every integer not null check (every between 1 and 60),
    starts_on date not null,
    ends_on date check (ends_on >= starts_on),
    next_period integer not null check (next_period >= 0),
    next_on date,
    handling text not null check (handling in ('draft', 'issue', 'mail')),
    reference text not null,
    note text not null,
    includes_tax boolean not null,
    due_days integer check (due_days between 0 and 366),
    lines jsonb not null,
    trouble text not null,
    version integer not null,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    -- What has ended has no next day, and what has not ended has one.
    constraint billing_recurring_next check ((state = 'ended') = (next_on is null))
);
create index billing_recurring_by_customer on specie.billing_recurring (tenant_id, customer_id);

-- The key is the promise: a period of a recurring invoice is charged once.
create table specie.billing_recurring_run (
    tenant_id uuid not null,
    recurring_id uuid not null,
    period integer not null,
    starts_on date not null,
    invoice_id uuid not null,
    made_at timestamptz not null,
    primary key (tenant_id, recurring_id, period),
    foreign key (tenant_id, recurring_id) references specie.billing_recurring (tenant_id, id)
);
create unique index billing_recurring_run_by_invoice on specie.billing_recurring_run (tenant_id, invoice_id);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("billing_recurring", grants="select, insert, update")
    protect("billing_recurring_run", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
