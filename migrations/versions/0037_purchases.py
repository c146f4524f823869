"""Purchases: one total paid by several tenders, and what was given back of it."""

from alembic import op

from migrations.helpers import protect

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLES = """
-- Wider than before, so the rows that are there need no validating.
-- squawk-ignore ban-drop-constraint
alter table specie.cashback_purchase drop constraint cashback_purchase_source_check;
alter table specie.cashback_purchase
    add constraint cashback_purchase_source_check check (source in ('feed', 'payment', 'checkout')) not valid;

create table specie.purchase (
    tenant_id uuid not null,
    id uuid not null,
    merchant_id uuid not null,
    customer_id uuid not null,
    reference text not null check (reference <> ''),
    title text not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    state text not null check (state in ('open', 'held', 'completed', 'cancelled', 'expired')),
    attempt integer not null check (attempt >= 0),
    failure text,
    version integer not null check (version > 0),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    completed_at timestamptz,
    entry_id uuid,
    returnable_account_id uuid,
    primary key (tenant_id, id),
    constraint purchase_reference_once unique (tenant_id, merchant_id, reference),
    check (merchant_id <> customer_id),
    check ((state = 'completed') = (completed_at is not null)),
    check ((state = 'completed') = (entry_id is not null)),
    check ((state = 'completed') = (returnable_account_id is not null)),
    check (attempt > 0 or state not in ('held', 'completed'))
);
create index purchase_by_merchant on specie.purchase (tenant_id, merchant_id, id);
create index purchase_by_customer on specie.purchase (tenant_id, customer_id, id);

create table specie.purchase_leg (
    tenant_id uuid not null,
    purchase_id uuid not null,
    attempt integer not null check (attempt > 0),
    n integer not null check (n > 0),
    kind text not null check (kind in ('cashback', 'wallet', 'installments', 'provider')),
    amount_minor bigint not null check (amount_minor > 0),
    -- What pays: a wallet with its hold, an installment order with the holds of its down payment, or a payment.
    wallet_id uuid,
    hold_ids uuid[] not null,
    order_id uuid,
    payment_id uuid,
    entry_id uuid,
    primary key (tenant_id, purchase_id, attempt, n),
    foreign key (tenant_id, purchase_id) references specie.purchase (tenant_id, id),
    check ((kind in ('cashback', 'wallet')) = (wallet_id is not null)),
    check ((kind = 'installments') = (order_id is not null)),
    check ((kind = 'provider') = (payment_id is not null))
);
create unique index purchase_leg_of_payment on specie.purchase_leg (tenant_id, payment_id)
    where payment_id is not null;

create table specie.purchase_refund (
    tenant_id uuid not null,
    id uuid not null,
    purchase_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    -- Cashback that the purchase had earned and that was taken back with this refund.
    taken_back_minor bigint not null check (taken_back_minor >= 0),
    reason text not null,
    created_at timestamptz not null,
    created_by text not null,
    entry_id uuid not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, purchase_id) references specie.purchase (tenant_id, id)
);
create index purchase_refund_by_purchase on specie.purchase_refund (tenant_id, purchase_id, id);

create table specie.purchase_refund_leg (
    tenant_id uuid not null,
    refund_id uuid not null,
    n integer not null check (n > 0),
    amount_minor bigint not null check (amount_minor > 0),
    entry_id uuid not null,
    -- The refund at the provider, for what a provider collected.
    payment_refund_id uuid,
    primary key (tenant_id, refund_id, n),
    foreign key (tenant_id, refund_id) references specie.purchase_refund (tenant_id, id)
);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    for table in ("purchase", "purchase_leg"):
        protect(table, grants="select, insert, update")
    protect("purchase_refund", grants="select, insert")
    protect("purchase_refund_leg", grants="select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
