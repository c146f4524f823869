"""Future work in business time: rows that become jobs when the tenant's clock reaches them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.clock import machine_now
from specie.kernel.ids import RequestId, TenantId
from specie.platform import jobs
from specie.platform.db import UnitOfWork
from specie.platform.tables import due, tenant_clock


@dataclass(frozen=True, slots=True)
class DueWork:
    """One piece of work and the business time from which it may run."""

    tenant_id: TenantId
    seq: int
    due_at: datetime
    kind: str
    payload: Mapping[str, Any]


async def schedule(uow: UnitOfWork, *, kind: str, at: datetime, payload: Mapping[str, Any]) -> None:
    """Run the job `kind` once the tenant's business time has reached `at`. Commits with the caller."""
    await schedule_all(uow, kind=kind, planned=[(at, payload)])


async def schedule_all(uow: UnitOfWork, *, kind: str, planned: Sequence[tuple[datetime, Mapping[str, Any]]]) -> None:
    """Run the job `kind` at each of these business times with what belongs to it. Commits with the caller."""
    jobs.registered(kind)
    about = {"tenant_id": uow.scope.tenant_id.uuid, "kind": kind}
    rows = [about | {"due_at": at, "payload": dict(payload)} for at, payload in planned]
    if rows:
        await uow.execute(insert(due), rows)


async def sweep(uow: UnitOfWork, *, limit: int = 500) -> int:
    """Turn what is due into jobs, in order, each exactly once. Needs a system unit of work. Returns how many."""
    offset = func.make_interval(0, 0, 0, 0, 0, 0, func.coalesce(tenant_clock.c.offset_seconds, 0))
    ripe = (
        select(due)
        .outerjoin(tenant_clock, tenant_clock.c.tenant_id == due.c.tenant_id)
        .where(due.c.due_at <= machine_now() + offset)
        .order_by(due.c.due_at, due.c.seq)
        .limit(limit)
        .with_for_update(skip_locked=True, of=due)
    )
    rows = (await uow.execute(ripe)).all()
    for row in rows:
        tenant_id = TenantId(row.tenant_id)
        await jobs.defer_for(uow, tenant_id, RequestId.new(), row.kind, row.payload)
        await uow.execute(delete(due).where(due.c.tenant_id == row.tenant_id, due.c.seq == row.seq))
    return len(rows)


async def take_next(uow: UnitOfWork, until: datetime) -> DueWork | None:
    """Remove and return the tenant's earliest work due at or before `until`; for a sandbox clock that moves on."""
    earliest = (
        select(due)
        .where(due.c.tenant_id == uow.scope.tenant_id.uuid, due.c.due_at <= until)
        .order_by(due.c.due_at, due.c.seq)
        .limit(1)
        .with_for_update()
    )
    row = (await uow.execute(earliest)).one_or_none()
    if row is None:
        return None
    await uow.execute(delete(due).where(due.c.tenant_id == row.tenant_id, due.c.seq == row.seq))
    return DueWork(TenantId(row.tenant_id), row.seq, row.due_at, row.kind, row.payload)


async def read_clock_offset(uow: UnitOfWork, tenant_id: TenantId) -> timedelta:
    """How far the tenant's clock is ahead of the machine's."""
    query = select(tenant_clock.c.offset_seconds).where(tenant_clock.c.tenant_id == tenant_id.uuid)
    return timedelta(seconds=(await uow.execute(query)).scalar_one_or_none() or 0)


async def move_clock(uow: UnitOfWork, offset: timedelta) -> None:
    """Set how far the tenant's clock is ahead of the machine's; whole seconds."""
    row = {"tenant_id": uow.scope.tenant_id.uuid, "offset_seconds": int(offset.total_seconds())}
    statement = upsert(tenant_clock).values(row)
    await uow.execute(
        statement.on_conflict_do_update(
            index_elements=[tenant_clock.c.tenant_id], set_={"offset_seconds": statement.excluded.offset_seconds}
        )
    )
