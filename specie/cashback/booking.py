"""Finds the accounts of cashback, locks those on which a decision stands, and posts."""

from collections.abc import Collection, Mapping

from specie import events, ledger, wallets
from specie.cashback import postings
from specie.cashback.calculator import Rooms
from specie.cashback.model import DRAW_ORDER, PURSE, Offer, OfferId
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


CountersOf = Mapping[tuple[OfferId, PartyId], Counters]
"""What counts what an offer gives to a party."""


async def counters_of(uow: UnitOfWork, pairs: Collection[tuple[Offer, PartyId]]) -> CountersOf:
    """The accounts that count what offers give to parties, each party's with the cap now in force."""
    capped = {(offer.id, to): (offer, cap) for offer, to in pairs if (cap := offer.terms.cap_user) is not None}
    specs = [postings.user_account(offer.id, to, cap.currency, cap) for (_, to), (offer, cap) in capped.items()]
    users = dict(zip(capped, await ledger.ensure_accounts(uow, specs), strict=True))
    for pair, (offer, cap) in capped.items():
        if users[pair].floor != -cap:
            await ledger.set_floor(uow, users[pair].id, -cap, reason=f"terms {offer.rule_version} of {offer.id}")
    ids = {pair: account.id for pair, account in users.items()}
    return {(offer.id, to): Counters(offer.source, offer.total, ids.get((offer.id, to))) for offer, to in pairs}


class Left:
    """What offers can still give, while what they give is decided piece by piece.

    The accounts stay locked, so that it is still so when it is posted.
    """

    def __init__(self, accounts: Mapping[AccountId, Account]) -> None:
        self._accounts = accounts
        self._given: dict[AccountId, Money] = {}

    @classmethod
    async def of(cls, uow: UnitOfWork, counted: Collection[tuple[Offer, Counters]]) -> "Left":
        """Lock the accounts on which decisions stand; whoever gives from the same offers waits here."""
        wanted = {account for offer, counters in counted for account in _decisive(offer, counters)}
        return cls(await ledger.locked_accounts(uow, wanted))

    def rooms(self, offer: Offer, counters: Counters) -> Rooms:
        """What an offer can still give to a customer."""
        budget = self._accounts[offer.budget]
        return Rooms(
            budget=self._without_given(budget, budget.balance),
            user=self._room(counters.user) if counters.user else None,
            total=self._room(counters.total),
        )

    def give(self, offer: Offer, counters: Counters, amount: Money) -> None:
        """Count what has been decided."""
        for account in _decisive(offer, counters):
            self._given[account] = self._given.get(account, Money.zero(amount.currency)) + amount

    def _room(self, account_id: AccountId) -> Money | None:
        account = self._accounts[account_id]
        return None if account.floor is None else self._without_given(account, account.balance - account.floor)

    def _without_given(self, account: Account, left: Money) -> Money:
        given = self._given.get(account.id)
        return left if given is None else left - given


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
