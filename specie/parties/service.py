"""Parties: added, changed, listed, verified, forgotten."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from sqlalchemy.engine import Row

from specie import audit, events
from specie.kernel.errors import KycRequired
from specie.kernel.ids import PartyId
from specie.kernel.pagination import Page
from specie.parties import finding, sealing, store
from specie.parties.errors import KycCannotMove, KycIncomplete, PartyMissing
from specie.parties.events import party_event
from specie.parties.model import (
    TIER,
    Contact,
    KycEvent,
    KycState,
    Party,
    PartyKind,
    Person,
    masked_fields,
)
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

TierChanged = Callable[[UnitOfWork, Party], Awaitable[None]]
Erased = Callable[[UnitOfWork, PartyId, Contact], Awaitable[None]]
MayErase = Callable[[UnitOfWork, PartyId], Awaitable[str | None]]

_tier_changed: list[TierChanged] = []
_may_erase: list[MayErase] = []
_erased: list[Erased] = []


def on_tier_changed(callback: TierChanged) -> None:
    """Run `callback` in the unit of work in which a party's verification changes its tier."""
    if callback not in _tier_changed:
        _tier_changed.append(callback)


def before_erasure(callback: MayErase) -> None:
    """Ask `callback` before a party is erased; a text it returns is the reason why not."""
    if callback not in _may_erase:
        _may_erase.append(callback)


def on_erased(callback: Erased) -> None:
    """Run `callback` in the unit of work that erases a party, to forget what else is kept of it.

    It is given the party and how its address and number were found, which is the way to what others told of them.
    """
    if callback not in _erased:
        _erased.append(callback)


async def create_party(
    uow: UnitOfWork, vault: KeyRing, *, kind: PartyKind, roles: Iterable[str], known: dict[str, str]
) -> Party:
    """Add a party, everything known of it sealed under a key of its own.

    Raises EmailInvalid, PhoneInvalid or BirthDateInvalid.
    """
    person = Person().changed(known, uow.business_date)
    party = Party(
        id=PartyId.new(),
        kind=kind,
        roles=frozenset(roles),
        kyc_state=KycState.UNVERIFIED,
        kyc_reason=None,
        version=1,
        created_at=uow.now,
        person=person,
    )
    tenant_id = uow.scope.tenant_id
    key, wrapped = sealing.fresh_key(vault, tenant_id, party.id)
    values = {
        "id": party.id.uuid,
        "kind": kind.value,
        "roles": sorted(party.roles),
        "kyc_state": party.kyc_state.value,
        "version": 1,
        "created_at": uow.now,
        **_sealed(uow, vault, key, party.id, person),
    }
    await store.insert_party(uow, values, wrapped)
    await finding.make_findable(uow, vault, {party.id: person})
    await audit.record(
        uow,
        action="party.create",
        subject=("party", str(party.id)),
        after=masked_fields(known) | {"kind": kind.value, "roles": ",".join(sorted(party.roles))},
    )
    await events.record(uow, party_event("party.created", party))
    return party


async def get_party(uow: UnitOfWork, vault: KeyRing, party_id: PartyId, *, lock: bool = False) -> Party:
    """One party the caller may see. Raises PartyMissing."""
    rows = await store.party_rows(uow, [party_id.uuid], lock=lock)
    if not rows:
        raise PartyMissing(f"there is no party {party_id}")
    return _opened(uow, vault, rows[0])


async def list_parties(
    uow: UnitOfWork,
    vault: KeyRing,
    *,
    kyc_state: KycState | None,
    role: str | None,
    after: tuple[Any, ...] | None,
    limit: int,
    text: str | None = None,
) -> Page[Party]:
    """Parties the caller may see, the newest first.

    A text is an id, a whole e-mail address, phone or tax number; one that is nobody's is read as the beginnings of
    words of a name.
    """
    found = await finding.look_up(uow, vault, text) if text else store.EVERYBODY
    state = kyc_state.value if kyc_state else None
    page = await store.list_parties(uow, found, kyc_state=state, role=role, after=after, limit=limit)
    return page.map(lambda row: _opened(uow, vault, row))


async def names(uow: UnitOfWork, vault: KeyRing, ids: Sequence[PartyId]) -> dict[PartyId, str]:
    """The names of parties of this tenant, for showing who somebody dealt with; mask them for strangers."""
    rows = await store.party_rows(uow, [one.uuid for one in ids], everybody=True)
    found = [_opened(uow, vault, row) for row in rows]
    return {party.id: party.display_name for party in found}


async def get_parties(uow: UnitOfWork, vault: KeyRing, ids: Sequence[PartyId]) -> dict[PartyId, Party]:
    """Those of these parties that the caller may see."""
    rows = await store.party_rows(uow, [one.uuid for one in ids])
    found = [_opened(uow, vault, row) for row in rows]
    return {party.id: party for party in found}


async def change_party(uow: UnitOfWork, vault: KeyRing, party_id: PartyId, changes: dict[str, str]) -> Party:
    """Change what is known of a party.

    Raises PartyMissing, EmailInvalid, PhoneInvalid, BirthDateInvalid or KycCannotMove.

    What a reviewer has approved stays approved only while the fields that were reviewed stay as they are; while a
    reviewer is looking at them they cannot be changed.
    """
    party = await get_party(uow, vault, party_id, lock=True)
    if party.person is None:
        raise PartyMissing(f"{party_id} has been erased")
    person = party.person.changed(changes, uow.business_date)
    touches_review = _reviewed(party.person) != _reviewed(person)
    if touches_review and party.kyc_state is KycState.SUBMITTED:
        raise KycCannotMove("wait for the review, or have it rejected, before you change this", state="submitted")
    key = await _key(uow, vault, party_id)
    version = party.version + 1
    await store.update_party(uow, party_id, version=version, **_sealed(uow, vault, key, party_id, person))
    if finding.is_found_otherwise(party.person, person):
        await finding.make_findable(uow, vault, {party_id: person})
    changed = await get_party(uow, vault, party_id)
    await audit.record(uow, action="party.update", subject=("party", str(party_id)), after=masked_fields(changes))
    await events.record(uow, party_event("party.updated", changed))
    if touches_review and party.kyc_state is KycState.APPROVED:
        return await _move(uow, changed, KycEvent.REVOKE, "what was reviewed has changed")
    return changed


def _reviewed(person: Person) -> tuple[str, ...]:
    return (person.name, person.birth_date, person.national_id)


async def submit_kyc(uow: UnitOfWork, vault: KeyRing, party_id: PartyId, known: dict[str, str]) -> Party:
    """Hand a verification in: fields as given or known before, and at least one document.

    Raises PartyMissing, KycIncomplete or KycCannotMove.
    """
    party = await get_party(uow, vault, party_id, lock=True)
    party.after(KycEvent.SUBMIT)
    if known:
        party = await change_party(uow, vault, party_id, known)
    missing = party.person.missing_for_kyc(party.kind) if party.person else ["name"]
    if missing:
        raise KycIncomplete(f"still needed: {', '.join(missing)}", param=missing[0], missing=missing)
    number, _ = await store.count_documents(uow, party_id)
    if not number:
        raise KycIncomplete("upload a document that shows who you are", param="documents", missing=["documents"])
    await store.update_party(uow, party_id, kyc_submitted_at=uow.now)
    return await _move(uow, party, KycEvent.SUBMIT, None)


async def approve_kyc(uow: UnitOfWork, vault: KeyRing, party_id: PartyId, reason: str | None) -> Party:
    """Approve a verification; the party's limits follow at once. Raises PartyMissing or KycCannotMove."""
    return await decide_kyc(uow, vault, party_id, KycEvent.APPROVE, reason)


async def reject_kyc(uow: UnitOfWork, vault: KeyRing, party_id: PartyId, reason: str) -> Party:
    """Reject a verification, saying why; it may be handed in again. Raises PartyMissing or KycCannotMove."""
    return await decide_kyc(uow, vault, party_id, KycEvent.REJECT, reason)


async def decide_kyc(
    uow: UnitOfWork, vault: KeyRing, party_id: PartyId, verdict: KycEvent, reason: str | None
) -> Party:
    """Approve or reject a verification. Raises PartyMissing or KycCannotMove."""
    return await _move(uow, await get_party(uow, vault, party_id, lock=True), verdict, reason)


async def _move(uow: UnitOfWork, party: Party, event: KycEvent, reason: str | None) -> Party:
    after = party.after(event, reason)
    await store.update_party(uow, party.id, kyc_state=after.kyc_state.value, kyc_reason=reason, version=after.version)
    await audit.record(
        uow,
        action=f"kyc.{event}",
        subject=("party", str(party.id)),
        before={"kyc_state": party.kyc_state.value},
        after={"kyc_state": after.kyc_state.value},
        reason=reason,
    )
    told = {KycEvent.SUBMIT: "submitted", KycEvent.APPROVE: "approved"}.get(event, "rejected")
    await events.record(uow, party_event(f"kyc.{told}", after))
    if after.tier != party.tier:
        for callback in _tier_changed:
            await callback(uow, after)
    return after


async def roles_of(uow: UnitOfWork, ids: Iterable[PartyId]) -> dict[PartyId, frozenset[str]]:
    """The roles of those of these parties that are of this tenant and have not been erased."""
    found = await store.living_roles(uow, [party_id.uuid for party_id in ids])
    return {PartyId(one): frozenset(roles) for one, roles in found.items()}


async def require_verified(uow: UnitOfWork, party_id: PartyId) -> None:
    """Raise KycRequired unless the party's identity has been approved."""
    rows = await store.party_rows(uow, [party_id.uuid], everybody=True)
    if not rows or rows[0].kyc_state != KycState.APPROVED.value:
        raise KycRequired("this needs a verified identity", party_id=str(party_id))


async def tiers(uow: UnitOfWork, ids: Iterable[PartyId], *, lock: bool = False) -> dict[PartyId, str]:
    """The tier of limits of each party; with `lock` it stays so until this unit of work ends."""
    states = await store.kyc_states(uow, [party_id.uuid for party_id in ids], lock=lock)
    return {PartyId(one): TIER[KycState(state)] for one, state in states.items()}


async def erase(uow: UnitOfWork, party_id: PartyId, *, reason: str) -> str | None:
    """Destroy the party's key: what is known of it becomes unreadable while books, chain and proofs stay whole.

    Returns None when that is done. Otherwise somebody still needs to know: the text says why, and the refusal is
    recorded, so it is not raised (which would take the record back). Raises PartyMissing.
    """
    rows = await store.party_rows(uow, [party_id.uuid], lock=True)
    if not rows:
        raise PartyMissing(f"there is no party {party_id}")
    reasons = await why_not_erase(uow, party_id)
    if reasons:
        await audit.record(uow, action="party.erase_refused", subject=("party", str(party_id)), reason=reasons[0])
        return reasons[0]
    await store.destroy_key(uow, party_id)
    await store.update_party(uow, party_id, email_index=None, phone_index=None, version=rows[0].version + 1)
    await store.forget_terms(uow, [party_id.uuid])
    for callback in _erased:
        await callback(uow, party_id, Contact(rows[0].email_index, rows[0].phone_index))
    await audit.record(uow, action="party.erase", subject=("party", str(party_id)), reason=reason)
    row = (await store.party_rows(uow, [party_id.uuid]))[0]
    await events.record(uow, party_event("party.erased", _party(row, None)))
    return None


async def why_not_erase(uow: UnitOfWork, party_id: PartyId) -> list[str]:
    """Every reason why somebody still needs to know who this is; none when it may be forgotten."""
    found = [await callback(uow, party_id) for callback in _may_erase]
    return [why_not for why_not in found if why_not is not None]


async def _key(uow: UnitOfWork, vault: KeyRing, party_id: PartyId) -> bytes:
    rows = await store.party_rows(uow, [party_id.uuid], everybody=True)
    key = sealing.unwrapped(vault, uow.scope.tenant_id, party_id, rows[0].wrapped) if rows else None
    if key is None:
        raise PartyMissing(f"there is no party {party_id}")
    return key


def _sealed(uow: UnitOfWork, vault: KeyRing, key: bytes, party_id: PartyId, person: Person) -> dict[str, Any]:
    tenant_id = uow.scope.tenant_id
    return {
        "person": sealing.seal_person(key, tenant_id, party_id, person),
        "email_index": sealing.index(vault, tenant_id, person.email),
        "phone_index": sealing.index(vault, tenant_id, person.phone),
    }


def _opened(uow: UnitOfWork, vault: KeyRing, row: Row[Any]) -> Party:
    party_id, tenant_id = PartyId(row.id), uow.scope.tenant_id
    key = sealing.unwrapped(vault, tenant_id, party_id, row.wrapped)
    return _party(row, sealing.open_person(key, tenant_id, party_id, row.person))


def _party(row: Row[Any], person: Person | None) -> Party:
    return Party(
        id=PartyId(row.id),
        kind=PartyKind(row.kind),
        roles=frozenset(row.roles),
        kyc_state=KycState(row.kyc_state),
        kyc_reason=row.kyc_reason,
        version=row.version,
        created_at=row.created_at,
        person=person,
    )
