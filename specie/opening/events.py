"""What bringing an opening position in tells; the entries and movements tell of themselves."""

from typing import Any

from specie.events import NewEvent, register_samples
from specie.opening.model import Import, totals

_SAMPLE: dict[str, Any] = {
    "opening_import_id": "oim_01jx3s5v0q8e5t9m2w4r6y8zab",
    "name": "opening-balances.csv",
    "status": "posted",
    "cut_over_on": "2026-11-01",
    "lines": 42,
    "opening": [{"amount": 250_000_000, "currency": "IDR"}],
}
_TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "opening_import.waiting": (
        "An opening position needs a second person; nothing is posted.",
        {**_SAMPLE, "status": "waiting"},
    ),
    "opening_import.posted": ("An opening position is in the books, with every line of its file.", _SAMPLE),
    "opening_import.refused": (
        "A second person did not say yes to an opening position; nothing is posted.",
        {**_SAMPLE, "status": "refused"},
    ),
}

register_samples(_TYPES)


def told(found: Import) -> NewEvent:
    """The event of the state an import has now; `opening` is by how much opening equity grows with it."""
    data = {
        "opening_import_id": str(found.id),
        "name": found.name,
        "status": found.state.value,
        "cut_over_on": found.cut_over_on.isoformat(),
        "lines": len(found.lines),
        "opening": [total.opening.as_json() for total in totals(found.lines)],
    }
    return NewEvent(f"opening_import.{found.state}", ("opening_import", str(found.id)), found.version, data)
