"""Platform: the tenant of a transaction, idempotency, due work, clocks, the job queue."""

from alembic import op
from procrastinate.schema import SchemaManager

from migrations.helpers import lookup, protect, system_may

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    -- After a transaction the setting is an empty text on a pooled connection, not null.
    create function specie.app_tenant() returns uuid language sql stable parallel safe as
      $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;

    create table specie.idempotency (
        tenant_id uuid not null,
        principal text not null,
        key text not null check (length(key) between 1 and 255),
        fingerprint jsonb not null,
        status smallint not null,
        media_type text not null,
        body text not null,
        request_id uuid not null,
        created_at timestamptz not null,
        primary key (tenant_id, principal, key)
    );

    create table specie.due (
        tenant_id uuid not null,
        seq bigint generated always as identity,
        due_at timestamptz not null,
        kind text not null,
        payload jsonb not null,
        primary key (tenant_id, seq)
    );
    create index due_by_time on specie.due (due_at, seq);
    create index due_by_tenant on specie.due (tenant_id, due_at, seq);

    create table specie.tenant_clock (
        tenant_id uuid primary key,
        offset_seconds bigint not null default 0 check (offset_seconds >= 0)
    );
    """)
    protect("idempotency", grants="select, insert")
    protect("due", grants="select, insert, update, delete")
    system_may("due", "select, update, delete")
    protect("tenant_clock", grants="select, insert, update")
    system_may("tenant_clock", "select")
    create_rate_buckets()
    create_job_queue()


def create_rate_buckets() -> None:
    op.execute("""
    -- Unlogged: a crash empties it, which only lets a caller start with a full bucket.
    create unlogged table specie.rate_bucket (
        key text primary key,
        tokens_milli bigint not null,
        updated_at timestamptz not null
    );
    """)
    lookup("rate_bucket", grants="select, insert, update, delete")


def create_job_queue() -> None:
    # The queue's own schema text names its tables without a schema, so they land in the first of the path.
    op.execute("set local search_path = jobs, specie")
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("""
    grant select, insert, update, delete on all tables in schema jobs to specie_app, specie_system;
    grant usage, select on all sequences in schema jobs to specie_app, specie_system;
    grant execute on all functions in schema jobs to specie_app, specie_system;
    grant select on all tables in schema jobs to specie_auditor;
    set local search_path = specie, jobs
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
