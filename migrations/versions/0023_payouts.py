"""Payouts: beneficiaries, payouts held to their edges, one live attempt each, what providers paid out, batches."""

from alembic import op

from migrations.helpers import lookup, protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = """
create table specie.beneficiary (
    tenant_id uuid not null,
    id uuid not null,
    party_id uuid not null,
    rail text not null check (rail in ('bank_account', 'ewallet')),
    bank_code text not null,
    hint text not null,
    label text not null,
    state text not null check (state in ('checking', 'verified', 'rejected', 'removed')),
    created_at timestamptz not null,
    usable_from timestamptz not null,
    version integer not null check (version > 0),
    checked_at timestamptz,
    connection_id uuid,
    number_index bytea,
    data_key bytea,
    sealed_details bytea,
    primary key (tenant_id, id)
);
create unique index beneficiary_account_once on specie.beneficiary (tenant_id, party_id, number_index)
    where state <> 'removed';
create index beneficiary_by_party on specie.beneficiary (tenant_id, party_id, id);

create table specie.payout_batch (
    tenant_id uuid not null,
    id uuid not null,
    party_id uuid not null,
    wallet_id uuid not null,
    name text not null,
    state text not null check (state in ('draft', 'waiting', 'started', 'done', 'refused')),
    currency text not null,
    total_minor bigint not null,
    created_at timestamptz not null,
    created_by text not null,
    version integer not null check (version > 0),
    started_at timestamptz,
    primary key (tenant_id, id)
);

create table specie.payout (
    tenant_id uuid not null,
    id uuid not null,
    party_id uuid not null,
    wallet_id uuid not null,
    beneficiary_id uuid not null,
    hold_id uuid not null,
    batch_id uuid,
    reference text not null check (reference <> ''),
    amount_minor bigint not null constraint payout_amount_positive check (amount_minor > 0),
    fee_minor bigint not null constraint payout_fee_not_negative check (fee_minor >= 0),
    currency text not null,
    description text not null,
    state text not null,
    version integer not null check (version > 0),
    source text not null,
    requested_by text not null,
    needs_approval boolean not null,
    metadata jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    ended_at timestamptz,
    entry_id uuid,
    return_entry_id uuid,
    provider_fee_minor bigint,
    failure text,
    attention text,
    primary key (tenant_id, id),
    constraint payout_reference_once unique (tenant_id, party_id, reference),
    constraint payout_hold_once unique (tenant_id, hold_id),
    constraint payout_success_is_booked check ((state in ('succeeded', 'returned')) = (entry_id is not null)),
    constraint payout_return_is_booked check ((state = 'returned') = (return_entry_id is not null)),
    foreign key (tenant_id, beneficiary_id) references specie.beneficiary (tenant_id, id),
    foreign key (tenant_id, batch_id) references specie.payout_batch (tenant_id, id)
);
create index payout_by_party on specie.payout (tenant_id, party_id, id);
create index payout_by_state on specie.payout (tenant_id, state, id);
create index payout_by_batch on specie.payout (tenant_id, batch_id, id) where batch_id is not null;

create table specie.payout_batch_line (
    tenant_id uuid not null,
    batch_id uuid not null,
    number integer not null,
    beneficiary_id uuid,
    reference text not null,
    amount_minor bigint,
    fee_minor bigint,
    description text not null,
    problem text,
    payout_id uuid,
    primary key (tenant_id, batch_id, number),
    foreign key (tenant_id, batch_id) references specie.payout_batch (tenant_id, id),
    foreign key (tenant_id, payout_id) references specie.payout (tenant_id, id)
);

create table specie.payout_attempt (
    tenant_id uuid not null,
    id uuid not null,
    payout_id uuid not null,
    connection_id uuid not null,
    number integer not null,
    state text not null,
    reference text not null,
    provider_ref text,
    reason text,
    tries integer not null,
    -- Machine times: a lease and a throttle follow no tenant's clock.
    leased_until timestamptz not null,
    called_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint payout_attempt_reference_once unique (tenant_id, reference),
    constraint payout_attempt_number_once unique (tenant_id, payout_id, number),
    foreign key (tenant_id, payout_id) references specie.payout (tenant_id, id),
    foreign key (tenant_id, connection_id) references specie.provider_connection (tenant_id, id)
);
-- Money that may have left is never sent again, whoever asks and however often: only a certain refusal makes room.
create unique index payout_one_attempt on specie.payout_attempt (tenant_id, payout_id)
    where state not in ('failed', 'set_aside');
create index payout_attempt_throttle on specie.payout_attempt (tenant_id, connection_id, called_at);

create table specie.provider_payout (
    tenant_id uuid not null,
    connection_id uuid not null,
    provider_ref text not null,
    payout_id uuid not null,
    attempt_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    disposition text not null check (disposition in ('payout', 'suspense')),
    entry_id uuid not null,
    booked_at timestamptz not null,
    -- What a provider paid out is booked once, whoever tells of it and however often.
    primary key (tenant_id, connection_id, provider_ref),
    constraint provider_payout_entry_once unique (tenant_id, entry_id),
    foreign key (tenant_id, payout_id) references specie.payout (tenant_id, id),
    foreign key (tenant_id, attempt_id) references specie.payout_attempt (tenant_id, id)
);
create unique index payout_leaves_once on specie.provider_payout (tenant_id, payout_id) where disposition = 'payout';

create table specie.payout_edge (
    machine text not null check (machine in ('payout', 'attempt')),
    from_state text not null,
    to_state text not null,
    primary key (machine, from_state, to_state)
);

create table specie.payout_state_change (
    tenant_id uuid not null,
    subject_id uuid not null,
    seq integer not null,
    machine text not null check (machine in ('payout', 'attempt')),
    payout_id uuid not null,
    from_state text,
    to_state text not null,
    at timestamptz not null,
    cause text not null,
    callback_id uuid,
    primary key (tenant_id, subject_id, seq)
);
create index payout_change_by_payout on specie.payout_state_change (tenant_id, payout_id, at);

create table specie.payout_terms (
    tenant_id uuid not null,
    subject text not null,
    fee_rate numeric(9, 8) constraint payout_fee_rate check (fee_rate between 0 and 1),
    fee_fixed jsonb not null,
    minimum jsonb not null,
    rounding text not null,
    cool_off_seconds integer not null constraint payout_cool_off check (cool_off_seconds between 0 and 2592000),
    updated_at timestamptz not null,
    primary key (tenant_id, subject)
);

create table specie.payout_route (
    tenant_id uuid not null,
    connection_id uuid not null,
    is_enabled boolean not null,
    per_minute integer check (per_minute > 0),
    updated_at timestamptz not null,
    primary key (tenant_id, connection_id),
    foreign key (tenant_id, connection_id) references specie.provider_connection (tenant_id, id)
);

create table specie.payout_signing_key (
    tenant_id uuid not null,
    key_id uuid not null,
    data_key bytea not null,
    sealed_secret bytea not null,
    created_at timestamptz not null,
    created_by text not null,
    primary key (tenant_id, key_id)
);

create table specie.payout_nonce (
    tenant_id uuid not null,
    key_id uuid not null,
    nonce text not null,
    seen_at timestamptz not null,
    primary key (tenant_id, key_id, nonce)
);
"""

EDGES = """
insert into specie.payout_edge (machine, from_state, to_state) values
    ('payout', 'requested', 'approved'), ('payout', 'requested', 'cancelled'), ('payout', 'approved', 'cancelled'),
    ('payout', 'approved', 'sent'), ('payout', 'sent', 'approved'), ('payout', 'unknown', 'approved'),
    ('payout', 'sent', 'unknown'), ('payout', 'unknown', 'sent'), ('payout', 'sent', 'succeeded'),
    ('payout', 'unknown', 'succeeded'), ('payout', 'sent', 'failed'), ('payout', 'unknown', 'failed'),
    ('payout', 'succeeded', 'returned'),
    ('attempt', 'created', 'pending'), ('attempt', 'created', 'unknown'), ('attempt', 'unknown', 'pending'),
    ('attempt', 'created', 'failed'), ('attempt', 'pending', 'failed'), ('attempt', 'unknown', 'failed'),
    ('attempt', 'created', 'succeeded'), ('attempt', 'pending', 'succeeded'), ('attempt', 'unknown', 'succeeded'),
    ('attempt', 'succeeded', 'returned'),
    ('attempt', 'created', 'set_aside'), ('attempt', 'pending', 'set_aside'), ('attempt', 'unknown', 'set_aside'),
    ('attempt', 'failed', 'set_aside');

create function specie.hold_payouts_to_edges() returns trigger language plpgsql
    set search_path = specie, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> tg_argv[1] then
            raise exception 'a % begins as %', tg_argv[0], tg_argv[1]
                using errcode = 'check_violation', constraint = 'payout_state_edge';
        end if;
    elsif old.state <> new.state and not exists (
        select from payout_edge where machine = tg_argv[0] and from_state = old.state and to_state = new.state
    ) then
        raise exception 'a % does not go from % to %', tg_argv[0], old.state, new.state
            using errcode = 'check_violation', constraint = 'payout_state_edge';
    end if;
    return new;
end $$;
create trigger payout_keeps_to_edges before insert or update of state on specie.payout
    for each row execute function specie.hold_payouts_to_edges('payout', 'requested');
create trigger payout_attempt_keeps_to_edges before insert or update of state on specie.payout_attempt
    for each row execute function specie.hold_payouts_to_edges('attempt', 'created');
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(EDGES)
    for table in ("beneficiary", "payout", "payout_attempt", "payout_batch", "payout_batch_line"):
        protect(table, grants="select, insert, update")
    protect("provider_payout", grants="select, insert")
    protect("payout_state_change", grants="select, insert")
    protect("payout_terms", grants="select, insert, update")
    protect("payout_route", grants="select, insert, update")
    protect("payout_signing_key", grants="select, insert, update, delete")
    protect("payout_nonce", grants="select, insert, delete")
    lookup("payout_edge", grants="select")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
