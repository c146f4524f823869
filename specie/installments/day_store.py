"""The SQL of a day's run."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.installments import tables
from specie.installments.model import Order
from specie.platform.db import UnitOfWork


async def update_after_day(uow: UnitOfWork, orders: Sequence[Order]) -> None:
    """Store what a day's run changed of many locked orders, with one statement."""
    if not orders:
        return
    columns = (
        [one.id.uuid for one in orders],
        [one.state.value for one in orders],
        [one.version for one in orders],
        [one.act_on for one in orders],
        [one.earned_through for one in orders],
        [one.paused_until for one in orders],
        [one.tries for one in orders],
        [one.bucket for one in orders],
        [one.ended_at for one in orders],
    )
    await (await uow.raw()).execute(_AFTER_DAY, [*columns, uow.scope.tenant_id.uuid])


_AFTER_DAY = """
update specie.installment_order o
   set state = n.state, version = n.version, act_on = n.act_on, earned_through = n.earned_through,
       paused_until = n.paused_until, tries = n.tries, bucket = n.bucket, ended_at = n.ended_at
  from unnest(%s::uuid[], %s::text[], %s::integer[], %s::date[], %s::date[], %s::date[], %s::integer[], %s::integer[],
              %s::timestamptz[])
       as n (id, state, version, act_on, earned_through, paused_until, tries, bucket, ended_at)
 where o.tenant_id = %s and o.id = n.id
"""


async def last_day(uow: UnitOfWork) -> date | None:
    """The last business day that has been run, locked; None before the first order."""
    d = tables.day.c
    query = select(d.day).where(d.tenant_id == uow.scope.tenant_id.uuid).with_for_update()
    return (await uow.execute(query)).scalar_one_or_none()


async def start_days(uow: UnitOfWork, day: date) -> bool:
    """Begin counting days unless that was done; whether it was begun now."""
    row = {"tenant_id": uow.scope.tenant_id.uuid, "day": day}
    statement = upsert(tables.day).values(row).on_conflict_do_nothing().returning(tables.day.c.day)
    return (await uow.execute(statement)).scalar_one_or_none() is not None


async def finish_day(uow: UnitOfWork, day: date) -> None:
    """Store that a day has been run."""
    d = tables.day.c
    await uow.execute(update(tables.day).where(d.tenant_id == uow.scope.tenant_id.uuid).values(day=day))
