"""Shorthand for event tests: record facts, publish them, read the feed."""

from sqlalchemy import text

from specie import events
from specie.events import Event, NewEvent
from specie.kernel.ids import PartyId
from specie.kernel.scope import Scope
from specie.platform.db import Database


def fact(name: str = "thing", version: int = 1, kind: str = "thing.changed", party: PartyId | None = None) -> NewEvent:
    return NewEvent(kind, ("thing", name), version, {"name": name}, party_id=party)


async def tell(database: Database, scope: Scope, *facts: NewEvent) -> None:
    """Record facts in one transaction."""
    async with database.begin(scope) as uow:
        for each in facts or (fact(),):
            await events.record(uow, each)


async def publish_all(database: Database) -> int:
    """Number whatever is waiting."""
    total = 0
    while numbered := await events.publish(database):
        total += numbered
    return total


async def feed(database: Database, scope: Scope) -> list[Event]:
    async with database.begin(scope) as uow:
        return await events.after(uow, scope.tenant_id, 0, 10_000)


async def waiting(database: Database) -> int:
    async with database.system() as uow:
        return int((await uow.execute(text("select count(*) from specie.event_unnumbered"))).scalar_one())
