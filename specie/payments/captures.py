"""Authorised payments: captured in parts within what was authorised, and let go at the end."""

from dataclasses import dataclass, replace
from datetime import timedelta

from specie import audit
from specie.kernel.clock import machine_now
from specie.kernel.ids import CallbackId, PaymentId
from specie.kernel.money import Money
from specie.ledger import BalanceOutOfRange, InsufficientFunds
from specie.payments import authorizations, booking, capture_postings, capture_store, service, states, store
from specie.payments import events as told
from specie.payments.capture_model import (
    Capture,
    CaptureId,
    CaptureRuling,
    CaptureState,
    capture_reference,
    judge_capture,
)
from specie.payments.errors import CaptureImpossible, CaptureTooLarge, ChargeUnknown, PaymentMissing
from specie.payments.model import Attempt, AttemptState, Payment, PaymentMove, PaymentState, reference_of
from specie.platform import due, jobs
from specie.platform.db import UnitOfWork
from specie.providers import CaptureFact, CaptureRequest, Handling, ProviderLink, Rejected, Toolbox, open_link

SEND = "payments.capture"
POLL = "payments.capture_poll"
VOID = authorizations.VOID

_LEASE = timedelta(seconds=75)
_FIRST_POLL_SECONDS = 5
_LONGEST_POLL_SECONDS = 3600
_POLLS_BEFORE_EXCEPTION = 10
_SCENARIO = "simulator_capture"
_CAPTURABLE = (PaymentState.AUTHORIZED, PaymentState.PARTLY_CAPTURED)


@dataclass(frozen=True, slots=True)
class CaptureTicket:
    """The right to order a capture: what to send, and over which connection."""

    capture: Capture
    request: CaptureRequest
    link: ProviderLink


async def request(uow: UnitOfWork, payment_id: PaymentId, amount: Money | None, *, is_final: bool) -> Capture:
    """Take some of what was authorised and have it sent; without an amount, all that is left.

    Raises PaymentMissing, CaptureImpossible or CaptureTooLarge.
    """
    payment = await service.get_payment(uow, payment_id, lock=True)
    attempt = await authorized_attempt(uow, payment)
    wanted = amount if amount is not None else await authorizations.capturable(uow, payment)
    if wanted.currency.code != payment.amount.currency.code or wanted.minor <= 0:
        raise CaptureTooLarge("nothing is left to capture in this currency", param="amount", available=0)
    capture = Capture(
        id=CaptureId.new(),
        payment_id=payment.id,
        attempt_id=attempt.id,
        connection_id=attempt.connection_id,
        amount=wanted,
        is_final=is_final,
        state=CaptureState.CREATED,
        tries=0,
        created_at=uow.now,
        updated_at=uow.now,
    )
    try:
        await booking.post_limit(uow, payment, capture_postings.draw, wanted, {"capture_id": str(capture.id)})
    except InsufficientFunds as short:
        left = Money(int(short.facts.get("available", 0)), wanted.currency)
        raise CaptureTooLarge(f"{left} may still be captured", param="amount", available=left.minor) from short
    await capture_store.insert_capture(uow, capture)
    await _note(uow, capture, None, "asked for", None)
    await jobs.defer(uow, SEND, capture_id=str(capture.id))
    await _schedule_poll(uow, capture.id, 0)
    return capture


async def authorized_attempt(uow: UnitOfWork, payment: Payment) -> Attempt:
    """The attempt that holds the authorisation. Raises CaptureImpossible."""
    if payment.state in _CAPTURABLE:
        for attempt in await store.attempts_of(uow, payment.id):
            if attempt.state is AttemptState.AUTHORIZED:
                return attempt
    raise CaptureImpossible(f"this payment is {payment.state}", payment_id=str(payment.id), state=str(payment.state))


async def claim(uow: UnitOfWork, toolbox: Toolbox, capture_id: CaptureId) -> CaptureTicket | None:
    """Take the right to order the capture; None when it is decided or somebody else is calling."""
    now = machine_now()
    capture = await capture_store.lease_capture(uow, capture_id, now, now + _LEASE)
    if capture is None:
        return None
    payment = await service.get_payment(uow, capture.payment_id)
    attempt = await service.get_attempt(uow, capture.attempt_id)
    wanted = CaptureRequest(
        reference=capture_reference(capture.id),
        key=str(capture.id),
        charge_reference=reference_of(attempt.id),
        charge_ref=attempt.provider_ref or "",
        amount=capture.amount,
        scenario=payment.metadata.get(_SCENARIO, ""),
    )
    return CaptureTicket(capture, wanted, await open_link(uow, toolbox, capture.connection_id))


async def apply(uow: UnitOfWork, fact: CaptureFact) -> Handling:
    """The one way a provider's fact changes a capture."""
    known = await capture_store.capture_by_reference(uow, fact.connection_id, fact.reference)
    if known is None:
        return Handling.UNKNOWN_REFERENCE
    payment = await service.get_payment(uow, known.payment_id, lock=True)
    capture = replace(await get_capture(uow, known.id), provider_ref=fact.provider_ref)
    ruling = judge_capture(capture, fact.state, fact.amount)
    if ruling is CaptureRuling.NOTHING:
        return Handling.IGNORED
    if ruling is CaptureRuling.BOOK and payment.state not in _CAPTURABLE:
        ruling = CaptureRuling.EXCEPTION
    if ruling is CaptureRuling.BOOK:
        return await _booked(uow, payment, capture, fact)
    if ruling is CaptureRuling.PROGRESS:
        await _turn(uow, capture, CaptureState.PENDING, f"told: {fact.raw_state[:60]}", fact.callback_id)
    elif ruling is CaptureRuling.FAIL:
        await _fail(uow, payment, capture, fact.raw_state[:100], fact.callback_id)
    else:
        attempt = await service.get_attempt(uow, capture.attempt_id)
        facts = {"capture_id": str(capture.id), "provider_state": fact.raw_state[:100]}
        await service.open_exception(uow, payment, attempt, "capture_does_not_fit", facts)
    return Handling.APPLIED


async def _booked(uow: UnitOfWork, payment: Payment, capture: Capture, fact: CaptureFact) -> Handling:
    try:
        async with uow.savepoint():
            await _book(uow, payment, capture, fact)
    except BalanceOutOfRange as refusal:
        attempt = await service.get_attempt(uow, capture.attempt_id)
        await service.open_unbooked(uow, payment, attempt, refusal, {"capture_id": str(capture.id)})
        return Handling.UNBOOKED
    return Handling.APPLIED


async def _book(uow: UnitOfWork, payment: Payment, capture: Capture, fact: CaptureFact) -> None:
    done = await _turn(uow, capture, CaptureState.SUCCEEDED, f"told: {fact.raw_state[:60]}", fact.callback_id)
    booked = await booking.book_part(uow, payment, fact, capture.amount)
    is_all = booked.payment.captured.minor == payment.amount.minor
    move = PaymentMove.SUCCEED if is_all else PaymentMove.CAPTURE_PART
    figures = replace(booked.payment, paid_at=payment.paid_at or uow.now)
    changed = await states.moved_by_capture(uow, figures, move, fact.callback_id)
    entry = await booking.post(uow, replace(booked, payment=changed), told.captured(changed, done))
    attempt = await service.get_attempt(uow, capture.attempt_id)
    await store.insert_charge(uow, attempt, fact, capture.amount, entry.id, "capture")
    if payment.held_until is None:
        await booking.schedule_release(uow, changed)
    if is_all:
        await states.turn_attempt(uow, attempt, AttemptState.SUCCEEDED, "captured in full")
    elif capture.is_final:
        await jobs.defer(uow, VOID, payment_id=str(payment.id))


async def _fail(
    uow: UnitOfWork, payment: Payment, capture: Capture, failure: str, callback_id: CallbackId | None
) -> None:
    failed = await _turn(
        uow, replace(capture, failure=failure), CaptureState.FAILED, f"told: {failure[:60]}", callback_id
    )
    about = {"capture_id": str(capture.id)}
    if payment.state not in _CAPTURABLE:
        return
    bumped = replace(payment, version=payment.version + 1)
    await store.save_payment(uow, bumped)
    await booking.post_limit(
        uow, payment, capture_postings.give_back, capture.amount, about, told.captured(bumped, failed)
    )


async def rejected(uow: UnitOfWork, capture_id: CaptureId, answer: Rejected) -> None:
    """The provider certainly did not take the order. One that may succeed later is tried again."""
    payment, capture = await _locked(uow, capture_id)
    await capture_store.end_lease(uow, capture_id)
    if capture.state in (CaptureState.CREATED, CaptureState.UNKNOWN) and not answer.safe_to_retry:
        await _fail(uow, payment, capture, answer.code, None)


async def unknown(uow: UnitOfWork, capture_id: CaptureId, reason: str) -> None:
    """Nobody knows whether the order arrived: it stays drawn, and goes out again once the provider knows of none."""
    _, capture = await _locked(uow, capture_id)
    await capture_store.end_lease(uow, capture_id)
    if capture.state is CaptureState.CREATED:
        await _turn(uow, capture, CaptureState.UNKNOWN, f"no answer: {reason}", None)


async def follow_up(uow: UnitOfWork, capture_id: CaptureId, polls: int) -> None:
    """Plan a question, after so many, about a capture that is not decided; a long silence goes before a person."""
    payment, capture = await _locked(uow, capture_id)
    if not capture.is_live:
        return
    if polls == _POLLS_BEFORE_EXCEPTION + 1:
        attempt = await service.get_attempt(uow, capture.attempt_id)
        await service.open_exception(uow, payment, attempt, "capture_open_too_long", {"capture_id": str(capture.id)})
    await _schedule_poll(uow, capture_id, polls)


async def begin_void(uow: UnitOfWork, payment_id: PaymentId) -> Attempt:
    """Give up what is left of an authorisation: nothing more can be captured. Returns the attempt to cancel.

    Raises CaptureImpossible, or ChargeUnknown while a capture is on its way.
    """
    payment = await service.get_payment(uow, payment_id, lock=True)
    attempt = await authorized_attempt(uow, payment)
    if any(capture.is_live for capture in await capture_store.captures_of(uow, payment_id)):
        raise ChargeUnknown("a capture is on its way; ask again in a moment", payment_id=str(payment_id))
    await authorizations.drain(uow, payment)
    return attempt


async def request_void(uow: UnitOfWork, payment_id: PaymentId) -> Payment:
    """Let the rest of an authorisation go and have the provider told. Raises as `begin_void`."""
    await begin_void(uow, payment_id)
    await jobs.defer(uow, VOID, payment_id=str(payment_id))
    await schedule_void(uow, payment_id, 1)
    return await service.get_payment(uow, payment_id)


async def schedule_void(uow: UnitOfWork, payment_id: PaymentId, tries: int) -> None:
    """Try again to let an authorisation go, should the provider not have answered."""
    wait = min(_LONGEST_POLL_SECONDS, 30 * 2 ** min(tries, 10))
    payload = {"payment_id": str(payment_id)}
    await due.schedule(uow, kind=VOID, at=uow.now + timedelta(seconds=wait), payload=payload)


async def get_capture(uow: UnitOfWork, capture_id: CaptureId) -> Capture:
    """One capture. Raises PaymentMissing."""
    capture = await capture_store.capture_by_id(uow, capture_id)
    if capture is None:
        raise PaymentMissing(f"there is no capture {capture_id}")
    return capture


async def _locked(uow: UnitOfWork, capture_id: CaptureId) -> tuple[Payment, Capture]:
    capture = await get_capture(uow, capture_id)
    payment = await service.get_payment(uow, capture.payment_id, lock=True)
    return payment, await get_capture(uow, capture_id)


async def _schedule_poll(uow: UnitOfWork, capture_id: CaptureId, polls: int) -> None:
    wait = min(_LONGEST_POLL_SECONDS, _FIRST_POLL_SECONDS * 2 ** min(polls, 12))
    payload = {"capture": str(capture_id.uuid), "polls": polls}
    await due.schedule(uow, kind=POLL, at=uow.now + timedelta(seconds=wait), payload=payload)


async def _turn(
    uow: UnitOfWork, capture: Capture, state: CaptureState, cause: str, callback_id: CallbackId | None
) -> Capture:
    changed = replace(capture, state=state)
    await capture_store.save_capture(uow, changed)
    await _note(uow, changed, capture.state, cause, callback_id)
    return changed


async def _note(
    uow: UnitOfWork, capture: Capture, before: CaptureState | None, cause: str, callback_id: CallbackId | None
) -> None:
    await store.record_change(
        uow,
        machine="capture",
        subject_id=capture.id.uuid,
        payment_id=capture.payment_id,
        from_state=before.value if before else None,
        to_state=capture.state.value,
        cause=cause,
        callback_id=callback_id,
    )
    await audit.record(
        uow,
        action=f"capture.{capture.state.value}",
        subject=("payment", str(capture.payment_id)),
        after={"capture_id": str(capture.id), "amount_minor": capture.amount.minor, "cause": cause},
    )
