"""The outbox and the feed: facts recorded with the change that made them true, numbered without gaps right after.

Owns events, their numbers, and the catalogue of their types. The routes are in `specie.events.routes`.
"""

from specie.events import catalogue
from specie.events.catalogue import register as register_type
from specie.events.catalogue import register_samples
from specie.events.errors import EventTypeUnknown
from specie.events.invariants import INVARIANTS
from specie.events.model import Event, EventFilter, EventType, NewEvent, is_pattern, matches, pattern_prefix
from specie.events.publisher import publish
from specie.events.service import after, first_n_since, get, number_pending, record, row
from specie.events.store import digests, head, heads, insert_many, insertion, number_of

__all__ = [
    "INVARIANTS",
    "Event",
    "EventFilter",
    "EventType",
    "EventTypeUnknown",
    "NewEvent",
    "after",
    "catalogue",
    "digests",
    "first_n_since",
    "get",
    "head",
    "heads",
    "insert_many",
    "insertion",
    "is_pattern",
    "matches",
    "number_of",
    "number_pending",
    "pattern_prefix",
    "publish",
    "record",
    "register_samples",
    "register_type",
    "row",
]
