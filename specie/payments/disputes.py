"""Disputes: held when they open, decided once, answered with evidence."""

from dataclasses import replace

from specie import audit, ledger, wallets
from specie.kernel.ids import CallbackId
from specie.kernel.money import Money
from specie.ledger import Leg
from specie.payments import booking, dispute_postings, dispute_store, postings, refund_booking, service, store
from specie.payments import events as told
from specie.payments.booking import Bearing
from specie.payments.dispute_model import Dispute, DisputeId, DisputeState, ended_as
from specie.payments.dispute_postings import DisputeAccounts
from specie.payments.errors import DisputeAccepted, DisputeDecided, DisputeMissing, EvidenceSubmitted
from specie.payments.model import Attempt, Payment
from specie.payments.refund_postings import Bearer
from specie.platform.db import UnitOfWork
from specie.providers import DisputeFact, Handling
from specie.providers import DisputeState as AtProvider


async def apply(uow: UnitOfWork, fact: DisputeFact) -> Handling:
    """The one way a provider's fact opens or ends a dispute. Told twice, it posts once."""
    attempt = await store.attempt_by_reference(uow, fact.connection_id, fact.charge_reference)
    if attempt is None:
        return Handling.UNKNOWN_REFERENCE
    payment = await service.get_payment(uow, attempt.payment_id, lock=True)
    known = await dispute_store.dispute_told_of(uow, fact.connection_id, fact.provider_ref)
    if fact.state is AtProvider.UNMAPPED or not _fits(payment, fact):
        facts = {"provider_ref": fact.provider_ref, "provider_state": fact.raw_state[:100]}
        await service.open_exception(uow, payment, attempt, "dispute_does_not_fit", facts)
        return Handling.APPLIED
    if known is None:
        # An end that overtook its beginning opens the dispute first.
        known = await _open(uow, payment, attempt, fact)
        payment = await service.get_payment(uow, payment.id)
    elif fact.state is AtProvider.OPEN:
        return Handling.IGNORED
    end = ended_as(known, fact.state)
    if end is not None:
        await _end(uow, payment, known, end, fact)
        return Handling.APPLIED
    return Handling.APPLIED if fact.state is AtProvider.OPEN else Handling.IGNORED


def _fits(payment: Payment, fact: DisputeFact) -> bool:
    return (
        fact.amount is not None
        and fact.amount.minor > 0
        and (fact.amount.currency.code == payment.amount.currency.code and payment.captured.minor > 0)
    )


async def _open(uow: UnitOfWork, payment: Payment, attempt: Attempt, fact: DisputeFact) -> Dispute:
    amount = fact.amount if fact.amount is not None else payment.captured
    dispute_id = DisputeId.new()
    hold = await ledger.ensure_account(uow, dispute_postings.dispute_account(dispute_id, amount.currency))
    dispute = Dispute(
        id=dispute_id,
        payment_id=payment.id,
        merchant_id=payment.party_id,
        attempt_id=attempt.id,
        connection_id=attempt.connection_id,
        provider_ref=fact.provider_ref,
        amount=amount,
        fee=fact.fee if fact.fee is not None else Money.zero(amount.currency),
        reason=fact.reason,
        state=DisputeState.CREATED,
        is_from_pending=payment.held_until is not None and payment.released_at is None,
        account_id=hold.id,
        opened_at=uow.now,
        updated_at=uow.now,
        answer_by=fact.answer_by,
    )
    await dispute_store.insert_dispute(uow, dispute)
    await _note(uow, dispute, None, f"told: {fact.raw_state[:60]}", fact.callback_id)
    await _post_open(uow, payment, dispute, fact.callback_id)
    return dispute


async def _post_open(uow: UnitOfWork, payment: Payment, dispute: Dispute, cause: CallbackId | None) -> None:
    borne, bearer = await _bearer(uow, payment, dispute, on_hold=dispute.is_from_pending)
    bumped = await refund_booking.bumped(uow, payment)
    leaving = [] if borne.is_pending else wallets.leaving_legs(borne.wallet, dispute.amount + dispute.fee)
    draft = dispute_postings.opened(
        bearer,
        dispute.amount,
        dispute.fee,
        await _accounts(uow, dispute),
        await refund_booking.limit_of(uow, payment),
        leaving,
        title=f"Dispute of {payment.title.lower()}",
        about=_about(dispute),
        callback_id=cause,
    )
    await refund_booking.post(uow, bumped, draft, told.disputed(bumped, dispute))


async def _end(uow: UnitOfWork, payment: Payment, dispute: Dispute, end: DisputeState, fact: DisputeFact) -> None:
    ended = replace(dispute, state=end)
    await dispute_store.save_dispute(uow, ended)
    await _note(uow, ended, dispute.state, f"told: {fact.raw_state[:60]}", fact.callback_id)
    bumped = await refund_booking.bumped(uow, payment)
    event = told.disputed(bumped, ended)
    accounts = await _accounts(uow, dispute)
    word = "accepted" if end is DisputeState.LOST and dispute.is_being_accepted else end.value
    texts = {"title": f"Dispute {word}", "about": _about(dispute)}
    if end is DisputeState.LOST:
        draft = dispute_postings.lost(
            dispute.amount, accounts.hold, accounts.clearing, callback_id=fact.callback_id, **texts
        )
    else:
        on_hold = dispute.is_from_pending and payment.released_at is None
        borne, bearer = await _bearer(uow, payment, dispute, on_hold=on_hold, comes_back=True)
        more: list[Leg] = [] if borne.is_pending else await wallets.arriving_legs(uow, [(borne.wallet, dispute.amount)])
        again = await refund_booking.restorable(uow, payment, dispute.amount)
        limit = await refund_booking.limit_of(uow, payment)
        draft = dispute_postings.won(
            bearer, dispute.amount, again, accounts, limit, more, callback_id=fact.callback_id, **texts
        )
    await refund_booking.post(uow, bumped, draft, event)
    await ledger.close_account(uow, accounts.hold, reason=f"the dispute is {end.value}")


async def add_evidence(uow: UnitOfWork, dispute_id: DisputeId, note: str) -> Dispute:
    """Keep what speaks for the merchant, for the provider's form.

    Raises DisputeMissing, DisputeDecided, EvidenceSubmitted or DisputeAccepted.
    """
    dispute = await answerable(uow, dispute_id)
    answered = replace(dispute, evidence=note, evidence_by=str(uow.scope.actor))
    await dispute_store.save_dispute(uow, answered)
    await audit.record(
        uow, action="dispute.evidence", subject=("payment", str(dispute.payment_id)), after=_about(dispute)
    )
    return answered


async def answerable(uow: UnitOfWork, dispute_id: DisputeId) -> Dispute:
    """A dispute that may still be answered or accepted, with its payment locked: nothing is decided meanwhile.

    Raises DisputeMissing, DisputeDecided, EvidenceSubmitted or DisputeAccepted.
    """
    dispute = await get_dispute(uow, dispute_id)
    await service.get_payment(uow, dispute.payment_id, lock=True)
    dispute = await get_dispute(uow, dispute_id)
    if not dispute.is_open:
        raise DisputeDecided(f"this dispute is {dispute.state}", dispute_id=str(dispute_id))
    if dispute.submitted_at is not None:
        raise EvidenceSubmitted("the evidence was handed in", dispute_id=str(dispute_id))
    if dispute.accepted_at is not None:
        raise DisputeAccepted("the dispute was accepted", dispute_id=str(dispute_id))
    return dispute


async def get_dispute(uow: UnitOfWork, dispute_id: DisputeId) -> Dispute:
    """One dispute. Raises DisputeMissing, also for another party's."""
    dispute = await dispute_store.dispute_by_id(uow, dispute_id)
    if dispute is None:
        raise DisputeMissing(f"there is no dispute {dispute_id}")
    return dispute


async def _bearer(
    uow: UnitOfWork, payment: Payment, dispute: Dispute, *, on_hold: bool, comes_back: bool = False
) -> tuple[Bearing, Bearer]:
    wallet = await wallets.ensure_wallet(uow, payment.party_id, dispute.amount.currency)
    [borne] = await booking.bearings(uow, [(wallet, dispute.amount)], on_hold=on_hold, comes_back=comes_back)
    debt = await booking.debt_of(uow, payment.party_id, dispute.amount.currency)
    return borne, Bearer(borne.account, dispute.amount, debt)


async def _accounts(uow: UnitOfWork, dispute: Dispute) -> DisputeAccounts:
    currency = dispute.amount.currency
    clearing = await ledger.ensure_account(uow, postings.clearing_account(dispute.connection_id, currency))
    fee = await ledger.ensure_account(uow, postings.provider_fee_account(dispute.connection_id, currency))
    income = await ledger.ensure_account(uow, dispute_postings.dispute_fee_account(currency))
    return DisputeAccounts(dispute.account_id, clearing.id, fee.id, income.id)


def _about(dispute: Dispute) -> dict[str, str]:
    return {"payment_id": str(dispute.payment_id), "dispute_id": str(dispute.id)}


async def _note(
    uow: UnitOfWork, dispute: Dispute, before: DisputeState | None, cause: str, callback_id: CallbackId | None
) -> None:
    await store.record_change(
        uow,
        machine="dispute",
        subject_id=dispute.id.uuid,
        payment_id=dispute.payment_id,
        from_state=before.value if before else None,
        to_state=dispute.state.value,
        cause=cause,
        callback_id=callback_id,
    )
    await audit.record(
        uow,
        action=f"dispute.{dispute.state.value}",
        subject=("payment", str(dispute.payment_id)),
        after=_about(dispute) | {"amount_minor": dispute.amount.minor, "cause": cause},
    )
