"""Finding a customer again among payments; what an inviter called somebody who has not come yet."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    -- Keyed hashes of what a merchant told of its customer, by which an erasure finds it.
    alter table specie.payment add column customer_phone_index bytea;
    -- Built while nothing else writes.
    -- squawk-ignore require-concurrent-index-creation
    create index payment_by_customer_phone on specie.payment (tenant_id, customer_phone_index)
        where customer_phone_index is not null;

    -- Set while somebody with an account elsewhere has not logged in here: until then they are called what the
    -- inviter typed, sealed like their own name.
    alter table specie.membership add column invited_name bytea;
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
