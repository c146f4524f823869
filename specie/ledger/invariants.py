"""Queries that return no rows while the books are whole. Each names the broken rows."""

from specie.ledger.model import BUDGETS

_SIDES = """
    select tenant_id, entry_id, line, debit_account_id as account_id, debit_version as version,
           debit_balance_minor as balance, debit_floor_minor as floor, amount_minor as change, currency,
           is_memo, recorded_at, business_date
      from specie.posting
    union all
    select tenant_id, entry_id, line, credit_account_id, credit_version,
           credit_balance_minor, credit_floor_minor, -amount_minor, currency,
           is_memo, recorded_at, business_date
      from specie.posting
"""
_SIGNED = f"""
    select s.*, a.type, a.currency as account_currency,
           case when a.type in ('asset', 'expense', 'memo') then s.change else -s.change end as delta
      from ({_SIDES}) s
      left join specie.account a on a.tenant_id = s.tenant_id and a.id = s.account_id
"""

# The edge form of an account's id, by which the audit trail names it: `acct_` and base 32 of the 128 bits.
_ACCOUNT_TEXT = """
    'acct_' || (select string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
                                         substring(b'00' || ('x' || replace(a.id::text, '-', ''))::bit(128)
                                                   from 5 * i + 1 for 5)::int + 1, 1), '' order by i)
                  from generate_series(0, 25) as i)
"""

INVARIANTS: dict[str, str] = {
    "an account's balance is the sum of its postings, its version their number, its time that of the last": f"""
        select a.tenant_id, a.id as account_id, a.code, a.balance_minor, p.total, a.version, p.postings,
               a.last_recorded_at, p.last_posting_at
          from specie.account a
          left join (select tenant_id, account_id, sum(delta) as total, count(*) as postings,
                            max(recorded_at) as last_posting_at
                       from ({_SIGNED}) d group by tenant_id, account_id) p
            on p.tenant_id = a.tenant_id and p.account_id = a.id
         where a.balance_minor <> coalesce(p.total, 0) or a.version <> coalesce(p.postings, 0)
            or a.last_recorded_at is distinct from p.last_posting_at
         order by a.tenant_id, a.code
    """,
    "an account's postings are numbered from 1 without a gap, each with the running balance": f"""
        select tenant_id, account_id, entry_id, line, version, nth, balance, running
          from (select d.*, row_number() over w as nth, sum(delta) over w as running
                  from ({_SIGNED}) d window w as (partition by tenant_id, account_id order by version)) walked
         where version <> nth or balance <> running
         order by tenant_id, account_id, version
    """,
    "no posting took an account below the floor that stood then": f"""
        select tenant_id, entry_id, line, account_id, balance, floor
          from ({_SIGNED}) d where delta < 0 and balance < floor
         order by tenant_id, entry_id, line
    """,
    "a posting's accounts exist, in its currency, both memo or neither": f"""
        select tenant_id, entry_id, line, account_id, currency, account_currency, type
          from ({_SIGNED}) d
         where type is null or currency <> account_currency or is_memo <> (type = 'memo')
         order by tenant_id, entry_id, line
    """,
    "within an account recording time never goes back": f"""
        select tenant_id, account_id, entry_id, line, recorded_at, before
          from (select d.*, lag(recorded_at) over (partition by tenant_id, account_id order by version) as before
                  from ({_SIDES}) d) walked
         where recorded_at < before
         order by tenant_id, account_id, version
    """,
    "every posting belongs to an entry recorded at the same time": """
        select p.tenant_id, p.entry_id, p.line
          from specie.posting p
          left join specie.journal_entry e on e.tenant_id = p.tenant_id and e.id = p.entry_id
         where e.id is null or e.recorded_at <> p.recorded_at or e.business_date <> p.business_date
         order by p.tenant_id, p.entry_id, p.line
    """,
    "every entry has postings, numbered from 0 without a gap": """
        select e.tenant_id, e.id as entry_id, p.postings, p.last_line
          from specie.journal_entry e
          left join (select tenant_id, entry_id, count(*) as postings, max(line) as last_line
                       from specie.posting group by tenant_id, entry_id) p
            on p.tenant_id = e.tenant_id and p.entry_id = e.id
         where p.postings is null or p.postings <> p.last_line + 1
         order by e.tenant_id, e.id
    """,
    "debits equal credits in each currency of each tenant": """
        select a.tenant_id, a.currency, sum(d.debit_minor) as debits, sum(d.credit_minor) as credits
          from specie.account_day d
          join specie.account a on a.tenant_id = d.tenant_id and a.id = d.account_id
         group by a.tenant_id, a.currency
        having sum(d.debit_minor) <> sum(d.credit_minor)
    """,
    "an account's day totals are the sums of that day's postings": f"""
        select coalesce(d.tenant_id, p.tenant_id) as tenant_id, coalesce(d.account_id, p.account_id) as account_id,
               coalesce(d.business_date, p.business_date) as business_date,
               d.debit_minor, p.debits, d.credit_minor, p.credits
          from specie.account_day d
          full join (select tenant_id, account_id, business_date,
                            coalesce(sum(change) filter (where change > 0), 0) as debits,
                            coalesce(-sum(change) filter (where change < 0), 0) as credits
                       from ({_SIDES}) s group by tenant_id, account_id, business_date) p
            on p.tenant_id = d.tenant_id and p.account_id = d.account_id and p.business_date = d.business_date
         where (d.debit_minor, d.credit_minor) is distinct from (p.debits, p.credits)
         order by 1, 2, 3
    """,
    "a leaf of a control account says when it first moved, and when it last did while it holds nothing": """
        select a.tenant_id, a.id as account_id, a.code, a.balance_minor, a.first_on, a.settled_on, d.first_on as first,
               d.last_on as last
          from specie.account a
         cross join lateral (
               select min(business_date) as first_on, max(business_date) as last_on
                 from specie.account_day where tenant_id = a.tenant_id and account_id = a.id) d
         where a.control is not null
           and (a.first_on is distinct from d.first_on
                or a.settled_on is distinct from case when a.balance_minor = 0 then d.last_on end)
         order by a.tenant_id, a.code
    """,
    # What an entry drew from budgets stays drawn: their windows release it, and the reversal has a draw of its own.
    "an entry is reversed at most once, by its exact opposite": f"""
        select r.tenant_id, r.reverses_id as entry_id
          from specie.journal_entry r
          join specie.posting p on p.tenant_id = r.tenant_id and p.entry_id in (r.id, r.reverses_id)
         cross join lateral (values (p.debit_account_id, p.amount_minor), (p.credit_account_id, -p.amount_minor))
                    as side (account_id, change)
          left join specie.account a on a.tenant_id = r.tenant_id and a.id = side.account_id
         where r.reverses_id is not null and coalesce(a.code not like '{BUDGETS}%', true)
         group by r.tenant_id, r.reverses_id, side.account_id
        having sum(side.change) <> 0
    """,
    "a command key stands for one entry and keeps its fingerprint": """
        select tenant_id, command_key, count(*) as entries
          from specie.journal_entry where command_key is not null
         group by tenant_id, command_key
        having count(*) > 1 or bool_or(command_fingerprint is null)
    """,
    "an account's floor, freezes and end are those last put on the audit trail": f"""
        with told as (
            select distinct on (tenant_id, subject_id, action) tenant_id, subject_id, action, at, after::jsonb as after
              from specie.audit
             where subject_kind = 'account'
               and action in ('ledger.account.floor', 'ledger.account.freeze', 'ledger.account.close')
             order by tenant_id, subject_id, action, id desc
        )
        select a.tenant_id, a.id as account_id, a.code, a.floor_minor, a.debits_frozen, a.credits_frozen,
               a.owner_frozen, a.closed_at
          from (select a.*, {_ACCOUNT_TEXT} as subject_id from specie.account a) a
          left join told bound on bound.tenant_id = a.tenant_id and bound.subject_id = a.subject_id
                              and bound.action = 'ledger.account.floor'
          left join told frozen on frozen.tenant_id = a.tenant_id and frozen.subject_id = a.subject_id
                               and frozen.action = 'ledger.account.freeze'
          left join told ended on ended.tenant_id = a.tenant_id and ended.subject_id = a.subject_id
                              and ended.action = 'ledger.account.close'
          left join ({_SIDES}) last_one on last_one.tenant_id = a.tenant_id and last_one.account_id = a.id
                                   and last_one.version = a.version
         where a.debits_frozen <> coalesce((frozen.after ->> 'debits_frozen')::boolean, false)
            or a.credits_frozen <> coalesce((frozen.after ->> 'credits_frozen')::boolean, false)
            or a.owner_frozen <> coalesce((frozen.after ->> 'owner_frozen')::boolean, false)
            or a.closed_at is distinct from ended.at
            or case when bound.subject_id is not null
                    then a.floor_minor is distinct from (bound.after ->> 'floor_minor')::bigint
                    else last_one.account_id is not null and a.floor_minor is distinct from last_one.floor
               end
         order by a.tenant_id, a.code
    """,
    "nothing was recorded into a period while its books were closed": """
        select e.tenant_id, e.id as entry_id, e.business_date, e.recorded_at, c.closed_through
          from (select c.*, lead(at) over (partition by tenant_id order by id) as until
                  from specie.period_closing c) c
          join specie.journal_entry e on e.tenant_id = c.tenant_id and e.business_date <= c.closed_through
                                     and e.recorded_at > c.at and (c.until is null or e.recorded_at < c.until)
         order by e.tenant_id, e.id
    """,
    # The event is sealed in blocks, which the checkpoints sign, and the audit row in its own chain: so a closing that
    # is lost, changed or slipped in has no match. Audit rows name the closing since they began to do so.
    "each closing and reopening of the books is what its event told and what the audit trail says": """
        with closing as (
            select c.*, row_number() over (partition by tenant_id order by id) as nth from specie.period_closing c
        ), told as (
            select tenant_id, subject_version as nth, id, type, (data ->> 'closed_through')::date as closed_through,
                   actor, recorded_at
              from specie.event where type in ('ledger.period.closed', 'ledger.period.reopened')
        ), said as (
            select tenant_id, row_number() over (partition by tenant_id order by id) as nth, after::jsonb as after,
                   actor, reason, at
              from specie.audit where action in ('ledger.period.close', 'ledger.period.reopen')
        )
        select tenant_id, nth, c.id as closing, c.closed_through, told.id as event_id,
               told.closed_through as told, said.after ->> 'closed_through' as said
          from closing c full join told using (tenant_id, nth) full join said using (tenant_id, nth)
         where c.id is null or told.id is null or said.at is null
            or (c.closed_through, c.actor, c.at) is distinct from (told.closed_through, told.actor, told.recorded_at)
            or (c.closed_through, c.actor, c.at) is distinct from
               ((said.after ->> 'closed_through')::date, said.actor, said.at)
            or c.reason is distinct from said.reason
            or c.id <> coalesce((said.after ->> 'closing')::uuid, c.id)
         order by tenant_id, nth
    """,
    "a budget is what the audit trail last said of it, over accounts of its own": f"""
        with said as (
            select distinct on (tenant_id, subject_id) tenant_id, subject_id, at,
                   coalesce(after::jsonb ->> 'per_day', after::jsonb ->> 'per_month') is not null as is_set
              from specie.audit where action = 'budget.set' and subject_kind = 'budget'
             order by tenant_id, subject_id, id desc
        ), kept as (
            select b.*, b.actor || '/' || b.currency as subject_id, d.code as day,
                   regexp_replace(d.code, ':day$', '') as holder, m.code as month, s.code as source,
                   (d.currency, m.currency, s.currency) = (b.currency, b.currency, b.currency) as is_own_currency
              from specie.budget b
              left join specie.account d on d.tenant_id = b.tenant_id and d.id = b.day_account_id
              left join specie.account m on m.tenant_id = b.tenant_id and m.id = b.month_account_id
              left join specie.account s on s.tenant_id = b.tenant_id and s.id = b.source_account_id
        )
        select tenant_id, subject_id as budget, kept.day, kept.month, said.at
          from kept full join said using (tenant_id, subject_id)
         where (kept.actor is null and said.is_set)
            -- What a new key took over from the one before was at first on the trail only as that replacement.
            or (kept.actor is not null and said.at is null and not exists (
                select from specie.audit r where r.tenant_id = kept.tenant_id and r.action = 'api_key.rotate'
                   and 'api_key:' || (r.after::jsonb ->> 'rotated_to') = kept.actor))
            or (kept.actor is not null and not said.is_set)
            or (kept.actor is not null and kept.set_at <> said.at)
            or (kept.actor is not null and (kept.is_own_currency is distinct from true
                or kept.holder not like '{BUDGETS}%' or (kept.day, kept.month, kept.source) is distinct from
                   (kept.holder || ':day', kept.holder || ':month', kept.holder || ':source')))
         order by 1, 2
    """,
    "the chain of blocks ends where its head says": """
        select coalesce(h.tenant_id, b.tenant_id) as tenant_id, h.number as head, b.number as last
          from specie.ledger_head h
          full join (select distinct on (tenant_id) tenant_id, number, hash
                       from specie.ledger_block order by tenant_id, number desc) b on b.tenant_id = h.tenant_id
         where (h.number, h.hash) is distinct from (b.number, b.hash)
    """,
    "a checkpoint has a leaf for each of its parts": """
        select coalesce(c.number, p.number) as checkpoint, length(c.leaves) / 32 as leaves, p.parts
          from specie.ledger_checkpoint c
          full join (select number, count(*) as parts, count(distinct position) as places, max(position) as last_place
                       from specie.ledger_checkpoint_part group by number) p on p.number = c.number
         where c.number is null or length(c.leaves) <> 32 * coalesce(p.parts, 0)
            or p.places <> p.parts or p.last_place <> p.parts - 1
         order by 1
    """,
    "what a checkpoint covers are blocks that the tenant has": """
        select p.tenant_id, p.number as checkpoint, p.last_block
          from specie.ledger_checkpoint_part p
          left join specie.ledger_head h on h.tenant_id = p.tenant_id
         where p.last_block > coalesce(h.number, 0)
    """,
    "an account says that it is monitored exactly while it has a monitor": """
        select a.tenant_id, a.id from specie.account a
        where a.is_monitored <> exists (
            select from specie.balance_monitor m
            where m.tenant_id = a.tenant_id and m.account_id = a.id and m.ended_at is null
        )
    """,
}
