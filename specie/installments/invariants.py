"""Queries that return no rows while orders, their schedules and the ledger say the same."""

INVARIANTS: dict[str, str] = {
    "the principal of a schedule is the purchase less what came back of it": """
        select o.tenant_id, o.id as order_id, o.amount_minor, sum(l.principal_minor) as principal_minor
          from specie.installment_order o
          left join specie.installment_line l
               on l.tenant_id = o.tenant_id and l.order_id = o.id and l.schedule = o.schedule
         where o.principal_account_id is not null
         group by o.tenant_id, o.id
        having coalesce(sum(l.principal_minor), 0) <> o.amount_minor - (
               select coalesce(sum(r.lowered_minor), 0)
                 from specie.installment_return r
                where r.tenant_id = o.tenant_id and r.order_id = o.id)
    """,
    "what is open of an order is no more than its schedule, and an ended order owes nothing": """
        select o.tenant_id, o.id as order_id, a.code, a.balance_minor
          from specie.installment_order o
         cross join lateral (
               select coalesce(sum(principal_minor), 0) as principal, coalesce(sum(interest_minor), 0) as interest,
                      coalesce(sum(fee_minor), 0) as fee
                 from specie.installment_line l
                where l.tenant_id = o.tenant_id and l.order_id = o.id and l.schedule = o.schedule) s
         cross join lateral (values (o.principal_account_id, s.principal), (o.interest_account_id, s.interest),
                                    (o.fee_account_id, s.fee), (o.penalty_account_id, null)) as x (account_id, most)
          join specie.account a on a.tenant_id = o.tenant_id and a.id = x.account_id
         where a.balance_minor > x.most or (o.state <> 'active' and a.balance_minor <> 0)
    """,
    "interest not yet earned is that of the parts still to run": """
        select o.tenant_id, o.id as order_id, a.balance_minor
          from specie.installment_order o
          join specie.account a on a.tenant_id = o.tenant_id and a.id = o.unearned_account_id
         where a.balance_minor <> case when o.state <> 'active' then 0 else (
               select coalesce(sum(l.interest_minor), 0)
                 from specie.installment_line l
                where l.tenant_id = o.tenant_id and l.order_id = o.id and l.schedule = o.schedule
                  and l.kind = 'part' and l.due_on > o.earned_through) end
    """,
    "a credit line is taken up by what its customer owes for purchases, and by what is set aside for them": """
        select a.tenant_id, a.id as account_id, a.code, a.balance_minor
          from specie.account a
         where a.code like 'memo:installments:pty%:line'
           and a.balance_minor <> -(
               select coalesce(sum(p.balance_minor), 0)
                 from specie.installment_order o
                 join specie.account p on p.tenant_id = o.tenant_id and p.id = o.principal_account_id
                where o.tenant_id = a.tenant_id and o.line_account_id = a.id)
              - (select coalesce(sum(r.balance_minor), 0)
                   from specie.account r
                  where r.tenant_id = a.tenant_id and r.owner_party_id = a.owner_party_id and r.currency = a.currency
                    and r.code like 'memo:installments:ino%:reserved')
    """,
    "every account of what is owed in installments belongs to an order": """
        select a.tenant_id, a.id as account_id, a.code
          from specie.account a
         where a.code like 'asset:installments:%'
           and not exists (
               select 1
                 from specie.installment_order o
                where o.tenant_id = a.tenant_id
                  and a.id in (o.principal_account_id, o.interest_account_id, o.fee_account_id, o.penalty_account_id))
    """,
    "credit is set aside for orders that wait to begin, and for no others": """
        select r.tenant_id, r.id as account_id, r.code, r.balance_minor
          from specie.account r
         where r.code like 'memo:installments:ino%:reserved' and r.balance_minor <> 0
           and not exists (
               select 1
                 from specie.journal_entry e
                 join specie.installment_entry x on x.tenant_id = e.tenant_id and x.entry_id = e.id
                 join specie.installment_order o on o.tenant_id = x.tenant_id and o.id = x.order_id
                where e.tenant_id = r.tenant_id and o.state = 'reserved' and x.kind = 'reserved'
                  and exists (select 1 from specie.posting p
                               where p.tenant_id = e.tenant_id and p.entry_id = e.id and p.debit_account_id = r.id))
    """,
    "late fees stay below the cap of their order": """
        select o.tenant_id, o.id as order_id, sum(f.amount_minor) as charged_minor
          from specie.installment_order o
          join specie.installment_late_fee f on f.tenant_id = o.tenant_id and f.order_id = o.id
         group by o.tenant_id, o.id
        having sum(f.amount_minor) > (o.terms ->> 'late_fee_cap_minor')::bigint
    """,
}
