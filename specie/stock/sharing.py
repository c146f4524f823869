"""What has become available goes to the documents that wait for it, in the transaction that made it available."""

from dataclasses import replace

from specie import events
from specie.platform.db import UnitOfWork
from specie.stock import events as told
from specie.stock import promise_store, store
from specie.stock.model import Level, Policy


async def share_out(uow: UnitOfWork, level: Level) -> Level:
    """Keep what is available aside for those who wait for it, the first in turn first; the level, locked, afterwards.

    The level's lock is the only one this takes: whoever waits is named by a promise and not by the document's row.
    """
    if level.available.millionths <= 0:
        return level
    place = (level.warehouse.id, level.product_id)
    for cause, promise in await promise_store.waiting_at(uow, place):
        given = min(promise.missing, level.available)
        if given.millionths == 0:
            break
        now = promise.with_kept(given)
        await promise_store.put_promise(uow, cause, place, now)
        level = replace(level, reserved=level.reserved + given)
        await events.record(uow, told.kept_aside(level, cause, given, now))
    return level


async def change_level(uow: UnitOfWork, before: Level, after: Level, policy: Policy) -> Level:
    """Store a level whose promises or reorder point have changed."""
    await store.save_level(uow, before, after, may_go_below=policy.may_go_below)
    if after.is_low and not before.is_low:
        await events.record(uow, told.low(after))
    return after
