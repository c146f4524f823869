"""Exchange rates between currencies, each with the time from which it holds."""

from alembic import op

from migrations.helpers import protect

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.exchange_rate (
        tenant_id uuid not null,
        id uuid not null,
        base text not null,
        quote text not null,
        -- One unit of the base buys so many units of the quote.
        rate numeric(24, 12) not null check (rate > 0),
        -- The part of what a customer gets that the house keeps.
        spread numeric(10, 8) not null check (spread >= 0 and spread < 1),
        actor text not null,
        at timestamptz not null,
        primary key (tenant_id, id),
        check (base <> quote)
    );
    create index exchange_rate_by_pair on specie.exchange_rate
        (tenant_id, least(base, quote), greatest(base, quote), id desc);
    """)
    protect("exchange_rate", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
