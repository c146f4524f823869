"""Providers: connections, callback addresses, the inbox."""

from alembic import op

from migrations.helpers import lookup, protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.provider_connection (
        tenant_id uuid not null,
        id uuid not null,
        provider text not null,
        name text not null check (name <> ''),
        active boolean not null,
        priority integer not null,
        timeout_ms integer not null constraint connection_timeout check (timeout_ms between 100 and 60000),
        sealed_key bytea not null,
        sealed_credentials bytea not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant_id, id)
    );

    -- Read before a tenant is known: only a digest of the address's secret part.
    create table specie.callback_path (
        token_digest bytea primary key check (length(token_digest) = 32),
        of_tenant uuid not null,
        connection_id uuid not null
    );

    create table specie.provider_callback (
        tenant_id uuid not null,
        id uuid not null,
        connection_id uuid not null,
        event_key text not null,
        method text not null,
        received_at timestamptz not null,
        stored_at timestamptz not null,
        size_bytes integer not null,
        body_sha256 bytea not null check (length(body_sha256) = 32),
        sealed_body bytea,
        sealed_envelope bytea,
        state text not null constraint callback_state_known
            check (state in ('received', 'processed', 'ignored', 'parked', 'dead')),
        reason text,
        attempts integer not null default 0,
        facts jsonb not null,
        processed_at timestamptz,
        primary key (tenant_id, id),
        constraint callback_once unique (tenant_id, connection_id, event_key),
        constraint callback_has_reason check (state not in ('ignored', 'parked', 'dead') or reason is not null),
        foreign key (tenant_id, connection_id) references specie.provider_connection (tenant_id, id)
    );
    create index callback_by_state on specie.provider_callback (tenant_id, state, id);
    create index callback_by_reference on specie.provider_callback using gin (facts jsonb_path_ops);
    """)
    protect("provider_connection", grants="select, insert, update")
    protect("provider_callback", grants="select, insert, update")
    lookup("callback_path", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
