"""What approvals tell."""

from typing import Any

from specie.approvals.model import Approval, ApprovalState
from specie.events import EventType, NewEvent, register_type

_TEXT = {"type": "string"}
_SAMPLE = {
    "approval_id": "apr_01jx3s5v0q8e5t9m2w4r6y8zab",
    "kind": "payout",
    "subject": {"kind": "payout", "id": "po_01jx3s5v0q8e5t9m2w4r6y8zab"},
    "status": "open",
    "asked_by": "user:usr_01jx3s5v0q8e5t9m2w4r6y8zab",
    "checker": "user:usr_01jx3s5v0q8e5t9m2w4r6y8zac",
}
_NAMES = {ApprovalState.OPEN: "approval.requested"} | {
    state: f"approval.{state.value}" for state in ApprovalState if state is not ApprovalState.OPEN
}

for _name, _description in (
    ("approval.requested", "Something waits for a second person."),
    ("approval.approved", "A second person said yes; what was asked for happened in the same moment."),
    ("approval.refused", "A second person said no."),
    ("approval.expired", "Nobody decided in time."),
    ("approval.withdrawn", "What was asked for is not wanted any more."),
):
    register_type(
        EventType(
            name=_name,
            version=1,
            json_schema={"type": "object", "properties": {"approval_id": _TEXT, "kind": _TEXT, "status": _TEXT}},
            sample=_SAMPLE,
            description=_description,
        )
    )


def told(approval: Approval) -> NewEvent:
    """The event of the state the request has now."""
    data: dict[str, Any] = {
        "approval_id": str(approval.id),
        "kind": approval.kind,
        "subject": {"kind": approval.subject[0], "id": approval.subject[1]},
        "status": str(approval.state),
        "asked_by": approval.asked_by,
        "checker": approval.checker,
    }
    return NewEvent(
        type=_NAMES[approval.state],
        subject=("approval", str(approval.id)),
        version=approval.version,
        data=data,
        party_id=approval.party_id,
    )
