"""Queries that return no rows while accounts under reconciliation are exactly the sum of what is open on them."""

INVARIANTS: dict[str, str] = {
    "O-11: the balance of an account under reconciliation is the sum of its open items": """
        with unseen as (
            select s.tenant_id, s.id as source_id,
                   sum(case when p.debit_account_id = s.account_id then p.amount_minor else -p.amount_minor end)
                       as minor
            from specie.recon_source s
            join specie.posting p on p.tenant_id = s.tenant_id
             and ((p.debit_account_id = s.account_id and p.debit_version > s.seen_version)
               or (p.credit_account_id = s.account_id and p.credit_version > s.seen_version))
            where not exists (
                select from specie.recon_match m where m.tenant_id = s.tenant_id and m.source_id = s.id
                  and (m.entry_id = p.entry_id or m.reopen_entry_id = p.entry_id))
            group by s.tenant_id, s.id
        ), still_open as (
            select tenant_id, source_id, sum(amount_minor) as minor from specie.recon_item
            where match_id is null group by tenant_id, source_id
        )
        select s.tenant_id, s.id, a.balance_minor, o.minor, u.minor from specie.recon_source s
        join specie.account a on a.tenant_id = s.tenant_id and a.id = s.account_id
        left join still_open o on o.tenant_id = s.tenant_id and o.source_id = s.id
        left join unseen u on u.tenant_id = s.tenant_id and u.source_id = s.id
        where a.balance_minor <> coalesce(o.minor, 0) + coalesce(u.minor, 0)
    """,
    "a match has the lines and items it says, and its entry took exactly the items from the account": """
        select m.tenant_id, m.id from specie.recon_match m
        join specie.recon_source s on s.tenant_id = m.tenant_id and s.id = m.source_id
        where (m.reopened_at is null and (
               m.lines_minor <> (select coalesce(sum(l.amount_minor), 0) from specie.recon_line l
                                 where l.tenant_id = m.tenant_id and l.match_id = m.id)
            or m.items_minor <> (select coalesce(sum(i.amount_minor), 0) from specie.recon_item i
                                 where i.tenant_id = m.tenant_id and i.match_id = m.id)))
           or (m.reopened_at is not null and exists (
               select from specie.recon_item i where i.tenant_id = m.tenant_id and i.match_id = m.id))
           or -m.items_minor <> (
               select coalesce(sum(case when p.debit_account_id = s.account_id then p.amount_minor else 0 end)
                             - sum(case when p.credit_account_id = s.account_id then p.amount_minor else 0 end), 0)
               from specie.posting p where p.tenant_id = m.tenant_id and p.entry_id = m.entry_id)
    """,
    "an open exception is about something that is still open": """
        select e.tenant_id, e.id from specie.recon_exception e
        left join specie.recon_line l on l.tenant_id = e.tenant_id and l.id = e.line_id
        left join specie.recon_item i
          on i.tenant_id = e.tenant_id and i.source_id = e.source_id and i.entry_id = e.entry_id
        where e.resolved_at is null and (l.state <> 'open' or i.match_id is not null)
    """,
}
