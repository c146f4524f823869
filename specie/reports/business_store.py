"""The SQL of business reports: cash flow, sales, tax and stock, each a sum of postings or of posted documents."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text

from specie.platform.db import UnitOfWork

# Cash is where a business's money is: at the bank or in the till. Money on its way at a provider is not there yet.
_CASH_FLOW = text("""
with cash as materialized (
    select a.id from specie.account a
     where a.tenant_id = :tenant and a.currency = :currency and a.type = 'asset'
   and (a.code ^@ 'asset:bank' or a.code ^@ 'asset:cash')
), moved as (
    select p.credit_account_id as other, p.amount_minor as inflow, 0::bigint as outflow
      from cash c join specie.posting p on p.tenant_id = :tenant and p.debit_account_id = c.id
     where p.business_date between :since and :until
       and p.credit_account_id not in (select id from cash)
     union all
    select p.debit_account_id, 0, p.amount_minor
      from cash c join specie.posting p on p.tenant_id = :tenant and p.credit_account_id = c.id
     where p.business_date between :since and :until
       and p.debit_account_id not in (select id from cash)
)
select array_to_string((string_to_array(a.code, ':'))[1:3], ':') as code,
       sum(m.inflow)::bigint as inflow, sum(m.outflow)::bigint as outflow
  from moved m
  join specie.account a on a.tenant_id = :tenant and a.id = m.other
 group by 1 order by 1
""")

_CASH_HELD = text("""
select coalesce(sum(d.debit_minor - d.credit_minor) filter (where d.business_date < :since), 0)::bigint as opening,
       coalesce(sum(d.debit_minor - d.credit_minor), 0)::bigint as closing
  from specie.account a
  join specie.account_day d on d.tenant_id = a.tenant_id and d.account_id = a.id and d.business_date <= :until
 where a.tenant_id = :tenant and a.currency = :currency and a.type = 'asset'
   and (a.code ^@ 'asset:bank' or a.code ^@ 'asset:cash')
""")

# What is sold is what was invoiced less what was credited, on the day of each document. A deposit sells nothing, and
# what was brought in was sold in the system used before.
_SOLD = """
with sold as (
    select i.id, i.number, i.id as shown, i.entry_id, i.customer_id, i.issued_on as day,
           l.product_id, l.description, l.quantity, l.net_minor, l.tax_minor
      from specie.billing_invoice i
      join specie.billing_line l on l.tenant_id = i.tenant_id and l.invoice_id = i.id
     where i.tenant_id = :tenant and i.currency = :currency and i.state <> 'draft' and not i.is_deposit
       and i.original_total_minor is null and i.issued_on between :since and :until
     union all
    select c.id, c.number, i.id, c.entry_id, c.customer_id, c.issued_on,
           l.product_id, l.description, -k.quantity, -k.net_minor, -k.tax_minor
      from specie.billing_credit_note c
      join specie.billing_invoice i on i.tenant_id = c.tenant_id and i.id = c.invoice_id and not i.is_deposit
      join specie.billing_credit_line k on k.tenant_id = c.tenant_id and k.credit_note_id = c.id
      join specie.billing_line l on l.tenant_id = k.tenant_id and l.invoice_id = k.invoice_id and l.n = k.n
     where c.tenant_id = :tenant and c.currency = :currency and c.issued_on between :since and :until
)
"""
_KEY = """case cast(:by as text) when 'product' then coalesce('p:' || product_id, 'd:' || description)
                              when 'customer' then customer_id::text
                              else to_char(day, 'YYYY-MM') end"""
_SALES = text(f"""{_SOLD}
select {_KEY} as key,
       max(description) as description, sum(quantity) as quantity,
       sum(net_minor)::bigint as net, sum(tax_minor)::bigint as tax
  from sold group by 1
 order by case when :by = 'month' then 0 else -sum(net_minor) end, 1
""")  # noqa: S608
_SOURCES = text(f"""{_SOLD}
select id, number, shown, entry_id, day, sum(net_minor)::bigint as net, sum(tax_minor)::bigint as tax
  from sold where {_KEY} = :key
 group by id, number, shown, entry_id, day order by day, number limit 1000
""")  # noqa: S608

# What is open is the balance of each document's account. Of an installment order the oldest parts are paid first, so
# what is open of each kind lies at the end of its schedule.
_DUE = text("""
with parts as (
    select o.id, o.title, l.due_on,
           least(l.principal_minor, greatest(0, p.balance_minor - coalesce(sum(l.principal_minor) over later, 0))) +
           least(l.interest_minor, greatest(0, i.balance_minor - coalesce(sum(l.interest_minor) over later, 0))) +
           least(l.fee_minor, greatest(0, f.balance_minor - coalesce(sum(l.fee_minor) over later, 0))) as open
      from specie.installment_order o
      join specie.installment_line l on l.tenant_id = o.tenant_id and l.order_id = o.id and l.schedule = o.schedule
      join specie.account p on p.tenant_id = o.tenant_id and p.id = o.principal_account_id
      join specie.account i on i.tenant_id = o.tenant_id and i.id = o.interest_account_id
      join specie.account f on f.tenant_id = o.tenant_id and f.id = o.fee_account_id
     where o.tenant_id = :tenant and o.currency = :currency and o.state = 'active'
    window later as (partition by o.id order by l.n desc rows between unbounded preceding and 1 preceding)
)
select i.due_on as day, i.number as name, 'invoice' as kind, i.id, a.balance_minor as inflow, 0::bigint as outflow
  from specie.billing_invoice i
  join specie.account a on a.tenant_id = i.tenant_id and a.id = i.account_id
 where i.tenant_id = :tenant and i.currency = :currency and i.state in ('issued', 'part_paid')
   and i.due_on <= :until and a.balance_minor > 0
 union all
select b.due_on, b.number, 'bill', b.id, 0, a.balance_minor
  from specie.payables_bill b
  join specie.account a on a.tenant_id = b.tenant_id and a.id = b.account_id
 where b.tenant_id = :tenant and b.currency = :currency and b.state in ('open', 'part_paid')
   and b.due_on <= :until and a.balance_minor > 0
 union all
select due_on, title, 'installment', id, open::bigint, 0 from parts where due_on <= :until and open > 0
 order by 1, 4
""")

_TAX = text("""
with charged as (
    select t.code, t.name, t.rate, t.base_minor as base, t.tax_minor as tax, 0::bigint as input_base, 0::bigint as input
      from specie.billing_tax t
      join specie.billing_invoice i on i.tenant_id = t.tenant_id and i.id = t.document_id and i.state <> 'draft'
     where t.tenant_id = :tenant and i.currency = :currency and i.issued_on between :since and :until
     union all
    select t.code, t.name, t.rate, -t.base_minor, -t.tax_minor, 0, 0
      from specie.billing_tax t
      join specie.billing_credit_note c on c.tenant_id = t.tenant_id and c.id = t.document_id
     where t.tenant_id = :tenant and c.currency = :currency and c.issued_on between :since and :until
     union all
    select part ->> 'code', part ->> 'name', (part ->> 'rate')::numeric, 0, 0,
           x.sign * (part ->> 'base_minor')::bigint, x.sign * (part ->> 'tax_minor')::bigint
      from (select b.tenant_id, b.id, 1 as sign from specie.payables_bill b
             where b.tenant_id = :tenant and b.currency = :currency and b.owed_on between :since and :until
             union all
            select d.tenant_id, d.id, -1 from specie.payables_debit_note d
             where d.tenant_id = :tenant and d.currency = :currency and d.issued_on between :since and :until) x
      join specie.payables_line l on l.tenant_id = x.tenant_id and l.document_id = x.id
     cross join jsonb_array_elements(l.said -> 'taxes') part
)
select code, max(name) as name, max(rate) as rate, sum(base)::bigint as base, sum(tax)::bigint as tax,
       sum(input_base)::bigint as input_base, sum(input)::bigint as input
  from charged group by code order by max(name), code
""")

# What there is now is known; what came later than the day is taken off it.
_STOCK = text("""
select l.product_id, l.account_id, w.name as warehouse, a.balance_minor - d.since as opening, d.came, d.went,
       (l.on_hand - (select coalesce(sum(m.quantity), 0) from specie.stock_movement m
                      where m.tenant_id = l.tenant_id and m.warehouse_id = l.warehouse_id
                        and m.product_id = l.product_id and m.effective_at > :end))::bigint as quantity
  from specie.stock_level l
  join specie.warehouse w on w.tenant_id = l.tenant_id and w.id = l.warehouse_id
  join specie.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
 cross join lateral (
        select coalesce(sum(debit_minor - credit_minor), 0)::bigint as since,
               coalesce(sum(debit_minor) filter (where business_date <= :until), 0)::bigint as came,
               coalesce(sum(credit_minor) filter (where business_date <= :until), 0)::bigint as went
          from specie.account_day
         where tenant_id = l.tenant_id and account_id = l.account_id and business_date >= :since) d
 where l.tenant_id = :tenant and w.currency = :currency
 order by w.name, l.product_id
""")


def _named(uow: UnitOfWork, currency: str, since: date, until: date) -> dict[str, object]:
    return {"tenant": uow.scope.tenant_id.uuid, "currency": currency, "since": since, "until": until}


async def cash_flow(uow: UnitOfWork, currency: str, since: date, until: date) -> tuple[Sequence[Row[Any]], Row[Any]]:
    """What came into cash and left it by what was on the other side, and cash before and after, in minor units."""
    named = _named(uow, currency, since, until)
    return (await uow.execute(_CASH_FLOW, named)).all(), (await uow.execute(_CASH_HELD, named)).one()


async def sales(uow: UnitOfWork, currency: str, since: date, until: date, by: str) -> Sequence[Row[Any]]:
    """What was sold by `product`, `customer` or `month`, less what was credited, in minor units."""
    return (await uow.execute(_SALES, _named(uow, currency, since, until) | {"by": by})).all()


async def sources(uow: UnitOfWork, currency: str, since: date, until: date, by: str, key: str) -> Sequence[Row[Any]]:
    """The first thousand documents behind one row of sales, in minor units."""
    return (await uow.execute(_SOURCES, _named(uow, currency, since, until) | {"by": by, "key": key})).all()


async def due(uow: UnitOfWork, currency: str, until: date) -> Sequence[Row[Any]]:
    """What is open and due by a day: invoices, bills and parts of installment orders, in minor units."""
    return (await uow.execute(_DUE, {"tenant": uow.scope.tenant_id.uuid, "currency": currency, "until": until})).all()


async def tax(uow: UnitOfWork, currency: str, since: date, until: date) -> Sequence[Row[Any]]:
    """What each tax comes to on sales and on purchases, in minor units."""
    return (await uow.execute(_TAX, _named(uow, currency, since, until))).all()


async def stock(uow: UnitOfWork, currency: str, since: date, until: date, end: datetime) -> Sequence[Row[Any]]:
    """What each product in each warehouse was worth before and after, in minor units, and how much of it there is."""
    return (await uow.execute(_STOCK, _named(uow, currency, since, until) | {"end": end})).all()
