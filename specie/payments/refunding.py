"""Calling providers about refunds: record, commit, call, record. Each function opens its own units of work."""

from functools import partial

from specie.payments import refund_store, refunds, service
from specie.payments.asking import ask_or_order
from specie.payments.model import reference_of
from specie.payments.refund_model import Refund, RefundId
from specie.payments.refund_model import reference_of as refund_reference
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.providers import (
    Accepted,
    ErrorClass,
    Heard,
    Outcome,
    ProviderLink,
    ProviderRefund,
    RefundFact,
    RefundQuestion,
    Rejected,
    Toolbox,
    Unknown,
    open_link,
    perform,
    refunding,
)


async def order(context: JobContext, refund_id: RefundId) -> bool:
    """Order a refund unless it is decided or somebody is at it. Returns whether this call did it."""
    ticket = await context.db.run(
        context.scope, lambda uow: refunds.claim(uow, _toolbox(context), refund_id), label="payments.refund.claim"
    )
    if ticket is None:
        return False
    crash_point("payments.refund.claimed")
    if ticket.refund.tries > 1:
        # An earlier order may have arrived; only the provider's word that it has not lets another one go, whose refusal
        # would otherwise be taken for the end of both.
        heard = await ask(context, refund_id)
        if heard is Heard.SILENCE:
            await _record_order(context, ticket.link, refund_id, Unknown("nobody answers"))
        if heard is not Heard.NEVER:
            return True
    adapter = refunding(ticket.link.adapter)
    outcome: Outcome[ProviderRefund] = Rejected("refunds_unsupported", ErrorClass.UNSUPPORTED)
    if adapter is not None:
        outcome = await perform(ticket.link, adapter.create_refund(ticket.request), _toolbox(context).outbound)
    crash_point("payments.refund.sent")
    await _record_order(context, ticket.link, refund_id, outcome)
    return True


async def _record_order(
    context: JobContext, link: ProviderLink, refund_id: RefundId, outcome: Outcome[ProviderRefund]
) -> None:
    async def record(uow: UnitOfWork) -> None:
        if isinstance(outcome, Accepted):
            await refund_store.end_lease(uow, refund_id)
            await refunds.apply(uow, RefundFact.told(outcome.value, link.connection_id))
        elif isinstance(outcome, Rejected):
            await refunds.rejected(uow, refund_id, outcome)
        else:
            await refunds.unknown(uow, refund_id, outcome.reason)

    await context.db.run(context.scope, record, label="payments.refund.record")


async def ask(context: JobContext, refund_id: RefundId) -> Heard:
    """Ask the provider what became of a refund and apply the answer."""

    async def load(uow: UnitOfWork) -> tuple[RefundQuestion, ProviderLink]:
        refund = await refunds.get_refund(uow, refund_id)
        attempt = await service.get_attempt(uow, refund.attempt_id)
        link = await open_link(uow, _toolbox(context), refund.connection_id)
        references = refund_reference(refund.id), reference_of(attempt.id)
        return RefundQuestion(*references, attempt.provider_ref or "", refund.provider_ref or ""), link

    question, link = await context.db.run(context.scope, load, label="payments.refund.ask.load")
    adapter = refunding(link.adapter)
    if adapter is None:
        return Heard.SILENCE
    outcome = await perform(link, adapter.get_refund(question), _toolbox(context).outbound)
    crash_point("payments.refund.ask.answered")
    if not isinstance(outcome, Accepted):
        return Heard.SILENCE
    if outcome.value is None:
        return Heard.NEVER
    fact = RefundFact.told(outcome.value, link.connection_id)
    await context.db.run(context.scope, lambda uow: refunds.apply(uow, fact), label="payments.refund.ask.record")
    return Heard.KNOWN


async def check(context: JobContext, refund_id: RefundId) -> bool:
    """Ask about a refund, or order it again; whether that got it further, see `ask_or_order`."""

    async def look() -> Refund:
        return await context.db.run(
            context.scope, lambda uow: refunds.get_refund(uow, refund_id), label="payments.refund.check"
        )

    return await ask_or_order(look, partial(ask, context, refund_id), partial(order, context, refund_id))


def _toolbox(context: JobContext) -> Toolbox:
    toolbox: Toolbox = context.services["providers"]
    return toolbox
