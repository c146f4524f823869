"""Lines of a purchase and which of them came back; referral codes, who came by one, and whom an offer is for."""

from alembic import op

from migrations.helpers import protect

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

TABLES = """
create table specie.purchase_line (
    tenant_id uuid not null,
    purchase_id uuid not null,
    n integer not null check (n > 0),
    name text not null check (name <> ''),
    quantity integer not null check (quantity > 0),
    amount_minor bigint not null check (amount_minor >= 0),
    primary key (tenant_id, purchase_id, n),
    foreign key (tenant_id, purchase_id) references specie.purchase (tenant_id, id)
);

create table specie.purchase_refund_line (
    tenant_id uuid not null,
    refund_id uuid not null,
    purchase_id uuid not null,
    n integer not null,
    quantity integer not null check (quantity > 0),
    amount_minor bigint not null check (amount_minor >= 0),
    primary key (tenant_id, refund_id, n),
    foreign key (tenant_id, refund_id) references specie.purchase_refund (tenant_id, id),
    foreign key (tenant_id, purchase_id, n) references specie.purchase_line (tenant_id, purchase_id, n)
);
create index purchase_refund_line_by_purchase on specie.purchase_refund_line (tenant_id, purchase_id, n);

create table specie.cashback_referral_code (
    tenant_id uuid not null,
    code text not null check (code <> ''),
    merchant_id uuid not null,
    party_id uuid not null,
    created_at timestamptz not null,
    primary key (tenant_id, code),
    constraint cashback_referral_code_once unique (tenant_id, merchant_id, party_id),
    foreign key (tenant_id, merchant_id) references specie.cashback_merchant (tenant_id, party_id)
);

create table specie.cashback_referral (
    tenant_id uuid not null,
    merchant_id uuid not null,
    party_id uuid not null,
    referrer_id uuid not null,
    code text not null,
    at timestamptz not null,
    -- The first purchase after it, with which both earn; nobody earns by the same referral again.
    purchase_id uuid,
    primary key (tenant_id, merchant_id, party_id),
    constraint cashback_referral_of_another check (party_id <> referrer_id),
    foreign key (tenant_id, code) references specie.cashback_referral_code (tenant_id, code),
    foreign key (tenant_id, purchase_id) references specie.cashback_purchase (tenant_id, id)
);
create index cashback_referral_by_referrer on specie.cashback_referral (tenant_id, referrer_id);
"""

AUDIENCE = """
alter table specie.cashback_offer add column audience text not null default 'everyone';
-- Everything that is there is for everyone, so there is nothing to validate.
alter table specie.cashback_offer add constraint cashback_offer_audience_known
    check (audience in ('everyone', 'referred', 'referrer')) not valid;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(AUDIENCE)
    for table in ("purchase_line", "purchase_refund_line", "cashback_referral_code"):
        protect(table, grants="select, insert")
    protect("cashback_referral", grants="select, insert, update")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
