"""Telling providers that disputes are accepted: record, commit, call, record. Each opens its own units of work."""

from dataclasses import replace

from specie.payments import acceptances, dispute_store, disputes
from specie.payments.acceptances import AcceptanceTicket
from specie.payments.dispute_model import DisputeId
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.providers import (
    Accepted,
    DisputeFact,
    DisputeState,
    ErrorClass,
    Outcome,
    Rejected,
    Toolbox,
    accepting,
    perform,
)

_ENDED = (DisputeState.WON, DisputeState.LOST)


async def tell(context: JobContext, dispute_id: DisputeId) -> bool:
    """Tell of an acceptance unless it is done or somebody is at it. Returns whether this call did it."""
    ticket = await context.db.run(
        context.scope, lambda uow: acceptances.claim(uow, _toolbox(context), dispute_id), label="payments.accept.claim"
    )
    if ticket is None:
        return False
    crash_point("payments.accept.claimed")
    # What was told before may have arrived, and its answer or the callback may not.
    ended = await _asked(context, ticket) if ticket.dispute.acceptance_tries > 1 else None
    outcome = ended or await _told(context, ticket)
    crash_point("payments.accept.sent")
    await _record(context, ticket, outcome)
    return True


async def _told(context: JobContext, ticket: AcceptanceTicket) -> Outcome[DisputeFact | None]:
    """The provider's answer; for a refusal how the dispute stands, since it may be decided meanwhile."""
    adapter = accepting(ticket.link.adapter)
    if adapter is None:
        return Rejected("acceptance_unsupported", ErrorClass.UNSUPPORTED)
    outcome = await perform(ticket.link, adapter.accept_dispute(ticket.request), _toolbox(context).outbound)
    if not isinstance(outcome, Rejected) or outcome.safe_to_retry:
        return outcome
    return await _asked(context, ticket) or outcome


async def _asked(context: JobContext, ticket: AcceptanceTicket) -> Accepted[DisputeFact | None] | None:
    """How the dispute has ended at the provider; None while it has not, or nobody answers."""
    adapter = accepting(ticket.link.adapter)
    if adapter is None:
        return None
    outcome = await perform(ticket.link, adapter.get_dispute(ticket.question), _toolbox(context).outbound)
    if isinstance(outcome, Accepted) and outcome.value is not None and outcome.value.state in _ENDED:
        return outcome
    return None


async def _record(context: JobContext, ticket: AcceptanceTicket, outcome: Outcome[DisputeFact | None]) -> None:
    async def record(uow: UnitOfWork) -> None:
        if isinstance(outcome, Rejected):
            await acceptances.refused(uow, ticket.dispute.id, outcome)
            return
        await dispute_store.end_lease(uow, ticket.dispute.id)
        told = outcome.value if isinstance(outcome, Accepted) else None
        if told is not None and told.state in _ENDED:
            await disputes.apply(uow, replace(told, charge_reference=ticket.question.charge_reference))

    await context.db.run(context.scope, record, label="payments.accept.record")


def _toolbox(context: JobContext) -> Toolbox:
    toolbox: Toolbox = context.services["providers"]
    return toolbox
