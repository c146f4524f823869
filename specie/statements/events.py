"""What statements tell: that one was made."""

from typing import Any

from specie.events import EventType, NewEvent, register_type
from specie.statements.model import Statement

_SAMPLE: dict[str, Any] = {
    "statement": {
        "id": "stm_01jx3s5v0q8e5t9m2w4r6y8zab",
        "number": 17,
        "party_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
        "currency": "IDR",
        "from": "2026-10-01",
        "through": "2026-10-31",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }
}
register_type(
    EventType(
        name="statement.made",
        version=1,
        json_schema={
            "type": "object",
            "properties": {
                "statement": {
                    "type": "object",
                    "properties": {
                        name: {"type": "integer" if isinstance(value, int) else "string"}
                        for name, value in _SAMPLE["statement"].items()
                    },
                }
            },
        },
        sample=_SAMPLE,
        description="A statement was numbered and frozen.",
    )
)


def made_event(made: Statement) -> NewEvent:
    """A statement is there."""
    told = {
        "id": str(made.id),
        "number": made.n,
        "party_id": str(made.party_id),
        "currency": made.currency.code,
        "from": made.from_day.isoformat(),
        "through": made.through_day.isoformat(),
        "sha256": made.digest.hex(),
    }
    return NewEvent("statement.made", ("statement", str(made.id)), 1, {"statement": told}, party_id=made.party_id)
