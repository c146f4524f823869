"""Billing: invoices and credit notes numbered without gaps, payments received, and what was allocated to what."""

from alembic import op

from migrations.helpers import lookup, protect

revision = "0042"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLES = """
create table specie.billing_profile (
    tenant_id uuid primary key,
    name text not null,
    address text not null,
    tax_number text not null,
    footer text not null,
    due_days integer not null check (due_days between 0 and 366),
    collector_id uuid
);

create table specie.billing_series (
    tenant_id uuid not null,
    series text not null check (series in ('invoice', 'credit_note')),
    last_n bigint not null check (last_n > 0),
    primary key (tenant_id, series)
);

create table specie.billing_invoice (
    tenant_id uuid not null,
    id uuid not null,
    customer_id uuid not null,
    currency text not null,
    state text not null check (state in ('draft', 'issued', 'part_paid', 'paid', 'void')),
    reference text not null,
    note text not null,
    includes_tax boolean not null,
    due_days integer not null check (due_days between 0 and 366),
    net_minor bigint not null check (net_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    total_minor bigint not null,
    version integer not null check (version > 0),
    created_at timestamptz not null,
    number text,
    n bigint,
    issued_on date,
    due_on date,
    account_id uuid,
    creditable_id uuid,
    entry_id uuid,
    token text,
    primary key (tenant_id, id),
    constraint billing_invoice_adds_up check (net_minor + tax_minor = total_minor),
    constraint billing_invoice_number_once unique (tenant_id, n),
    constraint billing_invoice_issued_whole check (
        (state = 'draft') = (n is null)
        and num_nulls(number, n, issued_on, due_on, account_id, creditable_id, entry_id, token) in (0, 8))
);
create index billing_invoice_by_customer on specie.billing_invoice (tenant_id, customer_id, id);
create index billing_invoice_by_state on specie.billing_invoice (tenant_id, state, id);
create index billing_invoice_open_by_due on specie.billing_invoice (tenant_id, due_on)
    where state in ('issued', 'part_paid');

create table specie.billing_line (
    tenant_id uuid not null,
    invoice_id uuid not null,
    n integer not null check (n > 0),
    product_id text,
    description text not null,
    quantity numeric(18, 6) not null constraint billing_line_quantity check (quantity > 0),
    unit text not null,
    unit_price_minor bigint not null constraint billing_line_price check (unit_price_minor >= 0),
    discount numeric(9, 6) not null constraint billing_line_discount check (discount between 0 and 1),
    taxes jsonb not null,
    net_minor bigint not null check (net_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    primary key (tenant_id, invoice_id, n),
    foreign key (tenant_id, invoice_id) references specie.billing_invoice (tenant_id, id)
);

create table specie.billing_tax (
    tenant_id uuid not null,
    document_id uuid not null,
    code text not null check (code <> ''),
    name text not null,
    rate numeric(9, 6) not null constraint billing_tax_rate check (rate >= 0),
    base_minor bigint not null check (base_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    primary key (tenant_id, document_id, code)
);

create table specie.billing_credit_note (
    tenant_id uuid not null,
    id uuid not null,
    invoice_id uuid not null,
    customer_id uuid not null,
    currency text not null,
    number text not null,
    n bigint not null,
    reason text not null,
    issued_on date not null,
    net_minor bigint not null check (net_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    account_id uuid not null,
    entry_id uuid not null,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint billing_credit_note_number_once unique (tenant_id, n),
    constraint billing_credit_note_takes_back check (net_minor + tax_minor > 0),
    foreign key (tenant_id, invoice_id) references specie.billing_invoice (tenant_id, id)
);
create index billing_credit_note_by_invoice on specie.billing_credit_note (tenant_id, invoice_id, id);
create index billing_credit_note_by_customer on specie.billing_credit_note (tenant_id, customer_id, id);

create table specie.billing_credit_line (
    tenant_id uuid not null,
    credit_note_id uuid not null,
    n integer not null,
    invoice_id uuid not null,
    quantity numeric(18, 6) not null check (quantity > 0),
    net_minor bigint not null check (net_minor >= 0),
    tax_minor bigint not null check (tax_minor >= 0),
    primary key (tenant_id, credit_note_id, n),
    foreign key (tenant_id, credit_note_id) references specie.billing_credit_note (tenant_id, id),
    foreign key (tenant_id, invoice_id, n) references specie.billing_line (tenant_id, invoice_id, n)
);
create index billing_credit_line_by_invoice on specie.billing_credit_line (tenant_id, invoice_id);

create table specie.billing_receipt (
    tenant_id uuid not null,
    id uuid not null,
    customer_id uuid not null,
    currency text not null,
    amount_minor bigint not null check (amount_minor > 0),
    method text not null check (method in ('bank', 'cash', 'payment')),
    reference text not null,
    received_on date not null,
    account_id uuid not null,
    entry_id uuid not null,
    payment_id uuid,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    constraint billing_receipt_of_payment unique (tenant_id, payment_id)
);
create index billing_receipt_by_customer on specie.billing_receipt (tenant_id, customer_id, id);

create table specie.billing_allocation (
    tenant_id uuid not null,
    id uuid not null,
    source_kind text not null check (source_kind in ('receipt', 'credit_note')),
    source_id uuid not null,
    invoice_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    entry_id uuid not null,
    allocated_on date not null,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, invoice_id) references specie.billing_invoice (tenant_id, id)
);
create index billing_allocation_by_invoice on specie.billing_allocation (tenant_id, invoice_id, id);
create index billing_allocation_by_source on specie.billing_allocation (tenant_id, source_id, id);

create table specie.billing_refund (
    tenant_id uuid not null,
    entry_id uuid not null,
    source_kind text not null check (source_kind in ('receipt', 'credit_note')),
    source_id uuid not null,
    amount_minor bigint not null check (amount_minor > 0),
    method text not null,
    reason text not null,
    created_at timestamptz not null,
    primary key (tenant_id, entry_id)
);
create index billing_refund_by_source on specie.billing_refund (tenant_id, source_id);

create table specie.billing_payment_request (
    tenant_id uuid not null,
    payment_id uuid not null,
    invoice_id uuid not null,
    primary key (tenant_id, payment_id),
    foreign key (tenant_id, invoice_id) references specie.billing_invoice (tenant_id, id)
);
create index billing_payment_request_by_invoice
    on specie.billing_payment_request (tenant_id, invoice_id, payment_id);

create table specie.billing_link (
    token_digest bytea primary key,
    of_tenant uuid not null,
    invoice_id uuid not null
);
"""

# What has been issued is evidence: its lines do not change, and they are what was posted, or the commit fails.
GUARDS = """
create function specie.billing_line_guard() returns trigger language plpgsql as $$
declare
    touched record;
begin
    if tg_op = 'DELETE' then touched := old; else touched := new; end if;
    perform 1 from specie.billing_invoice i
      where i.tenant_id = touched.tenant_id and i.id = touched.invoice_id and i.state = 'draft';
    if not found then
        raise exception 'the lines of an issued invoice do not change' using errcode = 'check_violation';
    end if;
    return touched;
end $$;
create trigger billing_line_guard before insert or update or delete on specie.billing_line
    for each row execute function specie.billing_line_guard();

create function specie.billing_invoice_ties() returns trigger language plpgsql as $$
declare
    net bigint;
    tax bigint;
    taxes bigint;
    posted bigint;
begin
    if tg_op = 'UPDATE' and old.state <> 'draft' then
        if (old.number, old.n, old.customer_id, old.currency, old.total_minor, old.account_id, old.entry_id)
           is distinct from
           (new.number, new.n, new.customer_id, new.currency, new.total_minor, new.account_id, new.entry_id) then
            raise exception 'an issued invoice keeps its figures' using errcode = 'check_violation';
        end if;
        return null;
    end if;
    select coalesce(sum(l.net_minor), 0), coalesce(sum(l.tax_minor), 0) into net, tax
      from specie.billing_line l where l.tenant_id = new.tenant_id and l.invoice_id = new.id;
    select coalesce(sum(t.tax_minor), 0) into taxes
      from specie.billing_tax t where t.tenant_id = new.tenant_id and t.document_id = new.id;
    select coalesce(sum(p.amount_minor), 0) into posted
      from specie.posting p
     where p.tenant_id = new.tenant_id and p.entry_id = new.entry_id and p.debit_account_id = new.account_id;
    if (net, tax, taxes, posted) is distinct from (new.net_minor, new.tax_minor, new.tax_minor, new.total_minor) then
        raise exception 'the lines of % come to %, its taxes to %, and % was posted',
            new.number, net + tax, taxes, posted using errcode = 'check_violation';
    end if;
    return null;
end $$;
create constraint trigger billing_invoice_ties after insert or update on specie.billing_invoice
    deferrable initially deferred for each row when (new.state <> 'draft')
    execute function specie.billing_invoice_ties();
"""


# An invoice is collected for the tenant itself.
KINDS = """
-- Wider than before, so the rows that are there need no validating.
-- squawk-ignore ban-drop-constraint
alter table specie.payment drop constraint payment_kind_known;
alter table specie.payment
    add constraint payment_kind_known check (kind in ('merchant', 'top_up', 'invoice')) not valid;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(KINDS)
    op.execute(TABLES)
    op.execute(GUARDS)
    for table in ("billing_profile", "billing_series"):
        protect(table, grants="select, insert, update")
    for table in ("billing_invoice", "billing_line", "billing_tax"):
        protect(table, grants="select, insert, update, delete")
    for table in (
        *("billing_credit_note", "billing_credit_line", "billing_receipt", "billing_allocation", "billing_refund"),
        "billing_payment_request",
    ):
        protect(table, grants="select, insert")
    lookup("billing_link", grants="select, insert")


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
