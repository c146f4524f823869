"""Finds the accounts of cashback, locks those on which a decision stands, and posts."""

from collections.abc import Sequence

from specie import events, ledger, wallets
from specie.cashback import postings
from specie.cashback.calculator import Rooms
from specie.cashback.model import DRAW_ORDER, PURSE, Offer
from specie.cashback.postings import Counters
from specie.events import NewEvent
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import Account, EntryDraft
from specie.platform.db import UnitOfWork
from specie.wallets import Wallet


async def post_request(uow: UnitOfWork, draft: EntryDraft, event: NewEvent, currency: Currency) -> None:
    """Post what a wallet pays or gets; a refusal is told in the words of wallets.

    Raises InsufficientFunds, LimitExceeded or WalletFrozen.
    """
    try:
        await ledger.post(uow, draft, event)
    except SpecieError as refusal:
        raise wallets.explained(refusal, currency) from refusal


async def post_fact(uow: UnitOfWork, draft: EntryDraft, event: NewEvent) -> None:
    """Post what has happened; where it moves nothing, only its event is recorded."""
    if draft.legs:
        await ledger.post(uow, draft, event)
    else:
        await events.record(uow, event)


async def counters_of(uow: UnitOfWork, offer: Offer, party_id: PartyId) -> Counters:
    """The accounts that count what an offer gives, the customer's with the cap now in force."""
    cap, currency = offer.terms.cap_user, offer.terms.currency
    if cap is None:
        return Counters(offer.source, offer.total, None)
    account = await ledger.ensure_account(uow, postings.user_account(offer.id, party_id, currency, cap))
    if account.floor != -cap:
        await ledger.set_floor(uow, account.id, -cap, reason=f"terms {offer.rule_version} of {offer.id}")
    return Counters(offer.source, offer.total, account.id)


async def rooms_of(uow: UnitOfWork, offers: Sequence[tuple[Offer, Counters]]) -> list[Rooms]:
    """What each offer can still give; the accounts stay locked, so that it is still so when it is posted."""
    wanted = {account for offer, counters in offers for account in _decisive(offer, counters)}
    # Sorted, as everywhere; whoever gives from the same offers waits here.
    accounts = {each: await ledger.get_account(uow, each, lock=True) for each in sorted(wanted)}
    return [
        Rooms(
            budget=accounts[offer.budget].balance,
            user=_left(accounts[counters.user]) if counters.user else None,
            total=_left(accounts[counters.total]),
        )
        for offer, counters in offers
    ]


async def find_purse(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> Wallet | None:
    """The wallet in which a customer's available cashback lies, if there has been any."""
    owned = await wallets.wallets_of(uow, party_id)
    return next((one for one in owned if one.purpose == PURSE and one.currency.code == currency.code), None)


async def purse_of(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> Wallet:
    """The wallet for a customer's available cashback, opened now if there is none; one's own money stays out of it."""
    found = await find_purse(uow, party_id, currency)
    if found is not None:
        return found
    wallet = await wallets.open_wallet(uow, party_id, currency, PURSE, draw_order=DRAW_ORDER)
    # What runs out must be cashback alone, so requests put nothing here; what matures is a fact.
    await ledger.freeze(uow, wallet.available_account, debits=False, credits=True, reason="only cashback arrives here")
    return wallet


async def in_purse(uow: UnitOfWork, purse: Wallet) -> Money:
    """What a purse holds, locked until the end of the unit of work."""
    return (await ledger.get_account(uow, purse.available_account, lock=True)).balance


async def owed(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> Account:
    """The account of what a customer owes; locked when there is something, so that it is repaid once."""
    account = await ledger.ensure_account(uow, wallets.debt_account(party_id, currency))
    if account.balance.minor == 0:
        return account
    return await ledger.get_account(uow, account.id, lock=True)


async def breakage(uow: UnitOfWork, currency: Currency) -> AccountId:
    """The account of what has run out."""
    return (await ledger.ensure_account(uow, postings.breakage_account(currency))).id


def _decisive(offer: Offer, counters: Counters) -> list[AccountId]:
    return [offer.budget, counters.total, *([counters.user] if counters.user else [])]


def _left(account: Account) -> Money | None:
    return None if account.floor is None else account.balance - account.floor
