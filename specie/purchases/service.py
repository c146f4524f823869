"""Purchases: opened, looked at, called off, run out; and the one way in which a decided one ends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from specie import audit, cashback, events, ledger, parties, payments
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.payments import PaymentState
from specie.platform import due, jobs
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.purchases import goods, goods_store, line_store, postings, store
from specie.purchases.errors import (
    LinesInvalid,
    PurchaseExpired,
    PurchaseMissing,
    PurchasePartyRequired,
    PurchaseReferenceTaken,
    TenderInvalid,
)
from specie.purchases.events import purchase_event
from specie.purchases.goods_store import Goods
from specie.purchases.lines import Line, require_sum
from specie.purchases.model import (
    Leg,
    Purchase,
    PurchaseId,
    PurchaseMove,
    PurchaseState,
    Share,
    Tender,
    TenderKind,
    Wish,
    plan,
)
from specie.purchases.tenders import MEANS, Step

EXPIRE = "purchases.expire"
EARN = "purchases.earn"
LOOK = "purchases.look"
_LOOK_AGAIN = timedelta(minutes=5)
_ENDED = (PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.CANCELLED)


@dataclass(frozen=True, slots=True)
class OpenPurchase:
    """A purchase to be paid by tenders that its customer chooses; without a customer, whoever pays it first is that."""

    merchant_id: PartyId | None
    customer_id: PartyId | None
    reference: str
    amount: Money | None
    title: str = ""
    valid_for: timedelta = timedelta(days=7)
    lines: Sequence[Line] = ()
    tenders: Sequence[TenderKind] = tuple(TenderKind)
    goods: Goods | None = None
    """What it sells of the business's own catalogue; its lines and amount follow from these."""
    currency: Currency | None = None
    """That of the goods' prices."""


async def open_purchase(uow: UnitOfWork, command: OpenPurchase) -> Purchase:
    """Ask a customer for a total; nothing moves yet.

    Raises PurchasePartyRequired, PartyMissing, LinesInvalid, PurchaseReferenceTaken, or what `goods.sold_as` raises.
    """
    command = await _of_goods(uow, command)
    merchant_id = uow.scope.party_id or command.merchant_id
    if merchant_id is None:
        raise PurchasePartyRequired("say who sells", param="merchant_id")
    if merchant_id == command.customer_id:
        raise PurchasePartyRequired("nobody buys from oneself", param="customer_id")
    if command.amount is None:
        raise LinesInvalid("say the amount, or the goods", param="amount")
    require_sum(command.lines, command.amount)
    named = [each for each in (merchant_id, command.customer_id) if each is not None]
    if len(await parties.tiers(uow, named)) < len(named):
        raise parties.PartyMissing("there is no such party")
    purchase = Purchase(
        id=PurchaseId.new(),
        merchant_id=merchant_id,
        customer_id=command.customer_id,
        reference=command.reference,
        title=command.title or command.reference,
        amount=command.amount,
        state=PurchaseState.OPEN,
        attempt=0,
        version=1,
        created_at=uow.now,
        expires_at=uow.now + command.valid_for,
        tenders=[kind for kind in TenderKind if kind in command.tenders],
        sells_goods=command.goods is not None,
    )
    if not await store.insert_purchase(uow, purchase):
        raise PurchaseReferenceTaken(f"{command.reference} is another purchase", param="reference")
    await line_store.insert_lines(uow, purchase, command.lines)
    if command.goods is not None:
        await goods_store.insert_goods(uow, purchase, command.goods)
    await _note(uow, "open", purchase)
    await events.record(uow, purchase_event("opened", purchase, []))
    await due.schedule(uow, kind=EXPIRE, at=purchase.expires_at, payload={"purchase": str(purchase.id.uuid)})
    return purchase


async def _of_goods(uow: UnitOfWork, command: OpenPurchase) -> OpenPurchase:
    """The command with the seller, the lines and the amount that its goods come to."""
    if command.goods is None:
        return command
    if command.lines or command.currency is None:
        raise LinesInvalid("the goods say the lines", param="lines")
    wanted = uow.scope.party_id or command.merchant_id
    sold = await goods.sold_as(uow, command.goods, command.currency, wanted, command.customer_id)
    if command.amount not in {None, sold.amount}:
        raise LinesInvalid(f"the goods come to {sold.amount}", param="amount")
    return replace(command, merchant_id=sold.merchant_id, goods=sold.goods, lines=sold.lines, amount=sold.amount)


async def get(uow: UnitOfWork, purchase_id: PurchaseId, *, lock: bool = False) -> Purchase:
    """A purchase the caller makes or sells. Raises PurchaseMissing."""
    found = await store.purchase_by_id(uow, purchase_id, lock=lock)
    if found is None:
        raise PurchaseMissing(f"there is no purchase {purchase_id}")
    return found


async def legs_of(uow: UnitOfWork, purchase: Purchase) -> list[Leg]:
    """The legs of the purchase's latest attempt."""
    return (await store.legs_of(uow, [purchase]))[purchase.id]


async def shares(uow: UnitOfWork, purchase: Purchase, wishes: Sequence[Wish]) -> list[Share]:
    """Who would pay how much now. Raises TenderInvalid, TenderShort or NotCovered."""
    for wish in wishes:
        if wish.kind not in purchase.tenders:
            raise TenderInvalid(f"the merchant takes no {wish.kind} for this", param="tenders")
    tenders = [Tender(wish, await MEANS[wish.kind].most(Step(uow, purchase))) for wish in wishes]
    return plan(purchase.amount, tenders)


async def pay(uow: UnitOfWork, ring: KeyRing, purchase_id: PurchaseId, wishes: Sequence[Wish]) -> Purchase:
    """Set every tender's part aside; without a provider's part the purchase is completed at once.

    Raises PurchaseMissing, PurchaseCannotMove, PurchaseExpired, what `shares` raises, and what each tender refuses:
    InsufficientFunds, LimitExceeded, WalletFrozen, CreditLineExceeded, CreditLineBlocked, CostChanged and their like;
    OutOfStock where the goods are no longer there.
    """
    before = await get(uow, purchase_id, lock=True)
    held = before.after(PurchaseMove.HOLD, attempt=before.attempt + 1, failure=None)
    if before.expires_at <= uow.now:
        raise PurchaseExpired("ask the merchant for a new purchase")
    legs: list[Leg] = []
    for share in await shares(uow, before, wishes):
        legs += await MEANS[share.wish.kind].hold(Step(uow, held, ring), share, len(legs) + 1)
        crash_point("purchases.tender.held")
    await goods.promise(uow, held)
    await store.save_purchase(uow, held)
    await store.insert_legs(uow, held, legs)
    await _note(uow, "hold", held, legs)
    await events.record(uow, purchase_event("held", held, legs))
    if any(leg.kind is TenderKind.PROVIDER for leg in legs):
        return held
    return await complete(uow, held, legs)


async def complete(uow: UnitOfWork, held: Purchase, legs: Sequence[Leg]) -> Purchase:
    """Every leg pays, the cashback is earned and what may come back is set, all in this unit of work."""
    done = held.after(PurchaseMove.COMPLETE, completed_at=uow.now)
    for leg in legs:
        entry_id = await MEANS[leg.kind].confirm(Step(uow, done), leg)
        await store.note_entry(uow, done, leg, entry_id)
        crash_point("purchases.tender.paid")
    await goods.sell(uow, done, await legs_of(uow, done))
    crash_point("purchases.goods.sold")
    returnable, source = await returnable_accounts(uow, done)
    draft = postings.complete(done, returnable, source)
    done = replace(done, entry_id=draft.id, returnable=returnable)
    await ledger.post(uow, draft, purchase_event("completed", done, legs))
    await store.save_purchase(uow, done)
    await _note(uow, "complete", done, legs)
    crash_point("purchases.completed")
    try:
        async with uow.savepoint():
            await earn(uow, done)
    except SpecieError:
        # What is wrong with an offer holds up no payment: the purchase stands, and its cashback is tried again.
        await jobs.defer(uow, EARN, purchase=str(done.id.uuid))
    return done


async def earn(uow: UnitOfWork, done: Purchase) -> None:
    """Give the cashback of a completed purchase, once, however often it is asked for."""
    await cashback.earn(uow, done.merchant_id, done.buyer, str(done.id), done.amount)


async def release(uow: UnitOfWork, held: Purchase, move: PurchaseMove, why: str) -> Purchase:
    """Give back everything that was set aside; what its customer had taken on is open to anybody again.

    Raises ChargeUnknown while a charge may still be on its way.
    """
    after = held.after(move, failure=why)
    after = after.let_go() if after.state is PurchaseState.OPEN else after
    legs = await legs_of(uow, held)
    for leg in reversed(legs):
        await MEANS[leg.kind].release(Step(uow, held), leg)
        crash_point("purchases.tender.released")
    await goods.release(uow, held)
    await store.save_purchase(uow, after)
    await _note(uow, "release", after, legs)
    kind = "cancelled" if after.state is PurchaseState.CANCELLED else "released"
    await events.record(uow, purchase_event(kind, after, legs))
    return await expire(uow, after)


async def let_go(uow: UnitOfWork, purchase_id: PurchaseId, why: str) -> Purchase:
    """Give back what a held purchase has set aside: other tenders may be chosen, by anybody if it names nobody.

    Raises PurchaseMissing, PurchaseCannotMove, or ChargeUnknown while a charge may still be on its way.
    """
    await lock_payment(uow, await get(uow, purchase_id))
    held = await get(uow, purchase_id, lock=True)
    return await release(uow, held, PurchaseMove.RELEASE, why)


async def cancel(uow: UnitOfWork, purchase_id: PurchaseId) -> Purchase:
    """Call a purchase off; what was set aside goes back.

    Raises PurchaseMissing, PurchaseCannotMove, or ChargeUnknown while a charge may still be on its way.
    """
    await lock_payment(uow, await get(uow, purchase_id))
    purchase = await get(uow, purchase_id, lock=True)
    if purchase.state is PurchaseState.HELD:
        return await release(uow, purchase, PurchaseMove.CANCEL, "cancelled")
    after = purchase.after(PurchaseMove.CANCEL)
    await store.save_purchase(uow, after)
    await _note(uow, "cancel", after)
    await events.record(uow, purchase_event("cancelled", after, []))
    return after


async def expire(uow: UnitOfWork, purchase: Purchase) -> Purchase:
    """End an open purchase whose time is over; any other stays as it is. The purchase is locked."""
    if purchase.state is not PurchaseState.OPEN or purchase.expires_at > uow.now:
        return purchase
    after = purchase.after(PurchaseMove.EXPIRE)
    await store.save_purchase(uow, after)
    await _note(uow, "expire", after)
    await events.record(uow, purchase_event("expired", after, []))
    return after


async def look(uow: UnitOfWork, purchase_id: PurchaseId) -> Purchase:
    """Give back what a purchase has set aside when its payment has come to nothing.

    While a charge may still lead to money everything stays, and the purchase is looked at again.
    """
    payment_id = await lock_payment(uow, await get(uow, purchase_id))
    purchase = await get(uow, purchase_id, lock=True)
    if purchase.state is not PurchaseState.HELD or payment_id is None:
        return await expire(uow, purchase)
    payment = await payments.get_payment(uow, payment_id)
    if payment.state not in _ENDED:
        return purchase
    if await payments.live_attempt(uow, payment_id) is not None:
        payload = {"purchase": str(purchase_id.uuid)}
        await due.schedule(uow, kind=LOOK, at=uow.now + _LOOK_AGAIN, payload=payload)
        return purchase
    return await release(uow, purchase, PurchaseMove.RELEASE, f"payment_{payment.state}")


async def returnable(uow: UnitOfWork, purchase: Purchase) -> Money:
    """What may still be given back of a purchase: the balance of its account."""
    if purchase.returnable is None:
        return Money.zero(purchase.amount.currency)
    return (await ledger.get_account(uow, purchase.returnable)).balance


async def returnable_accounts(uow: UnitOfWork, purchase: Purchase) -> tuple[AccountId, AccountId]:
    """The account of what may still be given back of a purchase, and its other side."""
    currency = purchase.amount.currency
    account = await ledger.ensure_account(uow, postings.returnable_account(purchase.id, currency))
    source = await ledger.ensure_account(uow, postings.returnable_source(purchase.merchant_id, currency))
    return account.id, source.id


async def lock_payment(uow: UnitOfWork, purchase: Purchase) -> PaymentId | None:
    """A payment is locked before its purchase, as when the provider tells of it."""
    for leg in await legs_of(uow, purchase):
        if leg.payment_id is not None:
            await payments.get_payment(uow, leg.payment_id, lock=True)
            return leg.payment_id
    return None


async def still_held(uow: UnitOfWork, party_id: PartyId) -> str | None:
    """Why a party cannot be forgotten yet: money may still arrive for what it buys or sells; None when it may be."""
    found = await store.purchases(uow, store.PurchaseFilter("held", party_id), None, 1)
    return "a purchase waits for its payment" if found.items else None


async def _note(uow: UnitOfWork, act: str, purchase: Purchase, legs: Sequence[Leg] = ()) -> None:
    after = {"state": purchase.state.value, "legs": {leg.kind.value: leg.amount.minor for leg in legs}}
    await audit.record(uow, action=f"purchase.{act}", subject=("purchase", str(purchase.id)), after=after)
