"""Audit: who did what, numbered and chained after the commit."""

from alembic import op

from migrations.helpers import protect, system_may

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.audit (
        tenant_id uuid not null,
        id uuid not null,
        at timestamptz not null,
        actor text not null,
        action text not null check (action <> ''),
        subject_kind text not null,
        subject_id text not null,
        -- Text, not jsonb: the seal is over these very bytes.
        before text check (before is json),
        after text check (after is json),
        reason text,
        request_id uuid not null,
        session_id uuid,
        idempotency_key text,
        txid xid8 not null default pg_current_xact_id(),
        primary key (tenant_id, id)
    );
    create index audit_by_subject on specie.audit (tenant_id, subject_kind, subject_id, id);
    create index audit_by_actor on specie.audit (tenant_id, actor, id);
    create index audit_by_action on specie.audit (tenant_id, action, id);

    -- What the sealer has still to number: a row leaves it in the commit of its seal.
    create table specie.audit_pending (
        tenant_id uuid not null,
        audit_id uuid not null,
        primary key (tenant_id, audit_id)
    );

    create table specie.audit_seal (
        tenant_id uuid not null,
        n bigint not null check (n > 0),
        audit_id uuid not null,
        prev_hash bytea not null check (length(prev_hash) = 32),
        hash bytea not null check (length(hash) = 32),
        primary key (tenant_id, n),
        constraint audit_seal_once unique (tenant_id, audit_id),
        constraint audit_seal_one_successor unique (tenant_id, prev_hash)
    );

    create table specie.audit_head (
        tenant_id uuid primary key,
        n bigint not null check (n > 0),
        hash bytea not null check (length(hash) = 32)
    );
    """)
    protect("audit", grants="select, insert")
    system_may("audit", "select")
    protect("audit_pending", grants="select, insert")
    system_may("audit_pending", "select, delete")
    protect("audit_seal", grants="select")
    system_may("audit_seal", "select, insert")
    protect("audit_head", grants="select")
    system_may("audit_head", "select, insert, update")
    # Row locks taken while claiming need the update right on one column, and nothing is ever updated.
    op.execute("grant update (audit_id) on specie.audit_pending to specie_system")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
