"""Events: facts, their queue of numbering, their numbers."""

from alembic import op

from migrations.helpers import protect, system_may

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.event (
        tenant_id uuid not null,
        id uuid not null,
        type text not null,
        schema_version smallint not null,
        subject_kind text not null,
        subject_id text not null,
        subject_version integer not null,
        data jsonb not null,
        party_id uuid,
        actor text not null,
        request_id uuid not null,
        occurred_at timestamptz not null,
        recorded_at timestamptz not null,
        primary key (tenant_id, id)
    );
    create table specie.event_unnumbered (
        tenant_id uuid not null,
        seq bigint generated always as identity,
        event_id uuid not null,
        primary key (seq)
    );
    create table specie.event_number (
        tenant_id uuid not null,
        n bigint not null,
        event_id uuid not null,
        primary key (tenant_id, n)
    );
    create table specie.event_head (
        tenant_id uuid not null primary key,
        last_n bigint not null
    );
    """)
    protect("event", grants="select, insert")
    system_may("event", "select")
    protect("event_unnumbered", grants="select, insert")
    system_may("event_unnumbered", "select, update, delete")
    protect("event_number", grants="select")
    system_may("event_number", "select, insert")
    protect("event_head", grants="select")
    system_may("event_head", "select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
