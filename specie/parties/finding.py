"""Finding parties whose data is sealed: by keyed hashes of whole contacts and of the beginnings of their names."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from specie.kernel.errors import SpecieError
from specie.kernel.ids import InvalidId, PartyId, TenantId
from specie.parties import sealing, store
from specie.parties.errors import EmailInvalid, PartyMissing, PhoneInvalid
from specie.parties.model import (
    Contact,
    Person,
    beginnings,
    normal_email,
    normal_phone,
    normal_tax_number,
    searched_beginnings,
)
from specie.parties.store import Found
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

SEARCHED = "An id, a whole e-mail address, phone or tax number, or beginnings of words of a name"
"""What a text may be by which parties are looked up."""

_NAME, _TAX_NUMBER = "name", "tax number"


@dataclass(frozen=True, slots=True)
class Mark:
    """A keyed hash by which one is told from others, of the field it was made from."""

    field: str
    value: bytes | int


async def look_up(uow: UnitOfWork, vault: KeyRing, text: str) -> Found:
    """Whom a text means: the party with this id, contact or tax number, else those whose names have such words."""
    exact = await _exactly(uow, vault, text.strip())
    if exact:
        return Found(ids=exact)
    tenant_id = uow.scope.tenant_id
    terms = [sealing.term(vault, tenant_id, _NAME, word) for word in searched_beginnings(text)]
    return Found(terms=terms) if terms else store.NOBODY


async def _exactly(uow: UnitOfWork, vault: KeyRing, text: str) -> list[UUID]:
    try:
        return [PartyId.parse(text).uuid]
    except InvalidId:
        found = [one.uuid for one in (await all_with_contacts(uow, vault, [text]))[text]]
    return found or [one.uuid for one in await with_tax_number(uow, vault, text)]


async def make_findable(uow: UnitOfWork, vault: KeyRing, people: Mapping[PartyId, Person]) -> None:
    """Let parties be found by what is known of them now, and by nothing that was known before."""
    tenant_id = uow.scope.tenant_id
    await store.put_terms(uow, {one.uuid: _terms(vault, tenant_id, person) for one, person in people.items()})


def is_found_otherwise(before: Person, after: Person) -> bool:
    """Whether a change makes somebody found by something else."""
    return (before.name, before.tax_number) != (after.name, after.tax_number)


def _terms(vault: KeyRing, tenant_id: TenantId, person: Person) -> set[int]:
    terms = {sealing.term(vault, tenant_id, _NAME, beginning) for beginning in beginnings(person.name)}
    tax_number = normal_tax_number(person.tax_number)
    return terms | ({sealing.term(vault, tenant_id, _TAX_NUMBER, tax_number)} if tax_number else set())


async def make_findable_after(uow: UnitOfWork, vault: KeyRing, after: UUID | None, limit: int) -> UUID | None:
    """Let the next parties by id be found; the last of them, or None when there is nobody left."""
    rows = await store.next_living(uow, after, limit)
    tenant_id, people = uow.scope.tenant_id, {}
    for row in rows:
        party_id = PartyId(row.id)
        key = sealing.unwrapped(vault, tenant_id, party_id, row.wrapped)
        person = sealing.open_person(key, tenant_id, party_id, row.person)
        if person is not None:
            people[party_id] = person
    await make_findable(uow, vault, people)
    return rows[-1].id if rows else None


async def find_by_contact(uow: UnitOfWork, vault: KeyRing, text: str) -> PartyId | None:
    """The party with this e-mail address or phone number; the oldest when several have it."""
    for column, wanted in _indexes(uow, vault, text):
        found = await store.find_by_index(uow, column, wanted)
        if found is not None:
            return PartyId(found)
    return None


async def all_with_contacts(uow: UnitOfWork, vault: KeyRing, texts: Collection[str]) -> dict[str, list[PartyId]]:
    """Every living party with each of these e-mail addresses or phone numbers, with few statements for many.

    Anybody may have written down somebody else's.
    """
    asked = {text: list(_indexes(uow, vault, text)) for text in texts}
    found: dict[tuple[str, bytes], list[PartyId]] = defaultdict(list)
    for column in ("email_index", "phone_index"):
        wanted = {index for indexes in asked.values() for of, index in indexes if of == column}
        for index, party_id in await store.living_by_indexes(uow, column, wanted) if wanted else ():
            found[column, index].append(PartyId(party_id))
    return {text: [each for one in indexes for each in found[one]] for text, indexes in asked.items()}


async def oldest_with_contacts(uow: UnitOfWork, vault: KeyRing, texts: Collection[str]) -> dict[str, PartyId]:
    """As `find_by_contact` for each of these texts that somebody has, with few statements for many."""
    asked = {text: list(_indexes(uow, vault, text)) for text in texts}
    found: dict[tuple[str, bytes], PartyId] = {}
    for column in ("email_index", "phone_index"):
        wanted = {index for indexes in asked.values() for of, index in indexes if of == column}
        for index, party_id in await store.oldest_by_indexes(uow, column, wanted) if wanted else ():
            found[column, index] = PartyId(party_id)
    first = {text: next((found[one] for one in indexes if one in found), None) for text, indexes in asked.items()}
    return {text: party_id for text, party_id in first.items() if party_id is not None}


async def with_tax_number(uow: UnitOfWork, vault: KeyRing, text: str) -> list[PartyId]:
    """The living parties with this tax number, however its digits are grouped."""
    normal = normal_tax_number(text)
    if not normal:
        return []
    digest = sealing.term(vault, uow.scope.tenant_id, _TAX_NUMBER, normal)
    return [PartyId(one) for one in await store.with_term(uow, digest)]


def marks_of(uow: UnitOfWork, vault: KeyRing, person: Person) -> list[Mark]:
    """What somebody would be told from others by: e-mail, phone and tax number, as they are kept."""
    tenant_id, tax_number = uow.scope.tenant_id, normal_tax_number(person.tax_number)
    marks = [
        Mark(field, index)
        for field, text in (("email", person.email), ("phone", person.phone))
        if (index := sealing.index(vault, tenant_id, text))
    ]
    if tax_number:
        marks.append(Mark("tax_number", sealing.term(vault, tenant_id, _TAX_NUMBER, tax_number)))
    return marks


async def holders_of(uow: UnitOfWork, marks: Sequence[Mark]) -> dict[Mark, PartyId]:
    """Who has these marks already; the oldest where several share one."""
    found: dict[Mark, PartyId] = {}
    for field in {mark.field for mark in marks}:
        values = [mark.value for mark in marks if mark.field == field]
        for value, one in (await store.holders_of(uow, field, values)).items():
            found[Mark(field, value)] = PartyId(one)
    return found


def _indexes(uow: UnitOfWork, vault: KeyRing, text: str) -> Iterator[tuple[str, bytes]]:
    """The columns in which a text may be found, with what stands there for it."""
    for column, normal in (("email_index", normal_email), ("phone_index", normal_phone)):
        try:
            wanted = sealing.index(vault, uow.scope.tenant_id, normal(text))
        except (EmailInvalid, PhoneInvalid):
            continue
        if wanted:
            yield column, wanted


async def own_contact(uow: UnitOfWork, party_id: PartyId) -> Contact:
    """How a party's own address and number are found again. Raises PartyMissing."""
    rows = await store.party_rows(uow, [party_id.uuid])
    if not rows:
        raise PartyMissing(f"there is no party {party_id}")
    return Contact(rows[0].email_index, rows[0].phone_index)


def contact_of(uow: UnitOfWork, vault: KeyRing, email: str, phone: str) -> Contact:
    """How an address and a number told by somebody else are found again; one that cannot be right is not."""
    tenant_id = uow.scope.tenant_id
    known: list[bytes | None] = []
    for text, normal in ((email, normal_email), (phone, normal_phone)):
        try:
            known.append(sealing.index(vault, tenant_id, normal(text)) if text else None)
        except SpecieError:
            known.append(None)
    return Contact(*known)
