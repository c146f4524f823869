"""Portals: a page of its own for a customer, behind an address that nobody guesses and that can be withdrawn."""

from alembic import op

from migrations.helpers import lookup, protect

revision = "0132"
down_revision = "0131"
branch_labels = None
depends_on = None

TABLES = """
create table specie.portal (
    tenant_id uuid not null,
    customer_id uuid not null,
    token text not null,
    opened_at timestamptz not null,
    primary key (tenant_id, customer_id),
    foreign key (tenant_id, customer_id) references specie.party (tenant_id, id)
);

create table specie.portal_link (
    token_digest bytea primary key,
    of_tenant uuid not null,
    customer_id uuid not null
);

-- What collects everything that a customer owes when it is paid, whatever that is by then.
create table specie.billing_customer_request (
    tenant_id uuid not null,
    payment_id uuid not null,
    customer_id uuid not null,
    primary key (tenant_id, payment_id),
    foreign key (tenant_id, customer_id) references specie.party (tenant_id, id)
);
create index billing_customer_request_by_customer
    on specie.billing_customer_request (tenant_id, customer_id, payment_id);
"""

# A portal's address goes out by mail as well.
KINDS = """
-- Wider than before, so the rows that are there need no validating.
-- squawk-ignore ban-drop-constraint
alter table specie.billing_letter drop constraint billing_letter_kind_check;
alter table specie.billing_letter add constraint billing_letter_kind_check
    check (kind in ('invoice', 'quote', 'reminder', 'portal')) not valid;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLES)
    op.execute(KINDS)
    protect("portal", grants="select, insert, delete")
    protect("billing_customer_request", grants="select, insert")
    lookup("portal_link", grants="select, insert, delete")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
