"""Shorthand for ledger tests: open accounts, move money, read balances."""

from specie import ledger
from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import REVERSE, Account, AccountSpec, AccountType, EntryDraft, JournalEntry, Leg, Recipe
from specie.platform.db import Database

TEST = Recipe("test.move", 1, undo=REVERSE)


async def open_account(
    database: Database,
    scope: Scope,
    code: str,
    currency: str = "IDR",
    floor: int | None = None,
    window_seconds: int | None = None,
    control: str | None = None,
) -> Account:
    """Open an account whose type is the first part of its code."""
    money = Currency.of(currency)
    spec = AccountSpec(
        code=code,
        type=AccountType(code.split(":", maxsplit=1)[0]),
        currency=money,
        floor=None if floor is None else Money(floor, money),
        window_seconds=window_seconds,
        control=control,
    )
    async with database.begin(scope) as uow:
        return await ledger.open_account(uow, spec)


def draft(*legs: tuple[Account, Account, int], is_fact: bool = False) -> EntryDraft:
    """Debit the first, credit the second account of each leg."""
    return EntryDraft(
        recipe=TEST,
        legs=[Leg(debit.id, credit.id, Money(minor, debit.currency)) for debit, credit, minor in legs],
        is_fact=is_fact,
    )


async def post(database: Database, scope: Scope, *legs: tuple[Account, Account, int]) -> JournalEntry:
    """Post one entry in a transaction of its own."""
    async with database.begin(scope) as uow:
        return await ledger.post(uow, draft(*legs))


async def balance(database: Database, scope: Scope, account: Account | AccountId) -> int:
    """The balance in minor units."""
    account_id = account.id if isinstance(account, Account) else account
    async with database.begin(scope) as uow:
        return (await ledger.get_account(uow, account_id)).balance.minor
