"""Making payments, and the one guard through which every fact about them passes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from specie import audit, events, parties, wallets
from specie.kernel.errors import InvalidField
from specie.kernel.ids import AttemptId, PartyId, PaymentId, PaymentLinkId
from specie.kernel.money import Money
from specie.ledger import BalanceOutOfRange
from specie.parties import Contact
from specie.payments import authorizations, booking, evidence_store, method_store, sharing, states, store, terms_store
from specie.payments import events as told
from specie.payments.errors import (
    ChargeUnknown,
    ExceptionMissing,
    MerchantRequired,
    PaymentCannotMove,
    PaymentMissing,
    ReferenceTaken,
    ReturnUrlUnlisted,
)
from specie.payments.evidence_model import SHRED
from specie.payments.method_model import FORGET, MethodId
from specie.payments.model import (
    NO_ROOM,
    Attempt,
    AttemptState,
    CaptureMode,
    ExceptionId,
    Payment,
    PaymentException,
    PaymentKind,
    PaymentMove,
    PaymentState,
    Ruling,
    Split,
    Verdict,
    ended_as,
    judge,
    moved,
    platform_fee,
)
from specie.payments.search_store import Payer
from specie.platform import due, jobs, vault
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing, Place
from specie.providers import ChargeState, ErrorClass, Handling, ProviderFact

EXPIRE = "payments.expire"
WITHDRAW = "payments.withdraw"


@dataclass(frozen=True, slots=True)
class CreatePayment:
    """A payment to collect. `expires_in` is seconds; None takes the merchant's terms."""

    party_id: PartyId | None
    reference: str
    amount: Money
    description: str = ""
    kind: PaymentKind = PaymentKind.MERCHANT
    customer: Mapping[str, str] | None = field(default=None, repr=False)
    return_url: str | None = None
    expires_in: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    splits: Sequence[Split] = ()
    link_id: PaymentLinkId | None = None
    capture: CaptureMode = CaptureMode.AUTOMATIC
    country: str | None = None
    method_id: MethodId | None = None


async def create(uow: UnitOfWork, ring: KeyRing | None, command: CreatePayment) -> Payment:
    """Write down a payment that waits for its customer, or for the charge to a saved method.

    Without a key ring nothing can be told of a customer. Raises MerchantRequired, ReferenceTaken, ReturnUrlUnlisted,
    SplitInvalid or SplitReceiver.
    """
    party_id = uow.scope.party_id or command.party_id
    if party_id is None:
        raise MerchantRequired("say for whom the payment is collected", param="merchant_id")
    terms = await terms_store.terms_of(uow, party_id)
    if command.return_url is not None and command.return_url not in terms.return_urls:
        raise ReturnUrlUnlisted("add the exact address to the payment settings first", param="return_url")
    sharing.require_fitting(command.amount, command.splits, command.capture, platform_fee(terms, command.amount))
    await sharing.require_receivable(uow, party_id, command.splits)
    await wallets.ensure_wallet(uow, party_id, command.amount.currency)
    payment = _new(uow.now, party_id, command, command.expires_in or terms.expiry_seconds)
    if not await store.insert_payment(uow, payment, _sealed_customer(uow, ring, payment.id, command.customer)):
        earlier = await store.payment_by_reference(uow, party_id, command.kind, command.reference)
        raise ReferenceTaken(
            f"{command.reference} exists", param="reference", payment_id=str(earlier.id) if earlier else None
        )
    await states.note(uow, payment, None, "created", None)
    await events.record(uow, told.changed(payment))
    await due.schedule(uow, kind=EXPIRE, at=payment.expires_at, payload={"payment_id": str(payment.id)})
    return payment


def _new(now: datetime, party_id: PartyId, command: CreatePayment, expires_in: int) -> Payment:
    return Payment(
        id=PaymentId.new(),
        kind=command.kind,
        party_id=party_id,
        reference=command.reference,
        amount=command.amount,
        description=command.description,
        state=PaymentState.CREATED,
        version=1,
        created_at=now,
        expires_at=now + timedelta(seconds=expires_in),
        return_url=command.return_url,
        link_id=command.link_id,
        metadata=command.metadata,
        splits=command.splits,
        capture_mode=command.capture,
        country=command.country,
        method_id=command.method_id,
    )


async def get_payment(uow: UnitOfWork, payment_id: PaymentId, *, lock: bool = False) -> Payment:
    """One payment. Raises PaymentMissing, also for another party's."""
    payment = await store.payment_by_id(uow, payment_id, lock=lock)
    if payment is None:
        raise PaymentMissing(f"there is no payment {payment_id}")
    return payment


async def apply(uow: UnitOfWork, fact: ProviderFact) -> Handling:
    """The one way a provider's fact changes a payment, whoever brings it: callback, answer, poll, admin or job.

    The payment's row is locked, so of several that tell the same the first one acts and the others find it done.
    """
    attempt = await store.attempt_by_reference(uow, fact.connection_id, fact.reference)
    if attempt is None:
        return Handling.UNKNOWN_REFERENCE
    payment = await get_payment(uow, attempt.payment_id, lock=True)
    attempt = await get_attempt(uow, attempt.id)
    terms = await terms_store.terms_of(uow, payment.party_id)
    is_settled = await store.is_charge_booked(uow, fact.connection_id, fact.provider_ref)
    verdict = judge(payment, attempt, fact, is_settled=is_settled, accept_late=terms.accept_late)
    return await _execute(uow, payment, attempt, fact, verdict)


async def _execute(
    uow: UnitOfWork, payment: Payment, attempt: Attempt, fact: ProviderFact, verdict: Verdict
) -> Handling:
    if verdict.ruling is Ruling.NOTHING:
        return Handling.IGNORED
    if verdict.ruling is Ruling.PAY:
        return await _pay(uow, payment, attempt, fact)
    if verdict.ruling is Ruling.SET_ASIDE:
        return await _set_aside(uow, payment, attempt, fact, verdict.reason)
    if verdict.ruling is Ruling.AUTHORIZE:
        return await _authorize(uow, payment, attempt, fact)
    if verdict.ruling is Ruling.LET_GO:
        await authorizations.close(
            uow, payment, attempt, _cause(fact), lapsed=authorizations.has_lapsed(payment, fact, uow.now)
        )
    elif verdict.ruling is Ruling.PROGRESS:
        changed = replace(attempt, provider_ref=fact.provider_ref, action=fact.action or attempt.action)
        await states.turn_attempt(uow, changed, AttemptState.PENDING, _cause(fact), fact.callback_id)
    elif verdict.ruling is Ruling.END:
        await _end(uow, payment, attempt, fact)
    else:
        await open_exception(uow, payment, attempt, verdict.reason, {"provider_state": fact.raw_state[:100]})
    return Handling.APPLIED


async def _pay(uow: UnitOfWork, payment: Payment, attempt: Attempt, fact: ProviderFact) -> Handling:
    booked = await booking.book(uow, payment, fact)
    state = moved(payment.id, payment.state, PaymentMove.SUCCEED)
    paid = replace(
        booked.payment,
        state=state,
        version=payment.version + 1,
        paid_at=uow.now,
        collected=payment.amount if payment.capture_mode is CaptureMode.MANUAL else None,
        paid_late=payment.state is PaymentState.EXPIRED,
        failure=None,
    )
    try:
        # Before anything else is written: a refusal leaves the payment as it was, to be set aside.
        entry = await booking.post(uow, booked, told.changed(paid))
    except BalanceOutOfRange:
        return await _set_aside(uow, payment, attempt, fact, NO_ROOM)
    await store.insert_charge(uow, attempt, fact, payment.amount, entry.id, "payment")
    done = replace(attempt, provider_ref=fact.provider_ref)
    await states.turn_attempt(uow, done, AttemptState.SUCCEEDED, _cause(fact), fact.callback_id)
    await store.save_payment(uow, paid)
    await states.note(uow, paid, payment.state, _cause(fact), fact.callback_id)
    await booking.schedule_release(uow, paid)
    for other in await store.attempts_of(uow, payment.id):
        if other.is_live:
            await jobs.defer(uow, WITHDRAW, attempt_id=str(other.id))
    return Handling.APPLIED


async def _set_aside(uow: UnitOfWork, payment: Payment, attempt: Attempt, fact: ProviderFact, reason: str) -> Handling:
    try:
        entry, amount = await booking.book_suspense(uow, payment, fact)
    except BalanceOutOfRange as refusal:
        await open_unbooked(uow, payment, attempt, refusal, {"provider_ref": fact.provider_ref})
        return Handling.UNBOOKED
    await store.insert_charge(uow, attempt, fact, amount, entry.id, "suspense")
    if attempt.state not in (AttemptState.SUCCEEDED, AttemptState.SET_ASIDE):
        kept = replace(attempt, provider_ref=fact.provider_ref, reason=reason)
        await states.turn_attempt(uow, kept, AttemptState.SET_ASIDE, _cause(fact), fact.callback_id)
    facts = {
        "expected": payment.amount.as_json(),
        "received": amount.as_json(),
        "provider_ref": fact.provider_ref,
        "entry_id": str(entry.id),
    }
    await open_exception(uow, payment, attempt, reason, facts)
    return Handling.APPLIED


async def _authorize(uow: UnitOfWork, payment: Payment, attempt: Attempt, fact: ProviderFact) -> Handling:
    try:
        async with uow.savepoint():
            await authorizations.authorize(uow, payment, attempt, fact)
    except BalanceOutOfRange as refusal:
        await open_unbooked(uow, payment, attempt, refusal, {"provider_ref": fact.provider_ref})
        return Handling.UNBOOKED
    return Handling.APPLIED


async def _end(uow: UnitOfWork, payment: Payment, attempt: Attempt, fact: ProviderFact) -> None:
    over = replace(attempt, provider_ref=fact.provider_ref or attempt.provider_ref, reason=fact.raw_state[:100])
    await states.turn_attempt(uow, over, ended_as(fact.state), _cause(fact), fact.callback_id)
    if payment.state is not PaymentState.PENDING:
        return
    move = {
        ChargeState.FAILED: PaymentMove.FAIL,
        ChargeState.EXPIRED: PaymentMove.EXPIRE,
        ChargeState.CANCELLED: PaymentMove.WITHDRAW,
    }[fact.state]
    failure = (fact.failure or ErrorClass.DECLINED).value if fact.state is ChargeState.FAILED else None
    await states.turn_payment(uow, replace(payment, failure=failure), move, _cause(fact), fact.callback_id)


async def open_exception(
    uow: UnitOfWork, payment: Payment, attempt: Attempt, kind: str, facts: Mapping[str, Any]
) -> None:
    """Put something before a person, once per attempt and kind while it is open."""
    if kind != "second_charge" and await store.has_open_exception(uow, attempt.id, kind):
        return
    found = PaymentException(ExceptionId.new(), payment.id, attempt.id, kind, facts, uow.now)
    await store.insert_exception(uow, found)
    await audit.record(
        uow, action="payment.exception", subject=("payment", str(payment.id)), after={"kind": kind, **facts}
    )
    await events.record(uow, told.excepted(payment, found))


async def open_unbooked(
    uow: UnitOfWork, payment: Payment, attempt: Attempt, refusal: BalanceOutOfRange, facts: Mapping[str, Any]
) -> None:
    """Put money before a person that the provider has taken and no account has room for.

    Nothing is posted, and the attempt stays in its state: asking again, or replaying the callback, books the money once
    somebody has made room.
    """
    await store.save_attempt(uow, replace(attempt, reason=NO_ROOM))
    told_of = {"detail": refusal.detail, "account": refusal.facts["account"], **facts}
    await open_exception(uow, payment, attempt, NO_ROOM, told_of)


async def close_exception(uow: UnitOfWork, exception_id: ExceptionId, note: str) -> PaymentException:
    """Mark an exception as dealt with. Raises ExceptionMissing."""
    closed = await store.close_exception(uow, exception_id, note)
    if closed is None:
        raise ExceptionMissing(f"there is no open exception {exception_id}")
    subject = ("payment", str(closed.payment_id))
    await audit.record(uow, action="payment.exception.close", subject=subject, after={"kind": closed.kind}, reason=note)
    return closed


async def expire(uow: UnitOfWork, payment_id: PaymentId) -> Payment:
    """End the waiting of a payment whose time is over. Charges that are unknown stay so; late money still books."""
    payment = await get_payment(uow, payment_id, lock=True)
    if not payment.is_open or payment.expires_at > uow.now:
        return payment
    for attempt in await store.attempts_of(uow, payment_id):
        if attempt.state is AttemptState.PENDING:
            await states.turn_attempt(uow, attempt, AttemptState.EXPIRED, "time is over")
    return await states.turn_payment(uow, payment, PaymentMove.EXPIRE, "time is over")


async def cancel(uow: UnitOfWork, payment_id: PaymentId, failure: str | None = None) -> Payment:
    """Call a payment off, because of a failure if there is one to name.

    Raises PaymentCannotMove, or ChargeUnknown while a charge may still be on its way.
    """
    payment = await get_payment(uow, payment_id, lock=True)
    if payment.state is PaymentState.CANCELLED:
        return payment
    if any(attempt.is_live for attempt in await store.attempts_of(uow, payment_id)):
        raise ChargeUnknown("a charge is still on its way; ask again in a moment", payment_id=str(payment_id))
    called_off = replace(payment, failure=failure or payment.failure)
    return await states.turn_payment(uow, called_off, PaymentMove.CANCEL, failure or "cancelled")


async def get_attempt(uow: UnitOfWork, attempt_id: AttemptId) -> Attempt:
    """One attempt. Raises PaymentMissing."""
    attempt = await store.attempt_by_id(uow, attempt_id)
    if attempt is None:
        raise PaymentMissing(f"there is no attempt {attempt_id}")
    return attempt


async def release(uow: UnitOfWork, payment_id: PaymentId) -> Payment:
    """Make the merchant's share available, once. Does nothing before its time or for a payment without a hold."""
    payment = await get_payment(uow, payment_id, lock=True)
    if payment.held_until is None or payment.released_at is not None or payment.held_until > uow.now:
        return payment
    if payment.state is not PaymentState.PAID:
        raise PaymentCannotMove(f"{payment_id} has not been paid", payment_id=str(payment_id))
    freed = replace(payment, released_at=uow.now, version=payment.version + 1)
    await booking.post_release(uow, freed, told.released(freed))
    await store.save_payment(uow, freed)
    return freed


async def open_customers(uow: UnitOfWork, ring: KeyRing, ids: Sequence[PaymentId]) -> dict[PaymentId, dict[str, str]]:
    """What the merchants told us of these payments' customers; nothing for one unknown or erased."""
    sealed = await store.sealed_customers(uow, ids) if ids else {}
    opened = {payment_id: _opened_customer(uow, ring, payment_id, each) for payment_id, each in sealed.items()}
    return {payment_id: known for payment_id, known in opened.items() if known is not None}


def _opened_customer(
    uow: UnitOfWork, ring: KeyRing, payment_id: PaymentId, sealed: tuple[bytes, bytes]
) -> dict[str, str] | None:
    try:
        key = ring.unwrap(sealed[0], _place(uow, payment_id, "customer_key"))
        opened: dict[str, str] = json.loads(vault.open_sealed(key, sealed[1], _place(uow, payment_id, "customer")))
    except vault.Unsealable:
        return None
    return opened


async def still_disputed(uow: UnitOfWork, party_id: PartyId) -> str | None:
    """Why a party cannot be forgotten yet: what is known of a disputed payment is evidence; None when it may be."""
    contact = await parties.own_contact(uow, party_id)
    if await evidence_store.has_open_dispute(uow, party_id, contact):
        return "a dispute about a payment is not decided"
    return None


async def forget_customers(uow: UnitOfWork, party_id: PartyId, contact: Contact) -> None:
    """Destroy what was told of the customers of a party's payments, and of the party as a customer of any merchant.

    The keys go with it, the party's saved methods, and what was kept as evidence in decided disputes about these
    payments; the payments themselves stay.
    """
    # The evidence is found by what is known of the customers, so it goes first.
    keys = await evidence_store.forget_evidence(uow, party_id, contact)
    if keys:
        await jobs.defer(uow, SHRED, storage_keys=keys)
    await store.erase_customers(uow, party_id, contact.email_index, contact.phone_index)
    for method_id in await method_store.remove_methods(uow, party_id):
        await jobs.defer(uow, FORGET, method_id=str(method_id))


def _sealed_customer(
    uow: UnitOfWork, ring: KeyRing | None, payment_id: PaymentId, customer: Mapping[str, str] | None
) -> dict[str, bytes | None]:
    """The columns that keep a customer: sealed, with the key, and the hashes by which an erasure finds it."""
    if not customer:
        return {}
    if ring is None:
        raise RuntimeError("what is told of a customer is sealed, which takes the key ring")
    key = vault.new_key()
    contact = parties.contact_of(uow, ring, customer.get("email", ""), customer.get("phone", ""))
    return {
        "customer_key": ring.wrap(key, _place(uow, payment_id, "customer_key")),
        "sealed_customer": vault.seal(key, json.dumps(dict(customer)).encode(), _place(uow, payment_id, "customer")),
        "customer_email_index": contact.email_index,
        "customer_phone_index": contact.phone_index,
    }


async def payer_of(uow: UnitOfWork, ring: KeyRing, email: str) -> Payer:
    """Whose payments an e-mail address finds. Raises InvalidField when the text is no address."""
    index = parties.contact_of(uow, ring, email, "").email_index
    if index is None:
        raise InvalidField("write it as name@example.com", param="customer_email")
    return Payer(index, await parties.find_by_contact(uow, ring, email))


def _place(uow: UnitOfWork, payment_id: PaymentId, column: str) -> Place:
    return Place(str(uow.scope.tenant_id), "payment", str(payment_id), column)


def _cause(fact: ProviderFact) -> str:
    source = "callback" if fact.callback_id else "answer"
    return f"{source}: {fact.raw_state[:60]}"
