"""Trying to collect: choosing a connection, writing the intent down, and what an answer or its absence means."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from specie import wallets
from specie.kernel.clock import machine_now
from specie.kernel.ids import AttemptId, PaymentId
from specie.payments import route_store, routing, saving, service, states, store
from specie.payments.errors import ChargeUnknown, MethodUnavailable, PaymentCannotMove
from specie.payments.method_model import MethodState
from specie.payments.model import Attempt, AttemptState, CaptureMode, Payment, PaymentMove, PaymentState, reference_of
from specie.payments.route_model import SOFT, Choice
from specie.platform import due, jobs
from specie.platform.db import UnitOfWork
from specie.providers import (
    ChargeKind,
    ChargeRequest,
    ProviderCall,
    ProviderCharge,
    ProviderLink,
    Rejected,
    Toolbox,
    active_links,
    open_link,
)
from specie.providers import saving as saving_adapter

CHARGE = "payments.charge"
POLL = "payments.poll"

_LEASE = timedelta(seconds=75)
_FIRST_POLL_SECONDS = 5
_LONGEST_POLL_SECONDS = 900
_FOLLOWED_AFTER_EXPIRY = timedelta(hours=24)
_POLLS_BEFORE_EXCEPTION = 8
# An order that was cut off may still be on its way; only after this long does "never heard of it" count.
IN_FLIGHT = timedelta(seconds=60)
_SCENARIO = "simulator"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to order a charge: what to send, over which connection, and by when in machine time."""

    attempt: Attempt
    request: ChargeRequest
    link: ProviderLink
    until: datetime
    is_removed: bool = False
    """Whether its saved method has been removed since, so that it must not be sent."""


async def start(uow: UnitOfWork, toolbox: Toolbox, payment_id: PaymentId, kind: ChargeKind) -> Attempt:
    """Write down the intent to charge, or give the one that is under way: pressing twice orders once.

    Raises PaymentCannotMove, ChargeUnknown when another way to pay has not been answered for, or MethodUnavailable.
    """
    payment = await service.get_payment(uow, payment_id, lock=True)
    if not payment.is_open or payment.expires_at <= uow.now:
        raise PaymentCannotMove(
            f"this payment is {payment.state}", payment_id=str(payment_id), state=str(payment.state)
        )
    earlier = await store.attempts_of(uow, payment_id)
    live = next((attempt for attempt in earlier if attempt.is_live), None)
    if live is not None:
        return _same_way(live, kind)
    if any(attempt.is_in_review for attempt in earlier):
        raise PaymentCannotMove("money has arrived and is being looked at; do not pay again", state="in_review")
    await _require_payee(uow, payment)
    choice = await _choice(uow, toolbox, payment, kind)
    if choice is None:
        raise MethodUnavailable(f"no connection takes {payment.amount} by {kind}", param="method")
    return await _try(uow, payment, kind, len(earlier) + 1, choice)


async def _require_payee(uow: UnitOfWork, payment: Payment) -> None:
    try:
        await wallets.require_taking(uow, payment.party_id, payment.amount.currency)
    except wallets.WalletFrozen as refusal:
        # Whoever pays has no wallet of theirs frozen: to them the payee takes nothing at present.
        raise MethodUnavailable("whoever is paid takes no money at present", param="method") from refusal


async def _choice(uow: UnitOfWork, toolbox: Toolbox, payment: Payment, kind: ChargeKind) -> Choice | None:
    """A saved method is known to one connection only; anything else goes where the rules lead.

    None when nothing fits, also when the connection that keeps the method is switched off.
    """
    if payment.method_id is None:
        return await routing.route_for(uow, toolbox, payment, kind)
    method = await saving.get(uow, payment.method_id)
    if not any(link.connection_id == method.connection_id for link in await active_links(uow, toolbox)):
        return None
    return Choice(method.connection_id, "the connection that keeps the saved method", [])


async def _try(uow: UnitOfWork, payment: Payment, kind: ChargeKind, number: int, choice: Choice) -> Attempt:
    attempt = Attempt(
        AttemptId.new(),
        payment.id,
        choice.connection_id,
        number,
        kind,
        AttemptState.CREATED,
        0,
        uow.now,
        uow.now,
    )
    await _write_down(uow, payment, attempt)
    await route_store.insert_choice(uow, payment.id, attempt.id, choice)
    return attempt


def _same_way(live: Attempt, kind: ChargeKind) -> Attempt:
    if live.kind is kind:
        return live
    raise ChargeUnknown(f"a charge by {live.kind} is still open", attempt_id=str(live.id), method=str(live.kind))


async def _write_down(uow: UnitOfWork, payment: Payment, attempt: Attempt) -> None:
    await store.insert_attempt(uow, attempt)
    await store.record_change(
        uow,
        machine="attempt",
        subject_id=attempt.id.uuid,
        payment_id=payment.id,
        from_state=None,
        to_state=attempt.state.value,
        cause=f"{attempt.kind} chosen",
        callback_id=None,
    )
    if payment.state is not PaymentState.PENDING:
        await states.turn_payment(uow, replace(payment, failure=None), PaymentMove.TRY, f"{attempt.kind} chosen")
    await jobs.defer(uow, CHARGE, attempt_id=str(attempt.id))
    await schedule_poll(uow, attempt.id, 0)


async def claim(uow: UnitOfWork, toolbox: Toolbox, attempt_id: AttemptId) -> Ticket | None:
    """Take the right to call the provider; None when it has been called or somebody else is calling."""
    now = machine_now()
    until = now + _LEASE
    attempt = await store.lease_attempt(uow, attempt_id, now, until)
    if attempt is None:
        return None
    payment = await service.get_payment(uow, attempt.payment_id)
    link = await open_link(uow, toolbox, attempt.connection_id)
    method = await saving.get(uow, payment.method_id) if payment.method_id else None
    request = ChargeRequest(
        reference=reference_of(attempt.id),
        key=str(attempt.id),
        amount=payment.amount,
        kind=attempt.kind,
        expires_at=payment.expires_at,
        description=payment.description,
        callback_url=link.callback_url,
        scenario=payment.metadata.get(_SCENARIO, ""),
        manual_capture=payment.capture_mode is CaptureMode.MANUAL,
        method_token=(method.token or "") if method else "",
        ordered_at=uow.now,
    )
    return Ticket(attempt, request, link, until, method is not None and method.state is not MethodState.ACTIVE)


async def question(
    uow: UnitOfWork, toolbox: Toolbox, attempt_id: AttemptId
) -> tuple[ProviderLink, ProviderCall[ProviderCharge | None]]:
    """What to ask the provider about an attempt, and over which connection."""
    attempt = await service.get_attempt(uow, attempt_id)
    payment = await service.get_payment(uow, attempt.payment_id)
    link = await open_link(uow, toolbox, attempt.connection_id)
    reference, known = reference_of(attempt.id), attempt.provider_ref or ""
    keeper = saving_adapter(link.adapter)
    if payment.method_id is None or keeper is None:
        return link, link.adapter.get_charge(reference, known)
    method = await saving.get(uow, payment.method_id)
    return link, keeper.get_saved_charge(reference, method.token or "", known)


async def rejected(uow: UnitOfWork, toolbox: Toolbox, claimed: Attempt, answer: Rejected) -> None:
    """The provider certainly did not take the order. A soft refusal is tried elsewhere, where there is an elsewhere.

    Otherwise the customer may try again. It says nothing of an attempt that somebody else has claimed since, who may
    have sent the order.
    """
    payment, attempt = await _locked(uow, claimed.id)
    if attempt.tries != claimed.tries or attempt.state not in (AttemptState.CREATED, AttemptState.UNKNOWN):
        return
    refused = replace(attempt, reason=answer.code, error_class=answer.error_class.value)
    await states.turn_attempt(uow, refused, AttemptState.FAILED, f"refused: {answer.code}")
    if payment.state is not PaymentState.PENDING or await _fail_over(uow, toolbox, payment, attempt, answer):
        return
    failure = str(answer.error_class)
    await states.turn_payment(uow, replace(payment, failure=failure), PaymentMove.FAIL, f"refused: {answer.code}")


async def _fail_over(uow: UnitOfWork, toolbox: Toolbox, payment: Payment, refused: Attempt, answer: Rejected) -> bool:
    is_bound = payment.method_id is not None
    if is_bound or answer.error_class not in SOFT or payment.expires_at <= uow.now:
        return False
    earlier = await store.attempts_of(uow, payment.id)
    tried = {each.connection_id for each in earlier if each.kind is refused.kind}
    choice = await routing.route_for(uow, toolbox, payment, refused.kind, tried)
    if choice is None:
        return False
    await _try(uow, payment, refused.kind, len(earlier) + 1, choice)
    return True


async def unknown(uow: UnitOfWork, attempt_id: AttemptId, reason: str) -> None:
    """Nobody knows whether the order arrived: the attempt stays live, so that nobody orders twice."""
    _, attempt = await _locked(uow, attempt_id)
    if attempt.state is AttemptState.CREATED:
        await states.turn_attempt(uow, replace(attempt, reason=reason), AttemptState.UNKNOWN, f"no answer: {reason}")


async def never_arrived(uow: UnitOfWork, attempt_id: AttemptId) -> None:
    """The provider has never heard of the order. Counts once nothing can be on its way any more."""
    payment, attempt = await _locked(uow, attempt_id)
    if attempt.state is not AttemptState.UNKNOWN or uow.now - attempt.updated_at < IN_FLIGHT:
        return
    await states.turn_attempt(uow, replace(attempt, reason="never_arrived"), AttemptState.FAILED, "never arrived")
    if payment.state is PaymentState.PENDING:
        changed = replace(payment, failure="never_arrived")
        await states.turn_payment(uow, changed, PaymentMove.FAIL, "never arrived")


async def follow_up(uow: UnitOfWork, attempt_id: AttemptId, polls: int) -> None:
    """Plan the next question about an attempt that may still change; a long silence goes before a person."""
    payment, attempt = await _locked(uow, attempt_id)
    if not _may_change(payment, attempt, uow.now):
        return
    if attempt.state is AttemptState.UNKNOWN and polls == _POLLS_BEFORE_EXCEPTION:
        await service.open_exception(
            uow, payment, attempt, "unknown_too_long", {"since": attempt.updated_at.isoformat()}
        )
    await schedule_poll(uow, attempt_id, polls + 1, _counts_from(attempt, uow.now))


def _counts_from(attempt: Attempt, now: datetime) -> datetime | None:
    """When the answer that the order never arrived begins to count, while that is ahead."""
    moment = attempt.updated_at + IN_FLIGHT
    return moment if attempt.state is AttemptState.UNKNOWN and moment > now else None


def _may_change(payment: Payment, attempt: Attempt, now: datetime) -> bool:
    if attempt.state in (AttemptState.UNKNOWN, AttemptState.CREATED):
        return True
    waiting = attempt.state in (AttemptState.PENDING, AttemptState.EXPIRED)
    return waiting and now < payment.expires_at + _FOLLOWED_AFTER_EXPIRY


async def schedule_poll(uow: UnitOfWork, attempt_id: AttemptId, polls: int, latest: datetime | None = None) -> None:
    """Ask again after 5, 10, 20 … seconds, at most every quarter of an hour, and by the latest moment where one is."""
    wait = min(_LONGEST_POLL_SECONDS, _FIRST_POLL_SECONDS * 2 ** min(polls, 10))
    at = uow.now + timedelta(seconds=wait)
    payload = {"attempt": str(attempt_id.uuid), "polls": polls}
    await due.schedule(uow, kind=POLL, at=min(at, latest or at), payload=payload)


async def live_attempt(uow: UnitOfWork, payment_id: PaymentId) -> Attempt | None:
    """The attempt that may still lead to money without anybody ordering anew."""
    return next((attempt for attempt in await store.attempts_of(uow, payment_id) if attempt.is_live), None)


async def unsettled_attempts(uow: UnitOfWork, payment_id: PaymentId) -> list[Attempt]:
    """Attempts the provider may know more about than we do. Raises PaymentMissing for another party's payment."""
    await service.get_payment(uow, payment_id)
    done = (AttemptState.SUCCEEDED, AttemptState.SET_ASIDE, AttemptState.FAILED, AttemptState.AUTHORIZED)
    return [attempt for attempt in await store.attempts_of(uow, payment_id) if attempt.state not in done]


async def _locked(uow: UnitOfWork, attempt_id: AttemptId) -> tuple[Payment, Attempt]:
    attempt = await service.get_attempt(uow, attempt_id)
    payment = await service.get_payment(uow, attempt.payment_id, lock=True)
    return payment, await service.get_attempt(uow, attempt_id)
