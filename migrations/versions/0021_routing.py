"""Routing: rules, what was chosen and why, methods switched off, disputes."""

from alembic import op

from migrations.helpers import protect

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.payment_route (
        tenant_id uuid not null,
        id uuid not null,
        connection_id uuid not null,
        position integer not null constraint route_position check (position between 0 and 1000),
        weight integer not null constraint route_weight check (weight between 1 and 1000),
        method text,
        currency text,
        country text constraint route_country check (country ~ '^[A-Z]{2}$'),
        min_minor bigint,
        max_minor bigint,
        is_active boolean not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant_id, id),
        constraint route_bounds check (max_minor is null or max_minor >= coalesce(min_minor, 0)),
        -- An amount means nothing without its currency.
        constraint route_amount_has_currency check (currency is not null or (min_minor is null and max_minor is null)),
        foreign key (tenant_id, connection_id) references specie.provider_connection (tenant_id, id)
    );
    create table specie.payment_route_choice (
        tenant_id uuid not null,
        attempt_id uuid not null,
        payment_id uuid not null,
        connection_id uuid not null,
        reason text not null,
        considered jsonb not null,
        at timestamptz not null,
        primary key (tenant_id, attempt_id),
        foreign key (tenant_id, attempt_id) references specie.payment_attempt (tenant_id, id)
    );
    create index route_choice_by_payment on specie.payment_route_choice (tenant_id, payment_id);

    create table specie.payment_dispute (
        tenant_id uuid not null,
        id uuid not null,
        payment_id uuid not null,
        merchant_id uuid not null,
        attempt_id uuid not null,
        connection_id uuid not null,
        provider_ref text not null,
        amount_minor bigint not null constraint dispute_amount_positive check (amount_minor > 0),
        fee_minor bigint not null constraint dispute_fee_not_negative check (fee_minor >= 0),
        currency text not null,
        reason text not null,
        state text not null,
        is_from_pending boolean not null,
        account_id uuid not null,
        evidence text,
        evidence_by text,
        opened_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant_id, id),
        -- A provider's dispute is one row, whoever tells of it and however often.
        constraint dispute_once unique (tenant_id, connection_id, provider_ref),
        foreign key (tenant_id, payment_id) references specie.payment (tenant_id, id)
    );
    create index dispute_by_payment on specie.payment_dispute (tenant_id, payment_id);
    create trigger dispute_keeps_to_edges before insert or update of state on specie.payment_dispute
        for each row execute function specie.hold_to_edges('dispute');
    insert into specie.payment_edge (machine, from_state, to_state) values
        ('dispute', 'created', 'won'), ('dispute', 'created', 'lost');

    alter table specie.payment add column country text constraint payment_country check (country ~ '^[A-Z]{2}$');
    alter table specie.payment_attempt add column error_class text;
    alter table specie.payment_terms add column methods_off text[];
    -- squawk-ignore require-concurrent-index-creation
    create index attempt_by_connection on specie.payment_attempt (tenant_id, connection_id, updated_at);
    """)
    protect("payment_route", grants="select, insert, update, delete")
    protect("payment_dispute", grants="select, insert, update")
    protect("payment_route_choice", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
