"""Ledger: accounts, journal, postings, day totals, sealed blocks, and the guard that keeps balances from drifting."""

from alembic import op

from migrations.helpers import protect, system_may

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = """
create table specie.account (
    tenant_id uuid not null,
    id uuid not null,
    code text not null,
    type text not null constraint account_type_known
        check (type in ('asset', 'liability', 'equity', 'income', 'expense', 'memo')),
    currency text not null,
    exponent smallint not null,
    owner_party_id uuid,
    name text not null,
    floor_minor bigint,
    debits_frozen boolean not null default false,
    credits_frozen boolean not null default false,
    window_seconds integer constraint account_window_positive check (window_seconds > 0),
    closed_at timestamptz,
    opened_at timestamptz not null,
    balance_minor bigint not null default 0,
    version bigint not null default 0,
    last_recorded_at timestamptz,
    primary key (tenant_id, id),
    constraint account_code_unique unique (tenant_id, code, currency),
    constraint account_code_form check (code ~ '^[a-z]+(:[a-z0-9_.-]+)+$' and split_part(code, ':', 1) = type),
    constraint account_closed_at_zero check (closed_at is null or balance_minor = 0)
) with (fillfactor = 70);
create index account_by_owner on specie.account (tenant_id, owner_party_id) where owner_party_id is not null;

create table specie.journal_entry (
    tenant_id uuid not null,
    id uuid not null,
    recipe text not null constraint entry_recipe_form check (recipe ~ '^[a-z_.]+@[0-9]+$'),
    description text not null,
    effective_at timestamptz not null,
    recorded_at timestamptz not null,
    business_date date not null,
    actor text not null,
    request_id uuid not null,
    idempotency_key text,
    command_key text,
    command_fingerprint jsonb,
    reverses_id uuid,
    callback_id uuid,
    approver text,
    metadata jsonb not null,
    primary key (tenant_id, id)
);
create unique index entry_command_once on specie.journal_entry (tenant_id, command_key) where command_key is not null;
create unique index entry_reversed_once on specie.journal_entry (tenant_id, reverses_id) where reverses_id is not null;
-- Whether a request whose answer was lost has moved money must be one look-up, whatever its age.
create index entry_by_request on specie.journal_entry (tenant_id, request_id);

create table specie.posting (
    tenant_id uuid not null,
    entry_id uuid not null,
    line integer not null,
    debit_account_id uuid not null,
    credit_account_id uuid not null,
    currency text not null,
    amount_minor bigint not null constraint posting_amount_positive check (amount_minor > 0),
    debit_version bigint not null,
    credit_version bigint not null,
    debit_balance_minor bigint not null,
    credit_balance_minor bigint not null,
    debit_floor_minor bigint,
    credit_floor_minor bigint,
    is_memo boolean not null,
    recorded_at timestamptz not null,
    business_date date not null,
    primary key (tenant_id, entry_id, line),
    constraint posting_two_accounts check (debit_account_id <> credit_account_id)
);
-- Recording time never goes back within an account, so time and version sort alike: one index serves both
-- the statement and the balance as of a recording time.
create index posting_by_debit on specie.posting (tenant_id, debit_account_id, recorded_at, debit_version);
create index posting_by_credit on specie.posting (tenant_id, credit_account_id, recorded_at, credit_version);

create table specie.account_day (
    tenant_id uuid not null,
    account_id uuid not null,
    business_date date not null,
    debit_minor numeric(38, 0) not null,
    credit_minor numeric(38, 0) not null,
    primary key (tenant_id, account_id, business_date)
) with (fillfactor = 70);

create table specie.ledger_block (
    tenant_id uuid not null,
    number bigint not null,
    first_n bigint not null,
    last_n bigint not null,
    entries integer not null,
    previous_hash bytea not null,
    merkle_root bytea not null,
    leaves bytea not null,
    hash bytea not null,
    sealed_at timestamptz not null,
    primary key (tenant_id, number),
    constraint block_follows_once unique (tenant_id, previous_hash)
);

-- Where each tenant's chain ends, so that blocks cut off its end are missed.
create table specie.ledger_head (
    tenant_id uuid not null primary key,
    number bigint not null,
    hash bytea not null
);
"""

APPLY_POSTINGS = """
-- Moves the balances of every account that the inserted postings name, set-wise and in the same statement, and
-- refuses postings whose version, balance after, floor, currency or kind does not follow from the account. The
-- condition is part of the update, so a racing insert is judged against the row as it is then.
create function specie.apply_postings() returns trigger language plpgsql
    security definer set search_path = specie, pg_temp as $$
declare
    touched bigint;
    moved bigint;
begin
    with side as (
        select tenant_id, debit_account_id as account_id, currency, is_memo, recorded_at,
               amount_minor as change, debit_version as version, debit_balance_minor as balance,
               debit_floor_minor as floor
          from fresh
        union all
        select tenant_id, credit_account_id, currency, is_memo, recorded_at,
               -amount_minor, credit_version, credit_balance_minor, credit_floor_minor
          from fresh
    ), step as (
        select side.*,
               row_number() over walk as nth,
               sum(change) over walk as total,
               lag(recorded_at) over walk as before
          from side
        window walk as (partition by tenant_id, account_id order by version)
    ), outcome as (
        select tenant_id, account_id,
               max(version) as version,
               (array_agg(balance order by version desc))[1] as balance,
               min(recorded_at) as first_recorded_at,
               max(recorded_at) as last_recorded_at,
               bool_and(before is null or before <= recorded_at) as in_time,
               min(version - nth) as first_version, max(version - nth) as first_version_again,
               min(balance - total) as debit_base, max(balance - total) as debit_base_again,
               min(balance + total) as credit_base, max(balance + total) as credit_base_again,
               min(balance - floor) filter (where change < 0) as debit_room,
               min(balance - floor) filter (where change > 0) as credit_room,
               min(floor) as floor, max(floor) as floor_again, bool_or(floor is null) as floorless,
               min(currency) as currency, max(currency) as currency_again,
               bool_and(is_memo) as memo, bool_or(is_memo) as memo_again
          from step
         group by tenant_id, account_id
    ), change as (
        update account a
           set balance_minor = o.balance, version = o.version, last_recorded_at = o.last_recorded_at
          from outcome o
         where a.tenant_id = o.tenant_id and a.id = o.account_id
           and o.in_time and (a.last_recorded_at is null or a.last_recorded_at <= o.first_recorded_at)
           and a.version = o.first_version and a.version = o.first_version_again
           and a.currency = o.currency and a.currency = o.currency_again
           and (a.type = 'memo') = o.memo and (a.type = 'memo') = o.memo_again
           and a.floor_minor is not distinct from o.floor and a.floor_minor is not distinct from o.floor_again
           and (a.floor_minor is null) = o.floorless
           and case when a.type in ('asset', 'expense', 'memo')
                    then a.balance_minor = o.debit_base and a.balance_minor = o.debit_base_again
                         and coalesce(o.debit_room, 0) >= 0
                    else a.balance_minor = o.credit_base and a.balance_minor = o.credit_base_again
                         and coalesce(o.credit_room, 0) >= 0
               end
        returning 1
    )
    select (select count(*) from outcome), (select count(*) from change) into touched, moved;

    if touched <> moved then
        raise exception 'a posting does not follow from its account: % of % accounts refused', touched - moved, touched
            using errcode = 'check_violation', constraint = 'posting_follows_account';
    end if;

    insert into account_day (tenant_id, account_id, business_date, debit_minor, credit_minor)
    select tenant_id, account_id, business_date, sum(debit), sum(credit)
      from (select tenant_id, debit_account_id as account_id, business_date, amount_minor as debit, 0 as credit
              from fresh
            union all
            select tenant_id, credit_account_id, business_date, 0, amount_minor from fresh) as part
     group by tenant_id, account_id, business_date
     order by account_id, business_date
    on conflict (tenant_id, account_id, business_date) do update
       set debit_minor = account_day.debit_minor + excluded.debit_minor,
           credit_minor = account_day.credit_minor + excluded.credit_minor;
    return null;
end $$;

create trigger apply_postings after insert on specie.posting
    referencing new table as fresh for each statement execute function specie.apply_postings();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(APPLY_POSTINGS)
    protect(
        "account",
        grants="select, insert (tenant_id, id, code, type, currency, exponent, owner_party_id, name, floor_minor,"
        " window_seconds, opened_at), update (name, floor_minor, debits_frozen, credits_frozen, closed_at)",
    )
    protect("journal_entry", grants="select, insert")
    protect("posting", grants="select, insert")
    protect("account_day", grants="select")
    protect("ledger_block", grants="select")
    protect("ledger_head", grants="select")
    system_may("account", "select")
    system_may("journal_entry", "select")
    system_may("posting", "select")
    system_may("ledger_block", "select, insert")
    system_may("ledger_head", "select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
