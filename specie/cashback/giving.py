"""What offers give for purchases that have just been written down: decided one after another, written together.

Everything a decision stands on is read and locked once for all of the purchases. What is given is then counted in
memory as the ledger will count it, so that the last purchase finds what the first has left, and its floors agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from specie import ledger
from specie.cashback import booking, offer_store, postings, recording_store, referral_store
from specie.cashback import events as told
from specie.cashback.booking import CountersOf, Left
from specie.cashback.calculator import Candidate, Grant, walk
from specie.cashback.events import CashbackEvent
from specie.cashback.model import (
    Accrual,
    AccrualId,
    AccrualState,
    Audience,
    Offer,
    Purchase,
    PurchaseId,
    PurchaseState,
)
from specie.cashback.postings import Counters
from specie.cashback.referral_model import Referral
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Turn:
    """One party's turn to earn with a purchase, by the offers for some audiences."""

    purchase: Purchase
    to: PartyId
    audiences: Sequence[Audience]


@dataclass(frozen=True, slots=True)
class _Gift:
    """What one offer gives in a turn."""

    turn: _Turn
    offer: Offer
    counters: Counters
    grant: Grant
    id: AccrualId


async def give(uow: UnitOfWork, purchases: Sequence[Purchase]) -> dict[PurchaseId, list[Accrual]]:
    """Give the cashback of new purchases, in their order: what each brings to its buyer and to who referred them."""
    used, turns = await _turns(uow, purchases)
    accruals = await _written(uow, await _decided(uow, turns))
    for referral, purchase_id in used:
        await referral_store.use(uow, referral, purchase_id)
    brought: dict[PurchaseId, list[Accrual]] = {purchase.id: [] for purchase in purchases}
    for accrual in accruals:
        brought[accrual.purchase_id].append(accrual)
    return brought


async def _turns(
    uow: UnitOfWork, purchases: Sequence[Purchase]
) -> tuple[list[tuple[Referral, PurchaseId]], list[_Turn]]:
    """Who earns with which purchase, and with which one a referral is used: the customer's first."""
    unused = await referral_store.unused(uow, {(each.merchant_id, each.party_id) for each in purchases})
    used, turns = [], []
    for purchase in purchases:
        referral = unused.pop((purchase.merchant_id, purchase.party_id), None)
        own = [Audience.EVERYONE, *([Audience.REFERRED] if referral else [])]
        turns.append(_Turn(purchase, purchase.party_id, own))
        if referral is not None:
            turns.append(_Turn(purchase, referral.referrer_id, [Audience.REFERRER]))
            used.append((referral, purchase.id))
    return used, turns


async def _decided(uow: UnitOfWork, turns: Sequence[_Turn]) -> list[_Gift]:
    asks = [
        offer_store.Ask(turn.purchase.merchant_id, turn.purchase.amount, turn.purchase.occurred_at, turn.audiences)
        for turn in turns
    ]
    found = await offer_store.fitting(uow, asks)
    pairs = [(offer, turn.to) for turn, offers in zip(turns, found, strict=True) for offer in offers]
    if not pairs:
        return []
    counters = await booking.counters_of(uow, pairs)
    left = await Left.of(uow, [(offer, counters[offer.id, to]) for offer, to in pairs])
    return [gift for turn, offers in zip(turns, found, strict=True) for gift in _in_turn(turn, offers, counters, left)]


def _in_turn(turn: _Turn, offers: Sequence[Offer], counters: CountersOf, left: Left) -> list[_Gift]:
    """What the offers of one turn give, which those after it then miss."""
    counted = {offer.id: (offer, counters[offer.id, turn.to]) for offer in offers}
    candidates = [
        Candidate(offer.id, offer.rule_version, offer.terms, left.rooms(offer, by)) for offer, by in counted.values()
    ]
    gifts = []
    for grant in walk(turn.purchase.amount, candidates):
        offer, by = counted[grant.offer_id]
        left.give(offer, by, grant.amount)
        gifts.append(_Gift(turn, offer, by, grant, AccrualId.new()))
    return gifts


async def _written(uow: UnitOfWork, gifts: Sequence[_Gift]) -> list[Accrual]:
    """Open the accounts of what is given, write it down and post it."""
    if not gifts:
        return []
    specs = [postings.accrual_account(gift.id, gift.turn.to, gift.grant.amount.currency) for gift in gifts]
    accounts = await ledger.open_new(uow, specs)
    accruals = [_accrual(uow, gift, account) for gift, account in zip(gifts, accounts, strict=True)]
    await recording_store.insert_accruals(uow, accruals)
    given = list(zip(gifts, accruals, strict=True))
    drafts = [postings.accrue(gift.offer, accrual, gift.counters) for gift, accrual in given]
    await ledger.post_many(
        uow, drafts, [told.accrual_event(CashbackEvent.ACCRUED, accrual, accrual.granted) for accrual in accruals]
    )
    return accruals


def _accrual(uow: UnitOfWork, gift: _Gift, account: AccountId) -> Accrual:
    purchase, offer, grant = gift.turn.purchase, gift.offer, gift.grant
    nothing = Money.zero(grant.amount.currency)
    return Accrual(
        id=gift.id,
        purchase_id=purchase.id,
        offer_id=offer.id,
        rule_version=grant.rule_version,
        party_id=gift.turn.to,
        merchant_id=purchase.merchant_id,
        account=account,
        counter=gift.counters.user,
        granted=grant.amount,
        room=grant.room,
        kept=grant.amount,
        borne=nothing,
        expired=nothing,
        state=AccrualState.CONFIRMED if purchase.state is PurchaseState.CONFIRMED else AccrualState.PENDING,
        working=grant.steps,
        matures_at=purchase.occurred_at + timedelta(days=offer.terms.return_days),
        expiry_days=offer.terms.expiry_days,
        created_at=uow.now,
        version=1,
    )
