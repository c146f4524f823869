"""Webhooks: endpoints, how far the feed has been read for them, deliveries and their attempts."""

from alembic import op

from migrations.helpers import protect, system_may

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.webhook_endpoint (
        tenant_id uuid not null,
        id uuid not null,
        party_id uuid,
        url text not null,
        description text not null,
        types text[] not null check (cardinality(types) > 0),
        state text not null check (state in ('enabled', 'paused', 'disabled', 'deleted')),
        disabled_reason text check (disabled_reason in ('gone', 'failing')),
        -- The first event that was not kept for it while it was disabled.
        missed_from_n bigint,
        version integer not null,
        secret bytea not null,
        previous_secret bytea,
        previous_secret_until timestamptz,
        consecutive_failures integer not null default 0,
        failing_since timestamptz,
        warned_at timestamptz,
        open_until timestamptz,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant_id, id),
        check ((state = 'disabled') = (disabled_reason is not null)),
        check ((previous_secret is null) = (previous_secret_until is null))
    );

    create table specie.webhook_position (
        tenant_id uuid primary key,
        last_n bigint not null check (last_n >= 0)
    );

    create table specie.webhook_delivery (
        tenant_id uuid not null,
        id uuid not null,
        endpoint_id uuid not null,
        event_id uuid not null,
        event_type text not null,
        -- Null for an example, which is not in the feed.
        n bigint,
        -- Sent as it stands on every attempt.
        body text not null,
        state text not null check (state in ('pending', 'sending', 'delivered', 'dead')),
        -- Position in the schedule of retries; starts again when somebody resends.
        step integer not null default 0,
        -- All attempts ever. It grows with each claim, and so is also the fence of the claim.
        attempts integer not null default 0,
        next_at timestamptz,
        lease_until timestamptz,
        last_status integer,
        last_error text,
        created_at timestamptz not null,
        finished_at timestamptz,
        primary key (tenant_id, id),
        constraint webhook_delivery_once unique (tenant_id, event_id, endpoint_id),
        foreign key (tenant_id, endpoint_id) references specie.webhook_endpoint (tenant_id, id),
        check ((state = 'pending') = (next_at is not null)),
        check ((state = 'sending') = (lease_until is not null)),
        check ((state in ('delivered', 'dead')) = (finished_at is not null))
    );
    create index webhook_delivery_pending on specie.webhook_delivery (tenant_id, endpoint_id, next_at, id)
        where state = 'pending';
    create index webhook_delivery_sending on specie.webhook_delivery (tenant_id, endpoint_id, lease_until)
        where state = 'sending';
    create index webhook_delivery_dead on specie.webhook_delivery (tenant_id, id) where state = 'dead';
    create index webhook_delivery_by_endpoint on specie.webhook_delivery (tenant_id, endpoint_id, id);

    create table specie.webhook_attempt (
        tenant_id uuid not null,
        delivery_id uuid not null,
        number integer not null check (number > 0),
        endpoint_id uuid not null,
        started_at timestamptz not null,
        -- What follows is null until the result is recorded, and stays so when the process died before.
        finished_at timestamptz,
        url text,
        request_headers jsonb,
        body_hash bytea,
        status integer,
        answer text,
        latency_ms integer,
        error text,
        primary key (tenant_id, delivery_id, number),
        foreign key (tenant_id, delivery_id) references specie.webhook_delivery (tenant_id, id)
    );
    create index webhook_attempt_by_endpoint on specie.webhook_attempt (tenant_id, endpoint_id, started_at);
    """)
    protect("webhook_endpoint", grants="select, insert, update")
    system_may("webhook_endpoint", "select, update")
    protect("webhook_position", grants="select")
    system_may("webhook_position", "select, insert, update")
    protect("webhook_delivery", grants="select, insert, update")
    system_may("webhook_delivery", "select, insert, update")
    protect("webhook_attempt", grants="select")
    system_may("webhook_attempt", "select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
