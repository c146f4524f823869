"""Refusals of the feed."""

from specie.kernel.errors import InvalidField


class EventTypeUnknown(InvalidField):
    """No event type has this name, or none belongs to this family."""

    code = "event_type_unknown"
    title = "Unknown event type"
