"""Requests: what callers asked and what they were answered, for those who write and support integrations."""

from alembic import op

from migrations.helpers import APP, AUDITOR, SYSTEM, protect, system_may

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.request_log (
        tenant_id uuid not null,
        id uuid not null,
        -- A caller that repeats a request may give it the same id again.
        request_id uuid not null,
        at timestamptz not null,
        method text not null,
        route text not null,
        path text not null,
        query text not null,
        status smallint not null,
        duration_ms integer not null,
        principal text not null,
        party_id uuid,
        idempotency_key text,
        replayed boolean not null,
        problem_code text,
        request_body text,
        response_body text,
        primary key (tenant_id, id)
    );
    create index request_by_id on specie.request_log (tenant_id, request_id);
    create index request_by_key on specie.request_log (tenant_id, idempotency_key) where idempotency_key is not null;
    -- Requests come in the order of their times: a few bytes for each hundred pages find those that are too old.
    create index request_by_age on specie.request_log using brin (at);
    """)
    protect("request_log", grants="select, insert")
    system_may("request_log", "select, delete")
    # Readiness compares the schema with the program, as the role that serves.
    op.execute(f"grant select on specie.schema_version to {APP}, {SYSTEM}, {AUDITOR}")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
