"""Purchases as merchants tell them, once each, and what they bring."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from specie import audit, events, parties
from specie.cashback import events as told
from specie.cashback import giving, merchants, recording_store, store
from specie.cashback.errors import PurchaseDiffers, PurchaseInvalid, PurchaseMissing
from specie.cashback.events import CashbackEvent
from specie.cashback.maturing import plan
from specie.cashback.model import (
    WAITING,
    Accrual,
    AccrualMove,
    AccrualState,
    Purchase,
    PurchaseId,
    PurchaseMove,
    PurchaseState,
)
from specie.cashback.recording_store import Told
from specie.cashback.reversing import take_all_back
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PartyId, uuid7
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork

FEED, PAYMENT, CHECKOUT = "feed", "payment", "checkout"
AT_ONCE = 100
"""How many purchases of a feed go into one transaction: budgets are locked until it ends."""


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


Outcome = Recorded | SpecieError
"""What becomes of one purchase of several."""


async def record(uow: UnitOfWork, new: NewPurchase) -> Recorded:
    """Write a purchase down and give the cashback it brings. Told again, it changes nothing.

    Raises CashbackPartyRequired, PartyMissing, MerchantInactive, PurchaseInvalid or PurchaseDiffers.
    """
    [outcome] = await _record(uow, [new])
    if isinstance(outcome, SpecieError):
        raise outcome
    return outcome


async def record_all(uow: UnitOfWork, feed: Sequence[NewPurchase]) -> list[Outcome]:
    """What becomes of purchases told together, in their order, each decided by itself as `record` does."""
    try:
        async with uow.savepoint():
            return await _record(uow, feed)
    except SpecieError:
        # The books refuse one of them; only posting each alone tells which, and lets its neighbours be.
        return [await _apart(uow, new) for new in feed]


async def _apart(uow: UnitOfWork, new: NewPurchase) -> Outcome:
    try:
        async with uow.savepoint():
            return await record(uow, new)
    except SpecieError as refusal:
        return refusal


async def _record(uow: UnitOfWork, feed: Sequence[NewPurchase]) -> list[Outcome]:
    """Judge purchases in memory, then write what is new: as many statements for a hundred of them as for one."""
    ground = await _Ground.of(uow, feed)
    judged = [ground.judge(uow, new) for new in feed]
    written = await _written(uow, ground)
    brought = await _brought(uow, written)
    if ground.known:
        brought |= await recording_store.accruals_of_all(uow, [each.id for each in ground.known.values()])
    is_new = {purchase.id for purchase in written}
    outcomes: list[Outcome] = []
    for new, each in zip(feed, judged, strict=True):
        outcome = ground.outcome(new, each, brought, is_new)
        outcomes.append(outcome)
        if isinstance(outcome, Recorded):
            # Told twice in one go, it is new once.
            is_new.discard(outcome.purchase.id)
    return outcomes


@dataclass(frozen=True, slots=True)
class _Ground:
    """What purchases are judged by: what was told before, who may sell, who is known; and the `fresh` that stand."""

    known: dict[Told, Purchase]
    active: Collection[PartyId]
    people: Collection[PartyId]
    fresh: dict[Told, Purchase] = field(default_factory=dict)

    @classmethod
    async def of(cls, uow: UnitOfWork, feed: Sequence[NewPurchase]) -> "_Ground":
        """All of it, with three statements."""
        asked = [(key, new) for new in feed if (key := _key(uow, new)) is not None]
        known = await recording_store.purchases_told(uow, {key for key, _ in asked})
        unknown = [(key, new) for key, new in asked if key not in known]
        if not unknown:
            return cls(known, (), ())
        active = await merchants.active_among(uow, {key[0] for key, _ in unknown})
        return cls(known, active, await parties.tiers(uow, {new.party_id for _, new in unknown}))

    def judge(self, uow: UnitOfWork, new: NewPurchase) -> Told | SpecieError:
        """Under what a purchase is known or, from now on, among the fresh; or why it is refused."""
        try:
            merchant_id = merchants.own_party(uow, new.merchant_id)
            key = (merchant_id, new.source, new.external_id)
            earlier = self.known.get(key) or self.fresh.get(key)
            if earlier is not None:
                _require_same(earlier, new)
                return key
            merchants.require_one_of(self.active, merchant_id)
            merchants.require_known(self.people, new.party_id)
            self.fresh[key] = _purchase(uow, merchant_id, new)
        except SpecieError as refusal:
            return refusal
        return key

    def outcome(
        self,
        new: NewPurchase,
        judged: Told | SpecieError,
        brought: Mapping[PurchaseId, Sequence[Accrual]],
        is_new: Collection[PurchaseId],
    ) -> Outcome:
        """The answer to a purchase, now that everything is written."""
        if isinstance(judged, SpecieError):
            return judged
        purchase = self.known.get(judged) or self.fresh[judged]
        try:
            _require_same(purchase, new)
        except PurchaseDiffers as refusal:
            return refusal
        return Recorded(purchase, brought[purchase.id], is_new=purchase.id in is_new)


def _key(uow: UnitOfWork, new: NewPurchase) -> Told | None:
    """Under what a purchase is told once; None where nobody says who sold."""
    merchant_id = uow.scope.party_id or new.merchant_id
    return None if merchant_id is None else (merchant_id, new.source, new.external_id)


def _require_same(earlier: Purchase, new: NewPurchase) -> None:
    if earlier.party_id != new.party_id or earlier.amount != new.amount:
        raise PurchaseDiffers(f"{new.external_id} was another purchase", param="external_id")


async def _written(uow: UnitOfWork, ground: _Ground) -> list[Purchase]:
    """Write the fresh purchases down; those that somebody else has told meanwhile are known from then on."""
    if not ground.fresh:
        return []
    ids = await recording_store.insert_purchases(uow, list(ground.fresh.values()))
    lost = {key for key, purchase in ground.fresh.items() if purchase.id not in ids}
    if lost:
        ground.known.update(await recording_store.purchases_told(uow, lost))
    written = [purchase for purchase in ground.fresh.values() if purchase.id in ids]
    news = [told.purchase_event(CashbackEvent.PURCHASE_RECORDED, purchase) for purchase in written]
    rows = [events.row(uow.scope, each, event_id=uuid7(), at=uow.now) for each in news]
    if rows:
        await events.insert_many(await uow.raw(), rows)
    return written


async def _brought(uow: UnitOfWork, written: Sequence[Purchase]) -> dict[PurchaseId, list[Accrual]]:
    """The cashback that new purchases bring; that of confirmed ones is to become available."""
    if not written:
        return {}
    brought = await giving.give(uow, written)
    confirmed = [purchase.id for purchase in written if purchase.state is PurchaseState.CONFIRMED]
    await plan(uow, [accrual for purchase_id in confirmed for accrual in brought[purchase_id]])
    return brought


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
            await plan(uow, [confirmed])
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
