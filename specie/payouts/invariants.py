"""Queries that return no rows while payouts are sound; their names carry the numbers of the reliability rules."""

INVARIANTS: dict[str, str] = {
    "P-1: what a provider paid out is booked by exactly one entry that took its amount from the clearing account": """
        select c.tenant_id, c.provider_ref from specie.provider_payout c
        left join specie.journal_entry e on e.tenant_id = c.tenant_id and e.id = c.entry_id
        where e.id is null
           or c.amount_minor <> (
               select coalesce(sum(p.amount_minor), 0) from specie.posting p
               join specie.account a on a.tenant_id = p.tenant_id and a.id = p.credit_account_id
               join specie.account d on d.tenant_id = p.tenant_id and d.id = p.debit_account_id
               where p.tenant_id = c.tenant_id and p.entry_id = c.entry_id
                 and a.code like 'asset:providers:%:clearing' and d.type <> 'expense')
    """,
    "P-6: a payout has one attempt that may have moved money, and leaves once": """
        select tenant_id, payout_id from specie.payout_attempt
        where state not in ('failed', 'set_aside') group by tenant_id, payout_id having count(*) > 1
        union all
        select tenant_id, payout_id from specie.provider_payout
        where disposition = 'payout' group by tenant_id, payout_id having count(*) > 1
    """,
    "P-7: a payout has succeeded exactly when a provider paid its own amount, and no released one was paid": """
        select p.tenant_id, p.id from specie.payout p
        left join specie.provider_payout c
          on c.tenant_id = p.tenant_id and c.payout_id = p.id and c.disposition = 'payout'
        where (p.state in ('succeeded', 'returned')) <> (c.payout_id is not null)
           or c.amount_minor <> p.amount_minor or c.currency <> p.currency or c.entry_id <> p.entry_id
    """,
    "a payout under way holds its amount and fee, one that has ended holds nothing": """
        select p.tenant_id, p.id, p.state, a.balance_minor from specie.payout p
        join specie.hold h on h.tenant_id = p.tenant_id and h.id = p.hold_id
        join specie.account a on a.tenant_id = h.tenant_id and a.id = h.account_id
        where a.balance_minor <> case when p.state in ('requested', 'approved', 'sent', 'unknown')
              then p.amount_minor + p.fee_minor else 0 end
    """,
    "a return gives back the amount and the fee": """
        select p.tenant_id, p.id from specie.payout p
        where p.state = 'returned' and p.amount_minor + p.fee_minor <> (
            select coalesce(sum(g.amount_minor), 0) from specie.posting g
            join specie.wallet w on w.tenant_id = p.tenant_id and w.id = p.wallet_id
            where g.tenant_id = p.tenant_id and g.entry_id = p.return_entry_id
              and g.credit_account_id = w.available_account_id)
    """,
    "P-5: states move along edges, without gaps, and end where the rows say": """
        with step as (
            select s.*, lag(to_state) over w as before, row_number() over w as nth, lead(seq) over w is null as is_last
            from specie.payout_state_change s window w as (partition by tenant_id, subject_id order by seq)
        )
        select step.tenant_id, step.subject_id, step.seq from step
        left join specie.payout_edge e
          on e.machine = step.machine and e.from_state = step.from_state and e.to_state = step.to_state
        left join specie.payout p on p.tenant_id = step.tenant_id and p.id = step.subject_id
        left join specie.payout_attempt a on a.tenant_id = step.tenant_id and a.id = step.subject_id
        where step.seq <> step.nth
           or step.from_state is distinct from step.before
           or (step.from_state is null) <> (step.nth = 1)
           or (step.from_state is not null and e.machine is null)
           or (step.is_last and step.to_state is distinct from coalesce(p.state, a.state))
    """,
    "P-8: whatever may still change is followed: planned, or on its way in the queue": """
        select a.tenant_id, a.id from specie.payout_attempt a
        where a.state in ('created', 'unknown', 'pending')
          and not exists (
              select from specie.due d
              where d.tenant_id = a.tenant_id and d.kind = 'payouts.poll' and d.payload ->> 'attempt' = a.id::text)
          and not exists (
              select from jobs.procrastinate_jobs j where j.task_name = 'payouts.poll'
                and j.status in ('todo', 'doing') and j.args -> 'arguments' ->> 'attempt' = a.id::text)
    """,
    "what needed a second person left only with one's yes": """
        select p.tenant_id, p.id from specie.payout p
        where p.needs_approval and p.state not in ('requested', 'cancelled') and not exists (
            select from specie.approval a
            where a.tenant_id = p.tenant_id and a.subject_kind = 'payout' and a.state = 'approved'
              and exists (select from specie.payout_state_change s
                          where s.tenant_id = p.tenant_id and s.subject_id = p.id and s.to_state = 'approved'
                            and s.cause = 'approved by ' || a.checker))
    """,
    "a batch's lines add up to its total, and a finished one says of each line what became of it": """
        select b.tenant_id, b.id from specie.payout_batch b
        left join specie.payout_batch_line l on l.tenant_id = b.tenant_id and l.batch_id = b.id
        group by b.tenant_id, b.id, b.total_minor, b.state
        having b.total_minor <> coalesce(sum(l.amount_minor), 0)
            or (b.state = 'done' and bool_or(l.problem is null and l.payout_id is null))
    """,
}
