"""Routing: rules, what was chosen and why, methods switched off."""

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

    alter table specie.payment add column country text constraint payment_country check (country ~ '^[A-Z]{2}$');
    alter table specie.payment_attempt add column error_class text;
    alter table specie.payment_terms add column methods_off text[];
    -- squawk-ignore require-concurrent-index-creation
    create index attempt_by_connection on specie.payment_attempt (tenant_id, connection_id, updated_at);
    """)
    protect("payment_route", grants="select, insert, update, delete")
    protect("payment_route_choice", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
