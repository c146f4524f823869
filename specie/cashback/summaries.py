"""What a customer has: on its way, to spend, soon to run out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from specie import ledger, wallets
from specie.cashback import booking, lots, store
from specie.cashback.model import WAITING, Accrual, AccrualState
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Summary:
    """One customer's cashback in one currency. `spent` is what left the purse other than by running out."""

    currency: Currency
    pending: Money
    available: Money
    expiring: Money
    spent: Money
    expired: Money
    owed: Money
    purse: wallets.Wallet | None
    lots: Sequence[tuple[Accrual, Money]]


async def of_party(uow: UnitOfWork, party_id: PartyId) -> list[Summary]:
    """A customer's cashback by currency; none in a currency in which there never was any."""
    rows = await store.sums_by_state(uow, party_id)
    codes = sorted({row.currency for row in rows})
    return [await _summary(uow, party_id, code, [row for row in rows if row.currency == code]) for code in codes]


async def _summary(uow: UnitOfWork, party_id: PartyId, code: str, rows: Sequence[store.StateSum]) -> Summary:
    currency = Currency.of(code)
    purse = await booking.find_purse(uow, party_id, currency)
    available, held = await in_purse(uow, party_id, currency)
    left = await lots_of(uow, party_id, currency)
    debt = await ledger.ensure_account(uow, wallets.debt_account(party_id, currency))
    waiting = sum(row.kept_minor for row in rows if AccrualState(row.state) in WAITING)
    matured = sum(row.kept_minor for row in rows if AccrualState(row.state) not in WAITING)
    expired = sum(row.expired_minor for row in rows)
    soon = [rest for lot, rest in left if lot.expires_at is not None and lot.expires_at <= uow.now + SOON]
    return Summary(
        currency=currency,
        pending=Money(waiting, currency),
        available=available,
        expiring=sum(soon, Money.zero(currency)),
        spent=Money(max(0, matured - expired - available.minor - held.minor), currency),
        expired=Money(expired, currency),
        owed=debt.balance,
        purse=purse,
        lots=left,
    )


async def lots_of(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> list[tuple[Accrual, Money]]:
    """What is left of each piece of a customer's available cashback, what runs out first in front."""
    purse = await booking.find_purse(uow, party_id, currency)
    if purse is None:
        return []
    return await lots.left_of(uow, purse.available_account, await store.available_of(uow, party_id, currency))


async def in_purse(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> tuple[Money, Money]:
    """What a customer's purse has available and held."""
    purse = await booking.find_purse(uow, party_id, currency)
    if purse is None:
        return Money.zero(currency), Money.zero(currency)
    have = (await wallets.balances(uow, [purse]))[purse.id]
    return have.available, have.held
