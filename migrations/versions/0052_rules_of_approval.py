"""Kinds of decisions that always need a second person, whatever their size."""

from alembic import op

from migrations.helpers import protect

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.approval_rule (
        tenant_id uuid not null,
        kind text not null check (kind <> ''),
        set_at timestamptz not null,
        primary key (tenant_id, kind)
    );
    """)
    protect("approval_rule", grants="select, insert, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
