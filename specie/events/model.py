"""Facts before and after they are published, and patterns of their types; no I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from specie.kernel.ids import EventId, PartyId, RequestId

_PATTERN = re.compile(r"\*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*(\.\*)?")
_MAX_PATTERN = 100


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact about one object at one version. `data` holds ids and amounts, never personal data in clear.

    An event that belongs to a journal entry shares the entry's uuid, given as `id`.
    """

    type: str
    subject: tuple[str, str]
    version: int
    data: Mapping[str, Any]
    id: UUID | None = None
    party_id: PartyId | None = None
    schema_version: int = 1


@dataclass(frozen=True, slots=True)
class Event:
    """A published fact. `n` counts the tenant's events from 1 without gaps; times are business time."""

    n: int
    id: EventId
    type: str
    schema_version: int
    subject: tuple[str, str]
    version: int
    data: Mapping[str, Any]
    party_id: PartyId | None
    request_id: RequestId
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What the feed is narrowed to; None does not narrow. `type` may be a pattern such as `payment.*`."""

    type: str | None = None
    subject_id: str | None = None
    party_id: PartyId | None = None


@dataclass(frozen=True, slots=True)
class EventType:
    """One version of one kind of event: what `data` looks like and an example of it."""

    name: str
    version: int
    json_schema: Mapping[str, Any]
    sample: Mapping[str, Any]
    description: str


def is_pattern(text: str) -> bool:
    """Whether the text is `*`, an event type such as `payment.paid`, or a family such as `payment.*`."""
    return len(text) <= _MAX_PATTERN and _PATTERN.fullmatch(text) is not None


def pattern_prefix(pattern: str) -> str | None:
    """What every type of a family begins with, the dot included; None for a pattern that is one type."""
    return pattern[:-1] if pattern.endswith("*") else None


def matches(pattern: str, event_type: str) -> bool:
    """Whether an event type is the pattern or belongs to its family."""
    prefix = pattern_prefix(pattern)
    return event_type == pattern if prefix is None else event_type.startswith(prefix)
