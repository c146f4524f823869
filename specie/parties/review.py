"""Decisions on verifications: by one person, or asked for by one and decided by a second where the tenant says so."""

from specie import approvals
from specie.approvals import Approval, ApprovalImpossible, ApprovalState, NewApproval
from specie.kernel.ids import PartyId
from specie.parties import service
from specie.parties.errors import KycCannotMove, KycWaits, PartyMissing
from specie.parties.model import KycEvent, KycState, Party
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

KIND = "kyc"
_PARTY = "party"


async def decide(
    uow: UnitOfWork, vault: KeyRing, party_id: PartyId, verdict: KycEvent, reason: str | None
) -> Party | Approval:
    """Approve or reject a verification, or ask a second person to.

    Raises PartyMissing, KycCannotMove, or KycWaits while a second person has not decided.
    """
    party = await service.get_party(uow, vault, party_id, lock=True)
    after = party.after(verdict, reason)
    if await approvals.open_about(uow, (_PARTY, str(party_id))) is not None:
        raise KycWaits("let it be decided first", party_id=str(party_id))
    if not await approvals.is_always_needed(uow, KIND):
        return await service.decide_kyc(uow, vault, party_id, verdict, reason)
    return await approvals.ask(
        uow,
        NewApproval(
            kind=KIND,
            subject=(_PARTY, str(party_id)),
            party_id=party_id,
            before={"state": party.kyc_state.value},
            after={"state": after.kyc_state.value},
            note=reason or "",
        ),
    )


async def decided(uow: UnitOfWork, vault: KeyRing, approval: Approval) -> None:
    """Do what a second person has said yes to, with the reason of the one who asked. Raises ApprovalImpossible."""
    if approval.state is not ApprovalState.APPROVED:
        return
    verdict = KycEvent.APPROVE if approval.after["state"] == KycState.APPROVED.value else KycEvent.REJECT
    party_id = PartyId.parse(approval.subject[1])
    try:
        await service.decide_kyc(uow, vault, party_id, verdict, approval.note or None)
    except (KycCannotMove, PartyMissing) as refused:
        raise ApprovalImpossible(str(refused), reason=refused.code) from refused
