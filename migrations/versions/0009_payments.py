"""Payments: intents, attempts, booked charges, state changes held to their edges, exceptions, terms, links."""

from alembic import op

from migrations.helpers import lookup, protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
create table specie.payment (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null constraint payment_kind_known check (kind in ('merchant', 'top_up')),
    party_id uuid not null,
    reference text not null check (reference <> ''),
    amount_minor bigint not null constraint payment_amount_positive check (amount_minor > 0),
    currency text not null,
    description text not null,
    state text not null,
    version integer not null check (version > 0),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    return_url text,
    link_id uuid,
    metadata jsonb not null,
    splits jsonb not null,
    customer_key bytea,
    sealed_customer bytea,
    paid_at timestamptz,
    paid_late boolean not null default false,
    entry_id uuid,
    platform_fee_minor bigint,
    provider_fee_minor bigint,
    net_minor bigint,
    held_until timestamptz,
    released_at timestamptz,
    failure text,
    primary key (tenant_id, id),
    -- The natural key: never pruned, so the same order can never be collected under two ids.
    constraint payment_reference_once unique (tenant_id, party_id, kind, reference),
    constraint payment_paid_is_booked check ((state = 'paid') = (entry_id is not null and paid_at is not null))
);
create index payment_by_party on specie.payment (tenant_id, party_id, id);
create index payment_by_state on specie.payment (tenant_id, state, id);
create index payment_by_reference on specie.payment (tenant_id, lower(reference) text_pattern_ops);
create index payment_by_link on specie.payment (tenant_id, link_id, id) where link_id is not null;

create table specie.payment_attempt (
    tenant_id uuid not null,
    id uuid not null,
    payment_id uuid not null,
    connection_id uuid not null,
    number integer not null,
    kind text not null,
    state text not null,
    reference text not null,
    provider_ref text,
    action jsonb,
    reason text,
    tries integer not null default 0,
    leased_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint attempt_reference_once unique (tenant_id, reference),
    constraint attempt_number_once unique (tenant_id, payment_id, number),
    foreign key (tenant_id, payment_id) references specie.payment (tenant_id, id),
    foreign key (tenant_id, connection_id) references specie.provider_connection (tenant_id, id)
);
-- While one charge may still lead to money, no second one can be ordered, whoever asks and however often.
create unique index attempt_one_live on specie.payment_attempt (tenant_id, payment_id)
    where state in ('created', 'pending', 'unknown');
create index attempt_by_provider_ref on specie.payment_attempt (tenant_id, provider_ref) where provider_ref is not null;

create table specie.provider_charge (
    tenant_id uuid not null,
    connection_id uuid not null,
    provider_ref text not null,
    payment_id uuid not null,
    attempt_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    disposition text not null check (disposition in ('payment', 'suspense')),
    entry_id uuid not null,
    booked_at timestamptz not null,
    -- A provider's charge is booked once, whoever tells of it and however often.
    primary key (tenant_id, connection_id, provider_ref),
    constraint charge_entry_once unique (tenant_id, entry_id),
    foreign key (tenant_id, payment_id) references specie.payment (tenant_id, id),
    foreign key (tenant_id, attempt_id) references specie.payment_attempt (tenant_id, id)
);
create unique index charge_pays_once on specie.provider_charge (tenant_id, payment_id) where disposition = 'payment';

create table specie.payment_edge (
    machine text not null check (machine in ('payment', 'attempt')),
    from_state text not null,
    to_state text not null,
    primary key (machine, from_state, to_state)
);

create table specie.payment_state_change (
    tenant_id uuid not null,
    subject_id uuid not null,
    seq integer not null,
    machine text not null check (machine in ('payment', 'attempt')),
    payment_id uuid not null,
    from_state text,
    to_state text not null,
    at timestamptz not null,
    cause text not null,
    callback_id uuid,
    primary key (tenant_id, subject_id, seq)
);
create index state_change_by_payment on specie.payment_state_change (tenant_id, payment_id, at);

create table specie.payment_exception (
    tenant_id uuid not null,
    id uuid not null,
    payment_id uuid not null,
    attempt_id uuid,
    kind text not null,
    facts jsonb not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    closed_by text,
    note text,
    primary key (tenant_id, id),
    constraint exception_closed_by check ((closed_at is null) = (closed_by is null)),
    foreign key (tenant_id, payment_id) references specie.payment (tenant_id, id)
);
create index exception_open on specie.payment_exception (tenant_id, id) where closed_at is null;
create index exception_by_payment on specie.payment_exception (tenant_id, payment_id);

create table specie.payment_terms (
    tenant_id uuid not null,
    subject text not null,
    party_id uuid,
    fee_rate numeric(9, 8) constraint terms_fee_rate check (fee_rate between 0 and 1),
    fee_fixed jsonb,
    rounding text,
    hold_days integer constraint terms_hold_days check (hold_days between 0 and 365),
    accept_late boolean,
    return_urls text[],
    display_name text,
    accent_colour text constraint terms_accent_colour check (accent_colour ~ '^#[0-9a-f]{6}$'),
    expiry_seconds integer constraint terms_expiry check (expiry_seconds between 60 and 2592000),
    sealed_return_key bytea,
    updated_at timestamptz not null,
    primary key (tenant_id, subject)
);

create table specie.payment_link (
    tenant_id uuid not null,
    id uuid not null,
    party_id uuid not null,
    token text not null,
    description text not null,
    currency text not null,
    amount_minor bigint check (amount_minor > 0),
    min_minor bigint check (min_minor > 0),
    max_minor bigint,
    is_reusable boolean not null,
    is_active boolean not null,
    expires_at timestamptz,
    uses integer not null default 0,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, id),
    constraint link_bounds check (max_minor is null or max_minor >= coalesce(min_minor, 1))
);
create index link_by_party on specie.payment_link (tenant_id, party_id, id);

create table specie.payment_link_token (
    token_digest bytea primary key check (length(token_digest) = 32),
    of_tenant uuid not null,
    link_id uuid not null
);
"""

EDGES = """
insert into specie.payment_edge (machine, from_state, to_state) values
    ('payment', 'created', 'pending'), ('payment', 'failed', 'pending'), ('payment', 'pending', 'created'),
    ('payment', 'pending', 'paid'), ('payment', 'created', 'paid'), ('payment', 'failed', 'paid'),
    ('payment', 'expired', 'paid'), ('payment', 'pending', 'failed'), ('payment', 'created', 'expired'),
    ('payment', 'pending', 'expired'), ('payment', 'failed', 'expired'), ('payment', 'created', 'cancelled'),
    ('payment', 'pending', 'cancelled'), ('payment', 'failed', 'cancelled');
insert into specie.payment_edge (machine, from_state, to_state)
select 'attempt', f, t from (values
    ('created', 'pending'), ('created', 'unknown'), ('unknown', 'pending'),
    ('created', 'failed'), ('pending', 'failed'), ('unknown', 'failed'),
    ('created', 'cancelled'), ('pending', 'cancelled'), ('unknown', 'cancelled'),
    ('created', 'expired'), ('pending', 'expired'), ('unknown', 'expired')) as edge (f, t)
union all
select 'attempt', f, t
  from unnest(array['created', 'pending', 'unknown', 'failed', 'expired', 'cancelled']) as f,
       unnest(array['succeeded', 'set_aside']) as t;

create function specie.hold_to_edges() returns trigger language plpgsql set search_path = specie, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'created' then
            raise exception 'a % begins as created', tg_argv[0]
                using errcode = 'check_violation', constraint = 'state_edge';
        end if;
    elsif old.state <> new.state and not exists (
        select from payment_edge where machine = tg_argv[0] and from_state = old.state and to_state = new.state
    ) then
        raise exception 'a % does not go from % to %', tg_argv[0], old.state, new.state
            using errcode = 'check_violation', constraint = 'state_edge';
    end if;
    return new;
end $$;
create trigger payment_keeps_to_edges before insert or update of state on specie.payment
    for each row execute function specie.hold_to_edges('payment');
create trigger attempt_keeps_to_edges before insert or update of state on specie.payment_attempt
    for each row execute function specie.hold_to_edges('attempt');
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(EDGES)
    protect("payment", grants="select, insert, update")
    protect("payment_attempt", grants="select, insert, update")
    protect("provider_charge", grants="select, insert")
    protect("payment_state_change", grants="select, insert")
    protect("payment_exception", grants="select, insert, update")
    protect("payment_terms", grants="select, insert, update")
    protect("payment_link", grants="select, insert, update")
    lookup("payment_edge", grants="select")
    lookup("payment_link_token", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
