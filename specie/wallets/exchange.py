"""Currency exchange between two wallets of one party, at rates the tenant sets.

Both sides meet in `equity:liquidity`, one account per currency: what a customer gives up arrives there and what they
get leaves from there, so each currency balances by itself and the two balances are the house's open position.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from specie import audit, ledger
from specie.kernel.errors import SpecieError
from specie.kernel.ids import WalletId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, JournalEntry, Leg, Recipe
from specie.platform.db import UnitOfWork
from specie.wallets import exchange_store
from specie.wallets.errors import AmountTooSmall, OtherOwner, RateMissing, RateMoved, WalletCurrency
from specie.wallets.events import exchanged_event
from specie.wallets.exchange_model import Rate
from specie.wallets.limits import explained
from specie.wallets.model import Wallet
from specie.wallets.postings import incoming_legs, leaving_legs
from specie.wallets.service import get_wallet

EXCHANGE = Recipe("wallets.exchange", 1, undo="exchange the money back")
LIQUIDITY = "equity:liquidity"

ledger.keep("Exchange", LIQUIDITY, instead="it stays open; post what is to be moved", takes_journals=True)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An exchange that was made: the entry, what was sold, what was bought, and the rate in force."""

    entry: JournalEntry
    sold: Money
    bought: Money
    rate: Rate


async def set_rate(uow: UnitOfWork, base: Currency, quote: Currency, rate: Decimal, spread: Decimal) -> Rate:
    """Put a rate in force from now on. Raises WalletCurrency for a currency against itself."""
    if base.code == quote.code:
        raise WalletCurrency("a rate is between two currencies", param="quote")
    fresh = Rate(base, quote, rate, spread, str(uow.scope.actor), uow.now)
    await exchange_store.add_rate(uow, fresh)
    await audit.record(
        uow,
        action="exchange.rate",
        subject=("exchange_rate", f"{base}/{quote}"),
        after={"rate": str(rate), "spread": str(spread)},
    )
    return fresh


async def get_rate(uow: UnitOfWork, one: Currency, other: Currency, *, by: datetime | None = None) -> Rate:
    """The rate between two currencies, whichever is the base, now or by a business time. Raises RateMissing."""
    found = await exchange_store.rate_between(uow, one, other, by=by)
    if found is None:
        raise RateMissing(f"nobody has set a rate between {one} and {other}")
    return found


async def exchange(
    uow: UnitOfWork, from_wallet: WalletId, to_wallet: WalletId, amount: Money, at_least: Money | None = None
) -> Exchanged:
    """Sell an amount of one wallet for what the rate in force gives in another wallet of the same party.

    Raises WalletMissing, OtherOwner, WalletCurrency, RateMissing, RateMoved (less than `at_least`), AmountTooSmall,
    and as decided under the locks InsufficientFunds, LimitExceeded or WalletFrozen.
    """
    seller, buyer = await get_wallet(uow, from_wallet), await get_wallet(uow, to_wallet)
    _require_pair(seller, buyer, amount)
    rate = await get_rate(uow, seller.currency, buyer.currency)
    bought = rate.bought_with(amount)
    _require_enough(bought, at_least)
    draft = await _draft(uow, seller, buyer, amount, bought, rate)
    try:
        entry = await ledger.post(uow, draft, exchanged_event(draft.id, seller, buyer, amount, bought))
    except SpecieError as refusal:
        raise explained(refusal, amount.currency) from refusal
    return Exchanged(entry, amount, bought, rate)


async def recorded_rates(uow: UnitOfWork) -> list[Rate]:
    """The rate in force of every pair that has one, by base and quote."""
    return await exchange_store.rates_in_force(uow)


async def liquidity(uow: UnitOfWork, currency: Currency) -> ledger.Account:
    """Where both sides of an exchange meet. It may fall below zero: that is the house's open position."""
    spec = AccountSpec(LIQUIDITY, AccountType.EQUITY, currency, name="Currency position")
    return await ledger.ensure_account(uow, spec)


def _require_pair(seller: Wallet, buyer: Wallet, amount: Money) -> None:
    if seller.party_id != buyer.party_id:
        raise OtherOwner("both wallets must belong to the same party", param="to_wallet_id")
    if amount.currency.code != seller.currency.code:
        raise WalletCurrency(f"the wallet that pays is in {seller.currency}", param="amount")
    if seller.currency.code == buyer.currency.code:
        raise WalletCurrency("both wallets are in the same currency; send the money instead", param="to_wallet_id")


def _require_enough(bought: Money, at_least: Money | None) -> None:
    if at_least is not None and at_least.currency.code != bought.currency.code:
        raise WalletCurrency(f"the wallet that receives is in {bought.currency}", param="at_least")
    if at_least is not None and bought < at_least:
        raise RateMoved(f"the rate now gives {bought}", param="at_least", bought=bought.minor)
    if bought.minor == 0:
        raise AmountTooSmall(f"it is worth less than the smallest unit of {bought.currency}", param="amount")


async def _draft(
    uow: UnitOfWork, seller: Wallet, buyer: Wallet, amount: Money, bought: Money, rate: Rate
) -> EntryDraft:
    sold_to, bought_from = await liquidity(uow, amount.currency), await liquidity(uow, bought.currency)
    legs = [
        Leg(seller.available_account, sold_to.id, amount),
        Leg(bought_from.id, buyer.available_account, bought),
        # Nothing is paid to anybody: the windows of paying stay as they are, the caps of both balances move.
        *leaving_legs(seller, amount),
        *incoming_legs(buyer, bought),
    ]
    about = {
        "from_wallet": str(seller.id),
        "to_wallet": str(buyer.id),
        "rate": f"{rate.base}/{rate.quote} {rate.rate}",
        "spread": str(rate.spread),
    }
    return EntryDraft(EXCHANGE, legs, "Exchange", metadata=about)
