"""Queries that return no rows while statements are numbered, unchanged and follow each other."""

INVARIANTS: dict[str, str] = {
    "statements are numbered from one without a gap": """
        select s.tenant_id, count(*) as statements, max(s.n) as highest, max(c.last_n) as last_n
          from specie.statement s
          left join specie.statement_number c on c.tenant_id = s.tenant_id
         group by s.tenant_id
        having count(*) <> max(s.n) or max(s.n) is distinct from max(c.last_n)
    """,
    "a statement is what it was when it was made": """
        select s.tenant_id, s.id from specie.statement s
         where s.digest <> sha256(convert_to(s.content, 'UTF8'))
    """,
    "each wallet of a statement opens, moves and closes to the unit": """
        select s.tenant_id, s.id, w ->> 'wallet_id' as wallet
          from specie.statement s, jsonb_array_elements(s.content::jsonb -> 'wallets') w
         where (w ->> 'opening')::numeric + (w ->> 'arrived')::numeric - (w ->> 'left')::numeric
               <> (w ->> 'closing')::numeric
            or (w ->> 'opening')::numeric + (
                   select coalesce(sum((m ->> 'amount')::numeric), 0) from jsonb_array_elements(w -> 'movements') m)
               <> (w ->> 'closing')::numeric
    """,
    "what a statement says is open of invoices is what their accounts held when its period ended": """
        select s.tenant_id, s.id, s.content::jsonb -> 'invoices' ->> 'owed' as owed, held.minor
          from specie.statement s
         cross join lateral (
               select ((s.through_day + 1)::timestamp at time zone (s.content::jsonb ->> 'zone')) as until) p
         cross join lateral (
               select coalesce(sum(o.amount_minor), 0) as minor from (
                   select x.amount_minor from specie.account a
                     join specie.posting x on x.tenant_id = a.tenant_id and x.debit_account_id = a.id
                    where a.tenant_id = s.tenant_id and a.owner_party_id = s.party_id and a.currency = s.currency
                      and a.code like 'asset:billing:receivable:%' and x.recorded_at < p.until
                   union all
                   select -x.amount_minor from specie.account a
                     join specie.posting x on x.tenant_id = a.tenant_id and x.credit_account_id = a.id
                    where a.tenant_id = s.tenant_id and a.owner_party_id = s.party_id and a.currency = s.currency
                      and a.code like 'asset:billing:receivable:%' and x.recorded_at < p.until) o) held
         where s.content::jsonb ? 'invoices'
           and (s.content::jsonb -> 'invoices' ->> 'owed')::numeric <> held.minor
    """,
    "each invoice of a statement is open by no more than it asks for, and its figures sum to their total": """
        select s.tenant_id, s.id from specie.statement s
         where s.content::jsonb ? 'invoices'
           and (s.content::jsonb -> 'invoices' ->> 'owed')::numeric <> (
               select coalesce(sum((i ->> 'owed')::numeric), 0)
                 from jsonb_array_elements(s.content::jsonb -> 'invoices' -> 'invoices') i)
            or exists (
               select from jsonb_array_elements(s.content::jsonb -> 'invoices' -> 'invoices') i
                where (i ->> 'owed')::numeric not between 0 and (i ->> 'amount')::numeric)
    """,
    "what came, paid and credited an invoice in a statement is what is open of it at the end": """
        select s.tenant_id, s.id, i ->> 'number' as number
          from specie.statement s, jsonb_array_elements(s.content::jsonb -> 'invoices' -> 'invoices') i
         where i ? 'to_credit' and (i ->> 'is_new')::boolean
           and (i ->> 'amount')::numeric - (i ->> 'paid')::numeric - (i ->> 'credited')::numeric
               + (i ->> 'to_credit')::numeric <> (i ->> 'owed')::numeric
    """,
    "a statement opens with what the one before it closed with": """
        select later.tenant_id, later.id
          from specie.statement later
          join specie.statement earlier on earlier.tenant_id = later.tenant_id and earlier.party_id = later.party_id
           and earlier.currency = later.currency and earlier.through_day + 1 = later.from_day
         where (later.content::jsonb ->> 'opening')::numeric <> (earlier.content::jsonb ->> 'closing')::numeric
    """,
}
