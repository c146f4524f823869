"""Rows opened from their seals, and who may be written about."""

from collections.abc import Collection, Sequence
from uuid import UUID

from specie import identity, parties
from specie.crm import customer_store
from specie.crm.customer_store import Row
from specie.crm.errors import MergedAway, NotAColleague
from specie.crm.model import (
    Activity,
    ActivityId,
    ActivityKind,
    CrmFile,
    CrmFileId,
    CrmNoteId,
    Note,
    Opportunity,
    OpportunityId,
    Outcome,
    PipelineId,
    StageId,
)
from specie.identity import Identity, Member
from specie.kernel.ids import PartyId, UserId
from specie.kernel.money import Currency, Money
from specie.parties import ERASED, PartyMissing, Pen
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

_MEMBERS_AT_ONCE = 100


async def pen_for(uow: UnitOfWork, vault: KeyRing, party_id: PartyId) -> Pen:
    """What seals texts about a customer. Raises PartyMissing, or MergedAway naming who goes on."""
    found = await parties.pens(uow, vault, [party_id])
    if party_id not in found or found[party_id].key is None:
        raise PartyMissing(f"there is no party {party_id}", param="party_id")
    survivor = (await customer_store.merged_into(uow, [party_id.uuid])).get(party_id.uuid)
    if survivor is not None:
        raise MergedAway("write about the customer it was merged into", survivor_id=str(PartyId(survivor)))
    return found[party_id]


async def colleagues(uow: UnitOfWork, who: Identity) -> list[Member]:
    """The tenant's staff who can still sign in, by name."""
    found: list[Member] = []
    before: UUID | None = None
    while True:
        page = await identity.members(uow, who, before, _MEMBERS_AT_ONCE)
        found += [member for member in page.items if _is_colleague(member)]
        if page.next_key is None:
            return sorted(found, key=lambda member: member.user.name.casefold())
        before = UUID(page.next_key[0])


async def require_colleagues(uow: UnitOfWork, who: Identity, users: Collection[UserId]) -> None:
    """Raise NotAColleague unless all of them are of the tenant's staff."""
    known = await identity.members_by_users(uow, who, list(users)) if users else []
    missing = set(users) - {member.user.id for member in known if _is_colleague(member)}
    if missing:
        raise NotAColleague(f"{min(map(str, missing))} is not of your staff", user_id=min(map(str, missing)))


def _is_colleague(member: Member) -> bool:
    return not member.user.is_disabled and not member.role.is_limited_to_party


async def opportunities(uow: UnitOfWork, vault: KeyRing, rows: Sequence[Row]) -> list[Opportunity]:
    """Opportunities with their titles."""
    pens = await _pens(uow, vault, rows)
    return [_opportunity(row, pens[PartyId(row["sealed_for"])]) for row in rows]


async def activities(uow: UnitOfWork, vault: KeyRing, rows: Sequence[Row]) -> list[Activity]:
    """Activities with their subjects."""
    pens = await _pens(uow, vault, rows)
    return [_activity(row, pens[PartyId(row["sealed_for"])]) for row in rows]


async def notes(uow: UnitOfWork, vault: KeyRing, rows: Sequence[Row]) -> list[Note]:
    """Notes with what they say."""
    pens = await _pens(uow, vault, rows)
    return [_note(row, pens[PartyId(row["sealed_for"])]) for row in rows]


async def files(uow: UnitOfWork, vault: KeyRing, rows: Sequence[Row]) -> list[CrmFile]:
    """Files with their names."""
    pens = await _pens(uow, vault, rows)
    return [_file(row, pens[PartyId(row["sealed_for"])]) for row in rows]


async def _pens(uow: UnitOfWork, vault: KeyRing, rows: Sequence[Row]) -> dict[PartyId, Pen]:
    return await parties.pens(uow, vault, {PartyId(row["sealed_for"]) for row in rows}) if rows else {}


def _opportunity(row: Row, pen: Pen) -> Opportunity:
    opportunity_id, reason = OpportunityId(row["id"]), row["lost_reason"]
    return Opportunity(
        id=opportunity_id,
        pipeline_id=PipelineId(row["pipeline_id"]),
        stage_id=StageId(row["stage_id"]),
        party_id=PartyId(row["party_id"]),
        sealed_for=pen.party_id,
        title=pen.text("crm_opportunity", str(opportunity_id), "title", row["title"]),
        amount=Money(row["amount_minor"], Currency.of(row["currency"])),
        expected_close=row["expected_close"],
        owner_id=_user(row["owner_id"]),
        outcome=Outcome(row["outcome"]),
        lost_reason=reason and pen.text("crm_opportunity", str(opportunity_id), "lost_reason", reason),
        version=row["version"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        moved_at=row["moved_at"],
        closed_at=row["closed_at"],
    )


def _activity(row: Row, pen: Pen) -> Activity:
    activity_id = ActivityId(row["id"])
    return Activity(
        id=activity_id,
        party_id=PartyId(row["party_id"]),
        sealed_for=pen.party_id,
        opportunity_id=_opportunity_id(row),
        kind=ActivityKind(row["kind"]),
        subject=pen.text("crm_activity", str(activity_id), "subject", row["subject"]),
        owner_id=_user(row["owner_id"]),
        due_at=row["due_at"],
        done_at=row["done_at"],
        version=row["version"],
        created_at=row["created_at"],
        created_by=row["created_by"],
    )


def _note(row: Row, pen: Pen) -> Note:
    note_id = CrmNoteId(row["id"])
    return Note(
        id=note_id,
        party_id=PartyId(row["party_id"]),
        sealed_for=pen.party_id,
        opportunity_id=_opportunity_id(row),
        body=pen.text("crm_note", str(note_id), "body", row["body"]),
        mentions=tuple(UserId(one) for one in row["mentions"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
    )


def _file(row: Row, pen: Pen) -> CrmFile:
    file_id = CrmFileId(row["id"])
    return CrmFile(
        id=file_id,
        party_id=PartyId(row["party_id"]),
        sealed_for=pen.party_id,
        name=pen.text("crm_file", str(file_id), "name", row["name"]),
        media_type=row["media_type"],
        size=row["size"],
        storage_key=row["storage_key"],
        created_at=row["created_at"],
        created_by=row["created_by"],
    )


def _user(value: UUID | None) -> UserId | None:
    return UserId(value) if value else None


def _opportunity_id(row: Row) -> OpportunityId | None:
    return OpportunityId(row["opportunity_id"]) if row["opportunity_id"] else None


def position_of(pen: Pen | None, company: PartyId, person: PartyId, blob: bytes) -> str:
    """What a contact does at a company."""
    return pen.text("crm_contact", f"{company}/{person}", "position", blob) if pen else ERASED
