"""Suppliers are paid by payouts: what is on its way for which bills."""

from alembic import op

from migrations.helpers import protect

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

TABLES = """
create table specie.payables_payout (
    tenant_id uuid not null,
    id uuid not null,
    payout_id uuid not null,
    supplier_id uuid not null,
    currency text not null,
    amount_minor bigint not null check (amount_minor > 0),
    state text not null check (state in ('under_way', 'paid', 'failed', 'returned')),
    asked_on date not null,
    ended_on date,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint payables_payout_once unique (tenant_id, payout_id),
    constraint payables_payout_ended check ((state = 'under_way') = (ended_on is null))
);
create index payables_payout_by_supplier on specie.payables_payout (tenant_id, supplier_id, id);

-- What of a payout is for which bill. `back_entry_id` gave it back to the bill, when the money did not stay away.
create table specie.payables_payout_bill (
    tenant_id uuid not null,
    supplier_payout_id uuid not null,
    bill_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    entry_id uuid not null,
    back_entry_id uuid,
    primary key (tenant_id, supplier_payout_id, bill_id),
    foreign key (tenant_id, supplier_payout_id) references specie.payables_payout (tenant_id, id),
    foreign key (tenant_id, bill_id) references specie.payables_bill (tenant_id, id)
);
create index payables_payout_bill_by_bill on specie.payables_payout_bill (tenant_id, bill_id);

-- The list grows; every row there satisfies the longer one.
-- squawk-ignore ban-drop-constraint
alter table specie.payables_bill drop constraint payables_bill_state_check;
alter table specie.payables_bill add constraint payables_bill_state_check
    check (state in ('held', 'rejected', 'open', 'part_paid', 'paying', 'paid', 'void')) not valid;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("payables_payout", grants="select, insert")
    protect("payables_payout_bill", grants="select, insert")
    op.execute("grant update (state, ended_on) on specie.payables_payout to specie_app")
    op.execute("grant update (back_entry_id) on specie.payables_payout_bill to specie_app")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
