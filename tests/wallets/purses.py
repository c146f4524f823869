"""Shorthand for wallet tests: parties with wallets, filled from a bank."""

from specie import ledger, parties, wallets
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.parties import PartyKind
from specie.platform.db import Database
from specie.platform.vault import KeyRing
from specie.wallets import Wallet

VAULT = KeyRing({1: bytes(range(32))}, 1)


async def new_wallet(
    database: Database, scope: Scope, minor: int = 0, currency: str = "IDR", tier: str | None = None, **known: str
) -> Wallet:
    """A person with a wallet that holds so much."""
    async with database.begin(scope) as uow:
        person = {"name": "Sri Wahyuni"} | known
        party = await parties.create_party(uow, VAULT, kind=PartyKind.PERSON, roles=["customer"], known=person)
        money = Currency.of(currency)
        wallet = await wallets.open_wallet(uow, party.id, money, tier=tier)
        if minor:
            bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, money))
            legs = [Leg(bank.id, wallet.available_account, Money(minor, money))]
            legs += wallets.incoming_legs(wallet, Money(minor, money))
            await ledger.post(uow, EntryDraft(Recipe("test.fund", 1), legs))
        return wallet


async def balance(database: Database, scope: Scope, wallet: Wallet) -> tuple[int, int]:
    """Available and held, in minor units."""
    async with database.begin(scope) as uow:
        have = (await wallets.balances(uow, [wallet]))[wallet.id]
    return have.available.minor, have.held.minor
