"""The customer's yes: what it allows to be captured, and its end."""

from dataclasses import replace
from datetime import datetime, timedelta

from specie import ledger
from specie.kernel.money import Money
from specie.payments import booking, capture_postings, states, store
from specie.payments import events as told
from specie.payments.model import Attempt, AttemptState, Payment, PaymentMove, moved
from specie.platform import due
from specie.platform.db import UnitOfWork
from specie.providers import ChargeState, ProviderFact

VOID = "payments.void"

# Card networks let an authorisation stand for about a week; what is not captured by then is let go.
_STANDS = timedelta(days=7)


async def authorize(uow: UnitOfWork, payment: Payment, attempt: Attempt, fact: ProviderFact) -> None:
    """The customer has agreed: the amount may be captured until the authorisation is over."""
    account = await booking.capturable_of(uow, payment)
    until = uow.now + _STANDS
    allowed = replace(
        payment,
        state=moved(payment.id, payment.state, PaymentMove.AUTHORIZE),
        version=payment.version + 1,
        authorized_until=until,
        capturable_account=account,
        failure=None,
    )
    await store.save_payment(uow, allowed)
    known = replace(attempt, provider_ref=fact.provider_ref)
    cause = f"told: {fact.raw_state[:60]}"
    await states.turn_attempt(uow, known, AttemptState.AUTHORIZED, cause, fact.callback_id)
    await states.note(uow, allowed, payment.state, cause, fact.callback_id)
    await booking.post_limit(uow, allowed, capture_postings.authorize, payment.amount, {}, told.changed(allowed))
    await due.schedule(uow, kind=VOID, at=until, payload={"payment_id": str(payment.id)})


async def capturable(uow: UnitOfWork, payment: Payment) -> Money:
    """What may still be captured, as its account says; nothing for a payment without an authorisation."""
    if payment.capturable_account is None:
        return Money.zero(payment.amount.currency)
    return (await ledger.get_account(uow, payment.capturable_account)).balance


async def drain(uow: UnitOfWork, payment: Payment) -> None:
    """From now on nothing more can be captured."""
    left = await capturable(uow, payment)
    if left.minor:
        await booking.post_limit(uow, payment, capture_postings.let_go, left, {})


def has_lapsed(payment: Payment, fact: ProviderFact, now: datetime) -> bool:
    """Whether an authorisation ended by its own time and not because somebody let it go."""
    over = payment.authorized_until is not None and payment.authorized_until <= now
    return over or fact.state is ChargeState.EXPIRED


async def close(uow: UnitOfWork, payment: Payment, attempt: Attempt, cause: str, *, lapsed: bool) -> None:
    """The authorisation is over at the provider. What was captured is the payment; without any it ends unpaid."""
    await drain(uow, payment)
    if payment.captured.minor:
        await states.turn_attempt(uow, attempt, AttemptState.SUCCEEDED, cause)
        await states.turn_payment(uow, payment, PaymentMove.SUCCEED, cause)
        return
    await states.turn_attempt(uow, attempt, AttemptState.EXPIRED if lapsed else AttemptState.CANCELLED, cause)
    await states.turn_payment(uow, payment, PaymentMove.EXPIRE if lapsed else PaymentMove.CANCEL, cause)
