"""The book of accounts to which a party's money may leave: sealed, confirmed by the bank, and cooled off."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from specie import audit, events
from specie.kernel.ids import ConnectionId, PartyId
from specie.payouts import beneficiary_store as store
from specie.payouts import terms_store
from specie.payouts.beneficiary_store import Sealed
from specie.payouts.errors import (
    BeneficiaryCoolingOff,
    BeneficiaryMissing,
    BeneficiaryTaken,
    BeneficiaryUnverified,
    PayoutPartyRequired,
)
from specie.payouts.events import beneficiary_event
from specie.payouts.model import AccountDetails, Beneficiary, BeneficiaryId, BeneficiaryState
from specie.platform import jobs, vault
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing, Place
from specie.providers import AccountHolder, PayoutRail

CHECK = "payouts.check_beneficiary"
_SHOWN_DIGITS = 4
_MOST = 100


@dataclass(frozen=True, slots=True)
class NewBeneficiary:
    """An account to write into a party's book."""

    party_id: PartyId | None
    rail: PayoutRail
    bank_code: str
    number: str = field(repr=False)
    label: str = ""


async def add(uow: UnitOfWork, ring: KeyRing, new: NewBeneficiary) -> Beneficiary:
    """Write an account down; it can be paid to once the bank has confirmed it and the cool-off is over.

    Raises PayoutPartyRequired or BeneficiaryTaken.
    """
    party_id = uow.scope.party_id or new.party_id
    if party_id is None:
        raise PayoutPartyRequired("say into whose book the account goes", param="party_id")
    index = _index(uow, ring, new)
    known = await store.by_number(uow, party_id, index)
    if known is not None:
        raise BeneficiaryTaken("this account is in the book already", beneficiary_id=str(known.id))
    terms = await terms_store.terms_of(uow)
    added = Beneficiary(
        id=BeneficiaryId.new(),
        party_id=party_id,
        rail=new.rail,
        bank_code=new.bank_code,
        hint=f"••••{new.number[-_SHOWN_DIGITS:]}",
        label=new.label,
        state=BeneficiaryState.CHECKING,
        created_at=uow.now,
        usable_from=uow.now + timedelta(seconds=terms.cool_off_seconds),
        version=1,
    )
    key = vault.new_key()
    details = _sealed(uow, added.id, key, AccountDetails(new.number))
    await store.insert_beneficiary(uow, added, Sealed(index, ring.wrap(key, _place(uow, added.id, "key")), details))
    await jobs.defer(uow, CHECK, beneficiary_id=str(added.id))
    await _tell(uow, "added", None, added)
    return added


async def checked(
    uow: UnitOfWork,
    ring: KeyRing,
    beneficiary_id: BeneficiaryId,
    connection_id: ConnectionId,
    found: AccountHolder | None,
) -> Beneficiary:
    """Write down what the bank said of an account. Does nothing for one that waits for no answer."""
    beneficiary = await get(uow, beneficiary_id, lock=True)
    if beneficiary.state not in (BeneficiaryState.CHECKING, BeneficiaryState.REJECTED):
        return beneficiary
    state = BeneficiaryState.VERIFIED if found else BeneficiaryState.REJECTED
    changed = replace(
        beneficiary,
        state=state,
        version=beneficiary.version + 1,
        checked_at=uow.now,
        connection_id=connection_id,
    )
    details = await _with_holder(uow, ring, beneficiary_id, found.name) if found else None
    await store.save_beneficiary(uow, changed, details)
    await _tell(uow, "verified" if found else "rejected", beneficiary, changed)
    return changed


async def remove(uow: UnitOfWork, beneficiary_id: BeneficiaryId) -> Beneficiary:
    """Take an account out of the book; payouts under way go on. Raises BeneficiaryMissing."""
    beneficiary = await get(uow, beneficiary_id, lock=True)
    if beneficiary.state is BeneficiaryState.REMOVED:
        return beneficiary
    changed = replace(beneficiary, state=BeneficiaryState.REMOVED, version=beneficiary.version + 1)
    await store.save_beneficiary(uow, changed)
    await _tell(uow, "removed", beneficiary, changed)
    return changed


async def get(uow: UnitOfWork, beneficiary_id: BeneficiaryId, *, lock: bool = False) -> Beneficiary:
    """One account. Raises BeneficiaryMissing, also for another party's."""
    found = await store.by_id(uow, beneficiary_id, lock=lock)
    if found is None:
        raise BeneficiaryMissing(f"there is no beneficiary {beneficiary_id}")
    return found


async def of_party(uow: UnitOfWork, party_id: PartyId) -> list[Beneficiary]:
    """The newest accounts of a party's book, up to a hundred."""
    return (await store.find(uow, party_id, None, _MOST))[:_MOST]


async def called(uow: UnitOfWork, party_id: PartyId, names: Collection[str]) -> list[Beneficiary]:
    """The accounts of a party's book that go by one of these ids or labels; several may have one label."""
    return await store.called(uow, party_id, names)


async def usable(uow: UnitOfWork, beneficiary_id: BeneficiaryId) -> Beneficiary:
    """An account to which money may leave now.

    Raises BeneficiaryMissing, BeneficiaryUnverified or BeneficiaryCoolingOff.
    """
    found = await get(uow, beneficiary_id)
    if found.state is BeneficiaryState.REMOVED:
        raise BeneficiaryMissing(f"there is no beneficiary {beneficiary_id}")
    if found.state is not BeneficiaryState.VERIFIED:
        raise BeneficiaryUnverified("the bank has not confirmed this account", state=str(found.state))
    if uow.now < found.usable_from:
        when = found.usable_from.isoformat()
        raise BeneficiaryCoolingOff(f"this account is new; it can be used from {when}", usable_from=when)
    return found


async def details_of(
    uow: UnitOfWork, ring: KeyRing, ids: Sequence[BeneficiaryId]
) -> dict[BeneficiaryId, AccountDetails]:
    """Numbers and holders of accounts; nothing for one that has been erased."""
    sealed = await store.sealed_of(uow, list(ids)) if ids else {}
    return {each: _opened(uow, ring, each, *parts) for each, parts in sealed.items()}


async def forget(uow: UnitOfWork, party_id: PartyId) -> None:
    """Destroy what is known of a party's accounts, with the keys."""
    await store.erase(uow, party_id)


async def _with_holder(uow: UnitOfWork, ring: KeyRing, beneficiary_id: BeneficiaryId, name: str) -> bytes:
    wrapped, details = (await store.sealed_of(uow, [beneficiary_id]))[beneficiary_id]
    known = _opened(uow, ring, beneficiary_id, wrapped, details)
    key = ring.unwrap(wrapped, _place(uow, beneficiary_id, "key"))
    return _sealed(uow, beneficiary_id, key, replace(known, holder_name=name))


def _sealed(uow: UnitOfWork, beneficiary_id: BeneficiaryId, key: bytes, details: AccountDetails) -> bytes:
    text = json.dumps({"number": details.number, "holder_name": details.holder_name})
    return vault.seal(key, text.encode(), _place(uow, beneficiary_id, "details"))


def _opened(
    uow: UnitOfWork, ring: KeyRing, beneficiary_id: BeneficiaryId, wrapped: bytes, details: bytes
) -> AccountDetails:
    key = ring.unwrap(wrapped, _place(uow, beneficiary_id, "key"))
    return AccountDetails(**json.loads(vault.open_sealed(key, details, _place(uow, beneficiary_id, "details"))))


def _index(uow: UnitOfWork, ring: KeyRing, new: NewBeneficiary) -> bytes:
    # The oldest master key makes it, so that a rotation of keys does not lose what was indexed before.
    oldest = ring.master_keys[min(ring.master_keys)]
    return vault.blind_index(oldest, f"{uow.scope.tenant_id}\0{new.rail}\0{new.bank_code}\0{new.number}")


def _place(uow: UnitOfWork, beneficiary_id: BeneficiaryId, column: str) -> Place:
    return Place(str(uow.scope.tenant_id), "beneficiary", str(beneficiary_id), column)


async def _tell(uow: UnitOfWork, name: str, before: Beneficiary | None, after: Beneficiary) -> None:
    await audit.record(
        uow,
        action=f"beneficiary.{name}",
        subject=("beneficiary", str(after.id)),
        before={"state": str(before.state)} if before else None,
        after={"state": str(after.state), "party_id": str(after.party_id), "account": after.hint},
    )
    await events.record(uow, beneficiary_event(name, after))
