"""What webhooks tell about themselves."""

from collections.abc import Mapping
from typing import Any

from specie.events import EventType, NewEvent, register_type
from specie.webhooks.model import Endpoint

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "url": {"type": "string"},
        "state": {"enum": ["enabled", "paused", "disabled", "deleted"]},
        "disabled_reason": {"enum": ["gone", "failing", None]},
        "failing_since": {"type": ["string", "null"], "format": "date-time"},
        "missed_from_n": {"type": ["integer", "null"]},
    },
    "required": ["url", "state", "disabled_reason", "failing_since", "missed_from_n"],
    "additionalProperties": False,
}
_SAMPLE: Mapping[str, Any] = {
    "url": "https://example.com/specie",
    "state": "enabled",
    "disabled_reason": None,
    "failing_since": "2030-01-01T00:00:00+00:00",
    "missed_from_n": None,
}

FAILING = register_type(
    EventType(
        "webhook_endpoint.failing",
        1,
        _SCHEMA,
        _SAMPLE,
        "An endpoint has failed for three days; after five it is disabled.",
    )
)
DISABLED = register_type(
    EventType(
        "webhook_endpoint.disabled",
        1,
        _SCHEMA,
        {**_SAMPLE, "state": "disabled", "disabled_reason": "failing", "missed_from_n": 42},
        "Nothing is sent to an endpoint any more: it answered 410 or failed for five days.",
    )
)


def told(event_type: EventType, endpoint: Endpoint) -> NewEvent:
    """The event about an endpoint as it now stands."""
    data = {
        "url": endpoint.url,
        "state": endpoint.state.value,
        "disabled_reason": endpoint.disabled_reason.value if endpoint.disabled_reason else None,
        "failing_since": endpoint.failing_since.isoformat() if endpoint.failing_since else None,
        "missed_from_n": endpoint.missed_from_n,
    }
    subject = ("webhook_endpoint", str(endpoint.id))
    return NewEvent(event_type.name, subject, endpoint.version, data, party_id=endpoint.party_id)
