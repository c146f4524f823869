"""When merchants are paid over, what they were paid over, and what of it waits in reserve."""

from alembic import op

from migrations.helpers import protect

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLES = """
create table specie.settlement_terms (
    tenant_id uuid not null,
    party_id uuid not null,
    currency text not null,
    delay_days integer not null check (delay_days between 0 and 90),
    country text not null,
    subdivision text not null,
    cut_off time not null,
    minimum_minor bigint not null check (minimum_minor >= 0),
    fee_minor bigint not null check (fee_minor >= 0),
    reserve_rate numeric(9, 8) not null check (reserve_rate between 0 and 1),
    reserve_days integer not null check (reserve_days between 0 and 730),
    recovery_rate numeric(9, 8) not null check (recovery_rate between 0 and 1),
    beneficiary_id uuid,
    next_run_at timestamptz not null,
    version integer not null check (version > 0),
    updated_at timestamptz not null,
    primary key (tenant_id, party_id, currency)
);

create table specie.settlement (
    tenant_id uuid not null,
    id uuid not null,
    party_id uuid not null,
    currency text not null,
    day date not null,
    -- Which postings of the pending account it takes in, by version; the times bound their recording times.
    account_id uuid not null,
    credit_after bigint not null,
    credit_through bigint not null check (credit_through >= credit_after),
    credit_since timestamptz not null,
    debit_after bigint not null,
    debit_through bigint not null check (debit_through >= debit_after),
    debit_since timestamptz not null,
    cut_off_at timestamptz not null,
    seen_at timestamptz not null,
    payout_minor bigint not null check (payout_minor >= 0),
    reserve_minor bigint not null check (reserve_minor >= 0),
    reserve_until date,
    beneficiary_id uuid,
    kept_because text,
    entry_id uuid not null,
    terms_version integer not null,
    made_by text not null,
    made_at timestamptz not null,
    primary key (tenant_id, id),
    constraint settlement_once_a_day unique (tenant_id, party_id, currency, day),
    constraint settlement_reserve_ends check ((reserve_minor > 0) = (reserve_until is not null)),
    foreign key (tenant_id, party_id, currency) references specie.settlement_terms (tenant_id, party_id, currency)
);
create index settlement_last on specie.settlement (tenant_id, party_id, currency, debit_through);
create unique index settlement_by_entry on specie.settlement (tenant_id, entry_id);

create table specie.settlement_line (
    tenant_id uuid not null,
    settlement_id uuid not null,
    cause text not null,
    amount_minor bigint not null check (amount_minor <> 0),
    postings integer not null check (postings > 0),
    primary key (tenant_id, settlement_id, cause),
    foreign key (tenant_id, settlement_id) references specie.settlement (tenant_id, id)
);

-- What a settlement kept, until a later one has released it.
create table specie.settlement_reserve (
    tenant_id uuid not null,
    settlement_id uuid not null,
    party_id uuid not null,
    currency text not null,
    amount_minor bigint not null check (amount_minor > 0),
    release_on date not null,
    released_in uuid,
    primary key (tenant_id, settlement_id),
    foreign key (tenant_id, settlement_id) references specie.settlement (tenant_id, id),
    foreign key (tenant_id, released_in) references specie.settlement (tenant_id, id)
);
create index settlement_reserve_waiting on specie.settlement_reserve (tenant_id, party_id, currency, release_on)
    where released_in is null;

create table specie.settlement_payout (
    tenant_id uuid not null,
    settlement_id uuid not null,
    number integer not null check (number > 0),
    payout_id uuid not null,
    made_at timestamptz not null,
    primary key (tenant_id, settlement_id, number),
    constraint settlement_payout_once unique (tenant_id, payout_id),
    foreign key (tenant_id, settlement_id) references specie.settlement (tenant_id, id),
    foreign key (tenant_id, payout_id) references specie.payout (tenant_id, id)
);
"""

TIE_OUT = """
-- At the commit the lines of every settlement that was touched sum to what it pays, or the commit fails.
create function specie.settlement_ties_out() returns trigger language plpgsql
    set search_path = specie, pg_temp as $$
declare
    touched uuid;
    wanted bigint;
    found_minor numeric;
begin
    touched := case tg_table_name when 'settlement' then to_jsonb(new) ->> 'id'
                                  else to_jsonb(new) ->> 'settlement_id' end;
    select payout_minor into wanted from settlement where tenant_id = new.tenant_id and id = touched;
    select coalesce(sum(amount_minor), 0) into found_minor from settlement_line
     where tenant_id = new.tenant_id and settlement_id = touched;
    if wanted is distinct from found_minor then
        raise exception 'settlement % pays %, its lines sum to %', touched, wanted, found_minor
            using errcode = 'check_violation', constraint = 'settlement_lines_tie_out';
    end if;
    return null;
end $$;

create constraint trigger settlement_ties_out after insert on specie.settlement
    deferrable initially deferred for each row execute function specie.settlement_ties_out();
create constraint trigger settlement_line_ties_out after insert on specie.settlement_line
    deferrable initially deferred for each row execute function specie.settlement_ties_out();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(TIE_OUT)
    protect("settlement_terms", grants="select, insert, update")
    protect("settlement", grants="select, insert")
    protect("settlement_line", grants="select, insert")
    protect("settlement_reserve", grants="select, insert, update (released_in)")
    protect("settlement_payout", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
