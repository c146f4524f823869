"""Shorthand for tests of stock: a warehouse with a product, and what the books say of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from specie import catalogue, ledger, stock
from specie.catalogue import Particulars, ProductId, ProductKind
from specie.kernel.clock import BusinessClock
from specie.kernel.ids import RequestId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity
from specie.kernel.scope import Scope
from specie.platform.db import Database, UnitOfWork
from specie.stock import DeliverLine, Moved, Occasion, ReceiveLine, Warehouse, WarehouseId
from tests.support.scopes import fresh_scope

EUR = Currency.of("EUR")
T = TypeVar("T")


def q(text: str) -> Quantity:
    return Quantity.parse(text)


@dataclass
class Room:
    """A warehouse of a fresh tenant with one product; `days` have passed on its clock."""

    database: Database
    scope: Scope
    warehouse: Warehouse
    product: ProductId
    days: float = 0

    async def do(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """One unit of work today."""
        clock = self.scope.clock
        moved = BusinessClock(clock.zone, clock.cut_off, clock.offset + timedelta(days=self.days))
        scope = replace(self.scope, clock=moved, request_id=RequestId.new())
        async with self.database.begin(scope) as uow:
            return await work(uow)

    async def now(self) -> datetime:
        """What the tenant's clock shows."""

        async def read(uow: UnitOfWork) -> datetime:
            return uow.now

        return await self.do(read)

    async def receive(self, quantity: str, minor: int, occasion: Occasion | None = None) -> Moved:
        """Goods of a supplier, with what all of them cost."""
        line = ReceiveLine(self.product, q(quantity), Money(minor, EUR))
        return await self.do(lambda uow: stock.receive(uow, self.warehouse.id, [line], occasion or Occasion()))

    async def deliver(self, quantity: str, occasion: Occasion | None = None) -> Moved:
        """Goods to a customer."""
        line = DeliverLine(self.product, q(quantity))
        return await self.do(lambda uow: stock.deliver(uow, self.warehouse.id, [line], occasion or Occasion()))

    async def state(self, warehouse_id: WarehouseId | None = None) -> tuple[str, int]:
        """On hand, and what the books say it is worth."""
        wanted = stock.LevelFilter(warehouse_id or self.warehouse.id, [self.product])
        found = await self.do(lambda uow: stock.find_levels(uow, wanted, None, 2))
        if not found:
            return "0", 0
        account = await self.do(lambda uow: ledger.get_account(uow, found[0].account_id))
        return str(found[0].on_hand), account.balance.minor

    async def balance(self, code: str) -> int:
        """What an account of the books holds."""
        [found] = await self.do(lambda uow: ledger.accounts_with_code(uow, code))
        return found.balance.minor

    async def cost_of_goods(self) -> int:
        """What the goods that left cost."""
        return await self.balance(f"expense:cost-of-goods:{self.warehouse.id}")

    async def another(self, code: str) -> Warehouse:
        """One more warehouse."""
        return await self.do(lambda uow: stock.add_warehouse(uow, code, code, EUR))


async def open_room(database: Database) -> Room:
    """An empty warehouse and a product."""
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        warehouse = await stock.add_warehouse(uow, "MAIN", "Main", EUR)
        said = Particulars.checked(kind=ProductKind.PRODUCT, name="Coffee", sku="C1", unit="bag")
        product = await catalogue.add_product(uow, said)
    return Room(database, scope, warehouse, product.id)
