"""Closing of periods: up to which business date the books take no more entries."""

from alembic import op

from migrations.helpers import protect

revision = "0026"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.period_closing (
        tenant_id uuid not null,
        id uuid not null,
        -- Null: nothing is closed any more.
        closed_through date,
        reason text not null,
        actor text not null,
        at timestamptz not null,
        primary key (tenant_id, id)
    );
    """)
    protect("period_closing", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
