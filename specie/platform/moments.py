"""Moments on the wire: read with any zone, told in UTC."""

from datetime import UTC, datetime
from typing import Any

from pydantic_core import CoreSchema, core_schema


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for one that UTC's calendar does not reach."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the moment lies outside of the calendar") from None


def as_text(moment: datetime) -> str:
    """How a moment is written where no schema does it."""
    return in_utc(moment).isoformat().replace("+00:00", "Z")


_TOLD = core_schema.plain_serializer_function_ser_schema(
    in_utc, return_schema=core_schema.datetime_schema(), when_used="json"
)


def told_in_utc(schema: CoreSchema) -> CoreSchema:
    """The schema of a model, with every moment in it written in UTC."""
    told: CoreSchema = _walked(schema)
    return told


def _walked(part: Any) -> Any:
    if isinstance(part, list):
        return [_walked(each) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "datetime" and "serialization" not in part:
        return {**part, "serialization": _TOLD}
    return {name: _walked(each) if name != "metadata" else each for name, each in part.items()}
