"""What the worker, explanations and payments need of webhooks."""

from collections.abc import Sequence
from uuid import UUID

from specie import events
from specie.app.loops import Loop
from specie.kernel.ids import EventId
from specie.platform.db import Database, UnitOfWork
from specie.reports import Delivery
from specie.webhooks import jobs, service
from specie.webhooks.sender import Sender

_MOST_EVENTS = 100


async def deliveries_of(uow: UnitOfWork, event_ids: Sequence[UUID]) -> list[Delivery]:
    """The deliveries of some events, as an explanation shows them."""
    found = await service.deliveries_of(uow, event_ids) if event_ids else []
    return [
        Delivery(
            id=str(each.id),
            event_id=each.event_id.uuid,
            endpoint_id=str(each.endpoint_id),
            state=each.state.value,
            attempts=each.attempts,
            last_status=each.last_status,
        )
        for each in found
    ]


async def events_about(uow: UnitOfWork, subject_id: str) -> list[dict[str, object]]:
    """What the feed tells about one thing, the earliest first, as plain values without the data."""
    return [
        {"id": str(event.id), "n": event.n, "type": event.type, "at": event.recorded_at}
        for event in await _told(uow, subject_id)
    ]


async def deliveries_about(uow: UnitOfWork, subject_id: str) -> list[dict[str, object]]:
    """The deliveries of what was told about one thing, as plain values."""
    types = {event.id.uuid: event.type for event in await _told(uow, subject_id)}
    return [
        {
            "id": each.id,
            "event_id": str(EventId(each.event_id)),
            "event_type": types[each.event_id],
            "endpoint_id": each.endpoint_id,
            "state": each.state,
            "attempts": each.attempts,
            "last_status": each.last_status,
        }
        for each in await deliveries_of(uow, list(types))
    ]


async def _told(uow: UnitOfWork, subject_id: str) -> list[events.Event]:
    return await events.after(uow, uow.scope.tenant_id, 0, _MOST_EVENTS, events.EventFilter(subject_id=subject_id))


def event_loops(db: Database, sender: Sender) -> list[Loop]:
    """From a committed event to a sent webhook: numbering, owing, sending; each wakes the next.

    Each also looks by itself, because another process may have done the step before it.
    """
    sending = Loop("webhooks_send", sender.step, 0.1, longest_pause=0.4)
    # What was sent makes room for more.
    sender.when_room = sending.wake
    owing = Loop("webhooks_fan_out", lambda: jobs.fan_out(db), 0.1, longest_pause=0.4, then=[sending])
    numbering = Loop("events", lambda: events.publish(db), 0.05, longest_pause=0.4, then=[owing])
    return [numbering, owing, sending]
