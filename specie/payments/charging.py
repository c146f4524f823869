"""Calling providers about payments: record, commit, call, record. Each function opens its own units of work."""

from specie.kernel.ids import AttemptId, PaymentId
from specie.payments import attempts, service
from specie.payments.attempts import Ticket
from specie.payments.model import Attempt, AttemptState, reference_of
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.providers import (
    Accepted,
    ChargeKind,
    ErrorClass,
    Outcome,
    ProviderCharge,
    ProviderLink,
    Rejected,
    Toolbox,
    fact_of,
    open_link,
    perform,
)


async def pay(context: JobContext, payment_id: PaymentId, kind: ChargeKind) -> Attempt:
    """Try to collect in one way and wait for the provider's answer; the attempt comes back in whatever state it is.

    Another way that is still open is withdrawn first. Raises PaymentCannotMove, ChargeUnknown or MethodUnavailable.
    """
    await _withdraw_other(context, payment_id, kind)
    attempt = await context.db.run(
        context.scope, lambda uow: attempts.start(uow, _toolbox(context), payment_id, kind), label="payments.start"
    )
    return await _ordered(context, attempt)


async def _ordered(context: JobContext, attempt: Attempt) -> Attempt:
    """Order an attempt and, while providers refuse softly, those that took its place elsewhere."""

    async def look(uow: UnitOfWork) -> Attempt:
        return await attempts.live_attempt(uow, attempt.payment_id) or await service.get_attempt(uow, attempt.id)

    while attempt.state is AttemptState.CREATED:
        is_ours = await order(context, attempt.id)
        attempt = await context.db.run(context.scope, look, label="payments.look")
        if not is_ours:
            break
    return attempt


async def order(context: JobContext, attempt_id: AttemptId) -> bool:
    """Order the charge of an attempt unless that has been done. Returns whether this call did it."""
    ticket = await context.db.run(
        context.scope, lambda uow: attempts.claim(uow, _toolbox(context), attempt_id), label="payments.claim"
    )
    if ticket is None:
        return False
    crash_point("payments.charge.claimed")
    if ticket.attempt.tries > 1 and await ask(context, attempt_id):
        # Somebody died between the call and its answer: what the provider knows counts, not what we meant to do.
        return True
    outcome = await _sent(context, ticket)
    crash_point("payments.charge.sent")
    await _record_order(context, ticket, outcome)
    if not isinstance(outcome, Accepted | Rejected) and outcome.reason == "duplicate":
        await ask(context, attempt_id)
    return True


async def _sent(context: JobContext, ticket: Ticket) -> Outcome[ProviderCharge]:
    if ticket.is_removed:
        return Rejected("method_removed", ErrorClass.UNSUPPORTED)
    call = ticket.link.adapter.create_charge(ticket.request)
    # Whose lease is over sends nothing any more: somebody else may have sent it meanwhile.
    return await perform(ticket.link, call, _toolbox(context).outbound, until=ticket.until)


async def _record_order(context: JobContext, ticket: Ticket, outcome: Outcome[ProviderCharge]) -> None:
    async def record(uow: UnitOfWork) -> None:
        if isinstance(outcome, Accepted):
            await service.apply(uow, fact_of(outcome.value, ticket.link.connection_id))
        elif isinstance(outcome, Rejected):
            await attempts.rejected(uow, _toolbox(context), ticket.attempt, outcome)
        else:
            await attempts.unknown(uow, ticket.attempt.id, outcome.reason)

    await context.db.run(context.scope, record, label="payments.charge.record")


async def ask(context: JobContext, attempt_id: AttemptId) -> bool:
    """Ask the provider what became of an attempt and apply the answer. Returns whether it knows the charge."""

    link, question = await context.db.run(
        context.scope, lambda uow: attempts.question(uow, _toolbox(context), attempt_id), label="payments.ask.load"
    )
    outcome = await perform(link, question, _toolbox(context).outbound)
    crash_point("payments.ask.answered")

    async def record(uow: UnitOfWork) -> bool:
        if not isinstance(outcome, Accepted):
            return False
        if outcome.value is None:
            await attempts.never_arrived(uow, attempt_id)
            return False
        await service.apply(uow, fact_of(outcome.value, link.connection_id))
        return True

    return await context.db.run(context.scope, record, label="payments.ask.record")


async def check(context: JobContext, payment_id: PaymentId) -> None:
    """Ask the provider about every attempt of a payment that may have changed."""
    unsettled = await context.db.run(
        context.scope, lambda uow: attempts.unsettled_attempts(uow, payment_id), label="payments.check"
    )
    for attempt in unsettled:
        if attempt.state is not AttemptState.CREATED or not await order(context, attempt.id):
            await ask(context, attempt.id)


async def withdraw(context: JobContext, attempt_id: AttemptId) -> None:
    """Ask the provider to take no money for an attempt any more; the answer says how the charge ended."""

    async def load(uow: UnitOfWork) -> tuple[Attempt, ProviderLink]:
        attempt = await service.get_attempt(uow, attempt_id)
        return attempt, await open_link(uow, _toolbox(context), attempt.connection_id)

    attempt, link = await context.db.run(context.scope, load, label="payments.withdraw.load")
    if attempt.state is not AttemptState.PENDING or not link.adapter.capabilities().can_cancel:
        return
    outcome = await perform(
        link,
        link.adapter.cancel_charge(reference_of(attempt.id), attempt.provider_ref or ""),
        _toolbox(context).outbound,
    )
    crash_point("payments.withdraw.answered")
    if isinstance(outcome, Accepted):
        fact = fact_of(outcome.value, link.connection_id)
        await context.db.run(context.scope, lambda uow: service.apply(uow, fact), label="payments.withdraw.record")


async def withdraw_live(context: JobContext, payment_id: PaymentId) -> None:
    """Withdraw what is open of a payment, before it is called off. Raises PaymentMissing for another party's."""
    await _withdraw_other(context, payment_id, None)


async def _withdraw_other(context: JobContext, payment_id: PaymentId, kind: ChargeKind | None) -> None:
    async def look(uow: UnitOfWork) -> Attempt | None:
        await service.get_payment(uow, payment_id)
        return await attempts.live_attempt(uow, payment_id)

    live = await context.db.run(context.scope, look, label="payments.withdraw.look")
    if live is not None and live.kind is not kind:
        await withdraw(context, live.id)


def _toolbox(context: JobContext) -> Toolbox:
    toolbox: Toolbox = context.services["providers"]
    return toolbox
