"""What parties tell; ids and states only, never who somebody is."""

from specie.events import EventType, NewEvent, register_type
from specie.parties.model import Party

_SCHEMA = {
    "type": "object",
    "properties": {
        "party_id": {"type": "string"},
        "kind": {"type": "string", "enum": ["person", "company"]},
        "kyc_state": {"type": "string", "enum": ["unverified", "submitted", "approved", "rejected"]},
        "tier": {"type": "string"},
    },
    "required": ["kind", "kyc_state", "party_id", "tier"],
}
_SAMPLE = {
    "party_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "kind": "person",
    "kyc_state": "approved",
    "tier": "verified",
}
for _name, _description in (
    ("party.created", "A person or company was added."),
    ("party.updated", "What is known of a party has changed."),
    ("party.erased", "What was known of a party has been made unreadable for ever."),
    ("kyc.submitted", "A verification was handed in for review."),
    ("kyc.approved", "A verification was approved."),
    ("kyc.rejected", "A verification was rejected."),
):
    register_type(EventType(name=_name, version=1, json_schema=_SCHEMA, sample=_SAMPLE, description=_description))


def party_event(name: str, party: Party) -> NewEvent:
    """An event about a party."""
    data = {
        "party_id": str(party.id),
        "kind": party.kind.value,
        "kyc_state": party.kyc_state.value,
        "tier": party.tier,
    }
    return NewEvent(name, ("party", str(party.id)), party.version, data, party_id=party.id)
