"""Customers over HTTP: the list, one from all sides, its timeline, notes, files, contacts, activities and merges."""

from typing import Annotated, Any

from fastapi import File, Query, UploadFile
from starlette.responses import Response

from specie import parties
from specie.crm import attaching, customer_store, errors, merging, opening, showing, store, timeline, working
from specie.crm.model import ActivityId, ActivityKind, Contact, CrmFile, CrmFileId, MergeId, OpportunityId
from specie.crm.routes import answer, desk_of, opened, user_id
from specie.crm.schemas import (
    ActivityChangeIn,
    ActivityIn,
    ActivityOut,
    ContactIn,
    ContactKnown,
    CrmFileOut,
    CustomerListed,
    CustomerOut,
    DoneIn,
    FactOut,
    MergeIn,
    MergeOut,
    NoteIn,
    RefOut,
)
from specie.crm.working import NewActivity
from specie.kernel.ids import PartyId, UserId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.parties import SEARCHED, EmailInvalid, KycCannotMove, PartyMissing, PhoneInvalid
from specie.platform.db import UnitOfWork
from specie.platform.files import MAX_FILE_BYTES, FileRefused, FileTooLarge
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.storage import Note
from specie.platform.uploads import download
from specie.platform.wire import ListOf, SearchText, id_text

router = ApiRouter(prefix="/crm", tags=["CRM"])

Limit = Annotated[int, Query(ge=1, le=100)]
_ACTIVITIES, _CUSTOMERS, _TIMELINE = "activities", "customers", "timeline"
_WRITING = (PartyMissing, errors.MergedAway, errors.OpportunityMissing, errors.NotAColleague)


@router.get("/customers", response_model=ListOf[CustomerListed])
async def list_customers(
    edge: Edge = requires(Permission.CRM_READ),
    role: SearchText | None = None,
    q: Annotated[SearchText | None, Query(description=SEARCHED)] = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Customers, the newest first, with what is open and due."""
    after = edge.cursor(_CUSTOMERS, cursor)

    async def read(uow: UnitOfWork) -> Page[CustomerListed]:
        store.here(uow)
        vault = desk_of(edge).vault
        page = await parties.list_parties(uow, vault, kyc_state=None, role=role, after=after, limit=limit, text=q)
        return await showing.customers_listed(uow, page)

    return edge.page(_CUSTOMERS, await edge.read(read), lambda shown: shown)


@router.get("/customers/{party_id}", response_model=CustomerOut)
@refuses(PartyMissing)
async def show_customer(party_id: str, edge: Edge = requires(Permission.CRM_READ)) -> CustomerOut:
    """A customer from all sides: wallets, contacts, open opportunities, what is due, and merges."""
    wanted = id_text(PartyId, party_id, "party_id")
    return await edge.read(lambda uow: showing.customer_out(uow, desk_of(edge), wanted))


@router.get("/customers/{party_id}/timeline", response_model=ListOf[FactOut])
@refuses(PartyMissing)
async def show_timeline(
    party_id: str, edge: Edge = requires(Permission.CRM_READ), limit: Limit = 20, cursor: str | None = None
) -> Any:
    """What happened with a customer, the newest first: deals, activities, notes, files, payments and payouts."""
    wanted = id_text(PartyId, party_id, "party_id")
    name = f"{_TIMELINE}:{party_id}"
    after = edge.cursor(name, cursor)

    async def read(uow: UnitOfWork) -> Page[FactOut]:
        desk = desk_of(edge)
        await parties.get_party(uow, desk.vault, wanted)
        return await showing.fact_outs(uow, desk, await timeline.of(uow, desk.vault, wanted, after, limit))

    return edge.page(name, await edge.read(read), lambda shown: shown)


@router.post("/customers/{party_id}/notes", status_code=201, response_model=RefOut)
@refuses(*_WRITING)
async def write_note(party_id: str, body: NoteIn, edge: Edge = requires(Permission.CRM_WRITE)) -> Response:
    """Write about a customer; every colleague who is mentioned gets a notice."""
    wanted = id_text(PartyId, party_id, "party_id")
    mentions = [id_text(UserId, one, "mentions") for one in body.mentions]
    deal = id_text(OpportunityId, body.opportunity_id, "opportunity_id") if body.opportunity_id else None
    return await edge.write(
        lambda uow: working.write_note(uow, desk_of(edge), wanted, body.body.strip(), mentions, deal),
        lambda note: RefOut(id=str(note.id)),
        status=201,
    )


def _cabinet(edge: Edge) -> attaching.Cabinet:
    return attaching.Cabinet(edge.db, edge.service("vault"), edge.service("storage"))


@router.post("/customers/{party_id}/files", status_code=201, response_model=CrmFileOut)
@refuses(PartyMissing, errors.MergedAway, errors.FileMissing, FileRefused, FileTooLarge)
async def attach_file(
    party_id: str,
    file: Annotated[UploadFile, File(description="JPEG, PNG or PDF of at most 10 MB")],
    edge: Edge = requires(Permission.CRM_WRITE, rehearsable=False),
) -> Response:
    """Keep a file about a customer, sealed under the customer's key."""
    wanted = id_text(PartyId, party_id, "party_id")
    kept = await edge.earlier() or await _kept(edge, wanted, file)

    async def show(uow: UnitOfWork, file_id: str) -> CrmFileOut:
        return _file(await attaching.file_of(uow, desk_of(edge).vault, CrmFileId.parse(file_id)))

    return await opened(edge, kept, show, status=201)


async def _kept(edge: Edge, party_id: PartyId, file: UploadFile) -> Response:
    async def write(note: Note[CrmFile]) -> Response:
        return await edge.write(note, lambda made: RefOut(id=str(made.id)), status=201)

    data = await file.read(MAX_FILE_BYTES + 1)
    return await _cabinet(edge).attach(edge.scope, party_id, file.filename or "", data, write)


def _file(file: CrmFile) -> CrmFileOut:
    return CrmFileOut(
        id=str(file.id), name=file.name, media_type=file.media_type, size=file.size, created_at=file.created_at
    )


@router.get("/files/{crm_file_id}", response_class=Response)
@refuses(errors.FileMissing)
async def download_file(crm_file_id: str, edge: Edge = requires(Permission.CRM_READ)) -> Response:
    """A file about a customer, as a download; each look is audited."""
    wanted = id_text(CrmFileId, crm_file_id, "crm_file_id")
    file, content = await _cabinet(edge).open(edge.scope, wanted)
    return download(file.id, file.media_type, content)


@router.post("/customers/{party_id}/contacts", status_code=201, response_model=RefOut)
@refuses(PartyMissing, errors.MergedAway, errors.ContactInvalid, errors.ContactExists, EmailInvalid, PhoneInvalid)
async def add_contact(party_id: str, body: ContactIn, edge: Edge = requires(Permission.CRM_WRITE)) -> Response:
    """Name a person to talk to at a company: one who is known, or a new one, which needs `parties:write` too."""
    company, vault = id_text(PartyId, party_id, "party_id"), desk_of(edge).vault
    person = id_text(PartyId, body.person_id, "person_id") if body.person_id else None
    if (person is None) == (body.name is None):
        raise errors.ContactInvalid("name a new person or give the id of a known one", param="name")
    if person is None:
        edge.scope.require(Permission.PARTIES_WRITE)

    async def work(uow: UnitOfWork) -> Contact:
        if person is None:
            return await working.add_new_contact(uow, vault, company, body.known(), body.position.strip())
        return await working.add_contact(uow, vault, company, person, body.position.strip())

    return await edge.write(work, lambda contact: RefOut(id=str(contact.person_id)), status=201)


@router.put("/customers/{party_id}/contacts/{person_id}", response_model=RefOut)
@refuses(
    *(PartyMissing, errors.MergedAway, errors.ContactMissing, KycCannotMove, EmailInvalid, PhoneInvalid),
)
async def change_contact(
    party_id: str, person_id: str, body: ContactKnown, edge: Edge = requires(Permission.CRM_WRITE)
) -> Response:
    """Change a contact, and with `parties:write` what is known of a person who has not been verified."""
    edge.scope.require(Permission.PARTIES_WRITE)
    company, person = id_text(PartyId, party_id, "party_id"), id_text(PartyId, person_id, "person_id")
    vault = desk_of(edge).vault
    return await edge.write(
        lambda uow: working.change_contact(uow, vault, company, person, body.known(), body.position.strip()),
        lambda _: RefOut(id=str(person)),
    )


@router.delete("/customers/{party_id}/contacts/{person_id}", status_code=204, response_class=Response)
@refuses(errors.ContactMissing)
async def remove_contact(
    party_id: str, person_id: str, edge: Edge = requires(Permission.CRM_WRITE, rehearsable=False)
) -> Response:
    """Take a contact away; the person stays a party."""
    company, person = id_text(PartyId, party_id, "party_id"), id_text(PartyId, person_id, "person_id")
    await edge.read(lambda uow: working.remove_contact(uow, company, person))
    return Response(status_code=204)


@router.post("/customers/{party_id}/merge", status_code=201, response_model=MergeOut)
@refuses(PartyMissing, errors.MergedAway, errors.CannotMerge)
async def merge_customer(party_id: str, body: MergeIn, edge: Edge = requires(Permission.CRM_MANAGE)) -> Response:
    """Let another customer go on as this one. Money stays where it is; the merge can be undone."""
    survivor, merged = id_text(PartyId, party_id, "party_id"), id_text(PartyId, body.merged_id, "merged_id")
    desk = desk_of(edge)

    async def work(uow: UnitOfWork) -> MergeOut:
        made = await merging.merge(uow, desk.vault, survivor, merged)
        return await showing.merge_by_id(uow, desk, made.id)

    return await answer(edge, work, lambda uow, text: showing.merge_by_id(uow, desk, MergeId.parse(text)), status=201)


@router.post("/merges/{merge_id}/undo", response_model=MergeOut)
@refuses(errors.MergeMissing, errors.CannotUnmerge)
async def undo_merge(merge_id: str, edge: Edge = requires(Permission.CRM_MANAGE)) -> Response:
    """Take a merge apart: what came along goes back, what was added since stays with the survivor."""
    wanted, desk = id_text(MergeId, merge_id, "merge_id"), desk_of(edge)

    async def work(uow: UnitOfWork) -> MergeOut:
        await merging.undo(uow, wanted)
        return await showing.merge_by_id(uow, desk, wanted)

    return await answer(edge, work, lambda uow, text: showing.merge_by_id(uow, desk, MergeId.parse(text)))


@router.get("/activities", response_model=ListOf[ActivityOut])
async def list_activities(
    edge: Edge = requires(Permission.CRM_READ),
    party_id: str | None = None,
    owner_id: str | None = None,
    is_done: bool = False,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """What is to be done, the most urgent first; or what was done."""
    after = edge.cursor(_ACTIVITIES, cursor)
    party = (id_text(PartyId, party_id, "party_id"),) if party_id else ()
    owner = id_text(UserId, owner_id, "owner_id") if owner_id else None

    async def read(uow: UnitOfWork) -> Page[ActivityOut]:
        desk = desk_of(edge)
        page = await customer_store.activities(
            uow, parties=party, owner=owner, is_done=is_done, after=after, limit=limit
        )
        shown = await opening.activities(uow, desk.vault, list(page.items))
        return Page(await showing.activity_outs(uow, desk, shown), page.next_key)

    return edge.page(_ACTIVITIES, await edge.read(read), lambda shown: shown)


@router.post("/activities", status_code=201, response_model=ActivityOut)
@refuses(*_WRITING)
async def plan_activity(body: ActivityIn, edge: Edge = requires(Permission.CRM_WRITE)) -> Response:
    """Plan a call, meeting or task."""
    new = NewActivity(
        party_id=id_text(PartyId, body.party_id, "party_id"),
        kind=ActivityKind(body.kind),
        subject=body.subject.strip(),
        due_at=body.due_at,
        owner_id=user_id(edge, body.owner_id),
        opportunity_id=id_text(OpportunityId, body.opportunity_id, "opportunity_id") if body.opportunity_id else None,
    )

    async def work(uow: UnitOfWork) -> ActivityOut:
        desk = desk_of(edge)
        return (await showing.activity_outs(uow, desk, [await working.plan(uow, desk, new)]))[0]

    return await _activity(edge, work, status=201)


@router.patch("/activities/{activity_id}", response_model=ActivityOut)
@refuses(errors.ActivityMissing, errors.ChangedMeanwhile, errors.NotAColleague)
async def change_activity(
    activity_id: str, body: ActivityChangeIn, edge: Edge = requires(Permission.CRM_WRITE)
) -> Response:
    """Give an activity another time and owner, as it was at `version`."""
    wanted = id_text(ActivityId, activity_id, "activity_id")
    owner = id_text(UserId, body.owner_id, "owner_id") if body.owner_id else None

    async def work(uow: UnitOfWork) -> ActivityOut:
        desk = desk_of(edge)
        after = await working.change_activity(uow, desk, wanted, body.version, body.due_at, owner)
        return (await showing.activity_outs(uow, desk, [after]))[0]

    return await _activity(edge, work)


@router.post("/activities/{activity_id}/done", response_model=ActivityOut)
@refuses(errors.ActivityMissing)
async def finish_activity(activity_id: str, body: DoneIn, edge: Edge = requires(Permission.CRM_WRITE)) -> Response:
    """Tick an activity off, or open it again."""
    wanted = id_text(ActivityId, activity_id, "activity_id")

    async def work(uow: UnitOfWork) -> ActivityOut:
        desk = desk_of(edge)
        after = await working.set_done(uow, desk.vault, wanted, is_done=body.is_done)
        return (await showing.activity_outs(uow, desk, [after]))[0]

    return await _activity(edge, work)


async def _activity(edge: Edge, work: Any, *, status: int = 200) -> Response:
    async def show(uow: UnitOfWork, text: str) -> ActivityOut:
        desk = desk_of(edge)
        found = await working.get_activity(uow, desk.vault, ActivityId.parse(text))
        return (await showing.activity_outs(uow, desk, [found]))[0]

    return await answer(edge, work, show, status=status)
