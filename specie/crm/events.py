"""What customer relations tell: ids, states and amounts; what somebody wrote stays under its seal."""

from collections.abc import Mapping
from typing import Any

from specie.crm.model import Activity, Merge, Note, Opportunity
from specie.crm.problem_model import Problem
from specie.events import EventType, NewEvent, register_type
from specie.kernel.ids import UserId
from specie.kernel.money import Money

_PARTY, _OTHER = "pty_01jx3s5v0q8e5t9m2w4r6y8zab", "pty_01jx3s5v0q8e5t9m2w4r6y8zac"
_USER = "usr_01jx3s5v0q8e5t9m2w4r6y8zab"
_OPPORTUNITY: Mapping[str, Any] = {
    "id": "opp_01jx3s5v0q8e5t9m2w4r6y8zab",
    "pipeline_id": "pipe_01jx3s5v0q8e5t9m2w4r6y8zab",
    "stage_id": "stg_01jx3s5v0q8e5t9m2w4r6y8zab",
    "party_id": _PARTY,
    "outcome": "open",
    "amount": {"amount": 1_500_000, "currency": "IDR"},
    "expected_close": "2026-12-31",
    "owner_id": _USER,
}
_ACTIVITY: Mapping[str, Any] = {
    "id": "act_01jx3s5v0q8e5t9m2w4r6y8zab",
    "party_id": _PARTY,
    "opportunity_id": None,
    "kind": "call",
    "owner_id": _USER,
    "due_at": "2026-11-22T08:00:00+00:00",
    "done_at": None,
}
_NOTE: Mapping[str, Any] = {"id": "cnt_01jx3s5v0q8e5t9m2w4r6y8zab", "party_id": _PARTY, "opportunity_id": None}
_PROBLEM: Mapping[str, Any] = {
    "id": "prb_01jx3s5v0q8e5t9m2w4r6y8zab",
    "party_id": _PARTY,
    "wallet_id": "wal_01jx3s5v0q8e5t9m2w4r6y8zab",
    "entry_id": "txn_01jx3s5v0q8e5t9m2w4r6y8zab",
    "amount": {"amount": 4_500_000, "currency": "IDR"},
    "status": "open",
}
_MERGE: Mapping[str, Any] = {"id": "mrg_01jx3s5v0q8e5t9m2w4r6y8zab", "survivor_id": _PARTY, "merged_id": _OTHER}


def _schema_of(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {"type": "object", "properties": {name: _schema_of(item) for name, item in value.items()}}
    return {"type": "integer"} if isinstance(value, int) else {"type": ["string", "null"]}


for _name, _sample, _description in (
    ("opportunity.created", {"opportunity": _OPPORTUNITY}, "A deal may come about."),
    ("opportunity.changed", {"opportunity": _OPPORTUNITY}, "What is known of an opportunity has changed."),
    ("opportunity.moved", {"opportunity": _OPPORTUNITY}, "An opportunity stands at another stage that is open."),
    ("opportunity.won", {"opportunity": {**_OPPORTUNITY, "outcome": "won"}}, "An opportunity was won."),
    ("opportunity.lost", {"opportunity": {**_OPPORTUNITY, "outcome": "lost"}}, "An opportunity was lost."),
    ("activity.planned", {"activity": _ACTIVITY}, "Somebody is to call, meet or do something."),
    ("activity.changed", {"activity": _ACTIVITY}, "An activity has another time, owner or subject."),
    ("activity.done", {"activity": _ACTIVITY}, "An activity was done."),
    ("note.written", {"note": _NOTE}, "Somebody wrote about a customer."),
    ("note.mentioned", {"note": _NOTE, "user_id": _USER}, "A note mentions a colleague, who is told."),
    ("problem.reported", {"problem": _PROBLEM}, "A customer says that a movement of its wallet is wrong."),
    (
        "problem.answered",
        {"problem": {**_PROBLEM, "status": "answered"}},
        "Somebody of the staff has answered what a customer said of a movement.",
    ),
    ("customer.merged", {"merge": _MERGE}, "Two customers were found to be one."),
    ("customer.unmerged", {"merge": _MERGE}, "A merge was undone."),
):
    register_type(
        EventType(name=_name, version=1, json_schema=_schema_of(_sample), sample=_sample, description=_description)
    )


def opportunity_event(name: str, opportunity: Opportunity) -> NewEvent:
    """Something about an opportunity."""
    told = {
        "id": str(opportunity.id),
        "pipeline_id": str(opportunity.pipeline_id),
        "stage_id": str(opportunity.stage_id),
        "party_id": str(opportunity.party_id),
        "outcome": str(opportunity.outcome),
        "amount": _amount(opportunity.amount),
        "expected_close": opportunity.expected_close.isoformat(),
        "owner_id": _text(opportunity.owner_id),
    }
    return NewEvent(
        f"opportunity.{name}",
        ("opportunity", str(opportunity.id)),
        opportunity.version,
        {"opportunity": told},
        party_id=opportunity.party_id,
    )


def activity_event(name: str, activity: Activity) -> NewEvent:
    """Something about an activity."""
    told = {
        "id": str(activity.id),
        "party_id": str(activity.party_id),
        "opportunity_id": _text(activity.opportunity_id),
        "kind": str(activity.kind),
        "owner_id": _text(activity.owner_id),
        "due_at": activity.due_at.isoformat(),
        "done_at": activity.done_at.isoformat() if activity.done_at else None,
    }
    return NewEvent(
        f"activity.{name}",
        ("activity", str(activity.id)),
        activity.version,
        {"activity": told},
        party_id=activity.party_id,
    )


def note_event(name: str, note: Note, mentioned: UserId | None = None) -> NewEvent:
    """Something about a note; `mentioned` is who is to be told."""
    told = {"id": str(note.id), "party_id": str(note.party_id), "opportunity_id": _text(note.opportunity_id)}
    more = {} if mentioned is None else {"user_id": str(mentioned)}
    return NewEvent(f"note.{name}", ("note", str(note.id)), 1, {"note": told, **more}, party_id=note.party_id)


def problem_event(name: str, problem: Problem) -> NewEvent:
    """Something about a problem a customer has told of; neither what was said nor the answer."""
    told = {
        "id": str(problem.id),
        "party_id": str(problem.party_id),
        "wallet_id": str(problem.wallet_id),
        "entry_id": str(problem.entry_id),
        "amount": _amount(problem.amount),
        "status": problem.state.value,
    }
    subject = ("problem", str(problem.id))
    return NewEvent(f"problem.{name}", subject, problem.version, {"problem": told}, party_id=problem.party_id)


def merge_event(name: str, merge: Merge) -> NewEvent:
    """Something about a merge."""
    told = {"id": str(merge.id), "survivor_id": str(merge.survivor_id), "merged_id": str(merge.merged_id)}
    version = 2 if merge.undone_at else 1
    return NewEvent(f"customer.{name}", ("merge", str(merge.id)), version, {"merge": told}, party_id=merge.survivor_id)


def _amount(money: Money) -> dict[str, Any]:
    return {"amount": money.minor, "currency": money.currency.code}


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)
