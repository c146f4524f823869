"""Goods that come back: their cashback is taken back, also when it has been spent."""

from dataclasses import replace

from specie import audit, events, ledger
from specie.cashback import booking, offer_store, postings, store
from specie.cashback import events as told
from specie.cashback.calculator import kept_after
from specie.cashback.errors import PurchaseCannotMove, PurchaseMissing, ReturnDiffers, ReturnTooLarge
from specie.cashback.events import CashbackEvent
from specie.cashback.model import (
    WAITING,
    Accrual,
    AccrualMove,
    AccrualState,
    GoodsReturn,
    Purchase,
    PurchaseId,
    PurchaseMove,
    PurchaseState,
    take_back,
)
from specie.cashback.postings import Counters, TakenFrom
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.wallets import debt_account, leaving_legs


async def return_goods(uow: UnitOfWork, purchase_id: PurchaseId, external_id: str, amount: Money) -> Purchase:
    """Some or all of a purchase came back. Told again, it changes nothing.

    Each offer's cashback becomes what it would have been had only the rest been bought. Raises PurchaseMissing,
    PurchaseCannotMove, ReturnTooLarge or ReturnDiffers.
    """
    purchase = await store.purchase_by_id(uow, purchase_id, lock=True, as_merchant=True)
    if purchase is None:
        raise PurchaseMissing(f"there is no purchase {purchase_id}")
    earlier = [each for each in await store.returns_of(uow, purchase) if each.external_id == external_id]
    if earlier and earlier[0].amount == amount:
        return purchase
    if earlier:
        raise ReturnDiffers(f"{external_id} was a return of {earlier[0].amount}", param="external_id")
    after = _after(purchase, amount)
    await store.insert_return(uow, GoodsReturn(purchase_id, external_id, amount, uow.now))
    await store.save_purchase(uow, after)
    await audit.record(
        uow,
        action="purchase.return",
        subject=("purchase", str(purchase_id)),
        after={"external_id": external_id, "amount_minor": amount.minor, "state": str(after.state)},
    )
    await events.record(uow, told.purchase_event(CashbackEvent.PURCHASE_RETURNED, after))
    for accrual in await store.accruals_of(uow, purchase_id):
        if accrual.state is not AccrualState.REVERSED:
            await _follow(uow, accrual, after.kept)
    return after


def _after(purchase: Purchase, amount: Money) -> Purchase:
    if purchase.state in (PurchaseState.REJECTED, PurchaseState.REVERSED):
        raise PurchaseCannotMove(f"nothing is left of a purchase that is {purchase.state}", state=str(purchase.state))
    if amount.currency.code != purchase.amount.currency.code or amount > purchase.kept:
        raise ReturnTooLarge(f"{purchase.kept} has not come back", left=purchase.kept.minor, param="amount")
    returned = replace(purchase, returned=purchase.returned + amount)
    if returned.kept.minor == 0:
        return returned.after(PurchaseMove.RETURN_ALL)
    return replace(returned, version=returned.version + 1)


async def _follow(uow: UnitOfWork, accrual: Accrual, kept_goods: Money) -> None:
    offer = await offer_store.offer_under(uow, accrual.offer_id, accrual.rule_version)
    due = kept_after(offer.terms, accrual.room, kept_goods).amount
    if due < accrual.kept or due.minor == 0:
        await _take(uow, accrual, due)


async def take_all_back(uow: UnitOfWork, accrual: Accrual) -> None:
    """The offer gets back all that it gave. The purchase is locked."""
    await _take(uow, accrual, Money.zero(accrual.kept.currency))


async def _take(uow: UnitOfWork, accrual: Accrual, due: Money) -> None:
    """Leave so much of the cashback and take the rest back, from wherever it is now."""
    offer = await offer_store.offer_under(uow, accrual.offer_id, accrual.rule_version)
    currency, claimed = accrual.kept.currency, accrual.kept - due
    purse = await booking.purse_of(uow, accrual.party_id, currency) if accrual.state not in WAITING else None
    have = await booking.in_purse(uow, purse) if purse else Money.zero(currency)
    taken = take_back(accrual, offer.terms.clawback, claimed, have)
    debt = await ledger.ensure_account(uow, debt_account(accrual.party_id, currency))
    places = TakenFrom(
        purse=purse.available_account if purse else accrual.account,
        debt=debt.id,
        breakage=await booking.breakage(uow, currency),
    )
    left = replace(accrual, kept=due, borne=accrual.borne + taken.borne, expired=accrual.expired - taken.breakage)
    after = left.after(AccrualMove.REVERSE) if due.minor == 0 else replace(left, version=left.version + 1)
    await store.save_accrual(uow, after)
    counters = Counters(offer.source, offer.total, accrual.counter)
    limits = leaving_legs(purse, taken.purse) if purse else []
    draft = postings.take_back(offer, after, taken, places, counters, limits)
    await booking.post_fact(uow, draft, told.accrual_event(CashbackEvent.TAKEN_BACK, after, claimed))
    if accrual.state in WAITING and due.minor == 0:
        await ledger.close_account(uow, accrual.account, reason="nothing is left to wait for")
