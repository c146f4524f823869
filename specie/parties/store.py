"""The SQL of parties; personal data goes in and comes out sealed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.engine import Row

from specie.kernel.clock import machine_now
from specie.kernel.ids import DocumentId, PartyId
from specie.kernel.pagination import Page
from specie.parties import tables
from specie.platform import arrays
from specie.platform.db import UnitOfWork

_TERMS = (
    "insert into specie.party_term (tenant_id, digest, party_id) select %s, * from unnest(%s::bigint[], %s::uuid[])"
)


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a search is about: these parties, those who are found by all of these digests, or everybody."""

    ids: Sequence[UUID] | None = None
    terms: Sequence[int] = ()


EVERYBODY = Found()
NOBODY = Found(ids=())


async def insert_party(uow: UnitOfWork, values: dict[str, Any], wrapped_key: bytes) -> None:
    """Add a party and the key its data is sealed under."""
    tenant = {"tenant_id": uow.scope.tenant_id.uuid}
    await uow.execute(insert(tables.party).values(tenant | values))
    await uow.execute(insert(tables.party_key).values(tenant | {"party_id": values["id"], "wrapped": wrapped_key}))


async def party_rows(
    uow: UnitOfWork, ids: Sequence[UUID], *, lock: bool = False, everybody: bool = False
) -> list[Row[Any]]:
    """Parties with their wrapped keys. A limited caller sees only its own, unless names of others are looked up."""
    p, k = tables.party, tables.party_key
    query = (
        select(p, k.c.wrapped)
        .join(k, (k.c.tenant_id == p.c.tenant_id) & (k.c.party_id == p.c.id))
        .where(p.c.tenant_id == uow.scope.tenant_id.uuid, p.c.id.in_(ids))
    )
    if uow.scope.party_id is not None and not everybody:
        query = query.where(p.c.id == uow.scope.party_id.uuid)
    if lock:
        query = query.with_for_update(of=p)
    return list((await uow.execute(query)).all())


async def living_roles(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The roles of those of these parties that exist and have not been erased, whoever asks."""
    p, k = tables.party, tables.party_key
    query = (
        select(p.c.id, p.c.roles)
        .join(k, (k.c.tenant_id == p.c.tenant_id) & (k.c.party_id == p.c.id))
        .where(p.c.tenant_id == uow.scope.tenant_id.uuid, p.c.id.in_(ids), k.c.wrapped.is_not(None))
    )
    return {row.id: list(row.roles) for row in await uow.execute(query)}


async def kyc_states(uow: UnitOfWork, ids: Sequence[UUID], *, lock: bool) -> dict[UUID, str]:
    """How far the verification of some parties is, whoever asks; a lock lets none of them move meanwhile."""
    p = tables.party.c
    query = select(p.id, p.kyc_state).where(p.tenant_id == uow.scope.tenant_id.uuid, p.id.in_(ids))
    if lock:
        query = query.order_by(p.id).with_for_update(read=True)
    return {row.id: row.kyc_state for row in await uow.execute(query)}


async def list_parties(
    uow: UnitOfWork, found: Found, *, kyc_state: str | None, role: str | None, after: tuple[Any, ...] | None, limit: int
) -> Page[Row[Any]]:
    """Parties by id, the newest first."""
    query = search_query(uow, found, kyc_state=kyc_state, role=role, after=after, limit=limit)
    return Page.cut((await uow.execute(query)).all(), limit, lambda row: (str(row.id),))


def search_query(
    uow: UnitOfWork, found: Found, *, kyc_state: str | None, role: str | None, after: tuple[Any, ...] | None, limit: int
) -> Select[Any]:
    """Up to `limit + 1` parties with their wrapped keys."""
    p, k = tables.party, tables.party_key
    wanted, key = _found(uow, found)
    if uow.scope.party_id is not None:
        wanted = wanted.where(key == uow.scope.party_id.uuid)
    if kyc_state is not None:
        wanted = wanted.where(p.c.kyc_state == kyc_state)
    if role is not None:
        wanted = wanted.where(p.c.roles.contains([role]))
    if after is not None:
        wanted = wanted.where(key < UUID(after[0]))
    # Chosen and cut before anything else is read, so that the order is the index's own and not a sort of everybody.
    page = wanted.order_by(key.desc()).limit(limit + 1).subquery()
    query = (
        select(p, k.c.wrapped)
        .join(page, p.c.id == page.c.id)
        .join(k, (k.c.tenant_id == p.c.tenant_id) & (k.c.party_id == p.c.id))
        .where(p.c.tenant_id == uow.scope.tenant_id.uuid)
    )
    return query.order_by(p.c.id.desc())


def _found(uow: UnitOfWork, found: Found) -> tuple[Select[Any], ColumnElement[UUID]]:
    """The ids of those who were found, and the column that orders them."""
    p, t, tenant = tables.party, tables.term, uow.scope.tenant_id.uuid
    if not found.terms:
        everybody = select(p.c.id).where(p.c.tenant_id == tenant)
        return (everybody if found.ids is None else everybody.where(p.c.id.in_(found.ids))), p.c.id
    first, *others = found.terms
    query = (
        select(t.c.party_id.label("id"))
        .join(p, (p.c.tenant_id == t.c.tenant_id) & (p.c.id == t.c.party_id))
        .where(t.c.tenant_id == tenant, t.c.digest == first)
    )
    for digest in others:
        o = tables.term.alias().c
        query = query.where(exists().where(o.tenant_id == tenant, o.digest == digest, o.party_id == t.c.party_id))
    return query, t.c.party_id


async def put_terms(uow: UnitOfWork, terms: Mapping[UUID, Collection[int]]) -> None:
    """Let parties be found by these and by nothing else."""
    await forget_terms(uow, terms)
    pairs = [(digest, one) for one, digests in terms.items() for digest in digests]
    if pairs:
        digests, ids = zip(*pairs, strict=True)
        values = [uow.scope.tenant_id.uuid, arrays.bigints(digests), arrays.uuids(ids)]
        await (await uow.raw()).execute(_TERMS, values)


async def forget_terms(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Let nobody find these parties any more."""
    t = tables.term.c
    await uow.execute(delete(tables.term).where(t.tenant_id == uow.scope.tenant_id.uuid, t.party_id.in_(ids)))


async def with_term(uow: UnitOfWork, digest: int) -> list[UUID]:
    """The first hundred parties that are found by this, the oldest first."""
    t = tables.term.c
    query = select(t.party_id).where(t.tenant_id == uow.scope.tenant_id.uuid, t.digest == digest)
    return list((await uow.execute(query.order_by(t.party_id).limit(100))).scalars())


async def holders_of(uow: UnitOfWork, field: str, values: Sequence[bytes | int]) -> dict[bytes | int, UUID]:
    """Which parties have these keyed hashes of an e-mail address, phone or tax number; the oldest of several."""
    if field == "tax_number":
        table, column, party_id = tables.term, tables.term.c.digest, tables.term.c.party_id
    else:
        table, column, party_id = tables.party, tables.party.c[f"{field}_index"], tables.party.c.id
    query = select(column.label("value"), party_id.label("id")).where(
        table.c.tenant_id == uow.scope.tenant_id.uuid, column.in_(values)
    )
    # The newest first, so that the oldest has the last word.
    return {row.value: row.id for row in await uow.execute(query.order_by(party_id.desc()))}


async def next_living(uow: UnitOfWork, after: UUID | None, limit: int) -> list[Row[Any]]:
    """The parties after one, with their keys, locked so that nobody renames them meanwhile; none that was erased."""
    p, k = tables.party, tables.party_key
    query = (
        select(p.c.id, p.c.person, k.c.wrapped)
        .join(k, (k.c.tenant_id == p.c.tenant_id) & (k.c.party_id == p.c.id))
        .where(p.c.tenant_id == uow.scope.tenant_id.uuid, k.c.wrapped.is_not(None))
    )
    if after is not None:
        query = query.where(p.c.id > after)
    return list((await uow.execute(query.order_by(p.c.id).limit(limit).with_for_update(of=p))).all())


async def find_by_index(uow: UnitOfWork, column: str, index: bytes) -> UUID | None:
    """The party with this e-mail or phone index; the oldest when several share it."""
    p = tables.party.c
    query = select(p.id).where(p.tenant_id == uow.scope.tenant_id.uuid, p[column] == index).order_by(p.id).limit(1)
    return (await uow.execute(query)).scalar_one_or_none()


async def oldest_by_indexes(uow: UnitOfWork, column: str, indexes: Collection[bytes]) -> list[tuple[bytes, UUID]]:
    """For each of these e-mail or phone indexes that a party has, the oldest that has it."""
    p = tables.party.c
    query = (
        select(p[column], p.id)
        .ext(distinct_on(p[column]))
        .where(p.tenant_id == uow.scope.tenant_id.uuid, p[column].in_(indexes))
        .order_by(p[column], p.id)
    )
    return [(bytes(row[0]), row.id) for row in await uow.execute(query)]


async def living_by_indexes(uow: UnitOfWork, column: str, indexes: Collection[bytes]) -> list[tuple[bytes, UUID]]:
    """Every party with one of these e-mail or phone indexes that has not been erased, the oldest first."""
    p, k = tables.party, tables.party_key
    query = (
        select(p.c[column], p.c.id)
        .join(k, (k.c.tenant_id == p.c.tenant_id) & (k.c.party_id == p.c.id))
        .where(p.c.tenant_id == uow.scope.tenant_id.uuid, p.c[column].in_(indexes), k.c.wrapped.is_not(None))
        .order_by(p.c.id)
    )
    return [(bytes(row[0]), row.id) for row in await uow.execute(query)]


async def update_party(uow: UnitOfWork, party_id: PartyId, **values: Any) -> None:
    """Store changes of a party that was locked before."""
    p = tables.party.c
    where = (p.tenant_id == uow.scope.tenant_id.uuid, p.id == party_id.uuid)
    await uow.execute(update(tables.party).where(*where).values(values))


async def destroy_key(uow: UnitOfWork, party_id: PartyId) -> None:
    """Forget the key for ever."""
    k = tables.party_key.c
    where = (k.tenant_id == uow.scope.tenant_id.uuid, k.party_id == party_id.uuid)
    await uow.execute(update(tables.party_key).where(*where).values(wrapped=None, destroyed_at=uow.now))


async def insert_document(uow: UnitOfWork, values: dict[str, Any]) -> None:
    """Add a document's row."""
    await uow.execute(insert(tables.document).values({"tenant_id": uow.scope.tenant_id.uuid} | values))


async def count_documents(uow: UnitOfWork, party_id: PartyId, *, since: datetime | None = None) -> tuple[int, int]:
    """How many documents a party keeps, and their bytes; with `since` only those uploaded from then on."""
    d = tables.document.c
    query = select(func.count().label("number"), func.coalesce(func.sum(d.size), 0).label("total")).where(
        d.tenant_id == uow.scope.tenant_id.uuid, d.party_id == party_id.uuid
    )
    if since is not None:
        query = query.where(d.uploaded_at >= since)
    row = (await uow.execute(query)).one()
    return int(row.number), int(row.total)


async def documents(uow: UnitOfWork, party_id: PartyId) -> list[Row[Any]]:
    """A party's documents in the order of their upload."""
    d = tables.document.c
    query = select(tables.document).where(d.tenant_id == uow.scope.tenant_id.uuid, d.party_id == party_id.uuid)
    return list((await uow.execute(query.order_by(d.id))).all())


async def document(uow: UnitOfWork, document_id: DocumentId) -> Row[Any] | None:
    """One document; a limited caller sees only its own."""
    d = tables.document.c
    query = select(tables.document).where(d.tenant_id == uow.scope.tenant_id.uuid, d.id == document_id.uuid)
    if uow.scope.party_id is not None:
        query = query.where(d.party_id == uow.scope.party_id.uuid)
    return (await uow.execute(query)).one_or_none()


async def insert_link(uow: UnitOfWork, digest: bytes, document_id: DocumentId, expires_at: datetime) -> None:
    """Remember a single-use link of this caller's session, in machine time; those that ran out are cleared away."""
    link = tables.document_link
    tenant = uow.scope.tenant_id.uuid
    await uow.execute(delete(link).where(link.c.tenant_id == tenant, link.c.expires_at < machine_now()))
    row = {
        "tenant_id": tenant,
        "digest": digest,
        "document_id": document_id.uuid,
        "principal": _holder(uow),
        "expires_at": expires_at,
    }
    await uow.execute(insert(link).values(row))


async def use_link(uow: UnitOfWork, digest: bytes, document_id: DocumentId, now: datetime) -> bool:
    """Use a link up; whether it was this session's, for this document, fresh and unused."""
    link = tables.document_link
    statement = (
        update(link)
        .where(
            link.c.tenant_id == uow.scope.tenant_id.uuid,
            link.c.digest == digest,
            link.c.document_id == document_id.uuid,
            link.c.principal == _holder(uow),
            link.c.expires_at > now,
            link.c.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(link.c.digest)
    )
    return (await uow.execute(statement)).scalar_one_or_none() is not None


def _holder(uow: UnitOfWork) -> str:
    return f"{uow.scope.principal}/{uow.scope.session_id or 'no session'}"
