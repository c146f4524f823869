"""Owners stop what leaves their wallets; payments are found by amount and by their customer's e-mail address."""

from alembic import op

from migrations.helpers import APP

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # A stop of its own, so that neither side can take the other's away by setting its own.
    op.execute("alter table specie.account add column owner_frozen boolean not null default false")
    op.execute(f"grant update (owner_frozen) on specie.account to {APP}")
    # Built while nothing else writes, as every index so far; addresses known before are not found by this one.
    op.execute("""
    alter table specie.payment add column customer_email_index bytea;
    -- squawk-ignore require-concurrent-index-creation
    create index payment_by_customer_email on specie.payment (tenant_id, customer_email_index, id)
        where customer_email_index is not null;
    -- squawk-ignore require-concurrent-index-creation
    create index payment_by_amount on specie.payment (tenant_id, amount_minor, id);
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
