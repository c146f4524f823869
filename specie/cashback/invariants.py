"""Queries that return no rows while cashback is sound."""

INVARIANTS: dict[str, str] = {
    "cashback on its way lies in an account of its own, and what is no longer on its way does not": """
        select c.tenant_id, c.id from specie.cashback_accrual c
        join specie.account a on a.tenant_id = c.tenant_id and a.id = c.account_id
        where a.balance_minor <> case when c.state in ('pending', 'confirmed') then c.kept_minor else 0 end
    """,
    "an offer has given what its cashback keeps and what it bore of spent cashback": """
        select o.tenant_id, o.id from specie.cashback_offer o
        join specie.account a on a.tenant_id = o.tenant_id and a.id = o.total_account_id
        where -a.balance_minor <> (
            select coalesce(sum(c.kept_minor + c.borne_minor), 0) from specie.cashback_accrual c
            where c.tenant_id = o.tenant_id and c.offer_id = o.id)
    """,
    "what was paid into a budget is still there or was given": """
        select o.tenant_id, o.id from specie.cashback_offer o
        join specie.account a on a.tenant_id = o.tenant_id and a.id = o.budget_account_id
        join specie.account g on g.tenant_id = o.tenant_id and g.id = o.total_account_id
        where a.balance_minor - g.balance_minor <> (
            select coalesce(sum(case when p.credit_account_id = a.id then p.amount_minor else -p.amount_minor end), 0)
            from specie.posting p
            join specie.journal_entry e on e.tenant_id = p.tenant_id and e.id = p.entry_id
            where p.tenant_id = o.tenant_id and a.id in (p.debit_account_id, p.credit_account_id)
              and e.recipe in ('cashback.fund@1', 'cashback.withdraw@1'))
    """,
    "a customer's counter shows what the offer gave under a cap": """
        select c.tenant_id, c.counter_account_id from specie.cashback_accrual c
        join specie.account a on a.tenant_id = c.tenant_id and a.id = c.counter_account_id
        group by c.tenant_id, c.counter_account_id, a.balance_minor
        having -a.balance_minor <> sum(c.kept_minor + c.borne_minor)
    """,
    "a purse holds no more than matured cashback and what a customer had before that are left in it": """
        select w.tenant_id, w.id from specie.wallet w
        join specie.account a on a.tenant_id = w.tenant_id and a.id = w.available_account_id
        where w.purpose = 'cashback' and a.balance_minor > (
            -- What an offer has borne had been spent, and may come back with what it was spent on.
            select coalesce(sum(c.kept_minor + c.borne_minor - c.expired_minor), 0) from specie.cashback_accrual c
            where c.tenant_id = w.tenant_id and c.party_id = w.party_id and c.currency = w.currency
              and c.state in ('available', 'paid', 'expired', 'reversed')) + (
            select coalesce(sum(p.amount_minor), 0) from specie.posting p
            join specie.journal_entry e on e.tenant_id = p.tenant_id and e.id = p.entry_id
            where p.tenant_id = w.tenant_id and p.credit_account_id = a.id and e.recipe = 'ledger.opening@1'
              and not exists (
                  select from specie.journal_entry r where r.tenant_id = e.tenant_id and r.reverses_id = e.id))
    """,
    "a purchase counts what came back, and is reversed when nothing was kept": """
        select p.tenant_id, p.id from specie.cashback_purchase p
        where p.returned_minor <> (
                select coalesce(sum(r.amount_minor), 0) from specie.cashback_return r
                where r.tenant_id = p.tenant_id and r.purchase_id = p.id)
           or (p.state = 'reversed') <> (p.returned_minor = p.amount_minor)
    """,
    "cashback follows its purchase": """
        select c.tenant_id, c.id from specie.cashback_accrual c
        join specie.cashback_purchase p on p.tenant_id = c.tenant_id and p.id = c.purchase_id
        where (c.state = 'pending' and p.state <> 'pending')
           or (p.state in ('rejected', 'reversed') and c.state <> 'reversed')
           or (c.state = 'reversed') <> (c.kept_minor = 0)
           or c.expired_minor > c.kept_minor
    """,
    "confirmed cashback becomes available: that is planned, or on its way in the queue": """
        select c.tenant_id, c.id from specie.cashback_accrual c
        where c.state = 'confirmed'
          and not exists (
              select from specie.due d
              where d.tenant_id = c.tenant_id and d.kind = 'cashback.mature' and d.payload ->> 'accrual' = c.id::text)
          and not exists (
              select from jobs.procrastinate_jobs j where j.task_name = 'cashback.mature'
                and j.status in ('todo', 'doing') and j.args -> 'arguments' ->> 'accrual' = c.id::text)
    """,
}
