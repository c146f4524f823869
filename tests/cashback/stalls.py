"""Shorthand for tests of cashback: a verified merchant with money, offers, customers, and days that pass."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from specie import ledger, parties, wallets
from specie.cashback import booking, merchants, offers, purchases, reversing, store
from specie.cashback import jobs as cashback_jobs
from specie.cashback.model import (
    Accrual,
    FundedBy,
    Offer,
    OfferId,
    Purchase,
    PurchaseId,
    Reward,
    RewardKind,
    Terms,
)
from specie.cashback.offers import NewOffer
from specie.cashback.purchases import NewPurchase, Recorded
from specie.kernel.clock import BusinessClock
from specie.kernel.ids import PartyId, RequestId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.parties import PartyKind
from specie.platform import due
from specie.platform.db import Database, UnitOfWork
from specie.platform.jobs import JobContext, registered
from specie.platform.vault import KeyRing
from tests.support.scopes import fresh_scope

VAULT = KeyRing({1: bytes(range(32))}, 1)
IDR, JPY, KWD = (Currency.of(code) for code in ("IDR", "JPY", "KWD"))
FUNDS = 10_000_000
T = TypeVar("T")
assert cashback_jobs


@dataclass
class Stall:
    """A merchant of a fresh tenant, in whose name tests act; `days` have passed on its clock."""

    database: Database
    scope: Scope
    merchant: PartyId
    days: float = 0

    def now(self) -> Scope:
        """The tenant's scope on today's day."""
        clock = self.scope.clock
        moved = BusinessClock(clock.zone, clock.cut_off, clock.offset + timedelta(days=self.days))
        return replace(self.scope, clock=moved, request_id=RequestId.new())

    async def do(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """One unit of work today."""
        return await self.database.run(self.now(), work, label="test.cashback")

    def terms(self, rate: str = "0.1", currency: Currency = IDR, **more: Any) -> Terms:
        """Terms of an offer in force since yesterday."""
        reward = more.pop("reward", None) or Reward(RewardKind.PERCENT, rate=Decimal(rate))
        minimum = more.pop("minimum", Money.zero(currency))
        starts_at = more.pop("starts_at", None) or self.moment(-1)
        return Terms(currency, reward, minimum, starts_at, **more)

    def moment(self, days: float) -> datetime:
        """So many days from today."""
        return self.now().clock.now() + timedelta(days=days)

    async def draft(self, terms: Terms, funded_by: FundedBy = FundedBy.MERCHANT) -> Offer:
        """An offer with an empty budget."""
        return await self.do(
            lambda uow: offers.draft(uow, NewOffer(self.merchant, "Ten of a hundred", funded_by, terms))
        )

    async def offer(self, rate: str = "0.1", budget: int = 1_000_000, **more: Any) -> Offer:
        """An active offer with money in its budget."""
        drafted = await self.draft(self.terms(rate, **more))
        await self.do(lambda uow: offers.fund(uow, drafted.id, Money(budget, drafted.terms.currency)))
        return await self.do(lambda uow: offers.activate(uow, drafted.id))

    async def customer(self, minor: int = 0) -> PartyId:
        """A new customer with so much money of one's own."""

        async def work(uow: UnitOfWork) -> PartyId:
            return await _party(uow, "Budi", "customer", minor, IDR)

        return await self.do(work)

    async def buy(self, customer: PartyId, minor: int, currency: Currency = IDR, **more: Any) -> Recorded:
        """A purchase that the merchant tells; confirmed unless said otherwise."""
        more = {"external_id": str(RequestId.new()), "is_confirmed": True} | more
        new = NewPurchase(self.merchant, customer, amount=Money(minor, currency), **more)
        return await self.do(lambda uow: purchases.record(uow, new))

    async def give_back(self, purchase: PurchaseId, minor: int, name: str | None = None) -> Purchase:
        """Goods that come back."""
        wanted = name or str(RequestId.new())

        async def work(uow: UnitOfWork) -> Purchase:
            bought = await purchases.get(uow, purchase)
            return await reversing.return_goods(uow, purchase, wanted, Money(minor, bought.amount.currency))

        return await self.do(work)

    async def wait(self, days: float) -> None:
        """Let days pass and do everything that falls due, in order."""
        self.days += days
        while True:
            work = await self.do(lambda uow: due.take_next(uow, uow.now))
            if work is None:
                return
            await registered(work.kind)(JobContext(self.database, self.now(), {}), **work.payload)

    async def accruals(self, purchase: PurchaseId) -> list[Accrual]:
        """The cashback of a purchase as it is now."""
        return await self.do(lambda uow: store.accruals_of(uow, purchase))

    async def left(self, offer_id: OfferId) -> int:
        """What is left of an offer's budget."""
        offer = await self.do(lambda uow: offers.get(uow, offer_id))
        return (await self.do(lambda uow: ledger.get_account(uow, offer.budget))).balance.minor

    async def purse(self, customer: PartyId, currency: Currency = IDR) -> int:
        """What a customer has in the cashback purse."""

        async def work(uow: UnitOfWork) -> int:
            purse = await booking.purse_of(uow, customer, currency)
            return (await booking.in_purse(uow, purse)).minor

        return await self.do(work)

    async def balance(self, code: str) -> int:
        """The balance of an account by its code; nothing where there is none."""

        async def work(uow: UnitOfWork) -> int:
            found = await ledger.accounts_with_code(uow, code)
            return sum(account.balance.minor for account in found)

        return await self.do(work)

    async def debt(self, customer: PartyId) -> int:
        """What a customer owes."""
        return await self.balance(f"asset:debts:{customer}")


async def open_stall(database: Database, currency: Currency = IDR) -> Stall:
    """A verified, activated merchant with money."""
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        merchant = await _party(uow, "Kedai Senja", "merchant", FUNDS, currency)
        await _verify(uow, merchant)
        await merchants.apply_for(uow, merchant)
        await merchants.activate(uow, merchant, "the shop is known")
    return Stall(database, scope, merchant)


async def _party(uow: UnitOfWork, name: str, role: str, minor: int, currency: Currency) -> PartyId:
    known = {"name": name, "email": f"{RequestId.new()}@example.com"}
    party = await parties.create_party(uow, VAULT, kind=PartyKind.PERSON, roles=[role], known=known)
    wallet = await wallets.open_wallet(uow, party.id, currency)
    if minor:
        bank = await ledger.ensure_account(uow, AccountSpec("asset:bank", AccountType.ASSET, currency))
        legs = [Leg(bank.id, wallet.available_account, Money(minor, currency))]
        await ledger.post(uow, EntryDraft(Recipe("test.fund", 1), legs))
    return party.id


async def _verify(uow: UnitOfWork, party_id: PartyId) -> None:
    from specie.parties import store as party_store

    await party_store.update_party(uow, party_id, kyc_state="approved")
