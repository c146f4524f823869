"""A journal in hledger's plain text, with a balance assertion for every account and currency.

Account codes are valid names there as they are. Debits are positive and credits negative. The assertions stand in one
transaction on the day after the last entry, each on a posting of nothing; `hledger check --strict` also wants every
account and commodity declared, and finds them so.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

from specie.app.export.books import AccountLine, Books, Entry, Totals
from specie.kernel.ids import TenantId
from specie.kernel.money import Currency, Money

_ONE_DAY = timedelta(days=1)
_TYPES = {"asset": "A", "liability": "L", "equity": "E", "income": "R", "expense": "X"}
# A semicolon begins a comment, and a line end the next posting.
_PLAIN = str.maketrans({";": ",", "\r": " ", "\n": " ", "\t": " "})


async def hledger(books: Books, totals: Totals) -> AsyncIterator[str]:
    """The text of the journal, piece by piece; several tenants are kept apart by a part of the account names."""
    tenants = await books.tenants()
    yield "; Specie\ndecimal-mark .\n"
    declared: set[str] = set()
    for tenant in tenants:
        totals.tenants += 1
        owner = str(tenant) if len(tenants) > 1 else ""
        async for piece in _tenant(books, totals, tenant, owner, declared):
            yield piece
    yield totals.comment()


async def _tenant(books: Books, totals: Totals, tenant: TenantId, owner: str, declared: set[str]) -> AsyncIterator[str]:
    last_day = await books.last_day(tenant)
    if last_day is None:
        return
    yield f"\n; The books of {tenant}\n"
    opened = ""
    async for account in books.accounts(tenant):
        if account.debit_balance.currency.code not in declared:
            declared.add(account.debit_balance.currency.code)
            yield _commodity(account.debit_balance.currency)
        # Accounts of one code in several currencies are one account to hledger.
        if account.code != opened:
            yield _account(account, owner)
        opened = account.code
    async for entry in books.entries(tenant):
        totals.count(entry)
        yield _transaction(entry, owner)
    yield f"\n{last_day + _ONE_DAY} * Balances as Specie has them\n"
    async for account in books.accounts(tenant):
        totals.accounts += 1
        currency, balance = account.debit_balance.currency, account.debit_balance
        yield f"    {_name(account.code, owner)}  0 {currency} = {balance.major():f} {currency}\n"


def _name(code: str, owner: str) -> str:
    kind, _, rest = code.partition(":")
    return ":".join(part for part in (kind, owner, rest) if part)


def _commodity(currency: Currency) -> str:
    # The mark is written even where no digits follow it; without one hledger could not tell it from a group mark.
    return f"commodity 1.{'0' * currency.exponent} {currency}\n"


def _account(account: AccountLine, owner: str) -> str:
    name = f"    ; name: {_plain(account.name)}\n" if account.name else ""
    kind = _TYPES[account.code.partition(":")[0]]
    return f"account {_name(account.code, owner)}  ; type: {kind}\n{name}"


def _transaction(entry: Entry, owner: str) -> str:
    head = f"\n{entry.business_date} * ({entry.id}) {entry.recipe} | {_plain(entry.description)}\n"
    tags = "".join(f"    ; {key}: {_plain(value)}\n" for key, value in entry.facts().items())
    return head + tags + "".join(_leg(_name(code, owner), amount) for code, amount in entry.sides())


def _leg(name: str, amount: Money) -> str:
    return f"    {name}  {amount.major():f} {amount.currency}\n"


def _plain(text: str) -> str:
    return text.translate(_PLAIN).strip()
