"""Cashback: activated merchants, offers with versioned terms, purchases, what they bring and what came back."""

from alembic import op

from migrations.helpers import protect

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLES = """
create table specie.cashback_merchant (
    tenant_id uuid not null,
    party_id uuid not null,
    state text not null check (state in ('applied', 'active', 'suspended')),
    reason text not null,
    version integer not null check (version > 0),
    applied_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, party_id)
);

create table specie.cashback_offer (
    tenant_id uuid not null,
    id uuid not null,
    merchant_id uuid not null,
    name text not null check (name <> ''),
    currency text not null,
    funded_by text not null check (funded_by in ('merchant', 'house')),
    state text not null check (state in ('draft', 'active', 'paused', 'ended')),
    rule_version integer not null check (rule_version > 0),
    -- What finding an offer needs of its terms in force.
    priority integer not null,
    minimum_minor bigint not null check (minimum_minor >= 0),
    starts_at timestamptz not null,
    ends_at timestamptz,
    budget_account_id uuid not null,
    source_account_id uuid not null,
    total_account_id uuid not null,
    version integer not null check (version > 0),
    created_at timestamptz not null,
    created_by text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, merchant_id) references specie.cashback_merchant (tenant_id, party_id)
);
create index cashback_offer_to_match on specie.cashback_offer (tenant_id, merchant_id, currency, priority, id)
    where state = 'active';
create index cashback_offer_by_merchant on specie.cashback_offer (tenant_id, merchant_id, id);

create table specie.cashback_offer_terms (
    tenant_id uuid not null,
    offer_id uuid not null,
    rule_version integer not null,
    terms jsonb not null,
    at timestamptz not null,
    actor text not null,
    primary key (tenant_id, offer_id, rule_version),
    foreign key (tenant_id, offer_id) references specie.cashback_offer (tenant_id, id)
);

create table specie.cashback_purchase (
    tenant_id uuid not null,
    id uuid not null,
    merchant_id uuid not null,
    party_id uuid not null,
    external_id text not null check (external_id <> ''),
    amount_minor bigint not null constraint cashback_purchase_positive check (amount_minor > 0),
    returned_minor bigint not null
        constraint cashback_returned_fits check (returned_minor >= 0 and returned_minor <= amount_minor),
    currency text not null,
    state text not null check (state in ('pending', 'confirmed', 'rejected', 'reversed')),
    source text not null check (source in ('feed', 'payment')),
    reason text not null,
    occurred_at timestamptz not null,
    created_at timestamptz not null,
    version integer not null check (version > 0),
    primary key (tenant_id, id),
    constraint cashback_purchase_once unique (tenant_id, merchant_id, source, external_id)
);
create index cashback_purchase_by_merchant on specie.cashback_purchase (tenant_id, merchant_id, id);
create index cashback_purchase_by_party on specie.cashback_purchase (tenant_id, party_id, id);

create table specie.cashback_accrual (
    tenant_id uuid not null,
    id uuid not null,
    purchase_id uuid not null,
    offer_id uuid not null,
    rule_version integer not null,
    party_id uuid not null,
    merchant_id uuid not null,
    account_id uuid not null,
    counter_account_id uuid,
    currency text not null,
    granted_minor bigint not null check (granted_minor > 0),
    room_minor bigint not null check (room_minor >= granted_minor),
    kept_minor bigint not null check (kept_minor between 0 and granted_minor),
    borne_minor bigint not null check (borne_minor between 0 and granted_minor),
    expired_minor bigint not null check (expired_minor between 0 and granted_minor),
    state text not null check (state in ('pending', 'confirmed', 'available', 'paid', 'expired', 'reversed')),
    working jsonb not null,
    matures_at timestamptz not null,
    expiry_days integer,
    created_at timestamptz not null,
    matured_at timestamptz,
    expires_at timestamptz,
    version integer not null check (version > 0),
    primary key (tenant_id, id),
    constraint cashback_offer_once_a_purchase unique (tenant_id, purchase_id, offer_id),
    foreign key (tenant_id, purchase_id) references specie.cashback_purchase (tenant_id, id),
    foreign key (tenant_id, offer_id, rule_version)
        references specie.cashback_offer_terms (tenant_id, offer_id, rule_version)
);
create index cashback_accrual_by_party on specie.cashback_accrual (tenant_id, party_id, id);
create index cashback_accrual_by_offer on specie.cashback_accrual (tenant_id, offer_id, id);
create index cashback_accrual_to_spend on specie.cashback_accrual (tenant_id, party_id, currency)
    where state = 'available';

create table specie.cashback_return (
    tenant_id uuid not null,
    purchase_id uuid not null,
    external_id text not null check (external_id <> ''),
    amount_minor bigint not null check (amount_minor > 0),
    at timestamptz not null,
    primary key (tenant_id, purchase_id, external_id),
    foreign key (tenant_id, purchase_id) references specie.cashback_purchase (tenant_id, id)
);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    for table in ("cashback_merchant", "cashback_offer", "cashback_purchase", "cashback_accrual"):
        protect(table, grants="select, insert, update")
    for table in ("cashback_offer_terms", "cashback_return"):
        protect(table, grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
