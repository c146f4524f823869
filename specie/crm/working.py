"""What is done for customers: calls, meetings and tasks, notes with mentions, contacts at companies, and views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from specie import audit, events, parties
from specie.crm import customer_store, opening, opportunities, tables
from specie.crm.errors import (
    ActivityMissing,
    ChangedMeanwhile,
    ContactExists,
    ContactInvalid,
    ContactMissing,
    OpportunityMissing,
    ViewMissing,
)
from specie.crm.events import activity_event, note_event
from specie.crm.model import (
    Activity,
    ActivityId,
    ActivityKind,
    Contact,
    CrmNoteId,
    Note,
    OpportunityId,
    View,
    ViewId,
)
from specie.crm.opportunities import Desk
from specie.kernel.errors import Forbidden
from specie.kernel.ids import PartyId, UserId
from specie.kernel.scope import ActorKind
from specie.parties import KycCannotMove, KycState, PartyKind
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing


@dataclass(frozen=True, slots=True)
class NewActivity:
    """Something to do with a customer, by when and by whom."""

    party_id: PartyId
    kind: ActivityKind
    subject: str
    due_at: datetime
    owner_id: UserId | None = None
    opportunity_id: OpportunityId | None = None


async def plan(uow: UnitOfWork, desk: Desk, new: NewActivity) -> Activity:
    """Plan an activity. Raises PartyMissing, MergedAway, OpportunityMissing or NotAColleague."""
    pen = await opening.pen_for(uow, desk.vault, new.party_id)
    await _require_of(uow, desk.vault, new.opportunity_id, new.party_id)
    await opening.require_colleagues(uow, desk.people, [new.owner_id] if new.owner_id else [])
    activity_id = ActivityId.new()
    values = {
        "id": activity_id.uuid,
        "party_id": new.party_id.uuid,
        "sealed_for": new.party_id.uuid,
        "opportunity_id": new.opportunity_id.uuid if new.opportunity_id else None,
        "kind": new.kind.value,
        "subject": pen.close("crm_activity", str(activity_id), "subject", new.subject.encode()),
        "owner_id": new.owner_id.uuid if new.owner_id else None,
        "due_at": new.due_at,
        "version": 1,
        "created_at": uow.now,
        "created_by": str(uow.scope.actor),
    }
    await customer_store.add(uow, tables.activity, values)
    made = await get_activity(uow, desk.vault, activity_id)
    await _note_activity(uow, "plan", made)
    await events.record(uow, activity_event("planned", made))
    return made


async def get_activity(uow: UnitOfWork, vault: KeyRing, activity_id: ActivityId, *, lock: bool = False) -> Activity:
    """One activity. Raises ActivityMissing."""
    row = await customer_store.one(uow, tables.activity, activity_id.uuid, lock=lock)
    if row is None:
        raise ActivityMissing(f"there is no activity {activity_id}")
    return (await opening.activities(uow, vault, [row]))[0]


async def set_done(uow: UnitOfWork, vault: KeyRing, activity_id: ActivityId, *, is_done: bool) -> Activity:
    """Tick an activity off, or open it again; twice is once. Raises ActivityMissing."""
    before = await get_activity(uow, vault, activity_id, lock=True)
    if (before.done_at is not None) == is_done:
        return before
    done_at = uow.now if is_done else None
    await customer_store.change(uow, tables.activity, activity_id.uuid, done_at=done_at, version=before.version + 1)
    after = await get_activity(uow, vault, activity_id)
    await _note_activity(uow, "done" if is_done else "reopen", after)
    await events.record(uow, activity_event("done" if is_done else "changed", after))
    return after


async def change_activity(
    uow: UnitOfWork, desk: Desk, activity_id: ActivityId, seen: int, due_at: datetime, owner_id: UserId | None
) -> Activity:
    """Give an activity another time and owner. Raises ActivityMissing, ChangedMeanwhile or NotAColleague."""
    before = await get_activity(uow, desk.vault, activity_id, lock=True)
    if before.version != seen:
        raise ChangedMeanwhile(f"you saw version {seen}, it is version {before.version} by now", param="version")
    await opening.require_colleagues(uow, desk.people, [owner_id] if owner_id else [])
    values = {"due_at": due_at, "owner_id": owner_id.uuid if owner_id else None, "version": seen + 1}
    await customer_store.change(uow, tables.activity, activity_id.uuid, **values)
    after = await get_activity(uow, desk.vault, activity_id)
    await _note_activity(uow, "change", after)
    await events.record(uow, activity_event("changed", after))
    return after


async def _require_of(uow: UnitOfWork, vault: KeyRing, opportunity_id: OpportunityId | None, party_id: PartyId) -> None:
    if opportunity_id is None:
        return
    if (await opportunities.get(uow, vault, opportunity_id)).party_id != party_id:
        raise OpportunityMissing("the opportunity is with another customer", param="opportunity_id")


async def _note_activity(uow: UnitOfWork, step: str, activity: Activity) -> None:
    after = {
        "party_id": str(activity.party_id),
        "kind": str(activity.kind),
        "due_at": activity.due_at.isoformat(),
        "owner_id": str(activity.owner_id) if activity.owner_id else None,
    }
    await audit.record(uow, action=f"activity.{step}", subject=("activity", str(activity.id)), after=after)


async def write_note(
    uow: UnitOfWork,
    desk: Desk,
    party_id: PartyId,
    body: str,
    mentions: Sequence[UserId] = (),
    opportunity_id: OpportunityId | None = None,
) -> Note:
    """Write about a customer; every colleague who is mentioned is told.

    Raises PartyMissing, MergedAway, OpportunityMissing or NotAColleague.
    """
    pen = await opening.pen_for(uow, desk.vault, party_id)
    await _require_of(uow, desk.vault, opportunity_id, party_id)
    told = list(dict.fromkeys(mentions))
    await opening.require_colleagues(uow, desk.people, told)
    note_id = CrmNoteId.new()
    values = {
        "id": note_id.uuid,
        "party_id": party_id.uuid,
        "sealed_for": party_id.uuid,
        "opportunity_id": opportunity_id.uuid if opportunity_id else None,
        "body": pen.close("crm_note", str(note_id), "body", body.encode()),
        "mentions": [user.uuid for user in told],
        "created_at": uow.now,
        "created_by": str(uow.scope.actor),
    }
    await customer_store.add(uow, tables.note, values)
    note = Note(note_id, party_id, party_id, opportunity_id, body, tuple(told), uow.now, str(uow.scope.actor))
    await audit.record(uow, action="note.write", subject=("note", str(note_id)), after={"party_id": str(party_id)})
    await events.record(uow, note_event("written", note))
    for user in told:
        await events.record(uow, note_event("mentioned", note, user))
    return note


async def add_contact(uow: UnitOfWork, vault: KeyRing, company: PartyId, person: PartyId, position: str) -> Contact:
    """Name a person to talk to at a company.

    Raises PartyMissing, MergedAway, ContactInvalid or ContactExists.
    """
    await opening.pen_for(uow, vault, company)
    pen = await opening.pen_for(uow, vault, person)
    known = [await parties.get_party(uow, vault, one) for one in (company, person)]
    if [one.kind for one in known] != [PartyKind.COMPANY, PartyKind.PERSON]:
        raise ContactInvalid("a contact is a person of a company", param="person_id")
    values = {
        "company_id": company.uuid,
        "person_id": person.uuid,
        "sealed_for": person.uuid,
        "position": pen.close("crm_contact", f"{company}/{person}", "position", position.encode()),
        "created_at": uow.now,
    }
    if not await customer_store.add_contact(uow, values):
        raise ContactExists("this person is a contact already", person_id=str(person))
    await _note_contact(uow, "add", company, person)
    return Contact(company, person, position, uow.now)


async def add_new_contact(
    uow: UnitOfWork, vault: KeyRing, company: PartyId, known: dict[str, str], position: str
) -> Contact:
    """Add a person, of whom `known` is known, and name them as somebody to talk to at a company.

    Raises PartyMissing, MergedAway, ContactInvalid, EmailInvalid or PhoneInvalid.
    """
    person = await parties.create_party(uow, vault, kind=PartyKind.PERSON, roles=["customer"], known=known)
    return await add_contact(uow, vault, company, person.id, position)


async def change_contact(
    uow: UnitOfWork, vault: KeyRing, company: PartyId, person: PartyId, known: dict[str, str], position: str
) -> None:
    """Give a contact another position, and what is known of the person as long as nobody has verified it.

    Raises PartyMissing, MergedAway, ContactMissing, KycCannotMove, EmailInvalid or PhoneInvalid.
    """
    await opening.pen_for(uow, vault, company)
    pen = await opening.pen_for(uow, vault, person)
    sealed = pen.close("crm_contact", f"{company}/{person}", "position", position.encode())
    if not await customer_store.change_contact(uow, company, person, sealed_for=person.uuid, position=sealed):
        raise ContactMissing("this person is no contact of the company")
    before = await parties.get_party(uow, vault, person, lock=True)
    if before.person is not None and before.person.changed(known, uow.business_date) != before.person:
        if before.kyc_state is not KycState.UNVERIFIED:
            raise KycCannotMove("who has shown who they are changes that themselves", state=str(before.kyc_state))
        await parties.change_party(uow, vault, person, known)
    await _note_contact(uow, "change", company, person)


async def remove_contact(uow: UnitOfWork, company: PartyId, person: PartyId) -> None:
    """Take a contact away; the person stays a party. Raises ContactMissing."""
    if not await customer_store.remove_contact(uow, company, person):
        raise ContactMissing("this person is no contact of the company")
    await _note_contact(uow, "remove", company, person)


async def _note_contact(uow: UnitOfWork, step: str, company: PartyId, person: PartyId) -> None:
    await audit.record(uow, action=f"contact.{step}", subject=("party", str(company)), after={"person_id": str(person)})


def person_of(uow: UnitOfWork) -> UserId:
    """The colleague who asks. Raises Forbidden for a key or a job, which has no views of its own."""
    if uow.scope.actor.kind is not ActorKind.USER:
        raise Forbidden("views belong to people")
    return UserId.parse(uow.scope.actor.id)


async def save_view(uow: UnitOfWork, screen: str, name: str, query: Mapping[str, Any], *, is_shared: bool) -> View:
    """Keep the filters of a screen under a name, for oneself or for everybody. Raises Forbidden."""
    view = View(ViewId.new(), person_of(uow), screen, name, query, is_shared)
    values = {
        "id": view.id.uuid,
        "owner_id": view.owner_id.uuid,
        "screen": screen,
        "name": name,
        "query": dict(query),
        "is_shared": is_shared,
        "created_at": uow.now,
    }
    await customer_store.add(uow, tables.view, values)
    await audit.record(uow, action="view.save", subject=("view", str(view.id)), after={"screen": screen})
    return view


async def remove_view(uow: UnitOfWork, view_id: ViewId) -> None:
    """Take one of one's own views away. Raises ViewMissing."""
    if not await customer_store.remove_view(uow, person_of(uow), view_id):
        raise ViewMissing("there is no such view of yours")
    await audit.record(uow, action="view.remove", subject=("view", str(view_id)))
