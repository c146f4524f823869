"""The SQL of events: appended with the fact, numbered right after."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import text

from specie.kernel.ids import TenantId
from specie.platform import arrays
from specie.platform.db import UnitOfWork

P, T, D = arrays.plain, arrays.texts, arrays.documents
EventRow = tuple[Any, ...]

_INSERT = """
with told as (
    select * from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::smallint[], %s::text[], %s::text[], %s::int[],
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


async def insert_many(connection: psycopg.AsyncConnection[Any], rows: Sequence[EventRow]) -> None:
    """Append events and their places in the queue of the publisher, in the order given: one statement."""
    columns = list(zip(*rows, strict=True))
    kinds = (P, P, T, P, T, T, P, D, P, T, P, P, P)
    await connection.execute(_INSERT, [kind(column) for kind, column in zip(kinds, columns, strict=True)])


async def heads(uow: UnitOfWork) -> dict[TenantId, int]:
    """The last number given out for each tenant."""
    rows = await uow.execute(text("select tenant_id, last_n from specie.event_head"))
    return {TenantId(row.tenant_id): row.last_n for row in rows}


async def numbered(uow: UnitOfWork, tenant_id: TenantId, after_n: int, limit: int) -> list[tuple[int, UUID]]:
    """Numbers and event ids of a tenant in order, after a number."""
    query = text(
        "select n, event_id from specie.event_number where tenant_id = :tenant and n > :after order by n limit :limit"
    )
    rows = await uow.execute(query, {"tenant": tenant_id.uuid, "after": after_n, "limit": limit})
    return [(row.n, row.event_id) for row in rows]
