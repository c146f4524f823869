"""Whoever was slow to send: a lease that is over sends nothing, and says nothing of what somebody else has sent."""

import psycopg

from specie import payouts
from specie.kernel.clock import machine_now
from specie.payouts import attempts
from specie.payouts.attempts import Ticket
from specie.payouts.model import State
from specie.providers import ErrorClass, PayoutAdapter, Rejected, Unknown, perform
from tests.payouts.till import Till, over


async def test_a_refusal_before_the_new_owner_has_sent_leaves_the_order_to_it(
    till: Till, superuser_connection: psycopg.Connection
) -> None:
    payout_id = await till.ask(scenario="success")
    slow = await claimed(till, payout_id)
    over(superuser_connection, payout_id)
    quick = await claimed(till, payout_id)

    await refuse(till, slow)

    assert (await till.see(payout_id)).state is State.SENT
    assert slow.attempt.id == quick.attempt.id
    await refuse(till, quick)
    assert (await till.see(payout_id)).state is State.APPROVED


async def test_whose_lease_is_over_sends_nothing(till: Till) -> None:
    payout_id = await till.ask(scenario="success")
    slow = await claimed(till, payout_id)
    assert isinstance(slow.link.adapter, PayoutAdapter)

    call = slow.link.adapter.create_payout(slow.request)
    outcome = await perform(slow.link, call, till.shop.services["providers"].outbound, until=machine_now())

    assert outcome == Unknown("too_late")
    assert await till.book() == []


async def claimed(till: Till, payout_id: payouts.PayoutId) -> Ticket:
    """The right to order, in the hands of somebody who is slow."""
    async with till.shop.db.begin(till.shop.scope) as uow:
        ticket = await attempts.claim(uow, till.shop.services["providers"], payout_id)
    assert ticket is not None
    return ticket


async def refuse(till: Till, ticket: Ticket) -> None:
    """The call of a ticket ended before anything was sent."""
    late = Rejected("timeout", ErrorClass.PROVIDER_DOWN, safe_to_retry=True)
    async with till.shop.db.begin(till.shop.scope) as uow:
        await attempts.rejected(uow, ticket.attempt, late)
