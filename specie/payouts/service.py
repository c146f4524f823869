"""Asking for payouts, calling them off, and the one guard through which every fact about them passes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from specie import approvals, audit, events, wallets
from specie.approvals import Approval, ApprovalState, NewApproval
from specie.kernel.ids import AttemptId, CallbackId, PartyId, WalletId
from specie.kernel.money import Currency, Money
from specie.payouts import beneficiaries, booking, store, terms_store
from specie.payouts import events as told
from specie.payouts.errors import (
    PayoutMissing,
    PayoutPartyRequired,
    PayoutReferenceTaken,
    PayoutTooSmall,
)
from specie.payouts.model import (
    Attempt,
    AttemptState,
    BatchId,
    Beneficiary,
    BeneficiaryId,
    Move,
    Payout,
    PayoutId,
    Ruling,
    State,
    Verdict,
    fee_for,
    judge,
    moved,
    portion,
)
from specie.platform import jobs
from specie.platform.db import UnitOfWork
from specie.providers import Handling, PayoutFact
from specie.wallets import Wallet

Follower = Callable[[UnitOfWork, Payout], Awaitable[None]]

_followers: list[Follower] = []

KIND = "payout"
SEND = "payouts.send"


@dataclass(frozen=True, slots=True)
class RequestPayout:
    """Money that is to leave. Either `amount`, or `percent` of what is available, fee included, in `currency`.

    The wallet is the party's main one unless given. `is_approved`: a second person has said yes to it already. The
    tenant's terms say what is taken for it, unless `fee` does.
    """

    beneficiary_id: BeneficiaryId
    reference: str
    amount: Money | None = None
    percent: int | None = None
    currency: Currency | None = None
    party_id: PartyId | None = None
    wallet_id: WalletId | None = None
    description: str = ""
    source: str = "api"
    batch_id: BatchId | None = None
    is_approved: bool = False
    fee: Money | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def follow(follower: Follower) -> None:
    """Call a function in the unit of work in which a payout has arrived, has failed, is called off or came back.

    The wallet has its money again by then, where it gets it back.
    """
    if follower not in _followers:
        _followers.append(follower)


async def _tell_followers(uow: UnitOfWork, payout: Payout) -> None:
    for follower in _followers:
        await follower(uow, payout)


async def request(uow: UnitOfWork, command: RequestPayout) -> Payout:
    """Set the money and its fee aside and write the payout down; above the tenant's line it waits for a second person.

    Raises BeneficiaryMissing, BeneficiaryUnverified, BeneficiaryCoolingOff, PayoutReferenceTaken, PayoutTooSmall,
    PayoutPartyRequired, InsufficientFunds, LimitExceeded or WalletFrozen.
    """
    beneficiary = await beneficiaries.usable(uow, command.beneficiary_id)
    wallet = await _wallet(uow, command, beneficiary)
    amount, fee = await _figures(uow, command, wallet)
    if await store.payout_by_reference(uow, wallet.party_id, command.reference) is not None:
        raise PayoutReferenceTaken(f"{command.reference} exists", param="reference")
    payout_id = PayoutId.new()
    hold = await wallets.place_hold(
        uow,
        wallet.id,
        amount + fee,
        reason=f"payout {command.reference}"[:200],
        held_for=str(payout_id),
        title=f"Payout to {beneficiary.hint}",
    )
    needs_approval = not command.is_approved and await approvals.is_needed(uow, KIND, amount)
    payout = Payout(
        id=payout_id,
        party_id=wallet.party_id,
        wallet_id=wallet.id,
        beneficiary_id=beneficiary.id,
        hold_id=hold.id,
        reference=command.reference,
        amount=amount,
        fee=fee,
        description=command.description,
        state=State.REQUESTED,
        version=1,
        source=command.source,
        requested_by=str(uow.scope.actor),
        created_at=uow.now,
        updated_at=uow.now,
        batch_id=command.batch_id,
        metadata=command.metadata,
        needs_approval=needs_approval,
    )
    if not await store.insert_payout(uow, payout):
        raise PayoutReferenceTaken(f"{command.reference} exists", param="reference")
    await _note(uow, payout, None, "requested", None)
    await events.record(uow, told.changed(payout))
    if needs_approval:
        await _ask_second_person(uow, payout, beneficiary)
        return payout
    return await _approved(uow, payout, "approved in the batch" if command.is_approved else "below the line")


async def _wallet(uow: UnitOfWork, command: RequestPayout, beneficiary: Beneficiary) -> Wallet:
    currency = command.amount.currency if command.amount is not None else command.currency
    if command.wallet_id is not None:
        wallet = await wallets.get_wallet(uow, command.wallet_id)
    elif currency is not None:
        wallet = await wallets.ensure_wallet(uow, beneficiary.party_id, currency)
    else:
        raise PayoutPartyRequired("name the wallet or the currency", param="wallet_id")
    if wallet.party_id != beneficiary.party_id:
        raise PayoutPartyRequired("the wallet and the account belong to different parties", param="beneficiary_id")
    return wallet


async def _figures(uow: UnitOfWork, command: RequestPayout, wallet: Wallet) -> tuple[Money, Money]:
    terms = await terms_store.terms_of(uow)
    amount = command.amount
    if amount is None:
        available = (await wallets.balances(uow, [wallet]))[wallet.id].available
        amount = portion(available, command.percent or 100, terms)
    least = Money(max(terms.minimum.get(amount.currency.code, 1), 1), amount.currency)
    if amount < least:
        raise PayoutTooSmall(f"the smallest payout is {least}", param="amount", minimum=least.minor)
    return amount, fee_for(terms, amount) if command.fee is None else command.fee


async def _ask_second_person(uow: UnitOfWork, payout: Payout, beneficiary: Beneficiary) -> None:
    after = {"reference": payout.reference, "to": f"{beneficiary.bank_code} {beneficiary.hint}", "state": "approved"}
    request_ = NewApproval(
        KIND,
        (KIND, str(payout.id)),
        payout.amount,
        payout.party_id,
        before={"state": "requested"},
        after=after,
        note=payout.description,
    )
    await approvals.ask(uow, request_)


async def decided(uow: UnitOfWork, approval: Approval) -> None:
    """A second person has decided about a payout, or nobody did in time; in the unit of work of the decision."""
    payout = await get_payout(uow, PayoutId.parse(approval.subject[1]), lock=True)
    if payout.state is not State.REQUESTED:
        return
    if approval.state is ApprovalState.APPROVED:
        await _approved(uow, payout, f"approved by {approval.checker}")
        return
    why = "refused" if approval.state is ApprovalState.REFUSED else "not decided in time"
    await _give_up(uow, replace(payout, failure=f"approval_{approval.state}"), Move.CANCEL, why)


async def _approved(uow: UnitOfWork, payout: Payout, cause: str) -> Payout:
    approved = await turn(uow, payout, Move.APPROVE, cause)
    await jobs.defer(uow, SEND, payout_id=str(payout.id))
    return approved


async def cancel(uow: UnitOfWork, payout_id: PayoutId) -> Payout:
    """Call a payout off before it leaves; the wallet has its money again. Raises PayoutMissing or PayoutCannotMove."""
    payout = await get_payout(uow, payout_id, lock=True)
    if payout.state is State.CANCELLED:
        return payout
    moved(payout.id, payout.state, Move.CANCEL)
    await approvals.withdraw(uow, (KIND, str(payout.id)))
    return await _give_up(uow, replace(payout, failure="called_off"), Move.CANCEL, "called off")


async def again(uow: UnitOfWork, payout_id: PayoutId, reference: str) -> Payout:
    """Ask anew for a payout that has failed, came back or was called off. Raises what `request` raises."""
    old = await get_payout(uow, payout_id)
    if old.state not in (State.FAILED, State.RETURNED, State.CANCELLED):
        moved(old.id, old.state, Move.SEND)
    command = RequestPayout(
        old.beneficiary_id,
        reference,
        old.amount,
        wallet_id=old.wallet_id,
        description=old.description,
        source=old.source,
        metadata=old.metadata,
    )
    return await request(uow, command)


async def get_payout(uow: UnitOfWork, payout_id: PayoutId, *, lock: bool = False) -> Payout:
    """One payout. Raises PayoutMissing, also for another party's."""
    found = await store.payout_by_id(uow, payout_id, lock=lock)
    if found is None:
        raise PayoutMissing(f"there is no payout {payout_id}")
    return found


async def states_of(uow: UnitOfWork, ids: Sequence[PayoutId]) -> dict[PayoutId, State]:
    """How far payouts have come; ids of other parties' payouts are left out."""
    return await store.states_of(uow, ids)


async def get_attempt(uow: UnitOfWork, attempt_id: AttemptId) -> Attempt:
    """One attempt. Raises PayoutMissing."""
    found = await store.attempt_by_id(uow, attempt_id)
    if found is None:
        raise PayoutMissing(f"there is no attempt {attempt_id}")
    return found


async def apply(uow: UnitOfWork, fact: PayoutFact) -> Handling:
    """The one way a provider's fact changes a payout, whoever brings it: callback, answer, poll or admin.

    The payout's row is locked, so of several that tell the same the first one acts and the others find it done.
    """
    attempt = await store.attempt_by_reference(uow, fact.connection_id, fact.reference)
    if attempt is None:
        return Handling.UNKNOWN_REFERENCE
    payout = await get_payout(uow, attempt.payout_id, lock=True)
    attempt = await get_attempt(uow, attempt.id)
    is_booked = await store.is_booked(uow, fact.connection_id, fact.provider_ref)
    verdict = judge(payout, attempt, fact, is_booked=is_booked)
    if verdict.ruling is Ruling.NOTHING:
        return Handling.IGNORED
    await _execute(uow, payout, attempt, fact, verdict)
    return Handling.APPLIED


async def _execute(uow: UnitOfWork, payout: Payout, attempt: Attempt, fact: PayoutFact, verdict: Verdict) -> None:
    attempt = replace(attempt, provider_ref=fact.provider_ref or attempt.provider_ref)
    if verdict.ruling is Ruling.PROGRESS:
        await turn_attempt(uow, attempt, AttemptState.PENDING, _cause(fact), fact.callback_id)
        if payout.state is State.UNKNOWN:
            await turn(uow, payout, Move.HEAR, _cause(fact), fact.callback_id)
    elif verdict.ruling is Ruling.SUCCEED:
        await _succeed(uow, payout, attempt, fact)
    elif verdict.ruling is Ruling.RETURN:
        await _return(uow, payout, attempt, fact)
    elif verdict.ruling is Ruling.FAIL:
        attempt = replace(attempt, reason=fact.raw_state[:100])
        await turn_attempt(uow, attempt, AttemptState.FAILED, _cause(fact), fact.callback_id)
        changed = replace(payout, failure="declined")
        await _give_up(uow, changed, Move.FAIL, _cause(fact), fact.callback_id)
    elif verdict.ruling is Ruling.SET_ASIDE:
        await _set_aside(uow, payout, attempt, fact, verdict.reason)
    else:
        await flag(uow, payout, verdict.reason)


async def _succeed(uow: UnitOfWork, payout: Payout, attempt: Attempt, fact: PayoutFact) -> tuple[Payout, Attempt]:
    booked = await booking.settle(uow, payout, fact)
    done = replace(booked.payout, state=moved(payout.id, payout.state, Move.SUCCEED), version=payout.version + 1)
    done = replace(done, ended_at=uow.now, failure=None, attention=None)
    await wallets.settle_hold(uow, payout.hold_id, booked.draft, told.changed(done))
    await store.insert_provider_payout(uow, attempt, fact, payout.amount, booked.draft.id, "payout")
    arrived = await turn_attempt(uow, attempt, AttemptState.SUCCEEDED, _cause(fact), fact.callback_id)
    await store.save_payout(uow, done)
    await _note(uow, done, payout.state, _cause(fact), fact.callback_id)
    await _tell_followers(uow, done)
    return done, arrived


async def _return(uow: UnitOfWork, payout: Payout, attempt: Attempt, fact: PayoutFact) -> None:
    if attempt.is_live:
        # The news that it arrived was lost; both halves are booked now.
        payout, attempt = await _succeed(uow, payout, attempt, fact)
    draft = await booking.give_back(uow, payout, fact)
    back = replace(
        payout,
        state=moved(payout.id, payout.state, Move.RETURN),
        version=payout.version + 1,
        return_entry_id=draft.id,
        failure="returned",
    )
    await booking.post(uow, draft, told.changed(back))
    await turn_attempt(uow, attempt, AttemptState.RETURNED, _cause(fact), fact.callback_id)
    await store.save_payout(uow, back)
    await _note(uow, back, payout.state, _cause(fact), fact.callback_id)
    await _tell_followers(uow, back)


async def _set_aside(uow: UnitOfWork, payout: Payout, attempt: Attempt, fact: PayoutFact, reason: str) -> None:
    draft, amount = await booking.set_aside(uow, payout, fact)
    await booking.post(uow, draft, None)
    await store.insert_provider_payout(uow, attempt, fact, amount, draft.id, "suspense")
    if attempt.is_live or attempt.state is AttemptState.FAILED:
        await turn_attempt(uow, replace(attempt, reason=reason), AttemptState.SET_ASIDE, _cause(fact), fact.callback_id)
    await flag(uow, payout, reason)


async def flag(uow: UnitOfWork, payout: Payout, reason: str) -> Payout:
    """Put a locked payout before a person, once for each reason."""
    if payout.attention == reason:
        return payout
    flagged = replace(payout, attention=reason, version=payout.version + 1)
    await store.save_payout(uow, flagged)
    await audit.record(uow, action="payout.attention", subject=(KIND, str(payout.id)), after={"attention": reason})
    await events.record(uow, told.attention(flagged))
    return flagged


async def give_up(uow: UnitOfWork, payout: Payout, failure: str, cause: str) -> Payout:
    """The money of a locked payout has certainly not left: the wallet has it again. Raises PayoutCannotMove."""
    return await _give_up(uow, replace(payout, failure=failure), Move.FAIL, cause)


async def _give_up(
    uow: UnitOfWork, payout: Payout, move: Move, cause: str, callback_id: CallbackId | None = None
) -> Payout:
    changed = await turn(uow, replace(payout, ended_at=uow.now, attention=None), move, cause, callback_id)
    await wallets.release_hold(uow, payout.hold_id, title="Payout not made, money given back")
    await _tell_followers(uow, changed)
    return changed


async def turn(
    uow: UnitOfWork, payout: Payout, move: Move, cause: str, callback_id: CallbackId | None = None
) -> Payout:
    """Move a locked payout along an edge with its history, audit and event. Raises PayoutCannotMove."""
    changed = replace(payout, state=moved(payout.id, payout.state, move), version=payout.version + 1)
    await store.save_payout(uow, changed)
    await _note(uow, changed, payout.state, cause, callback_id)
    await events.record(uow, told.changed(changed))
    return changed


async def turn_attempt(
    uow: UnitOfWork, attempt: Attempt, state: AttemptState, cause: str, callback_id: CallbackId | None = None
) -> Attempt:
    """Move an attempt whose payout is locked."""
    changed = replace(attempt, state=state)
    await store.save_attempt(uow, changed)
    await store.record_change(
        uow,
        attempt.payout_id,
        machine="attempt",
        subject_id=attempt.id.uuid,
        from_state=attempt.state.value,
        to_state=state.value,
        cause=cause,
        callback_id=callback_id,
    )
    return changed


async def _note(
    uow: UnitOfWork, payout: Payout, before: State | None, cause: str, callback_id: CallbackId | None
) -> None:
    await store.record_change(
        uow,
        payout.id,
        machine="payout",
        subject_id=payout.id.uuid,
        from_state=before.value if before else None,
        to_state=payout.state.value,
        cause=cause,
        callback_id=callback_id,
    )
    await audit.record(
        uow,
        action=f"payout.{payout.state}",
        subject=(KIND, str(payout.id)),
        before={"state": str(before)} if before else None,
        after={"state": str(payout.state), "amount_minor": payout.amount.minor, "cause": cause},
    )


def _cause(fact: PayoutFact) -> str:
    source = "callback" if fact.callback_id else "answer"
    return f"{source}: {fact.raw_state[:60]}"
