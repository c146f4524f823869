"""Queries that return no rows while invoices, credit notes, payments and the ledger say the same."""

INVARIANTS: dict[str, str] = {
    "an invoice is the sum of its lines and of its taxes, and as much was posted to its account": """
        select i.tenant_id, i.id as invoice_id, i.total_minor, l.net_minor, l.tax_minor, t.tax_minor, p.posted_minor
          from specie.billing_invoice i
         cross join lateral (
               select coalesce(sum(net_minor), 0) as net_minor, coalesce(sum(tax_minor), 0) as tax_minor
                 from specie.billing_line where tenant_id = i.tenant_id and invoice_id = i.id) l
         cross join lateral (
               select coalesce(sum(tax_minor), 0) as tax_minor
                 from specie.billing_tax where tenant_id = i.tenant_id and document_id = i.id) t
         cross join lateral (
               select coalesce(sum(amount_minor), 0) as posted_minor
                 from specie.posting
                where tenant_id = i.tenant_id and entry_id = i.entry_id and debit_account_id = i.account_id) p
         where (l.net_minor, l.tax_minor, t.tax_minor) is distinct from (i.net_minor, i.tax_minor, i.tax_minor)
            or (i.state <> 'draft' and p.posted_minor <> i.total_minor)
    """,
    "what is open of an invoice is its total less what was allocated to it, and its state says so": """
        select i.tenant_id, i.id as invoice_id, i.state, i.total_minor, a.balance_minor, x.allocated_minor
          from specie.billing_invoice i
          join specie.account a on a.tenant_id = i.tenant_id and a.id = i.account_id
         cross join lateral (
               select coalesce(sum(amount_minor), 0) as allocated_minor,
                      coalesce(sum(amount_minor) filter (where source_id not in (
                          select c.id from specie.billing_credit_note c
                           where c.tenant_id = i.tenant_id and c.invoice_id = i.id)), 0) as received_minor
                 from specie.billing_allocation where tenant_id = i.tenant_id and invoice_id = i.id) x
         where a.balance_minor <>
               case when i.withdrawn_id is null then i.total_minor else 0 end - x.allocated_minor
            or i.state <> case
               when a.balance_minor = 0 and x.received_minor > 0 then 'paid'
               when a.balance_minor = 0 then 'void'
               when x.received_minor > 0 then 'part_paid'
               else 'issued' end
    """,
    "every account of what customers owe belongs to an invoice and is a leaf of their control account": """
        select a.tenant_id, a.id as account_id, a.code, a.control
          from specie.account a
         where a.code like 'asset:billing:receivable:%'
           and (a.control is distinct from 'asset:billing:receivable' or not exists (
               select 1 from specie.billing_invoice i where i.tenant_id = a.tenant_id and i.account_id = a.id))
    """,
    # Tax that is paid to the state is booked by hand, and is no document's.
    "documents posted to a tax account what invoices charged less what credit notes took back": """
        with told as (
            select t.tenant_id, t.code, i.currency, t.tax_minor
              from specie.billing_tax t
              join specie.billing_invoice i
                   on i.tenant_id = t.tenant_id and i.id = t.document_id and i.state <> 'draft'
             union all
            select t.tenant_id, t.code, c.currency, -t.tax_minor
              from specie.billing_tax t
              join specie.billing_credit_note c on c.tenant_id = t.tenant_id and c.id = t.document_id
        ), charged as (
            select tenant_id, 'liability:billing:tax:' || code as code, currency, sum(tax_minor) as tax_minor
              from told group by tenant_id, code, currency
        ), posted as (
            select a.tenant_id, a.code, a.currency,
                   sum(case when p.credit_account_id = a.id then p.amount_minor else -p.amount_minor end)
                   as posted_minor
              from specie.account a
              join specie.posting p
                   on p.tenant_id = a.tenant_id and a.id in (p.debit_account_id, p.credit_account_id)
              join specie.journal_entry j
                   on j.tenant_id = p.tenant_id and j.id = p.entry_id and j.recipe like 'billing.%'
             where a.code like 'liability:billing:tax:%'
             group by a.tenant_id, a.code, a.currency
        )
        select tenant_id, code, currency, tax_minor, posted_minor
          from charged full join posted using (tenant_id, code, currency)
         where coalesce(tax_minor, 0) <> coalesce(posted_minor, 0)
    """,
    "a deposit asks for what is open of it, and is no sale": """
        select i.tenant_id, i.id as invoice_id, a.code, a.balance_minor, r.balance_minor as open_minor
          from specie.billing_invoice i
          join specie.account r on r.tenant_id = i.tenant_id and r.id = i.account_id
          join specie.posting p on p.tenant_id = i.tenant_id and p.entry_id = i.entry_id
               and p.debit_account_id = i.account_id
          join specie.account a on a.tenant_id = p.tenant_id and a.id = p.credit_account_id
         where i.is_deposit
           and (a.balance_minor <> r.balance_minor or a.code not like 'liability:billing:deposits-asked:%')
    """,
    "what may be credited of an invoice is its total less its credit notes, and of a deposit less its payments": """
        select i.tenant_id, i.id as invoice_id, i.total_minor, a.balance_minor, c.credited_minor
          from specie.billing_invoice i
          join specie.account a on a.tenant_id = i.tenant_id and a.id = i.creditable_id
         cross join lateral (
               select coalesce(sum(net_minor + tax_minor), 0) as credited_minor
                 from specie.billing_credit_note where tenant_id = i.tenant_id and invoice_id = i.id) c
         cross join lateral (
               select coalesce(sum(x.amount_minor), 0) as paid_minor
                 from specie.billing_allocation x
                where i.is_deposit and x.tenant_id = i.tenant_id and x.invoice_id = i.id
                  and x.source_id not in (select n.id from specie.billing_credit_note n
                                           where n.tenant_id = i.tenant_id and n.invoice_id = i.id)) d
         where a.balance_minor <>
               case when i.withdrawn_id is null then i.total_minor else 0 end - c.credited_minor - d.paid_minor
    """,
    "an invoice that was brought in came out of opening equity, and was withdrawn when that was reversed": """
        select i.tenant_id, i.id as invoice_id, i.withdrawn_id, r.id as reversal_id
          from specie.billing_invoice i
          left join specie.journal_entry r on r.tenant_id = i.tenant_id and r.reverses_id = i.entry_id
         where i.original_total_minor is not null
           and (i.withdrawn_id is distinct from r.id
                or not exists (
                    select 1 from specie.posting p
                      join specie.account e on e.tenant_id = p.tenant_id and e.id = p.credit_account_id
                     where p.tenant_id = i.tenant_id and p.entry_id = i.entry_id
                       and p.debit_account_id = i.account_id and e.code = 'equity:opening'))
    """,
    "a customer's credit is what was paid or credited less what it has paid and what was paid back": """
        with source as (
            select tenant_id, id, account_id, amount_minor from specie.billing_receipt
             union all
            select tenant_id, id, account_id, net_minor + tax_minor from specie.billing_credit_note
             union all
            select i.tenant_id, i.id, i.deposit_id, coalesce(sum(x.amount_minor), 0)
              from specie.billing_invoice i
              left join specie.billing_allocation x on x.tenant_id = i.tenant_id and x.invoice_id = i.id
                   and x.source_id not in (select c.id from specie.billing_credit_note c
                                            where c.tenant_id = i.tenant_id and c.invoice_id = i.id)
             where i.deposit_id is not null
             group by i.tenant_id, i.id
        )
        select s.tenant_id, s.id as source_id, s.amount_minor, a.balance_minor
          from source s
          join specie.account a on a.tenant_id = s.tenant_id and a.id = s.account_id
         where a.balance_minor <> s.amount_minor
               - (select coalesce(sum(x.amount_minor), 0) from specie.billing_allocation x
                   where x.tenant_id = s.tenant_id and x.source_id = s.id)
               - (select coalesce(sum(r.amount_minor), 0) from specie.billing_refund r
                   where r.tenant_id = s.tenant_id and r.source_id = s.id)
    """,
    "numbers have no gaps": """
        with given as (
            select tenant_id, 'invoice' as series, n from specie.billing_invoice where n is not null
             union all
            select tenant_id, 'credit_note', n from specie.billing_credit_note
        )
        select tenant_id, series, s.last_n, max(g.n) as highest, count(g.n) as used
          from given g
          full join specie.billing_series s using (tenant_id, series)
         group by tenant_id, series, s.last_n
        having count(g.n) is distinct from s.last_n or max(g.n) is distinct from s.last_n
    """,
    "a credit note is the sum of its lines and of its taxes": """
        select c.tenant_id, c.id as credit_note_id, c.net_minor, c.tax_minor
          from specie.billing_credit_note c
         cross join lateral (
               select coalesce(sum(net_minor), 0) as net_minor, coalesce(sum(tax_minor), 0) as tax_minor
                 from specie.billing_credit_line where tenant_id = c.tenant_id and credit_note_id = c.id) l
         cross join lateral (
               select coalesce(sum(tax_minor), 0) as tax_minor
                 from specie.billing_tax where tenant_id = c.tenant_id and document_id = c.id) t
         where (l.net_minor, l.tax_minor, t.tax_minor) is distinct from (c.net_minor, c.tax_minor, c.tax_minor)
    """,
    "each period of a recurring invoice has one invoice, and its next day follows from its first": """
        select r.tenant_id, r.id as recurring_id, r.next_period, r.next_on, x.latest
          from specie.billing_recurring r
         cross join lateral (
               select max(period) as latest, count(*) filter (where i.id is null or i.customer_id <> r.customer_id)
                      as strange
                 from specie.billing_recurring_run n
                 left join specie.billing_invoice i on i.tenant_id = n.tenant_id and i.id = n.invoice_id
                where n.tenant_id = r.tenant_id and n.recurring_id = r.id) x
         where x.latest >= r.next_period
            or (r.state <> 'ended' and r.next_on <> (r.starts_on + r.every * r.next_period * case r.unit
                when 'week' then interval '7 days' when 'month' then interval '1 month'
                else interval '1 year' end)::date)
    """,
    # A promise of a turn below one is older than this rule; its invoice may have lines that nothing was promised of.
    "stock promises an invoice what it has still to give out, and none that has nothing to give out": """
        with promised as (
            select tenant_id, specie.id_uuid(cause_id) as invoice_id, cause_id, product_id, sum(wanted) as wanted,
                   min(min(turn)) over (partition by tenant_id, cause_id) as turn
              from specie.stock_reservation where cause_kind = 'invoice'
             group by tenant_id, cause_id, product_id
        ), open as (
            select i.tenant_id, i.id as invoice_id, d.id as product_id,
                   sum(l.quantity - coalesce(c.quantity, 0)) * 1000000 as wanted
              from (select distinct tenant_id, invoice_id, cause_id from promised) n
              join specie.billing_invoice i
                   on i.tenant_id = n.tenant_id and i.id = n.invoice_id
                  and i.order_id is null and i.state in ('issued', 'part_paid', 'paid')
              join specie.billing_line l
                   on l.tenant_id = i.tenant_id and l.invoice_id = i.id and l.product_id is not null
              join specie.product d
                   on d.tenant_id = l.tenant_id and d.id = specie.id_uuid(l.product_id) and d.kind = 'product'
              left join lateral (
                   select sum(quantity) as quantity from specie.billing_credit_line
                    where tenant_id = l.tenant_id and invoice_id = l.invoice_id and n = l.n) c on true
             where not exists (
                   select from specie.stock_movement m
                    where m.tenant_id = n.tenant_id and m.cause_kind = 'invoice' and m.cause_id = n.cause_id)
             group by i.tenant_id, i.id, d.id
            having sum(l.quantity - coalesce(c.quantity, 0)) > 0
        )
        select tenant_id, invoice_id, product_id, p.wanted as promised, o.wanted as to_give
          from promised p
          full join open o using (tenant_id, invoice_id, product_id)
         where p.wanted is distinct from o.wanted
           and (p.wanted is not null or exists (
               select from promised every
                where every.tenant_id = o.tenant_id and every.invoice_id = o.invoice_id and every.turn > 0))
    """,
}
