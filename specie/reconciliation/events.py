"""What reconciliation tells."""

from datetime import date
from typing import Any

from specie.events import EventType, NewEvent, register_samples, register_type
from specie.providers import Connection
from specie.reconciliation.model import Import, Match, ReconException

_IMPORT = {
    "import_id": "rimp_01jx3s5v0q8e5t9m2w4r6y8zab",
    "source_id": "rsrc_01jx3s5v0q8e5t9m2w4r6y8zab",
    "format": "camt053",
    "lines": 214,
}
_MATCH = {
    "match_id": "rmt_01jx3s5v0q8e5t9m2w4r6y8zab",
    "source_id": "rsrc_01jx3s5v0q8e5t9m2w4r6y8zab",
    "rule": "reference",
    "lines": {"amount": 1_493_000, "currency": "IDR"},
    "items": {"amount": 1_493_000, "currency": "IDR"},
}
_EXCEPTION = {
    "exception_id": "rex_01jx3s5v0q8e5t9m2w4r6y8zab",
    "source_id": "rsrc_01jx3s5v0q8e5t9m2w4r6y8zab",
    "kind": "amount_differs",
    "amount": {"amount": 1_400_000, "currency": "IDR"},
    "owner": None,
    "resolution": None,
}

_OVERDUE = {
    "exception_id": "rex_01jx3s5v0q8e5t9m2w4r6y8zab",
    "source_id": "rsrc_01jx3s5v0q8e5t9m2w4r6y8zab",
    "connection_id": "con_01jx3s5v0q8e5t9m2w4r6y8zab",
    "name": "Stripe",
    "amount": {"amount": 1_400_000, "currency": "IDR"},
    "expected_on": "2026-11-24",
}

for _name, _description, _sample in (
    ("reconciliation.imported", "A statement was taken in.", _IMPORT),
    ("reconciliation.matched", "Lines of a statement and open items were found to be the same money.", _MATCH),
    ("reconciliation.reopened", "A match was taken back; its lines and items are open again.", _MATCH),
    ("reconciliation.exception_opened", "Something in a statement did not match.", _EXCEPTION),
    ("reconciliation.exception_changed", "An exception has another owner or note.", _EXCEPTION),
    ("reconciliation.exception_resolved", "An exception has been dealt with.", _EXCEPTION),
):
    _properties = {name: {"type": ["string", "integer", "object", "null"]} for name in _sample}
    register_type(
        EventType(
            name=_name,
            version=1,
            json_schema={"type": "object", "properties": _properties},
            sample=_sample,
            description=_description,
        )
    )


register_samples(
    {"reconciliation.money_overdue": ("A provider has not paid over what it should have by now.", _OVERDUE)}
)


def imported(taken: Import) -> NewEvent:
    """A statement is in."""
    data = {
        "import_id": str(taken.id),
        "source_id": str(taken.source_id),
        "format": str(taken.format),
        "lines": taken.lines,
    }
    return NewEvent("reconciliation.imported", ("reconciliation_import", str(taken.id)), 1, data)


def matched(match: Match) -> NewEvent:
    """Lines and items are matched."""
    return NewEvent("reconciliation.matched", ("reconciliation_match", str(match.id)), 1, _match(match))


def reopened(match: Match) -> NewEvent:
    """A match is undone."""
    return NewEvent("reconciliation.reopened", ("reconciliation_match", str(match.id)), 2, _match(match))


def exception_told(name: str, found: ReconException) -> NewEvent:
    """An exception is `opened`, `changed` or `resolved`."""
    data: dict[str, Any] = {
        "exception_id": str(found.id),
        "source_id": str(found.source_id),
        "kind": str(found.kind),
        "amount": found.amount.as_json(),
        "owner": found.owner,
        "resolution": found.resolution,
    }
    subject = ("reconciliation_exception", str(found.id))
    return NewEvent(f"reconciliation.exception_{name}", subject, found.version, data)


def money_overdue(found: ReconException, connection: Connection, since: date) -> NewEvent:
    """Money of a provider is overdue since a day, or more or less of it than was told before."""
    data = {
        "exception_id": str(found.id),
        "source_id": str(found.source_id),
        "connection_id": str(connection.id),
        "name": connection.name,
        "amount": found.amount.as_json(),
        "expected_on": since.isoformat(),
    }
    subject = ("reconciliation_exception", str(found.id))
    return NewEvent("reconciliation.money_overdue", subject, found.version, data)


def _match(match: Match) -> dict[str, Any]:
    return {
        "match_id": str(match.id),
        "source_id": str(match.source_id),
        "rule": str(match.rule),
        "lines": match.lines.as_json(),
        "items": match.items.as_json(),
    }
