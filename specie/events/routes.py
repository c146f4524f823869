"""The feed over HTTP: in pages, live, and the catalogue of what may appear in it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Header, Query
from fastapi.responses import StreamingResponse

from specie.events import catalogue, service, store
from specie.events.errors import EventTypeUnknown
from specie.events.model import Event, EventFilter
from specie.events.schemas import EventOut, EventTypeOut, EventTypesOut, FeedOut
from specie.kernel.clock import monotonic
from specie.kernel.ids import EventId
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import SearchText, id_text

router = ApiRouter(tags=["Events"])

_LARGEST = 2**63 - 1
_STREAM_BATCH = 100
_STREAM_POLL_SECONDS = 0.3
_STREAM_HEARTBEAT_SECONDS = 15.0
# Access ends with the credential: a client comes back with its Last-Event-ID and is admitted anew.
_STREAM_SECONDS = 300.0

Limit = Annotated[int, Query(ge=1, le=100)]
After = Annotated[int, Query(ge=0, le=_LARGEST, description="The last number already seen")]
TypePattern = Annotated[SearchText | None, Query(description="A type, or a family such as `payment.*`")]
LastEventId = Annotated[str | None, Header(pattern="^[0-9]{1,18}$", description="As `after`, and wins over it")]
SubjectId = Annotated[SearchText | None, Query(description="Only events about this object")]


@router.get("/events", response_model=FeedOut)
@refuses(EventTypeUnknown)
async def list_events(
    edge: Edge = requires(Permission.EVENTS_READ),
    after: After = 0,
    before: Annotated[int | None, Query(ge=1, le=_LARGEST, description="Newest first, below this number")] = None,
    limit: Limit = 50,
    type: TypePattern = None,  # noqa: A002
    subject: SubjectId = None,
) -> FeedOut:
    """Everything that happened, numbered without gaps. Oldest first after a number; newest first with `before`."""
    wanted = service.narrowed(edge.scope, type, subject)
    if before is not None:
        return await edge.read(lambda uow: _older(uow, before, limit, wanted))
    return await edge.read(lambda uow: _newer(uow, after, limit, wanted))


async def _newer(uow: UnitOfWork, after: int, limit: int, wanted: EventFilter) -> FeedOut:
    tenant_id = uow.scope.tenant_id
    # Read first: nothing up to the head can be added later, so a reader may go on from it even past gaps of a filter.
    head = await store.head(uow, tenant_id)
    found = await service.after(uow, tenant_id, after, limit + 1, wanted)
    has_more = len(found) > limit
    page = found[:limit]
    last = page[-1].n if page else after
    return FeedOut(
        data=[EventOut.of(event) for event in page],
        has_more=has_more,
        next_after=last if has_more else max(last, head),
    )


async def _older(uow: UnitOfWork, before: int, limit: int, wanted: EventFilter) -> FeedOut:
    found = await service.before(uow, before, limit + 1, wanted)
    page = found[:limit]
    last = page[-1].n if page else before
    return FeedOut(data=[EventOut.of(event) for event in page], has_more=len(found) > limit, next_after=last)


@router.get(
    "/events/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events as they happen"}},
)
@refuses(EventTypeUnknown)
async def stream_events(
    edge: Edge = requires(Permission.EVENTS_READ),
    after: Annotated[int | None, Query(ge=0, le=_LARGEST, description="The last number seen; default: now")] = None,
    type: TypePattern = None,  # noqa: A002
    last_event_id: Annotated[
        str | None, Header(pattern="^[0-9]{1,18}$", description="As `after`; wins over it")
    ] = None,
) -> StreamingResponse:
    """Server-sent events: `id` is the event's number, `data` the event. Ends after five minutes; reconnect to go on."""
    wanted = service.narrowed(edge.scope, type)
    start = int(last_event_id) if last_event_id is not None else after
    if start is None:
        start = await edge.read(lambda uow: store.head(uow, uow.scope.tenant_id))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_live(edge, start, wanted), media_type="text/event-stream", headers=headers)


async def _live(edge: Edge, after: int, wanted: EventFilter) -> AsyncIterator[str]:
    ends = monotonic() + _STREAM_SECONDS
    quiet_since = monotonic()
    # Said at once, so that the other side knows the stream stands before anything has happened.
    yield "retry: 1000\n: open\n\n"
    while monotonic() < ends:
        page = await _read_on(edge, after, wanted)
        for event in page.data:
            yield _sent(event)
        after = page.next_after
        if page.data:
            quiet_since = monotonic()
        elif monotonic() - quiet_since > _STREAM_HEARTBEAT_SECONDS:
            quiet_since = monotonic()
            yield ": still here\n\n"
        if not page.has_more:
            await asyncio.sleep(_STREAM_POLL_SECONDS)


async def _read_on(edge: Edge, after: int, wanted: EventFilter) -> FeedOut:
    return await edge.read(lambda uow: _newer(uow, after, _STREAM_BATCH, wanted))


def _sent(event: EventOut) -> str:
    return f"id: {event.n}\nevent: {event.type}\ndata: {event.model_dump_json()}\n\n"


@router.get("/events/{event_id}", response_model=EventOut)
async def get_event(event_id: str, edge: Edge = requires(Permission.EVENTS_READ)) -> EventOut:
    """One event."""
    wanted = id_text(EventId, event_id, "event_id")

    async def find(uow: UnitOfWork) -> Event:
        return await service.get(uow, wanted)

    return EventOut.of(await edge.read(find))


@router.get("/event-types", response_model=EventTypesOut)
async def list_event_types(edge: Edge = requires(Permission.EVENTS_READ)) -> EventTypesOut:  # noqa: ARG001
    """Every type of event this installation publishes, with the shape of its data and an example."""
    return EventTypesOut(data=[EventTypeOut.of(each) for each in catalogue.all_types()])
