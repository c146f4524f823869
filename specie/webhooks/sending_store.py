"""The SQL of fanning out and sending, as `specie_system` across tenants; deliveries are claimed by state."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import exists, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.ids import DeliveryId, EndpointId, EventId, TenantId, uuid7
from specie.platform import arrays
from specie.platform.db import UnitOfWork
from specie.webhooks.model import (
    SCHEDULE,
    SLOTS,
    SUSPECT_FROM,
    Claim,
    Done,
    Endpoint,
    Health,
    NewDelivery,
    Outcome,
)
from specie.webhooks.store import ENDPOINT_COLUMNS, endpoint_of
from specie.webhooks.tables import delivery, endpoint, position

_LEASE = timedelta(seconds=45)

_INSERT = """
insert into specie.webhook_delivery
    (tenant_id, id, endpoint_id, event_id, event_type, n, body, state, next_at, created_at)
select %s, id, endpoint_id, event_id, event_type, n, body, 'pending', %s, %s
from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::text[])
    as t (id, endpoint_id, event_id, event_type, n, body)
"""
_ONCE = _INSERT + "on conflict (tenant_id, event_id, endpoint_id) do nothing"
_AGAIN = (
    _INSERT
    + """on conflict (tenant_id, event_id, endpoint_id) do update
set state = 'pending', step = 0, next_at = excluded.next_at, finished_at = null
where webhook_delivery.state = any(%s)"""
)

_FORGET_ANSWERS = text("""
update specie.webhook_attempt set answer = null, request_headers = null
where (tenant_id, delivery_id, number) in (
    select a.tenant_id, a.delivery_id, a.number
    from specie.webhook_attempt a
    join specie.webhook_delivery d on d.tenant_id = a.tenant_id and d.id = a.delivery_id
    where a.finished_at < :before and (a.answer is not null or a.request_headers is not null)
      and d.state = 'delivered'
    limit :limit
)
""")

# A sender that died left its claims behind: they go back to the queue, or are dead when no attempt is left.
_RECLAIM = text("""
update specie.webhook_delivery d
set state = case when d.step < :most then 'pending' else 'dead' end,
    next_at = case when d.step < :most then cast(:now as timestamptz) end,
    finished_at = case when d.step < :most then null else cast(:now as timestamptz) end,
    lease_until = null,
    last_status = null,
    last_error = 'lost'
from (
    select tenant_id, id from specie.webhook_delivery
    where state = 'sending' and lease_until < :now
    for update skip locked
) lost
where d.tenant_id = lost.tenant_id and d.id = lost.id
""")

# In random order, so that with more ready endpoints than room each has the same chance.
_READY = text("""
select e.tenant_id, e.id
from specie.webhook_endpoint e
where e.state = 'enabled'
  and (e.consecutive_failures >= :suspect_from) = :suspects
  and (e.open_until is null or e.open_until <= :now)
  and (e.tenant_id, e.id) not in (
      select * from unnest(cast(:hanging_tenants as uuid[]), cast(:hanging as uuid[])))
  and (select count(*) from specie.webhook_delivery s
       where s.tenant_id = e.tenant_id and s.endpoint_id = e.id and s.state = 'sending') < :slots
  and exists (
      select from specie.webhook_delivery d
      where d.tenant_id = e.tenant_id and d.endpoint_id = e.id and d.state = 'pending' and d.next_at <= :now
  )
order by random()
limit :room
for no key update of e skip locked
""")

# The endpoints are locked by an earlier statement, so this one sees every claim another sender has made.
_CLAIM = """
with picked as (
    select d.tenant_id, d.id
    from unnest(%(tenants)s::uuid[], %(endpoints)s::uuid[]) as e (tenant_id, id)
    cross join lateral (
        select p.tenant_id, p.id from specie.webhook_delivery p
        where p.tenant_id = e.tenant_id and p.endpoint_id = e.id and p.state = 'pending' and p.next_at <= %(now)s
        order by p.next_at, p.id
        limit greatest(%(slots)s - (
            select count(*) from specie.webhook_delivery s
            where s.tenant_id = e.tenant_id and s.endpoint_id = e.id and s.state = 'sending'
        ), 0)
        for update skip locked
    ) d
    limit %(room)s
), claimed as (
    update specie.webhook_delivery d
    set state = 'sending', next_at = null, lease_until = %(lease)s, step = d.step + 1, attempts = d.attempts + 1
    from picked where d.tenant_id = picked.tenant_id and d.id = picked.id
    returning d.*
), begun as (
    insert into specie.webhook_attempt (tenant_id, delivery_id, number, endpoint_id, started_at)
    select tenant_id, id, attempts, endpoint_id, %(now)s from claimed
)
select c.tenant_id, c.id, c.endpoint_id, c.event_id, c.attempts, c.step, c.body, c.lease_until,
       e.url, e.secret, e.previous_secret, e.previous_secret_until
from claimed c
join specie.webhook_endpoint e on e.tenant_id = c.tenant_id and e.id = c.endpoint_id
"""

_RECORD_ATTEMPTS = """
update specie.webhook_attempt a
set finished_at = %s, url = t.url, request_headers = t.headers, body_hash = t.body_hash, status = t.status,
    answer = t.answer, latency_ms = t.latency_ms, error = t.error
from unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::jsonb[], %s::bytea[], %s::int[], %s::text[], %s::int[],
            %s::text[]) as t (tenant_id, id, number, url, headers, body_hash, status, answer, latency_ms, error)
where a.tenant_id = t.tenant_id and a.delivery_id = t.id and a.number = t.number
"""
_SETTLE_DELIVERED = """
update specie.webhook_delivery d
set state = 'delivered', next_at = null, finished_at = %s, lease_until = null, last_status = t.status, last_error = null
from unnest(%s::uuid[], %s::uuid[], %s::int[], %s::int[]) as t (tenant_id, id, number, status)
where d.tenant_id = t.tenant_id and d.id = t.id and d.state = 'sending' and d.attempts = t.number
"""
# Locked in one order, because two senders may have news of the same endpoints.
_NOTE_SUCCESSES = """
with unwell as (
    select tenant_id, id from specie.webhook_endpoint
    where failing_since is not null and (tenant_id, id) in (select * from unnest(%s::uuid[], %s::uuid[]))
    order by tenant_id, id
    for no key update
)
update specie.webhook_endpoint e
set consecutive_failures = 0, failing_since = null, warned_at = null
from unwell where e.tenant_id = unwell.tenant_id and e.id = unwell.id
"""


async def positions(uow: UnitOfWork) -> dict[TenantId, int]:
    """How far each tenant's feed has been fanned out."""
    rows = await uow.execute(select(position.c.tenant_id, position.c.last_n))
    return {TenantId(row.tenant_id): row.last_n for row in rows}


async def lock_position(uow: UnitOfWork, tenant_id: TenantId) -> int | None:
    """How far the tenant's feed has been fanned out; None while another process is at it."""
    await uow.execute(upsert(position).values(tenant_id=tenant_id.uuid, last_n=0).on_conflict_do_nothing())
    query = select(position.c.last_n).where(position.c.tenant_id == tenant_id.uuid).with_for_update(skip_locked=True)
    return (await uow.execute(query)).scalar_one_or_none()


async def move_position(uow: UnitOfWork, tenant_id: TenantId, last_n: int) -> None:
    """Remember that the feed up to `last_n` has been fanned out."""
    await uow.execute(update(position).where(position.c.tenant_id == tenant_id.uuid).values(last_n=last_n))


async def subscribers(uow: UnitOfWork, tenant_id: TenantId) -> list[Endpoint]:
    """The tenant's endpoints that are owed events: enabled ones, and paused ones, which get them later.

    They are locked, so that none is deleted or disabled between this and the deliveries made for it.
    """
    query = select(*ENDPOINT_COLUMNS).where(
        endpoint.c.tenant_id == tenant_id.uuid, endpoint.c.state.in_(["enabled", "paused"])
    )
    return [endpoint_of(row) for row in await uow.execute(query.with_for_update(read=True))]


async def following(uow: UnitOfWork, tenant_id: TenantId, ids: Sequence[EndpointId]) -> set[EndpointId]:
    """Which of the endpoints have been owed an event of the feed before."""
    of_feed = exists().where(
        delivery.c.tenant_id == endpoint.c.tenant_id, delivery.c.endpoint_id == endpoint.c.id, delivery.c.n.is_not(None)
    )
    query = select(endpoint.c.id).where(
        endpoint.c.tenant_id == tenant_id.uuid, endpoint.c.id.in_([one.uuid for one in ids]), of_feed
    )
    return {EndpointId(row.id) for row in await uow.execute(query)}


async def add_deliveries(uow: UnitOfWork, tenant_id: TenantId, owed: Sequence[NewDelivery], now: datetime) -> int:
    """Store deliveries, each event once for each endpoint. Returns how many were new."""
    return await _insert(uow, _ONCE, tenant_id, owed, now, [])


async def add_or_repeat(
    uow: UnitOfWork, tenant_id: TenantId, owed: Sequence[NewDelivery], now: datetime, repeated_states: Sequence[str]
) -> int:
    """Store the missing deliveries and send again those in one of the states. Returns how many will be sent."""
    return await _insert(uow, _AGAIN, tenant_id, owed, now, [list(repeated_states)])


async def _insert(
    uow: UnitOfWork, statement: str, tenant_id: TenantId, owed: Sequence[NewDelivery], now: datetime, last: list[Any]
) -> int:
    if not owed:
        return 0
    columns = [
        arrays.uuids([uuid7() for _ in owed]),
        arrays.uuids([each.endpoint_id.uuid for each in owed]),
        arrays.uuids([each.event_id for each in owed]),
        arrays.texts([each.event_type for each in owed]),
        arrays.bigints([each.n for each in owed]),
        arrays.texts([each.body for each in owed]),
    ]
    cursor = await (await uow.raw()).execute(statement, [tenant_id.uuid, now, now, *columns, *last])
    return cursor.rowcount


async def reclaim(uow: UnitOfWork, now: datetime) -> int:
    """Take back what senders that died had claimed. Returns how many."""
    return (await uow.execute(_RECLAIM, {"now": now, "most": len(SCHEDULE)})).rowcount


async def claim(
    uow: UnitOfWork,
    now: datetime,
    room: int,
    *,
    suspects: bool,
    hanging: Collection[tuple[TenantId, EndpointId]] = (),
    slots: int = SLOTS,
) -> list[Claim]:
    """Claim due deliveries, at most `room`, for endpoints that fare well or for those that keep failing.

    At most `slots` at once for an endpoint over all senders, one for a failing one, none for those that hang.
    """
    if room <= 0:
        return []
    slots = 1 if suspects else slots
    values = {
        "now": now,
        "room": room,
        "suspects": suspects,
        "suspect_from": SUSPECT_FROM,
        "slots": slots,
        "hanging_tenants": [tenant.uuid for tenant, _ in hanging],
        "hanging": [one.uuid for _, one in hanging],
    }
    ready = (await uow.execute(_READY, values)).all()
    if not ready:
        return []
    cursor = await (await uow.raw()).execute(
        _CLAIM,
        {
            "tenants": arrays.uuids([row.tenant_id for row in ready]),
            "endpoints": arrays.uuids([row.id for row in ready]),
            "now": now,
            "slots": slots,
            "room": room,
            "lease": now + _LEASE,
        },
    )
    return [_claimed(row) for row in await cursor.fetchall()]


def _claimed(row: Sequence[Any]) -> Claim:
    tenant_id, delivery_id, endpoint_id, event_id, attempts, step, body, lease_until, url, *secrets = row
    secret, previous_secret, previous_until = secrets
    return Claim(
        tenant_id=TenantId(tenant_id),
        delivery_id=DeliveryId(delivery_id),
        endpoint_id=EndpointId(endpoint_id),
        event_id=EventId(event_id),
        attempt=attempts,
        step=step,
        lease_until=lease_until,
        url=url,
        body=body,
        secret=bytes(secret),
        previous_secret=bytes(previous_secret) if previous_secret is not None else None,
        previous_secret_until=previous_until,
    )


async def record_attempts(uow: UnitOfWork, done: Sequence[Done], now: datetime) -> None:
    """Complete the attempts begun by claims, with one statement."""
    claims, outcomes = [each.claim for each in done], [each.outcome for each in done]
    columns = [
        *_which(claims),
        arrays.texts([outcome.url for outcome in outcomes]),
        arrays.documents([outcome.request_headers for outcome in outcomes]),
        arrays.binaries([sha256(claim.body.encode()).digest() for claim in claims]),
        arrays.integers([outcome.status for outcome in outcomes]),
        arrays.texts([outcome.answer for outcome in outcomes]),
        arrays.integers([outcome.latency_ms for outcome in outcomes]),
        arrays.texts([outcome.error for outcome in outcomes]),
    ]
    await (await uow.raw()).execute(_RECORD_ATTEMPTS, [now, *columns])


async def forget_answers(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Empty what was said in attempts finished before a moment, for deliveries that arrived; returns how many.

    The attempt itself stays with its number, status and hash: it proves that the delivery was made.
    """
    done = await uow.execute(_FORGET_ANSWERS, {"before": before, "limit": limit})
    return int(done.rowcount)


async def settle_failed(
    uow: UnitOfWork, claimed: Claim, outcome: Outcome, now: datetime, next_at: datetime | None
) -> None:
    """Write down when a claimed delivery is tried again, or that it is dead; nothing where the claim was lost."""
    values = {
        "state": "dead" if next_at is None else "pending",
        "next_at": next_at,
        "finished_at": now if next_at is None else None,
        "lease_until": None,
        "last_status": outcome.status,
        "last_error": outcome.error,
    }
    fenced = (
        delivery.c.tenant_id == claimed.tenant_id.uuid,
        delivery.c.id == claimed.delivery_id.uuid,
        delivery.c.state == "sending",
        delivery.c.attempts == claimed.attempt,
    )
    await uow.execute(update(delivery).where(*fenced).values(values))


async def settle_delivered(uow: UnitOfWork, done: Sequence[Done], now: datetime) -> None:
    """Write down that claimed deliveries arrived, but for those whose claim was lost to another sender meanwhile.

    Their endpoints answer again; nothing is written of one that never stopped.
    """
    claims = [each.claim for each in done]
    statuses = arrays.integers([each.outcome.status for each in done])
    connection = await uow.raw()
    await connection.execute(_SETTLE_DELIVERED, [now, *_which(claims), statuses])
    tenants = arrays.uuids([claim.tenant_id.uuid for claim in claims])
    await connection.execute(_NOTE_SUCCESSES, [tenants, arrays.uuids([claim.endpoint_id.uuid for claim in claims])])


def _which(claims: Sequence[Claim]) -> list[arrays.Array]:
    """The columns that say which claims are meant, the number of the attempt being their fence."""
    return [
        arrays.uuids([claim.tenant_id.uuid for claim in claims]),
        arrays.uuids([claim.delivery_id.uuid for claim in claims]),
        arrays.integers([claim.attempt for claim in claims]),
    ]


async def lock_health(uow: UnitOfWork, tenant_id: TenantId, endpoint_id: EndpointId) -> Health | None:
    """How the endpoint fares, locked until the end of the transaction; None for a deleted one."""
    columns = (endpoint.c.consecutive_failures, endpoint.c.failing_since, endpoint.c.warned_at, endpoint.c.open_until)
    this = (*_this(tenant_id, endpoint_id), endpoint.c.state != "deleted")
    row = (await uow.execute(select(*columns).where(*this).with_for_update(key_share=True))).one_or_none()
    return Health(**row._mapping) if row else None


async def save_health(uow: UnitOfWork, tenant_id: TenantId, endpoint_id: EndpointId, health: Health) -> None:
    """Store how the endpoint fares."""
    values = {
        "consecutive_failures": health.consecutive_failures,
        "failing_since": health.failing_since,
        "open_until": health.open_until,
    }
    await uow.execute(update(endpoint).where(*_this(tenant_id, endpoint_id)).values(values))


def _this(tenant_id: TenantId, endpoint_id: EndpointId) -> tuple[Any, ...]:
    return (endpoint.c.tenant_id == tenant_id.uuid, endpoint.c.id == endpoint_id.uuid)
