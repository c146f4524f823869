"""How far each tenant's feed has been handed on to a message broker."""

from alembic import op

from migrations.helpers import protect, system_may

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.event_relay (
        tenant_id uuid primary key,
        last_n bigint not null check (last_n >= 0),
        -- Until then one worker alone hands this feed on; the fence tells its answer from that of a later one.
        leased_until timestamptz,
        fence bigint not null
    );
    """)
    protect("event_relay", grants="select")
    system_may("event_relay", "select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
