"""Calling providers about captures: record, commit, call, record. Each function opens its own units of work."""

from functools import partial

from specie.kernel.errors import Unavailable
from specie.kernel.ids import PaymentId
from specie.payments import capture_store, captures, service
from specie.payments.asking import ask_or_order
from specie.payments.capture_model import Capture, CaptureId, capture_reference
from specie.payments.errors import CaptureImpossible, ChargeUnknown
from specie.payments.model import Attempt, reference_of
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.providers import (
    Accepted,
    CaptureFact,
    ErrorClass,
    Heard,
    Outcome,
    ProviderCapture,
    ProviderLink,
    Rejected,
    Toolbox,
    Unknown,
    capturing,
    fact_of,
    open_link,
    perform,
)


async def order(context: JobContext, capture_id: CaptureId) -> bool:
    """Order a capture unless it is decided or somebody is at it. Returns whether this call did it."""
    ticket = await context.db.run(
        context.scope, lambda uow: captures.claim(uow, _toolbox(context), capture_id), label="payments.capture.claim"
    )
    if ticket is None:
        return False
    crash_point("payments.capture.claimed")
    if ticket.capture.tries > 1:
        # An earlier order may have arrived; only the provider's word that it has not lets another one go.
        heard = await ask(context, capture_id)
        if heard is Heard.SILENCE:
            await _record_order(context, ticket.link, capture_id, Unknown("nobody answers"))
        if heard is not Heard.NEVER:
            return True
    adapter = capturing(ticket.link.adapter)
    outcome: Outcome[ProviderCapture] = Rejected("captures_unsupported", ErrorClass.UNSUPPORTED)
    if adapter is not None:
        outcome = await perform(ticket.link, adapter.create_capture(ticket.request), _toolbox(context).outbound)
    crash_point("payments.capture.sent")
    await _record_order(context, ticket.link, capture_id, outcome)
    return True


async def _record_order(
    context: JobContext, link: ProviderLink, capture_id: CaptureId, outcome: Outcome[ProviderCapture]
) -> None:
    async def record(uow: UnitOfWork) -> None:
        if isinstance(outcome, Accepted):
            await capture_store.end_lease(uow, capture_id)
            await captures.apply(uow, CaptureFact.told(outcome.value, link.connection_id))
        elif isinstance(outcome, Rejected):
            await captures.rejected(uow, capture_id, outcome)
        else:
            await captures.unknown(uow, capture_id, outcome.reason)

    await context.db.run(context.scope, record, label="payments.capture.record")


async def ask(context: JobContext, capture_id: CaptureId) -> Heard:
    """Ask the provider what became of a capture and apply the answer."""

    async def load(uow: UnitOfWork) -> tuple[Capture, ProviderLink]:
        capture = await captures.get_capture(uow, capture_id)
        return capture, await open_link(uow, _toolbox(context), capture.connection_id)

    capture, link = await context.db.run(context.scope, load, label="payments.capture.ask.load")
    adapter = capturing(link.adapter)
    if adapter is None:
        return Heard.SILENCE
    call = adapter.get_capture(capture_reference(capture.id), reference_of(capture.attempt_id))
    outcome = await perform(link, call, _toolbox(context).outbound)
    crash_point("payments.capture.ask.answered")
    if not isinstance(outcome, Accepted):
        return Heard.SILENCE
    if outcome.value is None:
        return Heard.NEVER
    fact = CaptureFact.told(outcome.value, link.connection_id)
    await context.db.run(context.scope, lambda uow: captures.apply(uow, fact), label="payments.capture.ask.record")
    return Heard.KNOWN


async def check(context: JobContext, capture_id: CaptureId) -> bool:
    """Ask about a capture, or order it again; whether that got it further, see `ask_or_order`."""

    async def look() -> Capture:
        return await context.db.run(
            context.scope, lambda uow: captures.get_capture(uow, capture_id), label="payments.capture.check"
        )

    return await ask_or_order(look, partial(ask, context, capture_id), partial(order, context, capture_id))


async def void(context: JobContext, payment_id: PaymentId) -> None:
    """Let the rest of an authorisation go. Does nothing when it is over. Raises Unavailable to be tried again."""

    async def begin(uow: UnitOfWork) -> tuple[Attempt, ProviderLink] | None:
        try:
            attempt = await captures.begin_void(uow, payment_id)
        except CaptureImpossible:
            return None
        except ChargeUnknown:
            await captures.schedule_void(uow, payment_id, 1)
            return None
        return attempt, await open_link(uow, _toolbox(context), attempt.connection_id)

    begun = await context.db.run(context.scope, begin, label="payments.void.begin")
    if begun is None:
        return
    attempt, link = begun
    outcome = await perform(link, link.adapter.cancel_charge(reference_of(attempt.id)), _toolbox(context).outbound)
    crash_point("payments.void.answered")
    if not isinstance(outcome, Accepted):
        raise Unavailable("the provider has not let the authorisation go yet")
    fact = fact_of(outcome.value, link.connection_id)
    await context.db.run(context.scope, lambda uow: service.apply(uow, fact), label="payments.void.record")


def _toolbox(context: JobContext) -> Toolbox:
    toolbox: Toolbox = context.services["providers"]
    return toolbox
