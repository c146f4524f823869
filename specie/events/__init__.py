"""The outbox and the feed: facts recorded with the change that made them true, numbered without gaps right after."""

from specie.events.model import NewEvent
from specie.events.service import record, row
from specie.events.store import heads, insert_many, numbered

__all__ = ["NewEvent", "heads", "insert_many", "numbered", "record", "row"]
