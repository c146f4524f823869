"""Shorthand for tests of settlement: a merchant, a clock that can be set, and entries as products post them."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from specie import ledger, parties, settlement, wallets
from specie.kernel.clock import BusinessClock, machine_now
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.kernel.scope import Scope
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.parties import PartyKind
from specie.settlement import NewTerms, Settlement, Terms, coverage_store, store
from specie.settlement.model import Cause, CoveredPosting
from tests.support.shop import IDR, Shop

JAKARTA = ZoneInfo("Asia/Jakarta")
MONDAY = date(2027, 3, 1)


def local(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of a day in Jakarta."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=JAKARTA)


@dataclass
class Desk:
    """One merchant of a tenant in Jakarta; `now` is what the tenant's clock shows."""

    shop: Shop
    merchant: PartyId
    now: datetime = field(default_factory=lambda: local(MONDAY))

    @property
    def scope(self) -> Scope:
        """Somebody with every permission, at the desk's time."""
        clock = BusinessClock(JAKARTA, offset=self.now - machine_now())
        return replace(self.shop.scope, clock=clock)

    def at(self, day: date, hour: int = 10, minute: int = 0) -> "Desk":
        """The clock is set; it only goes forward."""
        self.now = local(day, hour, minute)
        return self

    async def agree(self, **terms: Any) -> Terms:
        """Terms of T+1 in Indonesia with a cut-off at 17:00, unless told otherwise."""
        new = NewTerms(self.merchant, IDR, **{"delay_days": 1, "country": "ID", **terms})
        async with self.shop.db.begin(self.scope) as uow:
            return await settlement.set_terms(uow, new)

    async def sell(self, minor: int) -> None:
        """A payment's share of the merchant, as a capture posts it."""
        await self._move("payments.capture", 2, minor, into_pending=True)

    async def give_back(self, minor: int) -> None:
        """A refund's part of the merchant."""
        await self._move("payments.refund_reserve", 1, minor, into_pending=False)

    async def owe(self, minor: int) -> None:
        """A dispute the merchant could not bear."""
        async with self.shop.db.begin(self.scope) as uow:
            debt = await ledger.ensure_account(uow, wallets.debt_account(self.merchant, IDR))
            bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, IDR))
            legs = [Leg(debt.id, bank.id, Money(minor, IDR))]
            await ledger.post(uow, EntryDraft(Recipe("payments.dispute_open", 1), legs, is_fact=True))

    async def settle(self, day: date | None = None) -> Settlement | None:
        """What the job does with a day."""
        async with self.shop.db.begin(self.scope) as uow:
            return await settlement.settle(uow, self.merchant, IDR, day or self.now.date())

    async def lines(self, of: Settlement) -> dict[str, int]:
        """The lines by cause, in minor units."""
        async with self.shop.db.begin(self.scope) as uow:
            return {str(line.cause): line.amount.minor for line in await store.lines_of(uow, of)}

    async def postings(self, of: Settlement) -> list[CoveredPosting]:
        """What the settlement took in."""
        async with self.shop.db.begin(self.scope) as uow:
            return await coverage_store.covered_postings(uow, of, 0, 100)

    async def debt(self) -> int:
        """What the merchant owes."""
        return await self.shop.balance(f"asset:debts:{self.merchant}")

    async def reserve(self) -> int:
        """What waits in reserve."""
        return await self.shop.balance(f"liability:settlement:{self.merchant}:reserve")

    async def money(self) -> tuple[int, int]:
        """Available and pending minor units."""
        return await self.shop.wallet(self.merchant)

    async def _move(self, recipe: str, version: int, minor: int, *, into_pending: bool) -> None:
        async with self.shop.db.begin(self.scope) as uow:
            wallet = await wallets.ensure_wallet(uow, self.merchant, IDR)
            bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, IDR))
            sides = (bank.id, wallet.pending_account) if into_pending else (wallet.pending_account, bank.id)
            draft = EntryDraft(Recipe(recipe, version), [Leg(*sides, Money(minor, IDR))], "Payment test")
            await ledger.post(uow, draft)


async def open_desk(shop: Shop) -> Desk:
    """A merchant with nothing yet."""
    async with shop.db.begin(shop.scope) as uow:
        known = {"name": "Kedai Senja"}
        ring = shop.services["vault"]
        party = await parties.create_party(uow, ring, kind=PartyKind.COMPANY, roles=["merchant"], known=known)
    shop.merchant = party.id
    return Desk(shop, party.id)


def days(count: int) -> timedelta:
    """So many days."""
    return timedelta(days=count)


__all__ = ["IDR", "MONDAY", "Cause", "Desk", "days", "local", "open_desk"]
