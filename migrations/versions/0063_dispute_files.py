"""Files that speak for a merchant in a dispute, and when the evidence was handed in."""

from alembic import op

from migrations.helpers import protect

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    alter table specie.payment_dispute
        add column submitted_at timestamptz,
        add column submitted_by text,
        -- squawk-ignore constraint-missing-not-valid
        add constraint payment_dispute_submitted check ((submitted_at is null) = (submitted_by is null));

    create table specie.payment_dispute_file (
        tenant_id uuid not null,
        id uuid not null,
        dispute_id uuid not null,
        name bytea not null,
        media_type text not null check (media_type in ('image/jpeg', 'image/png', 'application/pdf')),
        size_bytes integer not null check (size_bytes > 0),
        storage_key text not null,
        created_at timestamptz not null,
        created_by text not null,
        primary key (tenant_id, id),
        foreign key (tenant_id, dispute_id) references specie.payment_dispute (tenant_id, id)
    );
    create index payment_dispute_file_by_dispute on specie.payment_dispute_file (tenant_id, dispute_id, id);
    """)
    protect("payment_dispute_file", grants="select, insert, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
