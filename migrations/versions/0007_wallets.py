"""Wallets: purses of a party, holds, scheduled transfers, limits by tier."""

from alembic import op

from migrations.helpers import protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("""
    create table specie.wallet (
        tenant_id uuid not null,
        id uuid not null,
        party_id uuid not null,
        currency text not null,
        exponent smallint not null,
        purpose text not null constraint wallet_purpose_form check (purpose ~ '^[a-z0-9_-]{1,40}$'),
        draw_order integer not null,
        available_account_id uuid not null,
        pending_account_id uuid not null,
        source_account_id uuid,
        day_account_id uuid,
        month_account_id uuid,
        room_account_id uuid,
        per_item_minor bigint constraint wallet_per_item_positive check (per_item_minor > 0),
        version integer not null,
        opened_at timestamptz not null,
        primary key (tenant_id, id),
        constraint wallet_once unique (tenant_id, party_id, currency, purpose),
        constraint wallet_limits_whole check (
            num_nulls(source_account_id, day_account_id, month_account_id, room_account_id) in (0, 4))
    );
    create unique index wallet_by_account on specie.wallet (tenant_id, available_account_id);

    create table specie.hold (
        tenant_id uuid not null,
        id uuid not null,
        wallet_id uuid not null,
        account_id uuid not null,
        amount_minor bigint not null constraint hold_amount_positive check (amount_minor > 0),
        state text not null constraint hold_state_known
            check (state in ('held', 'captured', 'released', 'expired')),
        reason text not null,
        expires_at timestamptz,
        version integer not null,
        primary key (tenant_id, id),
        constraint hold_of_wallet foreign key (tenant_id, wallet_id) references specie.wallet (tenant_id, id)
    );
    create index hold_open on specie.hold (tenant_id, wallet_id) where state = 'held';

    create table specie.scheduled_transfer (
        tenant_id uuid not null,
        id uuid not null,
        from_wallet_id uuid not null,
        to_wallet_id uuid not null,
        amount_minor bigint not null constraint transfer_amount_positive check (amount_minor > 0),
        due_at timestamptz not null,
        state text not null constraint transfer_state_known
            check (state in ('scheduled', 'completed', 'failed', 'cancelled')),
        entry_id uuid,
        failure text,
        version integer not null,
        primary key (tenant_id, id),
        constraint transfer_from foreign key (tenant_id, from_wallet_id) references specie.wallet (tenant_id, id),
        constraint transfer_to foreign key (tenant_id, to_wallet_id) references specie.wallet (tenant_id, id),
        constraint transfer_two_wallets check (from_wallet_id <> to_wallet_id)
    );
    create index transfer_by_sender on specie.scheduled_transfer (tenant_id, from_wallet_id, id);

    create table specie.limit_policy (
        tenant_id uuid not null,
        tier text not null,
        currency text not null,
        per_item_minor bigint constraint limit_item_positive check (per_item_minor > 0),
        per_day_minor bigint constraint limit_day_positive check (per_day_minor > 0),
        per_month_minor bigint constraint limit_month_positive check (per_month_minor > 0),
        balance_minor bigint constraint limit_balance_positive check (balance_minor > 0),
        primary key (tenant_id, tier, currency)
    );
    """)
    protect("wallet", grants="select, insert, update")
    protect("hold", grants="select, insert, update")
    protect("scheduled_transfer", grants="select, insert, update")
    protect("limit_policy", grants="select, insert, update, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
