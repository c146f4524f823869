"""Installments: plans, orders, the lines of their schedules, and what belongs to them."""

from alembic import op

from migrations.helpers import protect

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.installment_plan (
        tenant_id uuid not null,
        id uuid not null,
        merchant_id uuid not null,
        name text not null,
        currency text not null,
        terms jsonb not null,
        is_active boolean not null,
        version integer not null check (version > 0),
        created_at timestamptz not null,
        primary key (tenant_id, id)
    );
    create index installment_plan_by_merchant on specie.installment_plan (tenant_id, merchant_id, id);

    create table specie.installment_order (
        tenant_id uuid not null,
        id uuid not null,
        plan_id uuid not null,
        merchant_id uuid not null,
        customer_id uuid not null,
        reference text not null,
        title text not null,
        currency text not null,
        amount_minor bigint not null check (amount_minor > 0),
        terms jsonb not null,
        state text not null
            check (state in ('offered', 'active', 'paid', 'cancelled', 'expired', 'charged_off')),
        version integer not null check (version > 0),
        schedule integer not null check (schedule >= 0),
        created_at timestamptz not null,
        expires_at timestamptz not null,
        starts_on date,
        principal_account_id uuid,
        interest_account_id uuid,
        fee_account_id uuid,
        penalty_account_id uuid,
        unearned_account_id uuid,
        line_account_id uuid,
        source_account_id uuid,
        returnable_account_id uuid,
        written_off_account_id uuid,
        consent jsonb,
        earned_through date,
        act_on date,
        paused_until date,
        tries integer not null check (tries >= 0),
        bucket integer not null check (bucket >= 0),
        ended_at timestamptz,
        primary key (tenant_id, id),
        constraint installment_reference_once unique (tenant_id, merchant_id, reference),
        foreign key (tenant_id, plan_id) references specie.installment_plan (tenant_id, id),
        check ((state in ('active', 'paid', 'charged_off')) = (consent is not null)),
        check ((consent is not null) = (principal_account_id is not null)),
        check ((state = 'active') = (act_on is not null))
    );
    create index installment_order_to_act on specie.installment_order (tenant_id, act_on, id) where act_on is not null;
    create index installment_order_by_merchant on specie.installment_order (tenant_id, merchant_id, id);
    create index installment_order_by_customer on specie.installment_order (tenant_id, customer_id, id);
    create index installment_order_offered on specie.installment_order (tenant_id, expires_at)
        where state = 'offered';
    create index installment_order_late on specie.installment_order (tenant_id, bucket) where bucket > 0;

    create table specie.installment_schedule (
        tenant_id uuid not null,
        order_id uuid not null,
        schedule integer not null check (schedule > 0),
        reason text not null
            check (reason in ('booked', 'prepaid', 'returned', 'rescheduled', 'paid_off', 'moved')),
        made_at timestamptz not null,
        actor text not null,
        primary key (tenant_id, order_id, schedule),
        foreign key (tenant_id, order_id) references specie.installment_order (tenant_id, id)
    );

    create table specie.installment_line (
        tenant_id uuid not null,
        order_id uuid not null,
        schedule integer not null,
        n integer not null check (n > 0),
        kind text not null check (kind in ('down_payment', 'part', 'prepayment', 'arrears', 'payoff')),
        due_on date not null,
        principal_minor bigint not null check (principal_minor >= 0),
        interest_minor bigint not null check (interest_minor >= 0),
        fee_minor bigint not null check (fee_minor >= 0),
        primary key (tenant_id, order_id, schedule, n),
        foreign key (tenant_id, order_id, schedule)
            references specie.installment_schedule (tenant_id, order_id, schedule)
    );

    create table specie.installment_entry (
        tenant_id uuid not null,
        order_id uuid not null,
        entry_id uuid not null,
        merchant_id uuid not null,
        kind text not null,
        business_date date not null,
        primary key (tenant_id, order_id, entry_id)
    );
    create index installment_entry_by_day on specie.installment_entry (tenant_id, merchant_id, business_date);

    create table specie.installment_late_fee (
        tenant_id uuid not null,
        order_id uuid not null,
        due_on date not null,
        amount_minor bigint not null check (amount_minor > 0),
        charged_on date not null,
        primary key (tenant_id, order_id, due_on),
        foreign key (tenant_id, order_id) references specie.installment_order (tenant_id, id)
    );

    create table specie.installment_pause (
        tenant_id uuid not null,
        order_id uuid not null,
        from_on date not null,
        until_on date not null,
        primary key (tenant_id, order_id, from_on),
        foreign key (tenant_id, order_id) references specie.installment_order (tenant_id, id),
        check (until_on > from_on)
    );

    create table specie.installment_return (
        tenant_id uuid not null,
        id uuid not null,
        order_id uuid not null,
        amount_minor bigint not null check (amount_minor > 0),
        lowered_minor bigint not null check (lowered_minor >= 0),
        excess_minor bigint not null check (excess_minor >= 0),
        reason text not null,
        returned_at timestamptz not null,
        primary key (tenant_id, id),
        foreign key (tenant_id, order_id) references specie.installment_order (tenant_id, id),
        check (lowered_minor + excess_minor = amount_minor)
    );
    create index installment_return_by_order on specie.installment_return (tenant_id, order_id);

    create table specie.installment_quote (
        tenant_id uuid not null,
        id uuid not null,
        order_id uuid not null,
        order_version integer not null,
        valid_on date not null,
        principal_minor bigint not null check (principal_minor >= 0),
        interest_minor bigint not null check (interest_minor >= 0),
        fee_minor bigint not null check (fee_minor >= 0),
        penalty_minor bigint not null check (penalty_minor >= 0),
        rebate_minor bigint not null check (rebate_minor >= 0),
        given_back_minor bigint not null check (given_back_minor >= 0),
        primary key (tenant_id, id),
        foreign key (tenant_id, order_id) references specie.installment_order (tenant_id, id)
    );

    -- The last business day whose run is complete; one row for each tenant with running orders.
    create table specie.installment_day (
        tenant_id uuid primary key,
        day date not null
    );
    """)
    protect("installment_plan", grants="select, insert, update")
    protect("installment_order", grants="select, insert, update")
    protect("installment_day", grants="select, insert, update")
    protect("installment_schedule", grants="select, insert")
    protect("installment_line", grants="select, insert")
    protect("installment_entry", grants="select, insert")
    protect("installment_late_fee", grants="select, insert")
    protect("installment_pause", grants="select, insert")
    protect("installment_return", grants="select, insert")
    protect("installment_quote", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
