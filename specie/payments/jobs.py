"""Payments in the background: orders that were cut off, questions about charges, expiry, holds that end."""

from uuid import UUID

from specie.kernel.errors import Unavailable
from specie.kernel.ids import AttemptId, PaymentId
from specie.payments import (
    acceptances,
    accepting,
    attempts,
    booking,
    captures,
    capturing,
    charging,
    method_calls,
    refunding,
    refunds,
    saving,
    service,
)
from specie.payments.capture_model import CaptureId
from specie.payments.dispute_model import DisputeId
from specie.payments.errors import MethodUnavailable
from specie.payments.evidence_model import SHRED
from specie.payments.method_model import FORGET, MethodId
from specie.payments.model import AttemptState
from specie.payments.refund_model import RefundId
from specie.platform.jobs import JobContext, job


@job(attempts.CHARGE)
async def charge_job(context: JobContext, attempt_id: str) -> None:
    """Order a charge whose request died before it could. Raises Unavailable while somebody else is at it."""
    wanted = AttemptId.parse(attempt_id)
    has_ordered = await charging.order(context, wanted)
    attempt = await context.db.run(
        context.scope, lambda uow: service.get_attempt(uow, wanted), label="payments.charge.look"
    )
    if not has_ordered and attempt.state is AttemptState.CREATED:
        raise Unavailable("another worker has the lease")
    if has_ordered and attempt.state is AttemptState.UNKNOWN:
        # Questions have been planned since the request died, so the next one may be minutes away.
        await charging.ask(context, wanted)


@job(attempts.POLL)
async def poll_job(context: JobContext, attempt: str, polls: int) -> None:
    """Ask about an attempt (named by its uuid), and plan the next question while it may still change."""
    wanted = AttemptId(UUID(attempt))
    await charging.ask(context, wanted)
    await context.db.run(context.scope, lambda uow: attempts.follow_up(uow, wanted, polls), label="payments.poll.next")


@job(SHRED)
async def shred_evidence_job(context: JobContext, storage_keys: list[str]) -> None:
    """Take away the bytes of files that nothing names any more, since somebody in them was forgotten."""
    for key in storage_keys:
        await context.services["storage"].delete(key)


@job(refunds.SEND)
async def refund_job(context: JobContext, refund_id: str) -> None:
    """Order a refund. Without an answer it is asked about and, if need be, ordered again by `refund_poll_job`."""
    await refunding.order(context, RefundId.parse(refund_id))


@job(refunds.POLL)
async def refund_poll_job(context: JobContext, refund: str, polls: int) -> None:
    """Ask about a refund (named by its uuid), and plan the next question while it is not decided."""
    wanted = RefundId(UUID(refund))
    # What is ordered only now is asked about as soon as anything that has just been ordered.
    following = 0 if await refunding.check(context, wanted) else polls + 1
    await context.db.run(
        context.scope, lambda uow: refunds.follow_up(uow, wanted, following), label="payments.refund_poll.next"
    )


@job(acceptances.SEND)
async def accept_dispute_job(context: JobContext, dispute_id: str) -> None:
    """Tell a provider that a dispute is accepted. Without an answer it is told again by `accept_dispute_poll_job`."""
    await accepting.tell(context, DisputeId.parse(dispute_id))


@job(acceptances.POLL)
async def accept_dispute_poll_job(context: JobContext, dispute: str, polls: int) -> None:
    """Tell of an acceptance (of the dispute named by its uuid) again, and plan the next time while it is not taken."""
    wanted = DisputeId(UUID(dispute))
    await accepting.tell(context, wanted)
    await context.db.run(
        context.scope, lambda uow: acceptances.follow_up(uow, wanted, polls), label="payments.accept_poll.next"
    )


@job(captures.SEND)
async def capture_job(context: JobContext, capture_id: str) -> None:
    """Order a capture. Without an answer it is asked about and, if need be, ordered again by `capture_poll_job`."""
    await capturing.order(context, CaptureId.parse(capture_id))


@job(captures.POLL)
async def capture_poll_job(context: JobContext, capture: str, polls: int) -> None:
    """Ask about a capture (named by its uuid), and plan the next question while it is not decided."""
    wanted = CaptureId(UUID(capture))
    # What is ordered only now is asked about as soon as anything that has just been ordered.
    following = 0 if await capturing.check(context, wanted) else polls + 1
    await context.db.run(
        context.scope, lambda uow: captures.follow_up(uow, wanted, following), label="payments.capture_poll.next"
    )


@job(captures.VOID)
async def void_job(context: JobContext, payment_id: str) -> None:
    """Let the rest of an authorisation go: it was asked for, the capture was the last one, or its time is over."""
    await capturing.void(context, PaymentId.parse(payment_id))


@job(service.EXPIRE)
async def expire_job(context: JobContext, payment_id: str) -> None:
    """Ask a last time, then let a payment's time be over."""
    wanted = PaymentId.parse(payment_id)
    await charging.check(context, wanted)
    await context.db.run(context.scope, lambda uow: service.expire(uow, wanted), label="payments.expire")


@job(saving.SAVE)
async def save_method_job(context: JobContext, method_id: str) -> None:
    """Have a provider keep a way to pay. Raises Unavailable to be tried again while it has not answered."""
    if not await method_calls.order(context, MethodId.parse(method_id)):
        raise Unavailable("the provider has not answered yet")


@job(saving.ASK)
async def ask_method_job(context: JobContext, method: str, asked: int) -> None:
    """Ask what became of a method (named by its uuid) that waits for its customer.

    The next question is planned, unless a callback led to this one: the planned ones go on without it.
    """
    await method_calls.ask(context, MethodId(UUID(method)), None if asked == saving.HEARD else asked + 1)


@job(FORGET)
async def forget_method_job(context: JobContext, method_id: str) -> None:
    """Have a provider forget a removed method. Raises Later or Unavailable to be tried again until it has said so."""
    await method_calls.forget(context, MethodId.parse(method_id))


@job(saving.CHARGE_SAVED)
async def charge_saved_job(context: JobContext, payment: str) -> None:
    """Charge a saved method for a payment (named by its uuid).

    Without the method, or when the connection that keeps it is switched off, the payment is called off.
    """
    wanted = PaymentId(UUID(payment))
    method = await context.db.run(
        context.scope, lambda uow: saving.chargeable(uow, wanted), label="payments.charge_saved"
    )
    if method is None:
        return
    try:
        await charging.pay(context, wanted, method.kind)
    except MethodUnavailable as refusal:
        failure = refusal.code
        await context.db.run(
            context.scope, lambda uow: service.cancel(uow, wanted, failure), label="payments.charge_saved.call_off"
        )


@job(service.WITHDRAW)
async def withdraw_job(context: JobContext, attempt_id: str) -> None:
    """Withdraw a charge that has become superfluous."""
    await charging.withdraw(context, AttemptId.parse(attempt_id))


@job(booking.RELEASE)
async def release_job(context: JobContext, payment: str) -> None:
    """Make a merchant's share of a payment (named by its uuid) available."""
    wanted = PaymentId(UUID(payment))
    await context.db.run(context.scope, lambda uow: service.release(uow, wanted), label="payments.release")
