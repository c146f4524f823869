"""Wire shapes of the feed."""

from datetime import datetime
from typing import Any

from pydantic import Field

from specie.events.model import Event, EventType
from specie.platform.http import Schema


class EventSubject(Schema):
    """The object an event is about. Of two events about one object, the higher version is the newer."""

    kind: str = Field(examples=["payment"])
    id: str
    version: int


class EventOut(Schema):
    """A fact. `n` counts the tenant's events from 1 without gaps."""

    n: int
    id: str = Field(examples=["evt_01jx3s5v0q8e5t9m2w4r6y8zab"])
    type: str = Field(examples=["payment.paid"])
    schema_version: int
    subject: EventSubject
    data: dict[str, Any]
    occurred_at: datetime
    recorded_at: datetime
    request_id: str

    @classmethod
    def of(cls, event: Event) -> "EventOut":
        """The wire form of an event."""
        kind, subject_id = event.subject
        return cls(
            n=event.n,
            id=str(event.id),
            type=event.type,
            schema_version=event.schema_version,
            subject=EventSubject(kind=kind, id=subject_id, version=event.version),
            data=dict(event.data),
            occurred_at=event.occurred_at,
            recorded_at=event.recorded_at,
            request_id=str(event.request_id),
        )


class FeedOut(Schema):
    """Part of the feed. Read on from `next_after`, which also skips what a filter left out."""

    data: list[EventOut]
    has_more: bool
    next_after: int = Field(description="What to send as `after` (or, newest first, as `before`) next time")


class EventTypeOut(Schema):
    """One version of an event type."""

    name: str = Field(examples=["payment.paid"])
    version: int
    description: str
    json_schema: dict[str, Any] = Field(description="JSON Schema of `data`")
    sample: dict[str, Any] = Field(description="An example of `data`")

    @classmethod
    def of(cls, event_type: EventType) -> "EventTypeOut":
        """The wire form of a type."""
        return cls(
            name=event_type.name,
            version=event_type.version,
            description=event_type.description,
            json_schema=dict(event_type.json_schema),
            sample=dict(event_type.sample),
        )


class EventTypesOut(Schema):
    """The catalogue."""

    data: list[EventTypeOut]
