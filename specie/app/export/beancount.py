"""Plain text that `bean-check` accepts, with a balance assertion for every account and currency.

Debits are positive and credits negative, as beancount has it. An assertion holds at the start of its day, so all of
them stand on the day after the last entry; each says `~ 0`, because beancount would otherwise let one cent pass.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

from specie.app.export.books import AccountLine, Books, Entry, Totals
from specie.app.export.names import beancount_name
from specie.kernel.ids import TenantId
from specie.kernel.money import Money

_ONE_DAY = timedelta(days=1)


async def beancount(books: Books, totals: Totals) -> AsyncIterator[str]:
    """The text of the file, piece by piece; several tenants are kept apart by a part of the account names."""
    tenants = await books.tenants()
    yield 'option "title" "Specie"\n'
    for tenant in tenants:
        totals.tenants += 1
        owner = str(tenant) if len(tenants) > 1 else ""
        async for piece in _tenant(books, totals, tenant, owner):
            yield piece
    yield totals.comment()


async def _tenant(books: Books, totals: Totals, tenant: TenantId, owner: str) -> AsyncIterator[str]:
    last_day = await books.last_day(tenant)
    if last_day is None:
        return
    yield f"\n; The books of {tenant}\n"
    opened = ""
    async for account in books.accounts(tenant):
        # Accounts of one code in several currencies are one account to beancount.
        if account.code != opened:
            yield _open(account, owner)
        opened = account.code
    async for entry in books.entries(tenant):
        totals.count(entry)
        yield _transaction(entry, owner)
    yield "\n"
    async for account in books.accounts(tenant):
        totals.accounts += 1
        name, balance = beancount_name(account.code, owner), account.debit_balance
        yield f"{last_day + _ONE_DAY} balance {name} {balance.major():f} ~ 0 {balance.currency}\n"


def _open(account: AccountLine, owner: str) -> str:
    name = f"  name: {_quoted(account.name)}\n" if account.name else ""
    return f"{account.opened_on} open {beancount_name(account.code, owner)} {account.currencies}\n{name}"


def _transaction(entry: Entry, owner: str) -> str:
    head = f"\n{entry.business_date} * {_quoted(entry.recipe)} {_quoted(entry.description)}\n"
    facts = {"entry": str(entry.id), **entry.facts()}
    metadata = "".join(f"  {key}: {_quoted(value)}\n" for key, value in facts.items())
    return head + metadata + "".join(_leg(beancount_name(code, owner), amount) for code, amount in entry.sides())


def _leg(name: str, amount: Money) -> str:
    return f"  {name}  {amount.major():f} {amount.currency}\n"


def _quoted(text: str) -> str:
    # A long text over many lines would be an error to beancount, so line ends are spelled out.
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", "\\n")
    return f'"{escaped}"'
