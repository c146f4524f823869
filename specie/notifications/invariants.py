"""Queries over the tables of notifications that must return no rows."""

INVARIANTS: dict[str, str] = {
    "every notice tells of an event that has happened": """
        select n.tenant_id, n.id from specie.notice n
        left join specie.event e on e.tenant_id = n.tenant_id and e.id = n.event_id
        where e.id is null
    """,
    "no feed is read for notices beyond its end": """
        select p.tenant_id, p.last_n, h.last_n as head from specie.notice_position p
        left join specie.event_head h on h.tenant_id = p.tenant_id
        where greatest(p.last_n, p.asked_n) > coalesce(h.last_n, 0)
    """,
}
