"""Queries that return no rows while payments are sound; their names carry the numbers of the reliability rules."""


def _forgotten(row: str, job: str, argument: str) -> str:
    """The condition that a job that names a row by its id is neither planned nor on its way in the queue."""
    return f"""not exists (
              select from specie.due d
              where d.tenant_id = {row}.tenant_id and d.kind = '{job}' and d.payload ->> '{argument}' = {row}.id::text)
          and not exists (
              select from jobs.procrastinate_jobs j where j.task_name = '{job}'
                and j.status in ('todo', 'doing') and j.args -> 'arguments' ->> '{argument}' = {row}.id::text)"""


INVARIANTS: dict[str, str] = {
    "P-1: every charge of a provider is booked by exactly one entry that moved its amount": """
        select c.tenant_id, c.provider_ref from specie.provider_charge c
        left join specie.journal_entry e on e.tenant_id = c.tenant_id and e.id = c.entry_id
        where e.id is null
           or c.amount_minor <> (
               select coalesce(sum(p.amount_minor), 0) from specie.posting p
               join specie.account a on a.tenant_id = p.tenant_id and a.id = p.debit_account_id
               where p.tenant_id = c.tenant_id and p.entry_id = c.entry_id and a.code like 'asset:providers:%:clearing')
    """,
    "P-3: what is shared out of a payment adds up to what was collected": """
        select tenant_id, id from specie.payment
        where state in ('paid', 'partly_captured')
          and coalesce(collected_minor, amount_minor) <> net_minor + platform_fee_minor + coalesce(
            (select sum((split ->> 'amount_minor')::bigint) from jsonb_array_elements(splits) as split), 0)
    """,
    "P-4: a payment is paid by exactly its own amount in its own currency": """
        select p.tenant_id, p.id from specie.payment p
        left join specie.provider_charge c
          on c.tenant_id = p.tenant_id and c.payment_id = p.id and c.disposition = 'payment'
        where (p.collected_minor is null and (p.state = 'paid') <> (c.payment_id is not null))
           or c.amount_minor <> p.amount_minor or c.currency <> p.currency or c.entry_id <> p.entry_id
    """,
    "P-4: what a payment has collected in parts is what its captures brought, and never more than was authorised": """
        select p.tenant_id, p.id from specie.payment p
        where p.collected_minor > p.amount_minor or p.collected_minor <> (
            select coalesce(sum(c.amount_minor), 0) from specie.provider_charge c
            where c.tenant_id = p.tenant_id and c.payment_id = p.id and c.disposition in ('capture', 'payment'))
    """,
    "P-10: what may still be captured is what was authorised less what was captured or is on its way, or nothing": """
        select p.tenant_id, p.id, a.balance_minor from specie.payment p
        join specie.account a on a.tenant_id = p.tenant_id and a.id = p.capturable_account_id
        where a.balance_minor not in (0, p.amount_minor - coalesce((
            select sum(c.amount_minor) from specie.payment_capture c
            where c.tenant_id = p.tenant_id and c.payment_id = p.id and c.state <> 'failed'), 0))
           or (a.balance_minor > 0 and p.state not in ('authorized', 'partly_captured'))
    """,
    "P-10: a capture that is not decided is followed: planned to be asked about, or on its way in the queue": f"""
        select c.tenant_id, c.id from specie.payment_capture c
        where c.state in ('created', 'unknown', 'pending')
          and {_forgotten("c", "payments.capture_poll", "capture")}
    """,
    "P-9: an accepted dispute is followed until it ends: planned to be told again, or on its way in the queue": f"""
        select r.tenant_id, r.id from specie.payment_dispute r
        where r.state = 'created' and r.accepted_at is not null
          and {_forgotten("r", "payments.accept_dispute_poll", "dispute")}
    """,
    "P-4: money in suspense has an exception": """
        select c.tenant_id, c.provider_ref from specie.provider_charge c
        where c.disposition = 'suspense' and not exists (
            select from specie.payment_exception e where e.tenant_id = c.tenant_id and e.payment_id = c.payment_id)
    """,
    "P-5: states move along edges, without gaps, and end where the rows say": """
        with step as (
            select s.*, lag(to_state) over w as before, row_number() over w as nth, lead(seq) over w is null as is_last
            from specie.payment_state_change s window w as (partition by tenant_id, subject_id order by seq)
        )
        select step.tenant_id, step.subject_id, step.seq from step
        left join specie.payment_edge e
          on e.machine = step.machine and e.from_state = step.from_state and e.to_state = step.to_state
        left join specie.payment p on p.tenant_id = step.tenant_id and p.id = step.subject_id
        left join specie.payment_attempt a on a.tenant_id = step.tenant_id and a.id = step.subject_id
        left join specie.payment_refund r on r.tenant_id = step.tenant_id and r.id = step.subject_id
        left join specie.payment_capture c on c.tenant_id = step.tenant_id and c.id = step.subject_id
        left join specie.payment_dispute d on d.tenant_id = step.tenant_id and d.id = step.subject_id
        where step.seq <> step.nth
           or step.from_state is distinct from step.before
           or (step.from_state is null) <> (step.nth = 1)
           or (step.from_state is not null and e.machine is null)
           or (step.is_last and step.to_state is distinct from coalesce(p.state, a.state, r.state, c.state, d.state))
    """,
    "P-9: a refund's own account holds its money exactly as long as the provider has not decided": """
        select r.tenant_id, r.id, a.balance_minor from specie.payment_refund r
        join specie.account a on a.tenant_id = r.tenant_id and a.id = r.account_id
        where a.balance_minor <> case when r.state in ('created', 'pending', 'unknown') then r.amount_minor else 0 end
    """,
    "P-9: what may still be refunded is what was collected less what went back or is on its way": """
        select p.tenant_id, p.id, a.balance_minor from specie.payment p
        join specie.account a on a.tenant_id = p.tenant_id and a.id = p.refundable_account_id
        where a.balance_minor <> greatest(0, coalesce(p.collected_minor, p.amount_minor) - coalesce((
            select sum(r.amount_minor) from specie.payment_refund r
            where r.tenant_id = p.tenant_id and r.payment_id = p.id and r.state <> 'failed'), 0) - coalesce((
            select sum(d.amount_minor) from specie.payment_dispute d
            where d.tenant_id = p.tenant_id and d.payment_id = p.id and d.state <> 'won'), 0))
    """,
    "P-11: disputed money waits in its own account exactly as long as the bank has not decided": """
        select d.tenant_id, d.id, a.balance_minor from specie.payment_dispute d
        join specie.account a on a.tenant_id = d.tenant_id and a.id = d.account_id
        where a.balance_minor <> case when d.state = 'created' then d.amount_minor else 0 end
    """,
    "P-9: the parts of a refund add up to it": """
        select tenant_id, id from specie.payment_refund
        where amount_minor <> (parts ->> 'merchant_minor')::bigint + (parts ->> 'platform_fee_minor')::bigint
            + coalesce((
                select sum((each_one ->> 'amount_minor')::bigint)
                from jsonb_array_elements(parts -> 'others') as each_one), 0)
    """,
    "P-9: a refund that is not decided is followed: planned to be asked about, or on its way in the queue": f"""
        select r.tenant_id, r.id from specie.payment_refund r
        where r.state in ('created', 'unknown', 'pending')
          and {_forgotten("r", "payments.refund_poll", "refund")}
    """,
    "P-5: every payment, attempt and refund has a history": """
        select tenant_id, id from specie.payment p where not exists (
            select from specie.payment_state_change s where s.tenant_id = p.tenant_id and s.subject_id = p.id)
        union all
        select tenant_id, id from specie.payment_attempt a where not exists (
            select from specie.payment_state_change s where s.tenant_id = a.tenant_id and s.subject_id = a.id)
        union all
        select tenant_id, id from specie.payment_refund r where not exists (
            select from specie.payment_state_change s where s.tenant_id = r.tenant_id and s.subject_id = r.id)
    """,
    "P-8: whatever is live is followed: planned to be asked about, or on its way in the queue": f"""
        select a.tenant_id, a.id from specie.payment_attempt a
        where a.state in ('created', 'unknown', 'pending')
          and {_forgotten("a", "payments.poll", "attempt")}
    """,
    "a share on hold is released, or its release is planned": f"""
        select p.tenant_id, p.id from specie.payment p
        where p.held_until is not null and p.released_at is null
          and {_forgotten("p", "payments.release", "payment")}
    """,
}
