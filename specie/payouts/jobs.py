"""Payouts in the background: sending, asking, and whose account it is."""

from uuid import UUID

from specie.kernel.ids import AttemptId
from specie.payouts import attempts, batches, beneficiaries, sending, service
from specie.payouts.model import AttemptState, BatchId, BeneficiaryId, PayoutId
from specie.platform.jobs import JobContext, job


@job(service.SEND)
async def send_job(context: JobContext, payout_id: str) -> None:
    """Send an approved payout, once."""
    await sending.send(context, PayoutId.parse(payout_id))


@job(attempts.POLL)
async def poll_job(context: JobContext, attempt: str, polls: int) -> None:
    """Ask about an attempt (named by its uuid), and plan the next question while it may still change."""
    wanted = AttemptId(UUID(attempt))
    found = await context.db.run(context.scope, lambda uow: service.get_attempt(uow, wanted), label="payouts.poll.look")
    following = polls + 1
    if found.state is AttemptState.CREATED:
        # Whoever was to call has died, or is calling right now; the lease tells which. What is ordered only now is
        # asked about as soon as anything that has just been ordered.
        following = 0 if await sending.send(context, found.payout_id) else following
    elif found.is_live:
        await sending.ask(context, wanted)
    await context.db.run(
        context.scope, lambda uow: attempts.follow_up(uow, wanted, following), label="payouts.poll.next"
    )


@job(beneficiaries.CHECK)
async def check_beneficiary_job(context: JobContext, beneficiary_id: str) -> None:
    """Ask the bank about an account whose request was cut off. Raises Unavailable while nobody answers."""
    await sending.inquire(context, BeneficiaryId.parse(beneficiary_id))


@job(batches.RUN)
async def run_batch_job(context: JobContext, batch_id: str) -> None:
    """Make the payouts of a started batch, each line in a unit of its own; repeating makes none twice."""
    wanted = BatchId.parse(batch_id)
    while await context.db.run(context.scope, lambda uow: batches.run_next(uow, wanted), label="payouts.batch.line"):
        continue
