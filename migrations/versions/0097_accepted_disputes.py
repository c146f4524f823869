"""Who has given in to a dispute, and how far its provider has been told."""

from alembic import op

revision = "0097"
down_revision = "0096"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    alter table specie.payment_dispute
        add column accepted_at timestamptz,
        add column accepted_by text,
        -- Why the provider did not take it when it was last told.
        add column acceptance_failure text,
        add column acceptance_tries integer not null default 0,
        add column acceptance_leased_until timestamptz,
        -- squawk-ignore constraint-missing-not-valid
        add constraint payment_dispute_accepted check ((accepted_at is null) = (accepted_by is null));
    """)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
