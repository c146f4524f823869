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
    -- A queue whose rows live for a moment: clean up by number, not by share.
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
    -- Repeats what the feed filters by, so that those indexes cost the publisher and not the money's commit.
    create table specie.event_number (
        tenant_id uuid not null,
        n bigint not null check (n > 0),
        event_id uuid not null,
        type text not null,
        subject_id text not null,
        party_id uuid,
        primary key (tenant_id, n),
        constraint event_numbered_once unique (tenant_id, event_id)
    );
    create index event_number_by_subject on specie.event_number (tenant_id, subject_id, n);
    create index event_number_by_party on specie.event_number (tenant_id, party_id, n) where party_id is not null;
    create table specie.event_head (
        tenant_id uuid not null primary key,
        last_n bigint not null check (last_n > 0)
    );
    """)
    protect("event", grants="select, insert")
    system_may("event", "select")
    protect("event_unnumbered", grants="select, insert")
    system_may("event_unnumbered", "select, delete")
    protect("event_number", grants="select")
    system_may("event_number", "select, insert")
    protect("event_head", grants="select")
    system_may("event_head", "select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
