"""The SQL of what is done for and known of customers: activities, notes, files, contacts, views, merges."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy import tuple_ as row_of
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.crm import tables as t
from specie.crm.model import Merge, MergeId, View, ViewId
from specie.crm.store import here
from specie.kernel.ids import PartyId, UserId
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork

Row = RowMapping | Mapping[str, Any]

MOVABLE: Mapping[str, Table] = {
    "opportunity": t.opportunity,
    "activity": t.activity,
    "note": t.note,
    "file": t.file,
}
"""What a merge takes along."""

Before = tuple[datetime, UUID] | None
"""Where a timeline goes on: the moment and key of the last fact that was shown."""


async def add(uow: UnitOfWork, table: Table, values: dict[str, Any]) -> None:
    """Add a row of one of this module's tables."""
    await uow.execute(insert(table).values({"tenant_id": here(uow)} | values))


async def one(uow: UnitOfWork, table: Table, row_id: UUID, *, lock: bool = False) -> RowMapping | None:
    """A row by its id."""
    query = select(table).where(table.c.tenant_id == here(uow), table.c.id == row_id)
    return (await uow.execute(query.with_for_update() if lock else query)).mappings().one_or_none()


async def change(uow: UnitOfWork, table: Table, row_id: UUID, **values: Any) -> None:
    """Store changes of a row that was locked before."""
    await uow.execute(update(table).where(table.c.tenant_id == here(uow), table.c.id == row_id).values(values))


async def latest(uow: UnitOfWork, table: Table, parties: Sequence[PartyId], before: Before, limit: int) -> list[Any]:
    """Rows about some parties, the newest first."""
    c = table.c
    query = select(table).where(c.tenant_id == here(uow), c.party_id.in_([party.uuid for party in parties]))
    query = earlier(query, c.created_at, c.id, before)
    return list((await uow.execute(query.order_by(c.created_at.desc(), c.id.desc()).limit(limit))).mappings().all())


async def ended(uow: UnitOfWork, parties: Sequence[PartyId], before: Before, limit: int) -> list[Any]:
    """Opportunities with some parties that were won or lost, by when that was, the latest first."""
    o = t.opportunity.c
    query = select(t.opportunity).where(
        o.tenant_id == here(uow), o.party_id.in_([party.uuid for party in parties]), o.closed_at.is_not(None)
    )
    query = earlier(query, o.closed_at, o.id, before)
    return list((await uow.execute(query.order_by(o.closed_at.desc(), o.id.desc()).limit(limit))).mappings().all())


def earlier(query: Select[Any], at: ColumnElement[Any], key: ColumnElement[Any], before: Before) -> Select[Any]:
    """Only what comes after `before` in an order that begins with the newest."""
    if before is None:
        return query
    return query.where(row_of(at, key) < row_of(literal(before[0]), literal(before[1])))


async def activities(
    uow: UnitOfWork,
    *,
    parties: Sequence[PartyId] = (),
    owner: UserId | None = None,
    is_done: bool = False,
    after: tuple[Any, ...] | None = None,
    limit: int = 50,
) -> Page[RowMapping]:
    """Open activities, the most urgent first; or those done, as they were due."""
    a = t.activity.c
    query = select(t.activity).where(
        a.tenant_id == here(uow), a.done_at.is_not(None) if is_done else a.done_at.is_(None)
    )
    if parties:
        query = query.where(a.party_id.in_([party.uuid for party in parties]))
    if owner is not None:
        query = query.where(a.owner_id == owner.uuid)
    if after is not None:
        query = query.where(row_of(a.due_at, a.id) > row_of(datetime.fromisoformat(after[0]), UUID(after[1])))
    rows = (await uow.execute(query.order_by(a.due_at, a.id).limit(limit + 1))).mappings().all()
    return Page.cut(rows, limit, lambda row: (row["due_at"].isoformat(), str(row["id"])))


async def next_due(uow: UnitOfWork, opportunities: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the next open activity of each opportunity is due."""
    a = t.activity.c
    query = (
        select(a.opportunity_id, func.min(a.due_at).label("due_at"))
        .where(a.tenant_id == here(uow), a.opportunity_id.in_(opportunities), a.done_at.is_(None))
        .group_by(a.opportunity_id)
    )
    return {row.opportunity_id: row.due_at for row in await uow.execute(query)}


async def next_due_of_parties(uow: UnitOfWork, parties: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the next open activity with each party is due."""
    a = t.activity.c
    query = (
        select(a.party_id, func.min(a.due_at).label("due_at"))
        .where(a.tenant_id == here(uow), a.party_id.in_(parties), a.done_at.is_(None))
        .group_by(a.party_id)
    )
    return {row.party_id: row.due_at for row in await uow.execute(query)}


async def add_contact(uow: UnitOfWork, values: dict[str, Any]) -> bool:
    """Add a contact of a company; whether it is new."""
    statement = upsert(t.contact).values({"tenant_id": here(uow)} | values).on_conflict_do_nothing()
    return (await uow.execute(statement.returning(t.contact.c.person_id))).scalar_one_or_none() is not None


async def contacts(uow: UnitOfWork, parties: Sequence[PartyId]) -> list[RowMapping]:
    """The contacts of companies, and the companies of contacts, among these parties."""
    c, wanted = t.contact.c, [party.uuid for party in parties]
    query = (
        select(t.contact)
        .where(c.tenant_id == here(uow), or_(c.company_id.in_(wanted), c.person_id.in_(wanted)))
        .order_by(c.created_at, c.person_id)
        .limit(100)
    )
    return list((await uow.execute(query)).mappings().all())


async def change_contact(uow: UnitOfWork, company: PartyId, person: PartyId, **values: Any) -> bool:
    """Store changes of a contact; whether there is one."""
    c = t.contact.c
    where = (c.tenant_id == here(uow), c.company_id == company.uuid, c.person_id == person.uuid)
    statement = update(t.contact).where(*where).values(values).returning(c.person_id)
    return (await uow.execute(statement)).scalar_one_or_none() is not None


async def remove_contact(uow: UnitOfWork, company: PartyId, person: PartyId) -> bool:
    """Take a contact away; whether there was one."""
    c = t.contact.c
    where = (c.tenant_id == here(uow), c.company_id == company.uuid, c.person_id == person.uuid)
    return (await uow.execute(delete(t.contact).where(*where).returning(c.person_id))).scalar_one_or_none() is not None


async def views(uow: UnitOfWork, user: UserId, screen: str) -> list[View]:
    """The person's own views of a screen and those that are shared, the oldest first."""
    v = t.view.c
    query = select(t.view).where(
        v.tenant_id == here(uow), v.screen == screen, or_(v.owner_id == user.uuid, v.is_shared)
    )
    rows = await uow.execute(query.order_by(v.id).limit(100))
    return [View(ViewId(row.id), UserId(row.owner_id), row.screen, row.name, row.query, row.is_shared) for row in rows]


async def remove_view(uow: UnitOfWork, user: UserId, view_id: ViewId) -> bool:
    """Take a person's own view away; whether it was theirs."""
    v = t.view.c
    where = (v.tenant_id == here(uow), v.id == view_id.uuid, v.owner_id == user.uuid)
    return (await uow.execute(delete(t.view).where(*where).returning(v.id))).scalar_one_or_none() is not None


async def merges(uow: UnitOfWork, parties: Sequence[UUID]) -> list[Merge]:
    """The merges in force in which these parties take part, the newest first."""
    m = t.merge.c
    query = select(t.merge).where(
        m.tenant_id == here(uow), m.undone_at.is_(None), or_(m.survivor_id.in_(parties), m.merged_id.in_(parties))
    )
    return [merge_of(row) for row in (await uow.execute(query.order_by(m.id.desc()))).mappings()]


async def merged_into(uow: UnitOfWork, parties: Sequence[UUID]) -> dict[UUID, UUID]:
    """Which of these parties go on as another."""
    m = t.merge.c
    query = select(m.merged_id, m.survivor_id).where(
        m.tenant_id == here(uow), m.undone_at.is_(None), m.merged_id.in_(parties)
    )
    return {row.merged_id: row.survivor_id for row in await uow.execute(query)}


async def move_all(uow: UnitOfWork, merge_id: MergeId, source: PartyId, target: PartyId) -> dict[str, int]:
    """Bring everything of one party to another and remember what it was. Returns how much of each kind."""
    tenant, moved = here(uow), {}
    for kind, table in MOVABLE.items():
        where = (table.c.tenant_id == tenant, table.c.party_id == source.uuid)
        statement = update(table).where(*where).values(party_id=target.uuid).returning(table.c.id)
        ids = list((await uow.execute(statement)).scalars())
        moved[kind] = len(ids)
        rows = [{"tenant_id": tenant, "merge_id": merge_id.uuid, "kind": kind, "row_id": row_id} for row_id in ids]
        if rows:
            await uow.execute(insert(t.merge_moved).values(rows))
    return moved


async def move_back(uow: UnitOfWork, merge: Merge) -> dict[str, int]:
    """Bring back what a merge took along. Returns how much of each kind."""
    tenant, r, moved = here(uow), t.merge_moved.c, {}
    for kind, table in MOVABLE.items():
        taken = select(r.row_id).where(r.tenant_id == tenant, r.merge_id == merge.id.uuid, r.kind == kind)
        where = and_(table.c.tenant_id == tenant, table.c.id.in_(taken), table.c.party_id == merge.survivor_id.uuid)
        statement = update(table).where(where).values(party_id=merge.merged_id.uuid).returning(table.c.id)
        moved[kind] = len(list((await uow.execute(statement)).scalars()))
    return moved


def merge_of(row: RowMapping) -> Merge:
    """A merge's row as a value."""
    return Merge(
        MergeId(row["id"]),
        PartyId(row["survivor_id"]),
        PartyId(row["merged_id"]),
        row["at"],
        row["actor"],
        row["undone_at"],
    )
