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
    "a statement opens with what the one before it closed with": """
        select later.tenant_id, later.id
          from specie.statement later
          join specie.statement earlier on earlier.tenant_id = later.tenant_id and earlier.party_id = later.party_id
           and earlier.currency = later.currency and earlier.through_day + 1 = later.from_day
         where (later.content::jsonb ->> 'opening')::numeric <> (earlier.content::jsonb ->> 'closing')::numeric
    """,
}
