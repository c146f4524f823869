"""Queries that return no rows while every fact is in the feed once, under its number."""

INVARIANTS: dict[str, str] = {
    "the numbers of a tenant's events run from one to its head without a gap": """
        select coalesce(h.tenant_id, s.tenant_id) as tenant_id, h.last_n, s.first, s.last, s.events
        from specie.event_head h
        full join (
            select tenant_id, min(n) as first, max(n) as last, count(*) as events
            from specie.event_number group by tenant_id
        ) s on s.tenant_id = h.tenant_id
        where (s.first, s.last, s.events) is distinct from (1::bigint, h.last_n, h.last_n)
    """,
    "every event is numbered or waiting to be, never both": """
        select e.tenant_id, e.id as event_id
        from specie.event e
        left join specie.event_number n on n.tenant_id = e.tenant_id and n.event_id = e.id
        left join specie.event_unnumbered u on u.tenant_id = e.tenant_id and u.event_id = e.id
        where (n.n is null) = (u.seq is null)
    """,
    "no event waits for two numbers": """
        select tenant_id, event_id from specie.event_unnumbered group by tenant_id, event_id having count(*) > 1
    """,
    "every number stands for an event and repeats its type, subject and party": """
        select n.tenant_id, n.n, n.event_id
        from specie.event_number n
        left join specie.event e on e.tenant_id = n.tenant_id and e.id = n.event_id
        where e.id is null or (n.type, n.subject_id, n.party_id) is distinct from (e.type, e.subject_id, e.party_id)
    """,
    "whatever waits for a number is an event": """
        select u.tenant_id, u.event_id
        from specie.event_unnumbered u
        left join specie.event e on e.tenant_id = u.tenant_id and e.id = u.event_id
        where e.id is null
    """,
    "what the broker has confirmed is in the feed": """
        select r.tenant_id, r.last_n, h.last_n as head
        from specie.event_relay r
        left join specie.event_head h on h.tenant_id = r.tenant_id
        where r.last_n > coalesce(h.last_n, 0)
    """,
}
