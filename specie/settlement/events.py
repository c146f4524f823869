"""What settlement tells."""

from typing import Any

from specie.events import EventType, NewEvent, register_type
from specie.settlement.model import Line, Settlement

_SAMPLE: dict[str, Any] = {
    "settlement": {
        "id": "stl_01jx3s5v0q8e5t9m2w4r6y8zab",
        "party_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
        "day": "2026-11-24",
        "payout": {"amount": 141_075_000, "currency": "IDR"},
        "lines": [
            {"cause": "sales", "amount": {"amount": 150_000_000, "currency": "IDR"}, "postings": 214},
            {"cause": "reserve_kept", "amount": {"amount": -7_500_000, "currency": "IDR"}, "postings": 1},
        ],
        "entry_id": "txn_01jx3s5v0q8e5t9m2w4r6y8zab",
    }
}
_AMOUNT = {"type": "object", "properties": {"amount": {"type": "integer"}, "currency": {"type": "string"}}}
_LINE = {
    "type": "object",
    "properties": {"cause": {"type": "string"}, "amount": _AMOUNT, "postings": {"type": "integer"}},
}
_SETTLEMENT = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("id", "party_id", "day", "entry_id")},
        "payout": _AMOUNT,
        "lines": {"type": "array", "items": _LINE},
    },
}

for _name, _description in (
    ("settlement.made", "A merchant was paid over what it was owed for a business day; the lines sum to the payout."),
    ("settlement.kept", "A settlement could not be paid out and waits in the wallet; `reason` says why."),
):
    _more = {"reason": {"type": "string"}} if _name.endswith("kept") else {}
    register_type(
        EventType(
            name=_name,
            version=1,
            json_schema={"type": "object", "properties": {"settlement": _SETTLEMENT, **_more}},
            sample=_SAMPLE | ({"reason": "beneficiary_unverified"} if _more else {}),
            description=_description,
        )
    )


def made(settlement: Settlement, lines: list[Line]) -> NewEvent:
    """A settlement is posted."""
    return _event("settlement.made", settlement, {"settlement": _told(settlement, lines)}, 1)


def kept(settlement: Settlement, lines: list[Line], reason: str) -> NewEvent:
    """A settlement is in the wallet against its terms."""
    return _event("settlement.kept", settlement, {"settlement": _told(settlement, lines), "reason": reason}, 2)


def _event(name: str, settlement: Settlement, data: dict[str, Any], version: int) -> NewEvent:
    return NewEvent(
        type=name,
        subject=("settlement", str(settlement.id)),
        version=version,
        data=data,
        party_id=settlement.party_id,
    )


def _told(settlement: Settlement, lines: list[Line]) -> dict[str, Any]:
    return {
        "id": str(settlement.id),
        "party_id": str(settlement.party_id),
        "day": settlement.day.isoformat(),
        "payout": settlement.payout.as_json(),
        "lines": [
            {"cause": str(line.cause), "amount": line.amount.as_json(), "postings": line.count} for line in lines
        ],
        "entry_id": str(settlement.entry_id),
    }
