"""What an export reads: each tenant's accounts with balances, then its entries, one at a time."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from specie.app.export import export_store
from specie.kernel.ids import EntryId, TenantId
from specie.kernel.money import Currency, Money
from specie.platform.crashpoints import crash_point
from specie.platform.db import Database, UnitOfWork

_DEBIT_NORMAL = ("asset", "expense")


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as of the end of the books; `debit_balance` is debits less credits whatever its type.

    `currencies` and `opened_on` (the first day anything happened) are those of all accounts of its code.
    """

    code: str
    name: str
    currencies: str
    opened_on: date
    debit_balance: Money


@dataclass(frozen=True, slots=True)
class Move:
    """One posting, by account codes."""

    debit: str
    credit: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry with the part of its cause that an accountant asks for."""

    id: EntryId
    recipe: str
    description: str
    business_date: date
    effective_at: datetime
    recorded_at: datetime
    actor: str
    reverses: EntryId | None
    moves: list[Move]

    def facts(self) -> dict[str, str]:
        """What is said of the entry beside its postings: who and when, and what it takes back if it does."""
        facts = {
            "effective": self.effective_at.isoformat(),
            "recorded": self.recorded_at.isoformat(),
            "actor": self.actor,
            "reverses": str(self.reverses) if self.reverses else "",
        }
        return {name: fact for name, fact in facts.items() if fact}

    def sides(self) -> Iterator[tuple[str, Money]]:
        """Every account code with what is added to it: debits positive, credits negative."""
        for move in self.moves:
            yield move.debit, move.amount
            yield move.credit, -move.amount


@dataclass(slots=True)
class Totals:
    """Control totals: what was written, and the sum of debits (= of credits) per currency in minor units."""

    tenants: int = 0
    accounts: int = 0
    entries: int = 0
    debits_minor: Counter[str] = field(default_factory=Counter)

    def count(self, entry: Entry) -> None:
        """Add one entry."""
        self.entries += 1
        for move in entry.moves:
            self.debits_minor[move.amount.currency.code] += move.amount.minor

    def comment(self) -> str:
        """What stands at the end of a file, in lines that both plain-text formats take for comments."""
        sums = "".join(f"; {minor} minor units of {code}\n" for code, minor in sorted(self.debits_minor.items()))
        counts = f"; {self.tenants} tenants, {self.accounts} accounts, {self.entries} entries\n"
        return f"\n; Control totals: the sum of all debits, which is that of all credits\n{sums}{counts}"


class Books:
    """All tenants' books, or one tenant's, as of one moment."""

    def __init__(self, uow: UnitOfWork, only: TenantId | None) -> None:
        self._uow = uow
        self._only = only

    async def tenants(self) -> list[TenantId]:
        """Whose books these are."""
        if self._only is not None:
            return [self._only]
        return [TenantId(found) for found in await export_store.tenants(self._uow)]

    async def last_day(self, tenant: TenantId) -> date | None:
        """The latest business date; None for a tenant without accounts."""
        found: date | None = await export_store.last_day(self._uow, tenant.uuid)
        return found

    async def accounts(self, tenant: TenantId) -> AsyncIterator[AccountLine]:
        """By code and currency."""
        async for row in export_store.accounts(self._uow, tenant.uuid):
            minor = row.balance_minor if row.type in _DEBIT_NORMAL else -row.balance_minor
            balance = Money(minor, Currency(row.currency, row.exponent))
            yield AccountLine(row.code, row.name, row.currencies, row.opened_on, balance)

    async def entries(self, tenant: TenantId) -> AsyncIterator[Entry]:
        """In the order in which they were made; entries of memo accounts alone do not appear."""
        entry: Entry | None = None
        async for row in export_store.postings(self._uow, tenant.uuid):
            if entry is None or entry.id.uuid != row.entry_id:
                if entry is not None:
                    yield entry
                entry = Entry(
                    id=EntryId(row.entry_id),
                    recipe=row.recipe,
                    description=row.description,
                    business_date=row.business_date,
                    effective_at=row.effective_at,
                    recorded_at=row.recorded_at,
                    actor=row.actor,
                    reverses=EntryId(row.reverses_id) if row.reverses_id else None,
                    moves=[],
                )
            amount = Money(row.amount_minor, Currency(row.currency, row.exponent))
            entry.moves.append(Move(row.debit, row.credit, amount))
        if entry is not None:
            yield entry


@asynccontextmanager
async def read_books(auditor_url: str, only: TenantId | None = None) -> AsyncIterator[Books]:
    """The books in one read-only snapshot, for as long as the block runs."""
    database = Database(auditor_url, pool_size=1, snapshot=True)
    try:
        async with database.begin(None) as uow:
            yield Books(uow, only)
        crash_point("export.snapshot.closed")
    finally:
        await database.close()
