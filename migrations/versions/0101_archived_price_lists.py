"""A price list that is out of use is archived; its name is free for another one."""

from alembic import op

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    alter table specie.price_list add column state text not null default 'active'
        constraint price_list_state check (state in ('active', 'archived')
                                           and not (is_default and state = 'archived'))
    """)
    op.execute("""
    -- squawk-ignore require-concurrent-index-deletion
    drop index specie.price_list_name;
    -- squawk-ignore require-concurrent-index-creation
    create unique index price_list_name on specie.price_list (tenant_id, lower(name)) where state = 'active'
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
