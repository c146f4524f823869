"""Queries that return no rows while every settlement is explained by its lines and the postings behind them."""

_COVERED = """
    select s.tenant_id, s.id, s.account_id, p.entry_id, p.amount_minor
      from specie.settlement s
      join specie.posting p on p.tenant_id = s.tenant_id and p.credit_account_id = s.account_id
       and p.recorded_at >= s.credit_since and p.recorded_at <= s.cut_off_at
       and p.credit_version > s.credit_after and p.credit_version <= s.credit_through
    union all
    select s.tenant_id, s.id, s.account_id, p.entry_id, -p.amount_minor
      from specie.settlement s
      join specie.posting p on p.tenant_id = s.tenant_id and p.debit_account_id = s.account_id
       and p.recorded_at >= s.debit_since and p.recorded_at <= s.seen_at
       and p.debit_version > s.debit_after and p.debit_version <= s.debit_through
"""

_OWED_CAUSES = """
    ('sales', 'purchases', 'installments', 'refunds', 'refunds_given_back', 'disputes', 'disputes_won', 'released',
     'other_credits', 'other_debits')
"""

INVARIANTS: dict[str, str] = {
    "L-14: the lines of a settlement sum to its payout": """
        select s.tenant_id, s.id, s.payout_minor from specie.settlement s
        where s.payout_minor <> (
            select coalesce(sum(l.amount_minor), 0) from specie.settlement_line l
            where l.tenant_id = s.tenant_id and l.settlement_id = s.id)
    """,
    "what a settlement pays was posted to the wallet, and what it owed left the pending account": f"""
        select s.tenant_id, s.id from specie.settlement s
        where s.payout_minor <> (
                select coalesce(sum(p.amount_minor), 0) from specie.posting p
                join specie.wallet w on w.tenant_id = p.tenant_id and w.available_account_id = p.credit_account_id
                where p.tenant_id = s.tenant_id and p.entry_id = s.entry_id and w.party_id = s.party_id)
           or (select coalesce(sum(l.amount_minor), 0) from specie.settlement_line l
               where l.tenant_id = s.tenant_id and l.settlement_id = s.id and l.cause in {_OWED_CAUSES})
              <> (select coalesce(sum(case when p.debit_account_id = s.account_id then p.amount_minor
                                           when p.credit_account_id = s.account_id then -p.amount_minor
                                           else 0 end), 0)
                  from specie.posting p where p.tenant_id = s.tenant_id and p.entry_id = s.entry_id)
    """,
    "the lines of what was owed are the postings that the settlement took in": f"""
        with covered as ({_COVERED}), taken as (
            select c.tenant_id, c.id, sum(c.amount_minor) as minor from covered c
            join specie.journal_entry e on e.tenant_id = c.tenant_id and e.id = c.entry_id
            where e.recipe not like 'settlement.%' group by c.tenant_id, c.id
        )
        select s.tenant_id, s.id from specie.settlement s
        left join taken t on t.tenant_id = s.tenant_id and t.id = s.id
        where coalesce(t.minor, 0) <> (
            select coalesce(sum(l.amount_minor), 0) from specie.settlement_line l
            where l.tenant_id = s.tenant_id and l.settlement_id = s.id and l.cause in {_OWED_CAUSES})
    """,
    "each settlement begins where the one before it ended": """
        with chain as (
            select s.*, lag(credit_through) over w as credits_before, lag(debit_through) over w as debits_before
            from specie.settlement s
            window w as (partition by tenant_id, party_id, currency order by debit_through)
        )
        select tenant_id, id from chain
        where credit_after <> coalesce(credits_before, 0) or debit_after <> coalesce(debits_before, 0)
    """,
    "what a settled merchant has pending is exactly what no settlement has taken in": """
        with last as (
            select distinct on (tenant_id, party_id, currency) * from specie.settlement
            order by tenant_id, party_id, currency, debit_through desc
        ), open as (
            select l.tenant_id, l.id, sum(p.amount_minor) as minor from last l
            join specie.posting p on p.tenant_id = l.tenant_id and p.credit_account_id = l.account_id
             and p.recorded_at >= least(l.cut_off_at, l.seen_at) and p.credit_version > l.credit_through
            join specie.journal_entry e on e.tenant_id = p.tenant_id and e.id = p.entry_id
            where e.recipe not like 'settlement.%' group by l.tenant_id, l.id
            union all
            select l.tenant_id, l.id, -sum(p.amount_minor) from last l
            join specie.posting p on p.tenant_id = l.tenant_id and p.debit_account_id = l.account_id
             and p.recorded_at >= l.seen_at and p.debit_version > l.debit_through
            join specie.journal_entry e on e.tenant_id = p.tenant_id and e.id = p.entry_id
            where e.recipe not like 'settlement.%' group by l.tenant_id, l.id
        )
        select l.tenant_id, l.id, a.balance_minor from last l
        join specie.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
        where a.balance_minor <> (
            select coalesce(sum(o.minor), 0) from open o where o.tenant_id = l.tenant_id and o.id = l.id)
    """,
    "a merchant's reserve is what its settlements kept and none has released": """
        select a.tenant_id, a.code, a.balance_minor from specie.account a
        where a.code like 'liability:settlement:%:reserve' and a.balance_minor <> (
            select coalesce(sum(r.amount_minor), 0) from specie.settlement_reserve r
            where r.tenant_id = a.tenant_id and r.party_id = a.owner_party_id and r.currency = a.currency
              and r.released_in is null)
    """,
    "what a settlement keeps and releases are lines of it": """
        select s.tenant_id, s.id from specie.settlement s
        where s.reserve_minor <> (select coalesce(-sum(l.amount_minor), 0) from specie.settlement_line l
                                  where l.tenant_id = s.tenant_id and l.settlement_id = s.id
                                    and l.cause = 'reserve_kept')
           or (select coalesce(sum(l.amount_minor), 0) from specie.settlement_line l
               where l.tenant_id = s.tenant_id and l.settlement_id = s.id and l.cause = 'reserve_released')
              <> (select coalesce(sum(r.amount_minor), 0) from specie.settlement_reserve r
                  where r.tenant_id = s.tenant_id and r.released_in = s.id)
    """,
    "a settlement that is to leave has one payout of its amount that may have left, or says why it has none": """
        select s.tenant_id, s.id from specie.settlement s
        left join lateral (
            select count(*) as made,
                   count(*) filter (where p.state not in ('failed', 'returned', 'cancelled')) as alive,
                   bool_and(p.amount_minor = s.payout_minor and p.party_id = s.party_id and p.currency = s.currency)
                       as fits
            from specie.settlement_payout x
            join specie.payout p on p.tenant_id = x.tenant_id and p.id = x.payout_id
            where x.tenant_id = s.tenant_id and x.settlement_id = s.id
        ) paid on true
        where paid.alive > 1 or not coalesce(paid.fits, true)
           or (s.beneficiary_id is not null and s.payout_minor > 0 and paid.made = 0 and s.kept_because is null)
           or (s.beneficiary_id is null and paid.made > 0)
    """,
    "a merchant with terms has its next run planned, or on its way in the queue": """
        select t.tenant_id, t.party_id, t.currency from specie.settlement_terms t
        where t.ended_at is null and not exists (
            select from specie.due d where d.tenant_id = t.tenant_id and d.kind = 'settlement.run'
              and d.payload ->> 'party' = t.party_id::text
              and d.payload ->> 'currency' = t.currency and (d.payload ->> 'at')::timestamptz = t.next_run_at)
          and not exists (
            select from jobs.procrastinate_jobs j where j.task_name = 'settlement.run' and j.status in ('todo', 'doing')
              and j.args -> 'arguments' ->> 'party' = t.party_id::text
              and j.args -> 'arguments' ->> 'currency' = t.currency
              and (j.args -> 'arguments' ->> 'at')::timestamptz = t.next_run_at)
    """,
}
