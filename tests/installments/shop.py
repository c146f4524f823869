"""A shop that sells in parts: a merchant, a customer with money and a credit line, and days that pass."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from specie import events, ledger
from specie.events import EventFilter
from specie.installments import daily, orders, standing
from specie.installments.model import Order, OrderId, Terms
from specie.installments.standing import Standing
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.kernel.scope import Scope
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.platform.db import Database, UnitOfWork
from specie.wallets import Wallet
from tests.support.scopes import fresh_scope
from tests.wallets.purses import balance, new_wallet

T = TypeVar("T")


@dataclass
class Shop:
    """One tenant with a merchant and a customer; `day` is its business date."""

    database: Database
    scope: Scope
    merchant: Wallet
    customer: Wallet

    @property
    def day(self) -> date:
        return self.scope.clock.business_date(self.scope.clock.now())

    async def run(self, work: Callable[[UnitOfWork], Awaitable[T]], party: PartyId | None = None) -> T:
        scope = replace(self.scope, party_id=party)
        return await self.database.run(scope, work, label="test.shop")

    def money(self, minor: int) -> Money:
        return Money(minor, self.customer.currency)

    async def line(self, minor: int, *, is_blocked: bool = False) -> None:
        limit = self.money(minor)
        await self.run(lambda uow: orders.set_line(uow, self.customer.party_id, limit, is_blocked=is_blocked))

    async def offered(self, terms: Terms, minor: int, reference: str = "order-1") -> Order:
        async def work(uow: UnitOfWork) -> Order:
            merchant = self.merchant.party_id
            plan = await orders.create_plan(uow, merchant, "In parts", self.customer.currency, terms)
            wanted = orders.OfferOrder(plan.id, self.money(minor), reference, customer_id=self.customer.party_id)
            return await orders.offer(uow, wanted)

        return await self.run(work)

    async def accepted(self, order: Order) -> Standing:
        cost = orders.cost_of(order.terms, order.amount, self.day)
        return await self.run(lambda uow: orders.accept(uow, order.id, cost.fingerprint), party=self.customer.party_id)

    async def bought(self, terms: Terms, minor: int, reference: str = "order-1") -> Standing:
        return await self.accepted(await self.offered(terms, minor, reference))

    async def look(self, order_id: OrderId) -> Standing:
        return await self.run(lambda uow: standing.load(uow, order_id))

    async def pass_days(self, days: int) -> None:
        """Let days pass, each with its run, as the worker makes them."""
        for _ in range(days):
            clock = self.scope.clock
            self.scope = replace(self.scope, clock=replace(clock, offset=clock.offset + timedelta(days=1)))
            day = self.day
            while await self.run(lambda uow, day=day: daily.run_page(uow, day)):
                continue
            await self.run(lambda uow, day=day: daily.finish_day(uow, day))

    async def fund(self, minor: int) -> None:
        async def work(uow: UnitOfWork) -> None:
            bank = await ledger.ensure_account(
                uow, AccountSpec("asset:bank", AccountType.ASSET, self.customer.currency)
            )
            leg = Leg(bank.id, self.customer.available_account, self.money(minor))
            await ledger.post(uow, EntryDraft(Recipe("test.fund", 1), [leg]))

        await self.run(work)

    async def has(self) -> tuple[int, int]:
        """What merchant and customer have available."""
        return (
            (await balance(self.database, self.scope, self.merchant))[0],
            (await balance(self.database, self.scope, self.customer))[0],
        )

    async def books(self, code: str) -> int:
        async def work(uow: UnitOfWork) -> int:
            return sum(one.balance.minor for one in await ledger.accounts_with_code(uow, code))

        return await self.run(work)

    async def told(self, kind: str) -> list[dict[str, Any]]:
        async with self.database.system() as uow:
            await events.number_pending(uow, 10_000)

        async def work(uow: UnitOfWork) -> list[dict[str, Any]]:
            found = await events.after(uow, self.scope.tenant_id, 0, 10_000, EventFilter(type=f"installment.{kind}"))
            return [dict(each.data) for each in found]

        return await self.run(work)


async def open_shop(database: Database, funds: int = 0, line: int | None = 10**9, currency: str = "IDR") -> Shop:
    """A shop whose customer has so much money and so large a credit line."""
    scope = fresh_scope()
    merchant = await new_wallet(database, scope, 0, currency)
    customer = await new_wallet(database, scope, funds, currency)
    shop = Shop(database, scope, merchant, customer)
    if line is not None:
        await shop.line(line)
    return shop
