"""An account made for one document knows the control account that it is a leaf of, and from when to when it held money.

What customers owe, and what suppliers are owed, is read from those leaves alone that held something on the day.
"""

from alembic import op

from migrations.helpers import APP, for_each_tenant

revision = "0075"
down_revision = "0073"
branch_labels = None
depends_on = None

COLUMNS = """
alter table specie.account
    add column control text,
    add column first_on date,
    add column settled_on date,
    -- No row that is there has a control account yet.
    add constraint account_is_under_its_control check (control is null or starts_with(code, control || ':')) not valid,
    add constraint account_days_are_of_leaves
        check (control is not null or num_nonnulls(first_on, settled_on) = 0) not valid;
"""

# As it was in 0006, but that it keeps the two days of leaves; what is no leaf costs nothing more.
APPLY_POSTINGS = """
create or replace function specie.apply_postings() returns trigger language plpgsql
    security definer set search_path = specie, pg_temp as $$
declare
    touched bigint;
    moved bigint;
    tenants uuid[];
    leaves uuid[];
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
        returning a.tenant_id, case when a.control is not null then a.id end as leaf
    )
    select (select count(*) from outcome), count(*),
           array_agg(tenant_id) filter (where leaf is not null), array_agg(leaf) filter (where leaf is not null)
      into touched, moved, tenants, leaves
      from change;

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
    if leaves is not null then
        update account a
           set first_on = (select min(d.business_date) from account_day d
                            where d.tenant_id = a.tenant_id and d.account_id = a.id),
               settled_on = case when a.balance_minor = 0 then
                            (select max(d.business_date) from account_day d
                              where d.tenant_id = a.tenant_id and d.account_id = a.id) end
          from unnest(tenants, leaves) as leaf (tenant_id, id)
         where a.tenant_id = leaf.tenant_id and a.id = leaf.id;
    end if;
    return null;
end $$;
"""

# Processes of the release before open such accounts without saying so, until they are restarted.
OPENED_BY_OLDER_PROCESSES = """
create function specie.account_control() returns trigger language plpgsql as $$
begin
    new.control := regexp_replace(new.code, ':[^:]*$', '');
    return new;
end $$;
create trigger account_control before insert on specie.account for each row
    when (new.control is null and (starts_with(new.code, 'asset:billing:receivable:')
                                   or starts_with(new.code, 'liability:payables:owed:')))
    execute function specie.account_control();
"""

# A day skips from one day of settling to the next and reads of each only what had moved by then.
INDEX = """
-- squawk-ignore require-concurrent-index-creation
create index account_by_control on specie.account (tenant_id, control, currency, settled_on, first_on, id)
    where control is not null;
-- squawk-ignore require-concurrent-index-creation
create index billing_invoice_by_account on specie.billing_invoice (tenant_id, account_id) where account_id is not null;
-- squawk-ignore require-concurrent-index-creation
create index payables_bill_by_account on specie.payables_bill (tenant_id, account_id) where account_id is not null;
-- What a payment pays, of a customer or a supplier of very many documents.
-- squawk-ignore require-concurrent-index-creation
create index billing_invoice_open_of_customer on specie.billing_invoice (tenant_id, customer_id, due_on, id)
    where state in ('issued', 'part_paid');
-- squawk-ignore require-concurrent-index-creation
create index payables_bill_open_of_supplier on specie.payables_bill (tenant_id, supplier_id, due_on, id)
    where state in ('open', 'part_paid');
"""


def upgrade() -> None:
    # Whoever posts waits for some seconds for each million invoices and bills.
    op.execute("set local lock_timeout = '5s'")
    op.execute(COLUMNS)
    op.execute(f"grant insert (control) on specie.account to {APP}")
    op.execute(APPLY_POSTINGS)
    op.execute(OPENED_BY_OLDER_PROCESSES)
    for control in ("asset:billing:receivable", "liability:payables:owed"):
        for_each_tenant(f"""
        update specie.account a
           set control = '{control}', first_on = days.first_on,
               settled_on = case when a.balance_minor = 0 then days.last_on end
          from (select l.id, min(d.business_date) as first_on, max(d.business_date) as last_on
                  from specie.account l
                  left join specie.account_day d on d.tenant_id = l.tenant_id and d.account_id = l.id
                 where l.tenant_id = tenant and starts_with(l.code, '{control}:')
                 group by l.id) as days
         where a.tenant_id = tenant and a.id = days.id
        """)
    op.execute(INDEX)


def downgrade() -> None:
    raise NotImplementedError("Migrations only move forward; restore a backup to go back.")
