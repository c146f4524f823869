"""Queries that return no rows while every event goes where it is owed, once in the books and with the same bytes."""

from specie.webhooks.model import SLOTS

# What the audit trail calls a change of something public, and the event that tells the world of it.
_TOLD = """
    select a.tenant_id, a.id as audit_id, a.request_id, a.subject_id, a.after,
           case when a.action in ('payment.created', 'payment.pending', 'payment.paid', 'payment.failed',
                                  'payment.expired', 'payment.cancelled', 'payment.exception') then a.action
                else told.type end as type
      from specie.audit a
      left join (values
          ('api_key.create', 'api_key.created'),
          ('api_key.revoke', 'api_key.revoked'), ('user.register', 'user.registered'),
          ('tenant.create', 'tenant.created'), ('party.create', 'party.created'), ('party.update', 'party.updated'),
          ('party.erase', 'party.erased'), ('kyc.submit', 'kyc.submitted'), ('kyc.approve', 'kyc.approved'),
          ('kyc.reject', 'kyc.rejected'), ('kyc.revoke', 'kyc.rejected'), ('wallet.open', 'wallet.opened'),
          ('wallet.freeze', 'wallet.frozen'), ('wallet.unfreeze', 'wallet.unfrozen'),
          ('transfer.schedule', 'transfer.scheduled'), ('transfer.cancel', 'transfer.cancelled'),
          ('webhook_endpoint.warn', 'webhook_endpoint.failing'),
          ('webhook_endpoint.disable', 'webhook_endpoint.disabled')
      ) as told (action, type) on told.action = a.action
"""

INVARIANTS: dict[str, str] = {
    "W-1: every public change on the audit trail has its event, made by the same request": f"""
        select a.tenant_id, a.audit_id, a.type, a.subject_id
        from ({_TOLD}) a
        where a.type is not null and not exists (
            select from specie.event e
            where e.tenant_id = a.tenant_id and e.request_id = a.request_id
              and e.subject_id = a.subject_id and e.type = a.type
              and (a.after::jsonb ->> 'version' is null
                   or e.subject_version = (a.after::jsonb ->> 'version')::integer))
    """,
    "W-1: every entry has its event, under the entry's own id": """
        select j.tenant_id, j.id as entry_id
        from specie.journal_entry j
        left join specie.event e on e.tenant_id = j.tenant_id and e.id = j.id
        where e.id is null
    """,
    # An endpoint changed in the last minute is left out: whether the change came before or after the fanning out of
    # an event recorded at about the same time is not kept.
    "W-2: every event that was fanned out is owed to every endpoint that subscribed to it": """
        select w.tenant_id, w.id as endpoint_id, n.event_id
        from specie.webhook_endpoint w
        join specie.webhook_position p on p.tenant_id = w.tenant_id
        join specie.event_number n on n.tenant_id = w.tenant_id and n.n <= p.last_n
        join specie.event e on e.tenant_id = n.tenant_id and e.id = n.event_id
        where w.state in ('enabled', 'paused')
          and e.recorded_at > w.updated_at + interval '1 minute'
          and (w.party_id is null or w.party_id = n.party_id)
          and exists (
              select from unnest(w.types) as pattern
              where n.type = pattern or (right(pattern, 1) = '*' and starts_with(n.type, left(pattern, -1))))
          and not exists (
              select from specie.webhook_delivery d
              where d.tenant_id = n.tenant_id and d.event_id = n.event_id and d.endpoint_id = w.id)
    """,
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
    "W-2: a delivered delivery was accepted by the endpoint": """
        select d.tenant_id, d.id
        from specie.webhook_delivery d
        where d.state = 'delivered' and not exists (
            select from specie.webhook_attempt a
            where a.tenant_id = d.tenant_id and a.delivery_id = d.id and a.status between 200 and 299
        )
    """,
    "W-2: a dead delivery has used up its attempts, or its endpoint was deleted": """
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
    f"at most {SLOTS} deliveries of an endpoint are under way at once": f"""
        select tenant_id, endpoint_id, count(*) as under_way
        from specie.webhook_delivery where state = 'sending'
        group by tenant_id, endpoint_id having count(*) > {SLOTS}
    """,
}
