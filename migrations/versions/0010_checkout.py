"""Checkout: hosted pages and the look-up from a page's token to its tenant."""

from alembic import op

from migrations.helpers import lookup, protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.checkout (
        tenant_id uuid not null,
        id uuid not null,
        payment_id uuid not null,
        token text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        primary key (tenant_id, id),
        constraint checkout_one_per_payment unique (tenant_id, payment_id),
        foreign key (tenant_id, payment_id) references specie.payment (tenant_id, id)
    );

    create table specie.checkout_token (
        token_digest bytea primary key check (length(token_digest) = 32),
        of_tenant uuid not null,
        checkout_id uuid not null
    );
    """)
    protect("checkout", grants="select, insert")
    lookup("checkout_token", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
