"""The SQL of events: appended with the fact, numbered right after, read in the order of their numbers."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from specie.events.model import Event, EventFilter, pattern_prefix
from specie.kernel.ids import EventId, PartyId, RequestId, TenantId
from specie.platform import arrays
from specie.platform.db import UnitOfWork
from specie.platform.pipeline import Connection, Statement, pipelined

_KINDS: Sequence[Callable[[Sequence[Any]], arrays.Array]] = (
    arrays.uuids,
    arrays.uuids,
    arrays.texts,
    arrays.integers,
    arrays.texts,
    arrays.texts,
    arrays.integers,
    arrays.documents,
    arrays.uuids,
    arrays.texts,
    arrays.uuids,
    arrays.moments,
    arrays.moments,
)
EventRow = tuple[Any, ...]

_PUBLISHER_LOCK = 7_301_301

_INSERT = """
with told as (
    select * from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::text[], %s::text[], %s::int[],
        %s::jsonb[], %s::uuid[], %s::text[], %s::uuid[], %s::timestamptz[], %s::timestamptz[]) with ordinality
        as t (tenant_id, id, type, schema_version, subject_kind, subject_id, subject_version, data, party_id, actor,
              request_id, occurred_at, recorded_at, nth)
), kept as (
    insert into specie.event (tenant_id, id, type, schema_version, subject_kind, subject_id, subject_version, data,
        party_id, actor, request_id, occurred_at, recorded_at)
    select tenant_id, id, type, schema_version, subject_kind, subject_id, subject_version, data, party_id, actor,
        request_id, occurred_at, recorded_at from told
)
insert into specie.event_unnumbered (tenant_id, event_id) select tenant_id, id from told order by nth
"""

# A left join: an event that is missing stops the publisher on a null, where an inner join would leave a hole.
# The oldest are found by the last of them: a queue that was empty when it was last analysed is planned as one of one
# row, and looking for each row in the list of the oldest would then take minutes for a long queue.
_NUMBER = text("""
with taken as (
    delete from specie.event_unnumbered
    where seq <= (select max(seq) from (select seq from specie.event_unnumbered order by seq limit :limit) as oldest)
    returning tenant_id, seq, event_id
), counted as (
    select tenant_id, count(*) as events from taken group by tenant_id
), head as (
    insert into specie.event_head as head (tenant_id, last_n)
    select tenant_id, events from counted order by tenant_id
    on conflict (tenant_id) do update set last_n = head.last_n + excluded.last_n
    returning head.tenant_id, head.last_n
)
insert into specie.event_number (tenant_id, n, event_id, type, subject_id, party_id)
select taken.tenant_id,
       head.last_n - counted.events + row_number() over (partition by taken.tenant_id order by taken.seq),
       taken.event_id, event.type, event.subject_id, event.party_id
from taken
join counted on counted.tenant_id = taken.tenant_id
join head on head.tenant_id = taken.tenant_id
left join specie.event on event.tenant_id = taken.tenant_id and event.id = taken.event_id
""")

_SELECT = """
select number.n, event.*
from specie.event_number number
join specie.event on event.tenant_id = number.tenant_id and event.id = number.event_id
where number.tenant_id = :tenant
"""


async def insert_many(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Append events and their places in the queue of the publisher, in the order given: one statement."""
    await pipelined(connection, [insertion(rows)])


def insertion(rows: Sequence[EventRow]) -> Statement:
    """What appends events and their places in the queue of the publisher, in the order given."""
    columns = zip(_KINDS, zip(*rows, strict=True), strict=True)
    return Statement(_INSERT, [kind(column) for kind, column in columns])


async def become_publisher(uow: UnitOfWork) -> bool:
    """Whether this transaction is the only one that gives out numbers, until it ends."""
    lock = text("select pg_try_advisory_xact_lock(:lock)")
    return bool((await uow.execute(lock, {"lock": _PUBLISHER_LOCK})).scalar_one())


async def number(uow: UnitOfWork, limit: int) -> int:
    """Take the oldest committed events out of the queue and give each the next number of its tenant."""
    return (await uow.execute(_NUMBER, {"limit": limit})).rowcount


async def heads(uow: UnitOfWork) -> dict[TenantId, int]:
    """The last number given out for each tenant."""
    rows = await uow.execute(text("select tenant_id, last_n from specie.event_head"))
    return {TenantId(row.tenant_id): row.last_n for row in rows}


async def head(uow: UnitOfWork, tenant_id: TenantId) -> int:
    """The last number given out for the tenant; 0 before the first event."""
    query = text("select last_n from specie.event_head where tenant_id = :tenant")
    return (await uow.execute(query, {"tenant": tenant_id.uuid})).scalar_one_or_none() or 0


async def digests(uow: UnitOfWork, tenant_id: TenantId, after_n: int, limit: int) -> dict[UUID, bytes]:
    """SHA-256 over everything an event says, by event id, in the order of the numbers after a number."""
    query = text("""
    select event.id, sha256(convert_to(jsonb_build_array(event.id, event.type, schema_version, subject_kind,
               event.subject_id, subject_version, data, event.party_id, actor, request_id, occurred_at,
               recorded_at)::text, 'UTF8')) as digest
      from specie.event_number number
      join specie.event on event.tenant_id = number.tenant_id and event.id = number.event_id
     where number.tenant_id = :tenant and number.n > :after order by number.n limit :limit
    """)
    rows = await uow.execute(query, {"tenant": tenant_id.uuid, "after": after_n, "limit": limit})
    return {row.id: bytes(row.digest) for row in rows}


async def number_of(uow: UnitOfWork, tenant_id: TenantId, event_id: UUID) -> int | None:
    """The number of an event, None before it has one."""
    query = text("select n from specie.event_number where tenant_id = :tenant and event_id = :id")
    return (await uow.execute(query, {"tenant": tenant_id.uuid, "id": event_id})).scalar_one_or_none()


async def after(uow: UnitOfWork, tenant_id: TenantId, n: int, limit: int, wanted: EventFilter) -> list[Event]:
    """Up to `limit` events with numbers above `n`, lowest first."""
    where, values = _filtered(wanted)
    query = f"{_SELECT} and number.n > :n {where} order by number.n limit :limit"
    return await _read(uow, query, {"tenant": tenant_id.uuid, "n": n, "limit": limit} | values)


async def before(uow: UnitOfWork, tenant_id: TenantId, n: int, limit: int, wanted: EventFilter) -> list[Event]:
    """Up to `limit` events with numbers below `n`, highest first."""
    where, values = _filtered(wanted)
    query = f"{_SELECT} and number.n < :n {where} order by number.n desc limit :limit"
    return await _read(uow, query, {"tenant": tenant_id.uuid, "n": n, "limit": limit} | values)


async def one(uow: UnitOfWork, tenant_id: TenantId, event_id: EventId, party: PartyId | None) -> Event | None:
    """One numbered event, None when there is none or it is another party's."""
    where, values = _filtered(EventFilter(party_id=party))
    query = f"{_SELECT} and number.event_id = :id {where}"
    found = await _read(uow, query, {"tenant": tenant_id.uuid, "id": event_id.uuid} | values)
    return found[0] if found else None


async def first_n_from(uow: UnitOfWork, tenant_id: TenantId, earliest: UUID) -> int | None:
    """The number of the first event whose id is not below `earliest`; ids grow with machine time."""
    query = text("""
    select n from specie.event_number
    where tenant_id = :tenant and event_id >= :earliest order by event_id limit 1
    """)
    return (await uow.execute(query, {"tenant": tenant_id.uuid, "earliest": earliest})).scalar_one_or_none()


def _filtered(wanted: EventFilter) -> tuple[str, dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if wanted.type is not None and wanted.type != "*":
        prefix = pattern_prefix(wanted.type)
        conditions.append("number.type = :type" if prefix is None else "starts_with(number.type, :type)")
        values["type"] = wanted.type if prefix is None else prefix
    if wanted.subject_id is not None:
        conditions.append("number.subject_id = :subject")
        values["subject"] = wanted.subject_id
    if wanted.party_id is not None:
        conditions.append("number.party_id = :party")
        values["party"] = wanted.party_id.uuid
    return "".join(f" and {condition}" for condition in conditions), values


async def _read(uow: UnitOfWork, query: str, values: dict[str, Any]) -> list[Event]:
    return [_event(row) for row in await uow.execute(text(query), values)]


def _event(row: Any) -> Event:
    return Event(
        n=row.n,
        id=EventId(row.id),
        type=row.type,
        schema_version=row.schema_version,
        subject=(row.subject_kind, row.subject_id),
        version=row.subject_version,
        data=row.data,
        party_id=PartyId(row.party_id) if row.party_id else None,
        request_id=RequestId(row.request_id),
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
    )
