"""Ledger: signed checkpoints over the chains of all tenants, and what an inclusion proof looks up."""

from alembic import op

from migrations.helpers import SYSTEM, lookup, protect, system_may

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    -- Public by intent: it holds nothing but hashes, and copies of it outside are what makes it worth something.
    create table specie.ledger_checkpoint (
        number bigint not null primary key,
        made_at timestamptz not null,
        previous_hash bytea not null constraint checkpoint_follows_once unique,
        leaves bytea not null,
        public_key bytea not null,
        signature bytea not null
    );
    -- The blocks of a tenant that a checkpoint covers, and the place of their leaf in it.
    create table specie.ledger_checkpoint_part (
        tenant_id uuid not null,
        number bigint not null,
        position integer not null,
        first_block bigint not null,
        last_block bigint not null,
        primary key (tenant_id, number)
    );
    -- Finds the block of a numbered event.
    -- Built while nothing else writes.
    -- squawk-ignore require-concurrent-index-creation
    create index block_by_last_n on specie.ledger_block (tenant_id, last_n);
    """)
    lookup("ledger_checkpoint", grants="select")
    op.execute(f"grant insert on specie.ledger_checkpoint to {SYSTEM}")
    protect("ledger_checkpoint_part", grants="select")
    system_may("ledger_checkpoint_part", "select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
