"""Queries that return no rows while orders, bills, payments made and the ledger say the same."""

INVARIANTS: dict[str, str] = {
    "a bill is the sum of its lines, and as much was posted to its account": """
        select b.tenant_id, b.id as bill_id, b.net_minor, b.tax_minor, l.net_minor, l.tax_minor, p.posted_minor
          from specie.payables_bill b
         cross join lateral (
               select coalesce(sum(net_minor), 0) as net_minor, coalesce(sum(tax_minor), 0) as tax_minor
                 from specie.payables_line where tenant_id = b.tenant_id and document_id = b.id) l
         cross join lateral (
               select coalesce(sum(case when credit_account_id = b.account_id then amount_minor
                                        else -amount_minor end), 0) as posted_minor
                 from specie.posting
                where tenant_id = b.tenant_id and entry_id = b.entry_id
                  and b.account_id in (debit_account_id, credit_account_id)) p
         where (l.net_minor, l.tax_minor) is distinct from (b.net_minor::numeric, b.tax_minor::numeric)
            or p.posted_minor <> case when b.entry_id is null then 0 else b.net_minor + b.tax_minor end
    """,
    "what is owed of a bill is its total less what was allocated to it or is on its way, and its state says so": """
        select b.tenant_id, b.id as bill_id, b.state, a.balance_minor, x.allocated_minor, w.way_minor, w.arrived_minor
          from specie.payables_bill b
          join specie.account a on a.tenant_id = b.tenant_id and a.id = b.account_id
         cross join lateral (
               select coalesce(sum(amount_minor), 0) as allocated_minor,
                      coalesce(sum(amount_minor) filter (where source_id not in (
                          select d.id from specie.payables_debit_note d
                           where d.tenant_id = b.tenant_id and d.bill_id = b.id)), 0) as paid_minor
                 from specie.payables_allocation where tenant_id = b.tenant_id and bill_id = b.id) x
         cross join lateral (
               select coalesce(sum(s.amount_minor) filter (where p.state = 'under_way'), 0) as way_minor,
                      coalesce(sum(s.amount_minor) filter (where p.state = 'paid'), 0) as arrived_minor
                 from specie.payables_payout_bill s
                 join specie.payables_payout p on p.tenant_id = s.tenant_id and p.id = s.supplier_payout_id
                where s.tenant_id = b.tenant_id and s.bill_id = b.id) w
         where a.balance_minor <> case when b.withdrawn_id is null then b.net_minor + b.tax_minor else 0 end
               - x.allocated_minor - w.way_minor - w.arrived_minor
            or b.state <> case
               when w.way_minor > 0 then 'paying'
               when a.balance_minor = 0 and x.paid_minor + w.arrived_minor > 0 then 'paid'
               when a.balance_minor = 0 then 'void'
               when x.paid_minor + w.arrived_minor > 0 then 'part_paid'
               else 'open' end
    """,
    "what is on its way to a supplier is what its payout holds, and its bills end as the payout does": """
        select p.tenant_id, p.id as supplier_payout_id, p.state, o.state as payout_state, s.amount_minor
          from specie.payables_payout p
          left join specie.payout o on o.tenant_id = p.tenant_id and o.id = p.payout_id
         cross join lateral (
               select sum(amount_minor) as amount_minor,
                      bool_and((back_entry_id is not null) = (p.state in ('failed', 'returned'))) as is_back
                 from specie.payables_payout_bill where tenant_id = p.tenant_id and supplier_payout_id = p.id) s
         where s.amount_minor is distinct from p.amount_minor or not s.is_back
            or o.amount_minor is distinct from p.amount_minor
            or p.state <> case o.state
               when 'succeeded' then 'paid'
               when 'returned' then 'returned'
               when 'failed' then 'failed'
               when 'cancelled' then 'failed'
               else 'under_way' end
    """,
    "every account of what suppliers are owed belongs to a bill and is a leaf of their control account": """
        select a.tenant_id, a.id as account_id, a.code, a.control
          from specie.account a
         where a.code like 'liability:payables:owed:%'
           and (a.control is distinct from 'liability:payables:owed' or not exists (
               select 1 from specie.payables_bill b where b.tenant_id = a.tenant_id and b.account_id = a.id))
    """,
    "what may be taken back of a bill is its total less its debit notes": """
        select b.tenant_id, b.id as bill_id, a.balance_minor, d.debited_minor
          from specie.payables_bill b
          join specie.account a on a.tenant_id = b.tenant_id and a.id = b.debitable_id
         cross join lateral (
               select coalesce(sum(net_minor + tax_minor), 0) as debited_minor
                 from specie.payables_debit_note where tenant_id = b.tenant_id and bill_id = b.id) d
         where a.balance_minor <>
               case when b.withdrawn_id is null then b.net_minor + b.tax_minor else 0 end - d.debited_minor
    """,
    "a bill that was brought in went into opening equity, and was withdrawn when that was reversed": """
        select b.tenant_id, b.id as bill_id, b.withdrawn_id, r.id as reversal_id
          from specie.payables_bill b
          left join specie.journal_entry r on r.tenant_id = b.tenant_id and r.reverses_id = b.entry_id
         where b.original_total_minor is not null
           and (b.withdrawn_id is distinct from r.id
                or not exists (
                    select 1 from specie.posting p
                      join specie.account e on e.tenant_id = p.tenant_id and e.id = p.debit_account_id
                     where p.tenant_id = b.tenant_id and p.entry_id = b.entry_id
                       and p.credit_account_id = b.account_id and e.code = 'equity:opening'))
    """,
    "what was paid in advance is what was paid or debited less what it has paid": """
        with source as (
            select tenant_id, id, account_id, amount_minor from specie.payables_payment
             union all
            select tenant_id, id, account_id, net_minor + tax_minor from specie.payables_debit_note
        )
        select s.tenant_id, s.id as source_id, s.amount_minor, a.balance_minor
          from source s
          join specie.account a on a.tenant_id = s.tenant_id and a.id = s.account_id
         where a.balance_minor <> s.amount_minor
               - (select coalesce(sum(x.amount_minor), 0) from specie.payables_allocation x
                   where x.tenant_id = s.tenant_id and x.source_id = s.id)
    """,
    "a bill that nobody accepted by hand bills of its order what came, at the order's price": """
        select b.tenant_id, b.id as bill_id, l.n, l.net_minor, l.cleared_minor
          from specie.payables_bill b
          join specie.payables_line l on l.tenant_id = b.tenant_id and l.document_id = b.id
         where b.entry_id is not null and b.reason = '' and b.order_id is not null
           and (l.order_line is null
                or (l.said ->> 'product_id' is not null and abs(l.cleared_minor - l.net_minor) > 1))
    """,
    "no more came of an order than was ordered": """
        select o.tenant_id, o.id as order_id, l.n, l.quantity, r.quantity as received
          from specie.payables_order o
          join specie.payables_line l on l.tenant_id = o.tenant_id and l.document_id = o.id
         cross join lateral (
               select coalesce(sum(x.quantity), 0) as quantity
                 from specie.payables_receipt g
                 join specie.payables_line x on x.tenant_id = g.tenant_id and x.document_id = g.id
                where g.tenant_id = o.tenant_id and g.order_id = o.id and x.order_line = l.n) r
         where r.quantity > l.quantity
    """,
    "numbers have no gaps": """
        with given as (
            select tenant_id, 'order' as series, n from specie.payables_order
             union all
            select tenant_id, 'bill', n from specie.payables_bill where n is not null
             union all
            select tenant_id, 'debit_note', n from specie.payables_debit_note
        )
        select tenant_id, series, s.last_n, max(g.n) as highest, count(g.n) as used
          from given g
          full join specie.payables_series s using (tenant_id, series)
         group by tenant_id, series, s.last_n
        having count(g.n) is distinct from s.last_n or max(g.n) is distinct from s.last_n
    """,
}
