"""What a purchase that Specie itself completes does with cashback: it earns, and what comes back of it is taken back.

Both happen in the purchase's own unit of work, so that the cashback of a completed purchase is never missing.
"""

from datetime import datetime, timedelta
from typing import Any

from specie import ledger
from specie.cashback import booking, lots, offer_store, purchases, reversing, store
from specie.cashback.model import Accrual, MerchantState, Purchase
from specie.cashback.purchases import CHECKOUT, NewPurchase
from specie.cashback.store import AccrualFilter
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork

_PAGE = 500


async def earn(uow: UnitOfWork, merchant_id: PartyId, party_id: PartyId, name: str, amount: Money) -> None:
    """Give the cashback of a completed purchase; nothing when its merchant offers none. `name` is the purchase's id."""
    merchant = await offer_store.merchant_of(uow, merchant_id)
    if merchant is None or merchant.state is not MerchantState.ACTIVE:
        return
    await purchases.record(uow, NewPurchase(merchant_id, party_id, name, amount, is_confirmed=True, source=CHECKOUT))


async def earned(uow: UnitOfWork, merchant_id: PartyId, name: str) -> list[Accrual]:
    """The cashback a purchase has brought, as it stands now."""
    told = await _told(uow, merchant_id, name)
    # What a friend earns with it is the friend's.
    return [one for one in await store.accruals_of(uow, told.id) if one.party_id == told.party_id] if told else []


async def of_party_by(
    uow: UnitOfWork, party_id: PartyId, currency: Currency, until: datetime
) -> tuple[Money, list[tuple[datetime, Money]]]:
    """What was on its way to a customer before a moment, and when what the purse had then runs out, the next first."""
    had = [one for one in await _of_party(uow, party_id, currency) if one.created_at < until]
    waited = [one for one in had if not _matured_by(one, until)]
    accounts = await ledger.accounts_by_ids(uow, [one.account for one in waited]) if waited else {}
    last, pending = until - timedelta(microseconds=1), Money.zero(currency)
    for one in waited:
        pending += await ledger.balance_recorded_by(uow, accounts[one.account], last)
    purse = await booking.find_purse(uow, party_id, currency)
    if purse is None:
        return pending, []
    running = [one for one in had if _matured_by(one, until) and (one.expires_at is None or one.expires_at >= until)]
    left = await lots.left_of(uow, purse.available_account, running, until)
    return pending, [(lot.expires_at, rest) for lot, rest in left if lot.expires_at and rest.minor]


def _matured_by(one: Accrual, until: datetime) -> bool:
    return one.matured_at is not None and one.matured_at < until


async def _of_party(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> list[Accrual]:
    """All cashback of a customer in a currency, as it stands now, newest first."""
    found: list[Accrual] = []
    after: tuple[Any, ...] | None = None
    while True:
        page = await store.list_accruals(uow, AccrualFilter(party_id), after=after, limit=_PAGE)
        found += [one for one in page.items if one.kept.currency.code == currency.code]
        if page.next_key is None:
            return found
        after = page.next_key


async def give_back(uow: UnitOfWork, merchant_id: PartyId, name: str, return_name: str, amount: Money) -> Money:
    """Some of a purchase came back: how much of its cashback was taken back.

    What is left is the cashback of what was kept, however many returns there were.
    """
    told = await _told(uow, merchant_id, name)
    nothing = Money.zero(amount.currency)
    if told is None:
        return nothing
    before = await store.accruals_of(uow, told.id)
    await reversing.return_goods(uow, told.id, return_name, amount)
    after = await store.accruals_of(uow, told.id)
    return sum((each.kept for each in before), nothing) - sum((each.kept for each in after), nothing)


async def _told(uow: UnitOfWork, merchant_id: PartyId, name: str) -> Purchase | None:
    return await store.purchase_told(uow, merchant_id, CHECKOUT, name)
