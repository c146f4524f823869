"""The SQL of handing the feed on: which feeds go on, under whose lease, and how far each is confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from specie.kernel.ids import TenantId
from specie.platform.db import UnitOfWork

# In random order, so that with more feeds than room each has the same chance. The last condition is judged on the
# newest row after waiting for it: of two workers that saw the same feed, the second gets nothing.
_CLAIM = text("""
with behind as (
    select h.tenant_id from specie.event_head h
    left join specie.event_relay r on r.tenant_id = h.tenant_id
    where h.last_n > coalesce(r.last_n, 0) and (r.leased_until is null or r.leased_until < :now)
    order by random() limit :most
)
insert into specie.event_relay as r (tenant_id, last_n, leased_until, fence)
select tenant_id, 0, cast(:until as timestamptz), 1 from behind order by tenant_id
on conflict (tenant_id) do update set leased_until = excluded.leased_until, fence = r.fence + 1
where r.leased_until is null or r.leased_until < :now
returning r.tenant_id, r.last_n, r.fence
""")

# A claim that has lapsed and was taken by another worker moves nothing.
_SETTLE = text("""
update specie.event_relay r set last_n = t.last_n, leased_until = null
from unnest(cast(:tenants as uuid[]), cast(:fences as bigint[]), cast(:reached as bigint[]))
    as t (tenant_id, fence, last_n)
where r.tenant_id = t.tenant_id and r.fence = t.fence
""")


@dataclass(frozen=True, slots=True)
class Claim:
    """A feed that this process alone hands on until the lease ends; `last_n` is confirmed."""

    tenant_id: TenantId
    last_n: int
    fence: int


async def claim(uow: UnitOfWork, now: datetime, until: datetime, most: int) -> list[Claim]:
    """Lease up to `most` feeds that go on after what is confirmed. Needs a system unit of work."""
    rows = await uow.execute(_CLAIM, {"now": now, "until": until, "most": most})
    return [Claim(TenantId(row.tenant_id), row.last_n, row.fence) for row in rows]


async def settle(uow: UnitOfWork, claims: Sequence[Claim], reached: Mapping[TenantId, int]) -> None:
    """Store how far each claimed feed is confirmed and give its lease back."""
    tenants: list[UUID] = [claim.tenant_id.uuid for claim in claims]
    fences = [claim.fence for claim in claims]
    numbers = [reached[claim.tenant_id] for claim in claims]
    await uow.execute(_SETTLE, {"tenants": tenants, "fences": fences, "reached": numbers})


async def position(uow: UnitOfWork, tenant_id: TenantId) -> int:
    """The number up to which the tenant's feed is confirmed; 0 before the first."""
    query = text("select last_n from specie.event_relay where tenant_id = :tenant")
    return (await uow.execute(query, {"tenant": tenant_id.uuid})).scalar_one_or_none() or 0
