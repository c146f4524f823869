"""Purchases as merchants tell them, once each, and what they bring."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from specie import audit, events, ledger
from specie.cashback import booking, merchants, offer_store, postings, referral_store, store
from specie.cashback import events as told
from specie.cashback.calculator import Candidate, Grant, walk
from specie.cashback.errors import PurchaseDiffers, PurchaseInvalid, PurchaseMissing
from specie.cashback.events import CashbackEvent
from specie.cashback.maturing import plan
from specie.cashback.model import (
    WAITING,
    Accrual,
    AccrualId,
    AccrualMove,
    AccrualState,
    Audience,
    Offer,
    OfferId,
    Purchase,
    PurchaseId,
    PurchaseMove,
    PurchaseState,
)
from specie.cashback.postings import Counters
from specie.cashback.reversing import take_all_back
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork

FEED, PAYMENT, CHECKOUT = "feed", "payment", "checkout"
MOST_OFFERS = 100
"""At most so many offers are asked for one purchase, in their order of priority."""


@dataclass(frozen=True, slots=True)
class NewPurchase:
    """A purchase to record. `merchant_id` is needed unless the caller is the merchant."""

    merchant_id: PartyId | None
    party_id: PartyId
    external_id: str
    amount: Money
    occurred_at: datetime | None = None
    is_confirmed: bool = False
    source: str = FEED


@dataclass(frozen=True, slots=True)
class Recorded:
    """A purchase with its cashback; `is_new` is false when it had been told before."""

    purchase: Purchase
    accruals: Sequence[Accrual]
    is_new: bool


async def record(uow: UnitOfWork, new: NewPurchase) -> Recorded:
    """Write a purchase down and give the cashback it brings. Told again, it changes nothing.

    Raises CashbackPartyRequired, PartyMissing, MerchantInactive, PurchaseInvalid or PurchaseDiffers.
    """
    merchant_id = merchants.own_party(uow, new.merchant_id)
    earlier = await store.purchase_told(uow, merchant_id, new.source, new.external_id)
    if earlier is None:
        await merchants.require_active(uow, merchant_id)
        await merchants.require_party(uow, new.party_id)
        purchase = _purchase(uow, merchant_id, new)
        if await store.insert_purchase(uow, purchase):
            return await _recorded(uow, purchase)
        earlier = await store.purchase_told(uow, merchant_id, new.source, new.external_id)
    return await _same(uow, earlier, new)


def _purchase(uow: UnitOfWork, merchant_id: PartyId, new: NewPurchase) -> Purchase:
    occurred_at = new.occurred_at or uow.now
    if occurred_at > uow.now:
        raise PurchaseInvalid("a purchase has happened already", param="occurred_at")
    if merchant_id == new.party_id:
        raise PurchaseInvalid("nobody earns cashback at one's own shop", param="party_id")
    return Purchase(
        id=PurchaseId.new(),
        merchant_id=merchant_id,
        party_id=new.party_id,
        external_id=new.external_id,
        amount=new.amount,
        returned=Money.zero(new.amount.currency),
        state=PurchaseState.CONFIRMED if new.is_confirmed else PurchaseState.PENDING,
        source=new.source,
        occurred_at=occurred_at,
        created_at=uow.now,
        version=1,
    )


async def _same(uow: UnitOfWork, earlier: Purchase | None, new: NewPurchase) -> Recorded:
    if earlier is None or earlier.party_id != new.party_id or earlier.amount != new.amount:
        raise PurchaseDiffers(f"{new.external_id} was another purchase", param="external_id")
    return Recorded(earlier, await store.accruals_of(uow, earlier.id), is_new=False)


async def _recorded(uow: UnitOfWork, purchase: Purchase) -> Recorded:
    await events.record(uow, told.purchase_event(CashbackEvent.PURCHASE_RECORDED, purchase))
    referral = await referral_store.unused(uow, purchase.merchant_id, purchase.party_id)
    own = [Audience.EVERYONE, *([Audience.REFERRED] if referral else [])]
    accruals = await _given(uow, purchase, purchase.party_id, own)
    if referral is not None:
        accruals += await _given(uow, purchase, referral.referrer_id, [Audience.REFERRER])
        await referral_store.use(uow, referral, purchase.id)
    if purchase.state is PurchaseState.CONFIRMED:
        for accrual in accruals:
            await plan(uow, accrual)
    return Recorded(purchase, accruals, is_new=True)


async def _given(uow: UnitOfWork, purchase: Purchase, to: PartyId, audiences: Sequence[Audience]) -> list[Accrual]:
    """What the offers for some audiences give to one party for a purchase."""
    offers = await _fitting(uow, purchase, audiences)
    counted = [(offer, await booking.counters_of(uow, offer, to)) for offer in offers]
    rooms = await booking.rooms_of(uow, counted)
    candidates = [
        Candidate(offer.id, offer.rule_version, offer.terms, room)
        for (offer, _), room in zip(counted, rooms, strict=True)
    ]
    by_id = {offer.id: (offer, counters) for offer, counters in counted}
    return [await _give(uow, purchase, to, by_id, grant) for grant in walk(purchase.amount, candidates)]


async def _fitting(uow: UnitOfWork, purchase: Purchase, audiences: Sequence[Audience]) -> list[Offer]:
    """The offers worth asking, in order of priority."""
    found: list[Offer] = []
    while len(found) < MOST_OFFERS:
        last = found[-1] if found else None
        part = await offer_store.fitting(
            uow, purchase.merchant_id, purchase.amount, purchase.occurred_at, last, audiences
        )
        found += part
        if len(part) < offer_store.AT_ONCE:
            break
    return found


async def _give(
    uow: UnitOfWork, purchase: Purchase, to: PartyId, by_id: dict[OfferId, tuple[Offer, Counters]], grant: Grant
) -> Accrual:
    offer, counters = by_id[grant.offer_id]
    accrual_id = AccrualId.new()
    spec = postings.accrual_account(accrual_id, to, grant.amount.currency)
    nothing = Money.zero(grant.amount.currency)
    accrual = Accrual(
        id=accrual_id,
        purchase_id=purchase.id,
        offer_id=offer.id,
        rule_version=grant.rule_version,
        party_id=to,
        merchant_id=purchase.merchant_id,
        account=(await ledger.open_account(uow, spec)).id,
        counter=counters.user,
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
    await store.insert_accrual(uow, accrual)
    event = told.accrual_event(CashbackEvent.ACCRUED, accrual, accrual.granted)
    await ledger.post(uow, postings.accrue(offer, accrual, counters), event)
    return accrual


async def get(uow: UnitOfWork, purchase_id: PurchaseId, *, lock: bool = False, as_merchant: bool = False) -> Purchase:
    """A purchase the caller made or sold. Raises PurchaseMissing."""
    purchase = await store.purchase_by_id(uow, purchase_id, lock=lock, as_merchant=as_merchant)
    if purchase is None:
        raise PurchaseMissing(f"there is no purchase {purchase_id}")
    return purchase


async def confirm(uow: UnitOfWork, purchase_id: PurchaseId) -> Purchase:
    """The purchase stands: its cashback waits for the return window. Raises PurchaseMissing or PurchaseCannotMove."""
    before = await get(uow, purchase_id, lock=True, as_merchant=True)
    after = before.after(PurchaseMove.CONFIRM)
    await _moved(uow, before, after, CashbackEvent.PURCHASE_CONFIRMED)
    for accrual in await store.accruals_of(uow, purchase_id):
        if accrual.state is AccrualState.PENDING:
            confirmed = accrual.after(AccrualMove.CONFIRM)
            await store.save_accrual(uow, confirmed)
            await plan(uow, confirmed)
    return after


async def reject(uow: UnitOfWork, purchase_id: PurchaseId, reason: str) -> Purchase:
    """The purchase does not count: its cashback goes back. Raises PurchaseMissing or PurchaseCannotMove."""
    before = await get(uow, purchase_id, lock=True, as_merchant=True)
    after = replace(before.after(PurchaseMove.REJECT), reason=reason)
    await _moved(uow, before, after, CashbackEvent.PURCHASE_REJECTED)
    for accrual in await store.accruals_of(uow, purchase_id):
        if accrual.state in WAITING:
            await take_all_back(uow, accrual)
    return after


async def _moved(uow: UnitOfWork, before: Purchase, after: Purchase, event: CashbackEvent) -> None:
    await store.save_purchase(uow, after)
    await audit.record(
        uow,
        action=str(event),
        subject=("purchase", str(after.id)),
        before={"state": str(before.state)},
        after={"state": str(after.state)},
        reason=after.reason or None,
    )
    await events.record(uow, told.purchase_event(event, after))
