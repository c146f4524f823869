"""A merchant says what a purchase may be paid with, and every purchase has a page where its customer does so."""

from alembic import op

from migrations.helpers import lookup, protect

revision = "0064"
down_revision = "0060"
branch_labels = None
depends_on = None

TABLES = """
-- The default holds for every row there is, so none needs validating.
alter table specie.purchase
    add column tenders text[] not null default '{cashback,wallet,installments,provider}';
alter table specie.purchase
    add constraint purchase_tenders_known check (
        cardinality(tenders) > 0 and tenders <@ '{cashback,wallet,installments,provider}'::text[]) not valid;

create table specie.order_page (
    tenant_id uuid not null,
    purchase_id uuid not null,
    token text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, purchase_id),
    foreign key (tenant_id, purchase_id) references specie.purchase (tenant_id, id)
);

create table specie.order_page_token (
    token_digest bytea primary key check (length(token_digest) = 32),
    of_tenant uuid not null,
    purchase_id uuid not null
);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    protect("order_page", grants="select, insert")
    lookup("order_page_token", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
