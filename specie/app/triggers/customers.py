"""Causing what is planned with customers and written of them."""

from typing import Any

from specie.app.triggers.caller import Caller, Maker, TriggerRefused, Wishes, amount_of
from specie.app.triggers.money import party

_OUTCOMES = ("won", "lost")


async def _opportunity(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    body = {
        "pipeline_id": (await _pipeline(caller))["id"],
        "party_id": wishes.get("party_id") or (await party(caller, wishes))["id"],
        "title": wishes.get("title", "Made by a trigger"),
        "amount": amount_of(wishes),
        "expected_close": caller.today,
    }
    made: dict[str, Any] = await caller.post("/crm/opportunities", body)
    return made


def _moved(outcome: str) -> Maker:
    async def make(caller: Caller, wishes: Wishes) -> dict[str, Any]:
        made = await _opportunity(caller, wishes)
        stages = (await _pipeline(caller))["stages"]
        fitting = [each["id"] for each in stages if each["outcome"] == outcome and each["id"] != made["stage_id"]]
        if not fitting:
            raise TriggerRefused(f"the pipeline has no other stage that is {outcome}", refused="no_stage")
        said = {"stage_id": fitting[0], "version": made["version"], "reason": wishes.get("reason", "Made by a trigger")}
        moved: dict[str, Any] = await caller.post(f"/crm/opportunities/{made['id']}/move", said)
        return moved

    return make


async def _pipeline(caller: Caller) -> dict[str, Any]:
    return dict((await caller.get("/crm/pipelines"))["data"][0])


async def _planned(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    body = {
        "party_id": wishes.get("party_id") or (await party(caller, wishes))["id"],
        "kind": wishes.get("kind", "call"),
        "subject": wishes.get("subject", "Made by a trigger"),
        "due_at": caller.now.isoformat(),
    }
    planned: dict[str, Any] = await caller.post("/crm/activities", body)
    return planned


async def _done(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    planned = await _planned(caller, wishes)
    done: dict[str, Any] = await caller.post(f"/crm/activities/{planned['id']}/done")
    return done


async def _written(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    customer = wishes.get("party_id") or (await party(caller, wishes))["id"]
    body = {"body": wishes.get("body", "Made by a trigger")}
    written: dict[str, Any] = await caller.post(f"/crm/customers/{customer}/notes", body)
    return written


MAKERS: dict[str, Maker] = {
    "opportunity.created": _opportunity,
    "opportunity.moved": _moved("open"),
    **{f"opportunity.{outcome}": _moved(outcome) for outcome in _OUTCOMES},
    "activity.planned": _planned,
    "activity.done": _done,
    "note.written": _written,
}
