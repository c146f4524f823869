"""Steps of payments and attempts: along an edge, with history, audit and event. The payment's row is locked."""

from dataclasses import replace

from specie import audit, events
from specie.kernel.ids import CallbackId
from specie.payments import events as told
from specie.payments import extras, method_store, store
from specie.payments.model import Attempt, AttemptState, Payment, PaymentMove, PaymentState, moved
from specie.platform.db import UnitOfWork


async def turn_payment(
    uow: UnitOfWork, payment: Payment, move: PaymentMove, cause: str, callback_id: CallbackId | None = None
) -> Payment:
    """Move a locked payment along an edge with its history, audit and event. Raises PaymentCannotMove."""
    state = moved(payment.id, payment.state, move)
    changed = replace(payment, state=state, version=payment.version + 1)
    await store.save_payment(uow, changed)
    if changed.method_id is not None and state in (PaymentState.PAID, PaymentState.FAILED):
        await method_store.note_charge(uow, changed.method_id, changed.failure)
    await note(uow, changed, payment.state, cause, callback_id)
    await events.record(uow, told.changed(changed))
    return changed


async def turn_attempt(
    uow: UnitOfWork, attempt: Attempt, state: AttemptState, cause: str, callback_id: CallbackId | None = None
) -> Attempt:
    """Move an attempt whose payment is locked."""
    changed = replace(attempt, state=state)
    await store.save_attempt(uow, changed)
    await store.record_change(
        uow,
        machine="attempt",
        subject_id=attempt.id.uuid,
        payment_id=attempt.payment_id,
        from_state=attempt.state.value,
        to_state=state.value,
        cause=cause,
        callback_id=callback_id,
    )
    return changed


async def note(
    uow: UnitOfWork, payment: Payment, before: PaymentState | None, cause: str, callback_id: CallbackId | None
) -> None:
    """Write down a step of a payment: its history and the audit; who follows payments learns of one that was paid."""
    await store.record_change(
        uow,
        machine="payment",
        subject_id=payment.id.uuid,
        payment_id=payment.id,
        from_state=before.value if before else None,
        to_state=payment.state.value,
        cause=cause,
        callback_id=callback_id,
    )
    await audit.record(
        uow,
        action=f"payment.{payment.state.value}",
        subject=("payment", str(payment.id)),
        before={"state": before.value} if before else None,
        after={"state": payment.state.value, "version": payment.version, "cause": cause},
    )
    if payment.state is PaymentState.PAID:
        await extras.tell_followers(uow, payment)
    elif payment.state in (PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED):
        await extras.tell_of_end(uow, payment)


async def moved_by_capture(
    uow: UnitOfWork, figures: Payment, move: PaymentMove, callback_id: CallbackId | None
) -> Payment:
    """Write down a payment whose figures a capture has changed, one step further."""
    state = moved(figures.id, figures.state, move)
    changed = replace(figures, state=state, version=figures.version + 1)
    await store.save_payment(uow, changed)
    await note(uow, changed, figures.state, "captured", callback_id)
    await events.record(uow, told.changed(changed))
    return changed
