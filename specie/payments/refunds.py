"""Refunds: asked for within what may still be refunded, and the one guard through which facts about them pass."""

from dataclasses import dataclass, replace
from datetime import timedelta

from specie import audit
from specie.kernel.clock import machine_now
from specie.kernel.ids import CallbackId, PaymentId
from specie.kernel.money import Money
from specie.ledger import InsufficientFunds, JournalEntry
from specie.payments import dispute_store, extras, refund_booking, refund_store, service, store, terms_store
from specie.payments import events as told
from specie.payments.errors import PaymentDisputed, RefundImpossible, RefundMissing, RefundTooLarge
from specie.payments.model import Attempt, AttemptState, Payment, reference_of
from specie.payments.refund_model import (
    Origin,
    Refund,
    RefundId,
    RefundRuling,
    RefundState,
    judge_refund,
    parts_of,
)
from specie.payments.refund_model import reference_of as refund_reference
from specie.platform import due, jobs
from specie.platform.db import UnitOfWork
from specie.providers import (
    Handling,
    ProviderLink,
    RefundFact,
    RefundRequest,
    Rejected,
    Service,
    Toolbox,
    Trust,
    open_link,
    refunding,
)
from specie.providers import OperationState as AtProvider

SEND = "payments.refund"
POLL = "payments.refund_poll"

_LEASE = timedelta(seconds=75)
_FIRST_POLL_SECONDS = 5
_LONGEST_POLL_SECONDS = 3600
_POLLS_BEFORE_EXCEPTION = 10
_SCENARIO = "simulator_refund"


@dataclass(frozen=True, slots=True)
class RefundTicket:
    """The right to order a refund: what to send, and over which connection."""

    refund: Refund
    request: RefundRequest
    link: ProviderLink


@dataclass(frozen=True, slots=True)
class Reserved:
    """A refund that was asked for, and the entry that reserved its money."""

    refund: Refund
    entry: JournalEntry


async def possible(uow: UnitOfWork, toolbox: Toolbox, payment_id: PaymentId, amount: Money | None) -> Money:
    """What a refund asked for now would give back; without an amount, all that may still be. The payment is locked.

    Raises PaymentMissing, RefundImpossible, PaymentDisputed or RefundTooLarge.
    """
    payment = await service.get_payment(uow, payment_id, lock=True)
    await _require_refunding(uow, toolbox, await _collected_by(uow, payment))
    if await dispute_store.disputed(uow, [payment.id]):
        raise PaymentDisputed("wait until the customer's bank has decided", payment_id=str(payment.id))
    left = await refund_booking.refundable(uow, payment)
    wanted = left if amount is None else amount
    if wanted.currency.code != payment.amount.currency.code or wanted.minor <= 0:
        raise RefundTooLarge("nothing is left to refund in this currency", param="amount", available=0)
    if wanted > left:
        raise RefundTooLarge(f"{left} may still be refunded", param="amount", available=left.minor)
    return wanted


async def reserve(uow: UnitOfWork, payment_id: PaymentId, wanted: Money, reason: str, asked_by: str) -> Reserved:
    """Reserve a refund and have it sent.

    Raises RefundImpossible, PaymentDisputed, RefundTooLarge, or InsufficientFunds and AccountFrozen for a merchant who
    cannot bear it.
    """
    payment = await service.get_payment(uow, payment_id, lock=True)
    attempt = await _collected_by(uow, payment)
    if await dispute_store.disputed(uow, [payment.id]):
        raise PaymentDisputed("wait until the customer's bank has decided", payment_id=str(payment.id))
    refund = await _new(uow, payment, attempt, wanted, Origin.REQUEST, reason)
    refund = replace(refund, created_by=asked_by)
    refund = replace(refund, account_id=await refund_booking.opened(uow, refund))
    bumped = await refund_booking.bumped(uow, payment)
    try:
        entry = await refund_booking.post_reserve(uow, bumped, refund, told.refunded(bumped, refund))
    except InsufficientFunds as short:
        raise _explained(payment, short) from short
    await refund_store.insert_refund(uow, refund)
    await _note(uow, refund, None, "asked for", None)
    await jobs.defer(uow, SEND, refund_id=str(refund.id))
    await _schedule_poll(uow, refund.id, 0)
    return Reserved(refund, entry)


def _explained(payment: Payment, short: InsufficientFunds) -> Exception:
    if not str(short.facts.get("account", "")).endswith(":refundable"):
        return short
    left = int(short.facts.get("available", 0))
    shown = Money(left, payment.amount.currency)
    return RefundTooLarge(f"{shown} may still be refunded", param="amount", available=left)


async def _collected_by(uow: UnitOfWork, payment: Payment) -> Attempt:
    for attempt in await store.attempts_of(uow, payment.id):
        if attempt.state in (AttemptState.SUCCEEDED, AttemptState.AUTHORIZED) and payment.captured.minor:
            return attempt
    raise RefundImpossible(f"this payment is {payment.state}", payment_id=str(payment.id), state=str(payment.state))


async def _require_refunding(uow: UnitOfWork, toolbox: Toolbox, attempt: Attempt) -> None:
    link = await open_link(uow, toolbox, attempt.connection_id)
    if refunding(link.adapter) is None:
        known = link.adapter.dialect
        why = known.offer(Service.REFUNDS).note
        raise RefundImpossible(f"{known.title} is not asked for refunds; make it in its dashboard. {why}")


async def _new(
    uow: UnitOfWork, payment: Payment, attempt: Attempt, amount: Money, origin: Origin, reason: str
) -> Refund:
    terms = await terms_store.terms_of(uow, payment.party_id)
    earlier = [each for each in await refund_store.refunds_of(uow, payment.id) if each.state is not RefundState.FAILED]
    return Refund(
        id=RefundId.new(),
        payment_id=payment.id,
        merchant_id=payment.party_id,
        attempt_id=attempt.id,
        connection_id=attempt.connection_id,
        amount=amount,
        reason=reason,
        origin=origin,
        state=RefundState.CREATED,
        parts=parts_of(payment, earlier, amount, returns_fee=terms.refund_fee == "return"),
        is_from_pending=payment.held_until is not None and payment.released_at is None,
        account_id=None,
        tries=0,
        created_at=uow.now,
        updated_at=uow.now,
        created_by=str(uow.scope.actor),
    )


async def claim(uow: UnitOfWork, toolbox: Toolbox, refund_id: RefundId) -> RefundTicket | None:
    """Take the right to order the refund; None when it is decided or somebody else is calling."""
    now = machine_now()
    refund = await refund_store.lease_refund(uow, refund_id, now, now + _LEASE)
    if refund is None:
        return None
    payment = await service.get_payment(uow, refund.payment_id)
    attempt = await service.get_attempt(uow, refund.attempt_id)
    link = await open_link(uow, toolbox, refund.connection_id)
    wanted = RefundRequest(
        reference=refund_reference(refund.id),
        key=str(refund.id),
        charge_reference=reference_of(attempt.id),
        charge_ref=attempt.provider_ref or "",
        amount=refund.amount,
        reason=refund.reason,
        callback_url=link.callback_url,
        scenario=payment.metadata.get(_SCENARIO, ""),
    )
    return RefundTicket(refund, wanted, link)


async def apply(uow: UnitOfWork, fact: RefundFact) -> Handling:
    """The one way a provider's fact changes a refund. One that nobody asked for here is booked as it happened."""
    refund = await refund_store.refund_told_of(uow, fact.connection_id, fact.reference, fact.provider_ref)
    if refund is None:
        return await _apply_outside(uow, fact)
    payment = await service.get_payment(uow, refund.payment_id, lock=True)
    refund = await get_refund(uow, refund.id)
    ruling = judge_refund(refund, fact.state, fact.amount)
    if ruling is RefundRuling.NOTHING:
        return Handling.IGNORED
    await _execute(uow, payment, refund, fact, ruling)
    return Handling.APPLIED


async def _execute(uow: UnitOfWork, payment: Payment, refund: Refund, fact: RefundFact, ruling: RefundRuling) -> None:
    known = replace(refund, provider_ref=fact.provider_ref or refund.provider_ref)
    if ruling is RefundRuling.PROGRESS:
        await _turn(uow, known, RefundState.PENDING, _cause(fact), fact.callback_id)
    elif ruling is RefundRuling.COMPLETE:
        await _complete(uow, payment, known, fact)
    elif ruling is RefundRuling.GIVE_BACK:
        await fail(uow, payment, known, fact.raw_state[:100], _cause(fact), fact.callback_id)
    elif ruling is RefundRuling.TAKE_BACK:
        await _take_back(uow, payment, known, fact)
    elif ruling is RefundRuling.TAKE_AGAIN:
        await _book_outside(uow, payment, replace(known, failure=None), fact)
    else:
        await _except(uow, payment, known, "refund_does_not_fit", fact)


async def _complete(uow: UnitOfWork, payment: Payment, refund: Refund, fact: RefundFact) -> None:
    done = await _turn(uow, refund, RefundState.SUCCEEDED, _cause(fact), fact.callback_id)
    bumped = await refund_booking.bumped(uow, payment)
    event = told.refunded(bumped, done)
    await refund_booking.post_pay(uow, bumped, done, fact.fee, fact.callback_id, event)
    await extras.tell_followers(uow, bumped)


async def fail(
    uow: UnitOfWork, payment: Payment, refund: Refund, failure: str, cause: str, callback_id: CallbackId | None
) -> None:
    """The provider certainly did not pay: the reserved money goes back. The payment is locked."""
    failed = await _turn(uow, replace(refund, failure=failure), RefundState.FAILED, cause, callback_id)
    bumped = await refund_booking.bumped(uow, payment)
    await refund_booking.post_give_back(uow, bumped, failed, callback_id, told.refunded(bumped, failed))


async def _take_back(uow: UnitOfWork, payment: Payment, refund: Refund, fact: RefundFact) -> None:
    returned = replace(refund, failure=fact.raw_state[:100])
    failed = await _turn(uow, returned, RefundState.FAILED, _cause(fact), fact.callback_id)
    bumped = await refund_booking.bumped(uow, payment)
    event = told.refunded(bumped, failed)
    await refund_booking.post_take_back(uow, bumped, failed, fact.callback_id, event)


async def _apply_outside(uow: UnitOfWork, fact: RefundFact) -> Handling:
    attempt = await store.attempt_by_reference(uow, fact.connection_id, fact.charge_reference)
    if attempt is None:
        return Handling.UNKNOWN_REFERENCE
    payment = await service.get_payment(uow, attempt.payment_id, lock=True)
    again = await refund_store.refund_told_of(uow, fact.connection_id, fact.reference, fact.provider_ref)
    # What is not done yet, or came to nothing, has moved no money; it is told of again when it is done.
    if again is not None or fact.state is not AtProvider.SUCCEEDED or fact.amount is None:
        return Handling.IGNORED
    if fact.amount.currency.code != payment.amount.currency.code:
        await service.open_exception(uow, payment, attempt, "refund_currency", {"provider_ref": fact.provider_ref})
        return Handling.APPLIED
    refund = await _new(uow, payment, attempt, fact.amount, Origin.PROVIDER, "made at the provider")
    refund = replace(refund, provider_ref=fact.provider_ref)
    await refund_store.insert_refund(uow, refund)
    await _note(uow, refund, None, "made at the provider", fact.callback_id)
    await _book_outside(uow, payment, refund, fact)
    return Handling.APPLIED


async def _book_outside(uow: UnitOfWork, payment: Payment, refund: Refund, fact: RefundFact) -> None:
    done = await _turn(uow, refund, RefundState.SUCCEEDED, _cause(fact), fact.callback_id)
    bumped = await refund_booking.bumped(uow, payment)
    event = told.refunded(bumped, done)
    await refund_booking.post_outside(uow, bumped, done, fact.fee, fact.callback_id, event)
    await extras.tell_followers(uow, bumped)


async def rejected(uow: UnitOfWork, refund_id: RefundId, answer: Rejected) -> None:
    """The provider certainly did not take the order. One that may succeed later is tried again."""
    payment, refund = await _locked(uow, refund_id)
    await refund_store.end_lease(uow, refund_id)
    if refund.state not in (RefundState.CREATED, RefundState.UNKNOWN) or answer.safe_to_retry:
        return
    await fail(uow, payment, refund, answer.code, f"refused: {answer.code}", None)


async def unknown(uow: UnitOfWork, refund_id: RefundId, reason: str) -> None:
    """Nobody knows whether it arrived: the money stays reserved; it goes out again once the provider knows of none."""
    _, refund = await _locked(uow, refund_id)
    await refund_store.end_lease(uow, refund_id)
    if refund.state is RefundState.CREATED:
        await _turn(uow, refund, RefundState.UNKNOWN, f"no answer: {reason}", None)


async def follow_up(uow: UnitOfWork, refund_id: RefundId, polls: int) -> None:
    """Plan a question, after so many, about a refund that is not decided; a long silence goes before a person."""
    payment, refund = await _locked(uow, refund_id)
    if not refund.is_live:
        return
    if polls == _POLLS_BEFORE_EXCEPTION + 1:
        attempt = await service.get_attempt(uow, refund.attempt_id)
        facts = {"refund_id": str(refund.id), "since": refund.updated_at.isoformat()}
        await service.open_exception(uow, payment, attempt, "refund_open_too_long", facts)
    await _schedule_poll(uow, refund_id, polls)


async def get_refund(uow: UnitOfWork, refund_id: RefundId) -> Refund:
    """One refund. Raises RefundMissing, also for another party's."""
    refund = await refund_store.refund_by_id(uow, refund_id)
    if refund is None:
        raise RefundMissing(f"there is no refund {refund_id}")
    return refund


async def _except(uow: UnitOfWork, payment: Payment, refund: Refund, kind: str, fact: RefundFact) -> None:
    attempt = await service.get_attempt(uow, refund.attempt_id)
    facts = {"refund_id": str(refund.id), "provider_ref": fact.provider_ref, "provider_state": fact.raw_state[:100]}
    await service.open_exception(uow, payment, attempt, kind, facts)


async def _locked(uow: UnitOfWork, refund_id: RefundId) -> tuple[Payment, Refund]:
    refund = await get_refund(uow, refund_id)
    payment = await service.get_payment(uow, refund.payment_id, lock=True)
    return payment, await get_refund(uow, refund_id)


async def _schedule_poll(uow: UnitOfWork, refund_id: RefundId, polls: int) -> None:
    wait = min(_LONGEST_POLL_SECONDS, _FIRST_POLL_SECONDS * 2 ** min(polls, 12))
    payload = {"refund": str(refund_id.uuid), "polls": polls}
    await due.schedule(uow, kind=POLL, at=uow.now + timedelta(seconds=wait), payload=payload)


async def _turn(
    uow: UnitOfWork, refund: Refund, state: RefundState, cause: str, callback_id: CallbackId | None
) -> Refund:
    changed = replace(refund, state=state)
    await refund_store.save_refund(uow, changed)
    await _note(uow, changed, refund.state, cause, callback_id)
    return changed


async def _note(
    uow: UnitOfWork, refund: Refund, before: RefundState | None, cause: str, callback_id: CallbackId | None
) -> None:
    await store.record_change(
        uow,
        machine="refund",
        subject_id=refund.id.uuid,
        payment_id=refund.payment_id,
        from_state=before.value if before else None,
        to_state=refund.state.value,
        cause=cause,
        callback_id=callback_id,
    )
    await audit.record(
        uow,
        action=f"refund.{refund.state.value}",
        subject=("refund", str(refund.id)),
        before={"state": before.value} if before else None,
        after={"payment_id": str(refund.payment_id), "amount_minor": refund.amount.minor, "cause": cause},
        reason=refund.reason or None,
    )


def _cause(fact: RefundFact) -> str:
    source = "answer" if fact.trust is Trust.QUERIED else "callback"
    return f"{source}: {fact.raw_state[:60]}"
