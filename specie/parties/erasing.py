"""Erasing somebody: what would go and what stays, who has to agree, and a refusal that is written down."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from specie import approvals, audit
from specie.approvals import Approval, ApprovalImpossible, ApprovalState, NewApproval
from specie.kernel.ids import PartyId
from specie.parties import service
from specie.parties.errors import ErasureWaits, PartyMissing, PartyNotErasable, ReasonNamesPerson
from specie.parties.model import Party, Person
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

KIND = "erasure"
_PARTY = "party"
_GONE = "it has been erased already"
_SHORTEST_NAME, _SHORTEST_NUMBER = 3, 7


@dataclass(frozen=True, slots=True)
class Traces:
    """How much there is of a party by kind of thing: what is forgotten with it, and what the books have to keep."""

    forgotten: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would do, and every reason why it cannot be done now."""

    party: Party
    reasons: list[str]
    traces: Traces
    waits: Approval | None
    needs_second_person: bool


Counting = Callable[[UnitOfWork, PartyId], Awaitable[Traces]]

_counting: list[Counting] = []


def count_traces(callback: Counting) -> None:
    """Let `callback` say in every preview how much there is of a party."""
    if callback not in _counting:
        _counting.append(callback)


async def preview(uow: UnitOfWork, vault: KeyRing, party_id: PartyId) -> Preview:
    """What an erasure would forget and keep, and what stands in its way. Raises PartyMissing."""
    party = await service.get_party(uow, vault, party_id)
    found = [await callback(uow, party_id) for callback in _counting]
    forgotten = {name: number for each in found for name, number in each.forgotten.items()}
    kept = {name: number for each in found for name, number in each.kept.items()}
    return Preview(
        party,
        await _reasons(uow, party),
        Traces(forgotten, kept),
        await approvals.open_about(uow, (_PARTY, str(party_id))),
        await approvals.is_always_needed(uow, KIND),
    )


async def erase(uow: UnitOfWork, vault: KeyRing, party_id: PartyId, reason: str) -> Party | Approval:
    """Forget somebody for good, or ask a second person to where the tenant wants two.

    Raises PartyMissing, ReasonNamesPerson, PartyNotErasable with every reason, or ErasureWaits.
    """
    party = await service.get_party(uow, vault, party_id, lock=True)
    _require_nameless(reason, party.person)
    await _require_erasable(uow, party)
    if await approvals.open_about(uow, (_PARTY, str(party_id))) is not None:
        raise ErasureWaits("let it be decided first", party_id=str(party_id))
    if await approvals.is_always_needed(uow, KIND):
        return await _ask(uow, party_id, reason)
    await service.erase(uow, party_id, reason=reason)
    return await service.get_party(uow, vault, party_id)


async def decided(uow: UnitOfWork, vault: KeyRing, approval: Approval) -> None:
    """Erase whom a second person has said yes to, with the reason of the one who asked. Raises ApprovalImpossible."""
    if approval.state is not ApprovalState.APPROVED:
        return
    party_id = PartyId.parse(approval.subject[1])
    try:
        await _require_erasable(uow, await service.get_party(uow, vault, party_id, lock=True))
    except (PartyMissing, PartyNotErasable) as refused:
        raise ApprovalImpossible(str(refused), reason=refused.code) from refused
    await service.erase(uow, party_id, reason=approval.note)


async def note_refusal(uow: UnitOfWork, vault: KeyRing, party_id: PartyId) -> None:
    """Write down that an erasure was asked for and why it cannot be; nothing where it can.

    In a unit of work of its own, because the refusal itself takes back whatever its unit has written. Raises
    PartyMissing.
    """
    reasons = await _reasons(uow, await service.get_party(uow, vault, party_id))
    if reasons:
        subject = (_PARTY, str(party_id))
        await audit.record(uow, action="party.erase_refused", subject=subject, reason="; ".join(reasons))


async def _ask(uow: UnitOfWork, party_id: PartyId, reason: str) -> Approval:
    return await approvals.ask(
        uow,
        NewApproval(
            kind=KIND,
            subject=(_PARTY, str(party_id)),
            party_id=party_id,
            before={"state": "known"},
            after={"state": "erased"},
            note=reason,
        ),
    )


async def _require_erasable(uow: UnitOfWork, party: Party) -> None:
    reasons = await _reasons(uow, party)
    if reasons:
        raise PartyNotErasable("; ".join(reasons), party_id=str(party.id), reasons=reasons)


async def _reasons(uow: UnitOfWork, party: Party) -> list[str]:
    if party.person is None:
        return [_GONE]
    return await service.why_not_erase(uow, party.id)


def _require_nameless(reason: str, person: Person | None) -> None:
    # The reason is part of the chained audit, where nothing can be taken out any more.
    said = reason.casefold()
    known = (person.name, person.email, person.phone, person.national_id, person.tax_number) if person else ()
    is_named = any(value and value.casefold() in said for value in known)
    if is_named or (person is not None and _says_part(said, person)):
        raise ReasonNamesPerson("say why, not who: the reason outlives the person's data", param="reason")


def _says_part(said: str, person: Person) -> bool:
    """Whether it has a word of the name, or a number however it is grouped."""
    words, digits = set(re.findall(r"\w+", said)), re.sub(r"\D", "", said)
    names = {word for word in re.findall(r"\w+", (person.name or "").casefold()) if len(word) >= _SHORTEST_NAME}
    numbers = (re.sub(r"\D", "", value or "") for value in (person.phone, person.national_id, person.tax_number))
    return bool(names & words) or any(len(number) >= _SHORTEST_NUMBER and number in digits for number in numbers)
