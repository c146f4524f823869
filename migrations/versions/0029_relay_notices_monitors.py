"""The feed handed on to a message broker, notices to people, monitors of balances, indexes of the dashboard."""

from alembic import op

from migrations.helpers import APP, protect, system_may

revision = "0029"
down_revision = "0028"
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

    create table specie.notice (
        tenant_id uuid not null,
        id uuid not null,
        user_id uuid not null,
        event_id uuid not null,
        in_inbox boolean not null,
        created_at timestamptz not null,
        read_at timestamptz,
        primary key (tenant_id, id),
        constraint notice_once unique (tenant_id, user_id, event_id)
    );
    create index notice_inbox on specie.notice (tenant_id, user_id, id) where in_inbox;
    create index notice_unread on specie.notice (tenant_id, user_id) where in_inbox and read_at is null;

    create table specie.notice_message (
        tenant_id uuid not null,
        id uuid not null,
        notice_id uuid not null,
        channel text not null check (channel in ('email', 'telegram')),
        state text not null check (state in ('queued', 'sent', 'given_up')),
        tries integer not null check (tries >= 0),
        error text,
        created_at timestamptz not null,
        finished_at timestamptz,
        primary key (tenant_id, id),
        constraint notice_message_once unique (tenant_id, notice_id, channel),
        foreign key (tenant_id, notice_id) references specie.notice (tenant_id, id),
        check ((state = 'queued') = (finished_at is null))
    );

    create table specie.notice_choice (
        tenant_id uuid not null,
        user_id uuid not null,
        kind text not null,
        inbox boolean not null,
        email boolean not null,
        telegram boolean not null,
        primary key (tenant_id, user_id, kind)
    );

    create table specie.notice_person (
        tenant_id uuid not null,
        user_id uuid not null,
        language text not null check (language in ('en', 'id')),
        chat_sealed bytea,
        primary key (tenant_id, user_id)
    );

    create table specie.notice_position (
        tenant_id uuid primary key,
        last_n bigint not null check (last_n >= 0),
        -- How far the feed went when somebody was last asked to read it.
        asked_n bigint not null check (asked_n >= 0)
    );

    -- Read under the lock that every posting takes, so that an account nobody watches costs no query.
    alter table specie.account add column is_monitored boolean not null default false;
    create table specie.balance_monitor (
        tenant_id uuid not null,
        id uuid not null,
        account_id uuid not null,
        direction text not null check (direction in ('above', 'below')),
        limit_minor bigint not null,
        created_at timestamptz not null,
        ended_at timestamptz,
        primary key (tenant_id, id),
        foreign key (tenant_id, account_id) references specie.account (tenant_id, id)
    );
    -- For the dashboard: what was paid since a moment, and how attempts ended since then.
    -- squawk-ignore require-concurrent-index-creation
    create index payment_by_paid_at on specie.payment (tenant_id, paid_at) where paid_at is not null;
    -- squawk-ignore require-concurrent-index-creation
    create index payment_by_party_paid_at on specie.payment (tenant_id, party_id, paid_at) where paid_at is not null;
    -- squawk-ignore require-concurrent-index-creation
    create index attempt_by_end on specie.payment_attempt (tenant_id, updated_at)
        where state in ('succeeded', 'failed');
    create index balance_monitor_in_force on specie.balance_monitor (tenant_id, account_id) where ended_at is null;
    """)
    protect("event_relay", grants="select")
    system_may("event_relay", "select, insert, update")
    for table in ("notice", "notice_message", "notice_choice", "notice_person"):
        protect(table, grants="select, insert, update")
    protect("balance_monitor", grants="select, insert, update")
    op.execute(f"grant update (is_monitored) on specie.account to {APP}")
    protect("notice_position", grants="select, update")
    system_may("notice_position", "select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
