"""Recording facts in the unit of work that makes them true, numbering them, and reading the feed."""

from datetime import datetime, timedelta
from uuid import UUID

from specie.events import store
from specie.events.errors import EventTypeUnknown
from specie.events.model import Event, EventFilter, NewEvent, is_pattern
from specie.events.store import EventRow
from specie.kernel.errors import NotFound
from specie.kernel.ids import EventId, TenantId, uuid7
from specie.kernel.scope import Scope
from specie.platform.db import UnitOfWork

_EVERYTHING = EventFilter()
# An id is made a little before its event is recorded.
_ID_MARGIN = timedelta(minutes=1)


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


async def number_pending(uow: UnitOfWork, limit: int) -> int:
    """Number up to `limit` committed events, each tenant's without a gap. Needs a system unit of work.

    Returns how many; 0 also while another process is numbering.
    """
    if not await store.become_publisher(uow):
        return 0
    return await store.number(uow, limit)


async def after(
    uow: UnitOfWork, tenant_id: TenantId, n: int, limit: int, wanted: EventFilter = _EVERYTHING
) -> list[Event]:
    """Up to `limit` events of the tenant with numbers above `n`, in order."""
    return await store.after(uow, tenant_id, n, limit, wanted)


async def before(uow: UnitOfWork, n: int, limit: int, wanted: EventFilter = _EVERYTHING) -> list[Event]:
    """Up to `limit` events of the scope's tenant with numbers below `n`, newest first."""
    return await store.before(uow, uow.scope.tenant_id, n, limit, wanted)


async def get(uow: UnitOfWork, event_id: EventId) -> Event:
    """One numbered event. Raises NotFound, also for an event of another party than a limited caller's."""
    found = await store.one(uow, uow.scope.tenant_id, event_id, uow.scope.party_id)
    if found is None:
        raise NotFound("no such event", param="event_id")
    return found


async def first_n_since(uow: UnitOfWork, moment: datetime) -> int | None:
    """The number from which on every event recorded since a moment of machine time is found; None for none."""
    milliseconds = max(0, int((moment - _ID_MARGIN).timestamp() * 1000))
    return await store.first_n_from(uow, uow.scope.tenant_id, UUID(int=milliseconds << 80))


def narrowed(scope: Scope, type_pattern: str | None = None, subject_id: str | None = None) -> EventFilter:
    """The filter of a caller: a limited one sees its own party's events. Raises EventTypeUnknown for no pattern."""
    if type_pattern is not None and not is_pattern(type_pattern):
        raise EventTypeUnknown("a type looks like payment.paid, a family like payment.*", param="type")
    return EventFilter(type_pattern, subject_id, scope.party_id)
