"""Giving in to disputes: decided here, by two people above the line; told to the provider, by whose word one is lost.

Nothing is posted when somebody gives in: the money has been on hold since the dispute opened, and the provider's word
that it is lost posts it away, as when the bank decides.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from specie import approvals, audit
from specie.approvals import Approval, ApprovalImpossible, ApprovalState, NewApproval
from specie.kernel.clock import machine_now
from specie.kernel.errors import SpecieError
from specie.payments import dispute_store, disputes, refund_approval, service
from specie.payments.dispute_model import Dispute, DisputeId
from specie.payments.errors import AcceptanceImpossible, AcceptanceWaits
from specie.payments.model import reference_of
from specie.platform import due, jobs
from specie.platform.db import UnitOfWork
from specie.providers import (
    AcceptanceRequest,
    DisputeQuestion,
    ProviderLink,
    Rejected,
    Service,
    Toolbox,
    accepting,
    open_link,
)

KIND = "dispute_acceptance"
SEND = "payments.accept_dispute"
POLL = "payments.accept_dispute_poll"

_DISPUTE = "dispute"
_LEASE = timedelta(seconds=75)
_FIRST_POLL_SECONDS = 5
_LONGEST_POLL_SECONDS = 3600
_POLLS_BEFORE_EXCEPTION = 10
_SCENARIO = "simulator_acceptance"


@dataclass(frozen=True, slots=True)
class AcceptanceTicket:
    """The right to tell a provider that a dispute is accepted: what to send or ask, and over which connection."""

    dispute: Dispute
    request: AcceptanceRequest
    question: DisputeQuestion
    link: ProviderLink


async def request(uow: UnitOfWork, toolbox: Toolbox, dispute_id: DisputeId, reason: str) -> Dispute | Approval:
    """Give in to a dispute and have the provider told, or ask a second person above the line for refunds.

    Raises DisputeMissing, DisputeDecided, EvidenceSubmitted, DisputeAccepted, AcceptanceImpossible or AcceptanceWaits.
    """
    dispute = await disputes.answerable(uow, dispute_id)
    await _require_accepting(uow, toolbox, dispute)
    if await approvals.open_about(uow, (_DISPUTE, str(dispute_id))) is not None:
        raise AcceptanceWaits("let it be decided first", dispute_id=str(dispute_id))
    # Money given back: who may not refund it alone may not give it up alone.
    if await approvals.is_needed(uow, refund_approval.KIND, dispute.amount):
        return await _ask(uow, dispute, reason)
    return await _accept(uow, dispute, str(uow.scope.actor), reason)


async def _require_accepting(uow: UnitOfWork, toolbox: Toolbox, dispute: Dispute) -> None:
    link = await open_link(uow, toolbox, dispute.connection_id)
    if accepting(link.adapter) is None:
        known = link.adapter.dialect
        why = known.offer(Service.ACCEPTANCE).note
        raise AcceptanceImpossible(
            f"{known.title} is not told here; accept it in its dashboard, and it is booked once it is lost. {why}",
            dispute_id=str(dispute.id),
        )


async def _ask(uow: UnitOfWork, dispute: Dispute, reason: str) -> Approval:
    new = NewApproval(
        kind=KIND,
        subject=(_DISPUTE, str(dispute.id)),
        amount=dispute.amount,
        party_id=dispute.merchant_id,
        before={"on_hold": dispute.amount.as_json()},
        after={"given_up": dispute.amount.as_json()},
        note=reason,
    )
    return await approvals.ask(uow, new)


async def decided(uow: UnitOfWork, approval: Approval) -> None:
    """Give in to what a second person has said yes to, for the one who asked. Raises ApprovalImpossible."""
    if approval.state is not ApprovalState.APPROVED:
        return
    try:
        dispute = await disputes.answerable(uow, DisputeId.parse(approval.subject[1]))
    except SpecieError as refused:
        raise ApprovalImpossible(str(refused), reason=refused.code) from refused
    await _accept(uow, dispute, approval.asked_by, approval.note)


async def _accept(uow: UnitOfWork, dispute: Dispute, asked_by: str, reason: str) -> Dispute:
    accepted = replace(dispute, accepted_at=uow.now, accepted_by=asked_by, acceptance_failure=None)
    await dispute_store.save_dispute(uow, accepted)
    await _note(uow, accepted, "accept", reason)
    await jobs.defer(uow, SEND, dispute_id=str(dispute.id))
    await _schedule_poll(uow, dispute.id, 0)
    return accepted


async def claim(uow: UnitOfWork, toolbox: Toolbox, dispute_id: DisputeId) -> AcceptanceTicket | None:
    """Take the right to tell the provider; None when there is nothing to tell or somebody else is calling."""
    now = machine_now()
    dispute = await dispute_store.lease_acceptance(uow, dispute_id, now, now + _LEASE)
    if dispute is None:
        return None
    payment = await service.get_payment(uow, dispute.payment_id)
    scenario = payment.metadata.get(_SCENARIO, "")
    return AcceptanceTicket(
        dispute,
        AcceptanceRequest(dispute.provider_ref, _key_of(dispute), scenario),
        DisputeQuestion(dispute.provider_ref, reference_of(dispute.attempt_id)),
        await open_link(uow, toolbox, dispute.connection_id),
    )


def _key_of(dispute: Dispute) -> str:
    """The same on every retry; another one once it was refused, for a key replays the answer it had."""
    return f"{dispute.id}_{dispute.accepted_at:%Y%m%d%H%M%S}"


async def refused(uow: UnitOfWork, dispute_id: DisputeId, answer: Rejected) -> None:
    """The provider certainly did not take it: the dispute can be answered again, and a person is told why."""
    dispute = await _locked(uow, dispute_id)
    await dispute_store.end_lease(uow, dispute_id)
    if not dispute.is_being_accepted or answer.safe_to_retry:
        return
    again = replace(dispute, accepted_at=None, accepted_by=None, acceptance_failure=answer.code)
    await dispute_store.save_dispute(uow, again)
    await _note(uow, again, "accept_refused", answer.code)
    await _except(uow, again, "dispute_acceptance_refused", code=answer.code)


async def follow_up(uow: UnitOfWork, dispute_id: DisputeId, polls: int) -> None:
    """Plan to tell again while the provider has not taken it; a long silence goes before a person."""
    dispute = await _locked(uow, dispute_id)
    if not dispute.is_being_accepted:
        return
    if polls == _POLLS_BEFORE_EXCEPTION:
        await _except(uow, dispute, "dispute_acceptance_open_too_long")
    await _schedule_poll(uow, dispute_id, polls + 1)


async def _locked(uow: UnitOfWork, dispute_id: DisputeId) -> Dispute:
    dispute = await disputes.get_dispute(uow, dispute_id)
    await service.get_payment(uow, dispute.payment_id, lock=True)
    return await disputes.get_dispute(uow, dispute_id)


async def _except(uow: UnitOfWork, dispute: Dispute, kind: str, **more: str) -> None:
    payment = await service.get_payment(uow, dispute.payment_id)
    attempt = await service.get_attempt(uow, dispute.attempt_id)
    await service.open_exception(uow, payment, attempt, kind, {"dispute_id": str(dispute.id), **more})


async def _schedule_poll(uow: UnitOfWork, dispute_id: DisputeId, polls: int) -> None:
    wait = min(_LONGEST_POLL_SECONDS, _FIRST_POLL_SECONDS * 2 ** min(polls, 12))
    payload = {"dispute": str(dispute_id.uuid), "polls": polls}
    await due.schedule(uow, kind=POLL, at=uow.now + timedelta(seconds=wait), payload=payload)


async def _note(uow: UnitOfWork, dispute: Dispute, what: str, reason: str) -> None:
    await audit.record(
        uow,
        action=f"dispute.{what}",
        subject=("payment", str(dispute.payment_id)),
        after={"dispute_id": str(dispute.id), "amount_minor": dispute.amount.minor},
        reason=reason or None,
    )
