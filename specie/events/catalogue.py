"""The versioned catalogue of event types. Each module registers what it publishes when it is imported."""

from collections.abc import Mapping
from typing import Any

from specie.events.errors import EventTypeUnknown
from specie.events.model import EventType, matches

_types: dict[tuple[str, int], EventType] = {}


def register(event_type: EventType) -> EventType:
    """Add a type. Raises RuntimeError when another one has the same name and version."""
    key = (event_type.name, event_type.version)
    if _types.setdefault(key, event_type) != event_type:
        raise RuntimeError(f"two event types are called {event_type.name} version {event_type.version}")
    return event_type


def register_samples(told: Mapping[str, tuple[str, dict[str, Any]]]) -> None:
    """Add the first version of types that an example describes, each with its description: numbers are whole, and
    texts may be missing. Raises RuntimeError like `register`.
    """
    for name, (description, sample) in told.items():
        register(EventType(name=name, version=1, json_schema=_schema(sample), sample=sample, description=description))


def _schema(sample: Any) -> dict[str, Any]:
    if isinstance(sample, Mapping):
        return {"type": "object", "properties": {name: _schema(value) for name, value in sample.items()}}
    if isinstance(sample, list):
        return {"type": "array", "items": _schema(sample[0])}
    return {"type": "integer"} if isinstance(sample, int) else {"type": ["string", "null"]}


def all_types() -> list[EventType]:
    """Every registered type by name, then version."""
    return [_types[key] for key in sorted(_types)]


def newest(name: str) -> EventType:
    """The newest version of a type. Raises EventTypeUnknown."""
    versions = [version for known, version in _types if known == name]
    if not versions:
        raise EventTypeUnknown(f"there is no event type {name!r}", param="type")
    return _types[name, max(versions)]


def is_known(pattern: str) -> bool:
    """Whether at least one registered type fits the pattern; `*` always does."""
    return pattern == "*" or any(matches(pattern, name) for name, _ in _types)
