"""Queries that return no rows while every event goes where it is owed, once in the books and with the same bytes."""

INVARIANTS: dict[str, str] = {
    "fanning out never runs ahead of the feed": """
        select p.tenant_id, p.last_n, h.last_n as head
        from specie.webhook_position p
        left join specie.event_head h on h.tenant_id = p.tenant_id
        where p.last_n > coalesce(h.last_n, 0)
    """,
    "every delivery is of the event whose number it carries": """
        select d.tenant_id, d.id
        from specie.webhook_delivery d
        left join specie.event_number n on n.tenant_id = d.tenant_id and n.event_id = d.event_id
        where (d.n, d.event_type) is distinct from (n.n, coalesce(n.type, d.event_type))
    """,
    "an endpoint of a party is owed that party's events only": """
        select d.tenant_id, d.id
        from specie.webhook_delivery d
        join specie.webhook_endpoint e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id
        join specie.event_number n on n.tenant_id = d.tenant_id and n.event_id = d.event_id
        where e.party_id is not null and n.party_id is distinct from e.party_id
    """,
    "the attempts of a delivery are numbered from one without a gap": """
        select d.tenant_id, d.id, d.attempts
        from specie.webhook_delivery d
        left join (
            select tenant_id, delivery_id, count(*) as attempts, max(number) as last
            from specie.webhook_attempt group by tenant_id, delivery_id
        ) a on a.tenant_id = d.tenant_id and a.delivery_id = d.id
        where (d.attempts, d.attempts) is distinct from (coalesce(a.attempts, 0), coalesce(a.last, 0))
    """,
    "a delivered delivery was accepted by the endpoint": """
        select d.tenant_id, d.id
        from specie.webhook_delivery d
        where d.state = 'delivered' and not exists (
            select from specie.webhook_attempt a
            where a.tenant_id = d.tenant_id and a.delivery_id = d.id and a.status between 200 and 299
        )
    """,
    "a dead delivery has used up its attempts, or its endpoint was deleted": """
        select d.tenant_id, d.id, d.step
        from specie.webhook_delivery d
        where d.state = 'dead' and d.step < 10 and d.last_error is distinct from 'endpoint_deleted'
    """,
    "no delivery is tried more often than the schedule allows": """
        select tenant_id, id, step from specie.webhook_delivery where step > 10
    """,
    "every attempt sent the same bytes": """
        select a.tenant_id, a.delivery_id, a.number
        from specie.webhook_attempt a
        join specie.webhook_delivery d on d.tenant_id = a.tenant_id and d.id = a.delivery_id
        where a.body_hash is not null and a.body_hash <> sha256(convert_to(d.body, 'UTF8'))
    """,
    "at most four deliveries of an endpoint are under way at once": """
        select tenant_id, endpoint_id, count(*) as under_way
        from specie.webhook_delivery where state = 'sending'
        group by tenant_id, endpoint_id having count(*) > 4
    """,
}
