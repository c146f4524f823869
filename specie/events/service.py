"""Recording facts in the unit of work that makes them true."""

from datetime import datetime
from uuid import UUID

from specie.events import store
from specie.events.model import NewEvent
from specie.events.store import EventRow
from specie.kernel.ids import uuid7
from specie.kernel.scope import Scope
from specie.platform.db import UnitOfWork


def row(scope: Scope, event: NewEvent, *, event_id: UUID, at: datetime) -> EventRow:
    """The row of an event as `insert_many` takes it."""
    return (
        scope.tenant_id.uuid,
        event_id,
        event.type,
        event.schema_version,
        *event.subject,
        event.version,
        dict(event.data),
        event.party_id.uuid if event.party_id else None,
        str(scope.actor),
        scope.request_id.uuid,
        at,
        at,
    )


async def record(uow: UnitOfWork, event: NewEvent) -> UUID:
    """Append a fact; it commits with the change it tells of. Returns the event's id."""
    event_id = event.id or uuid7()
    await store.insert_many(await uow.raw(), [row(uow.scope, event, event_id=event_id, at=uow.now)])
    return event_id
