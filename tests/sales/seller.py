"""A business that quotes, takes orders and gives goods out of a warehouse."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from specie import catalogue, ledger, stock
from specie.billing import Invoice, LineDraft, SalesOrderId
from specie.catalogue import Particulars, ProductId, ProductKind
from specie.kernel.quantity import Quantity
from specie.platform.db import Database, UnitOfWork
from specie.sales import looks, order_store, ordering, quoting
from specie.sales.model import Order, OrderLine, Quote, Shipment
from specie.sales.quoting import Offered, WriteQuote
from specie.sales.store import SalesFilter
from specie.stock import Occasion, ReceiveLine, Warehouse
from tests.billing.office import Office, line, open_office
from tests.wallets.purses import VAULT


@dataclass
class Seller:
    """An office with ten bags in its warehouse, each bought for 4 000."""

    office: Office
    warehouse: Warehouse
    product: ProductId

    def goods(self, quantity: str, price: int = 10_000, discount: str = "0") -> LineDraft:
        return replace(line(price, quantity, discount, (self.office.vat,)), product_id=self.product)

    def says(self, *lines: LineDraft, days: int = 7, **more: Any) -> WriteQuote:
        said = lines or (self.goods("4"), line(5_000, "1", taxes=()))
        return WriteQuote(said, self.office.currency, self.office.day + timedelta(days=days), **more)

    async def drafted(self, *lines: LineDraft, **more: Any) -> Quote:
        to = Offered(self.office.customer)
        return await self.office.run(lambda uow: quoting.draft(uow, VAULT, to, self.says(*lines, **more)))

    async def sent(self, *lines: LineDraft, **more: Any) -> Quote:
        made = await self.drafted(*lines, **more)
        return await self.office.run(lambda uow: quoting.send(uow, VAULT, made.id))

    async def accept(self, quote: Quote) -> Quote:
        return await self.office.run(lambda uow: quoting.accept(uow, VAULT, quote.id, quote.version, "Ani"))

    async def look(self, quote: Quote) -> Quote:
        return await self.office.run(lambda uow: quoting.get(uow, quote.id))

    async def order(self, *lines: LineDraft, **more: Any) -> Order:
        made = await self.accept(await self.sent(*lines, **more))
        return await self.office.run(lambda uow: ordering.from_quote(uow, made.id))

    async def deliver(self, order: Order, **quantities: str) -> Shipment:
        place, wanted = self.warehouse.id, _quantities(quantities)
        return await self.office.run(lambda uow: ordering.deliver(uow, order.id, place, wanted))

    async def invoice(self, order: Order, **quantities: str) -> Invoice:
        wanted = _quantities(quantities)
        return await self.office.run(lambda uow: ordering.invoice(uow, VAULT, order.id, wanted))

    async def stands(self, order_id: SalesOrderId) -> tuple[str, list[tuple[str, str, str]]]:
        """The order's state, and of each line what was cancelled, delivered and invoiced."""

        async def read(uow: UnitOfWork) -> tuple[Order, list[OrderLine]]:
            lines = await order_store.lines_of(uow, [order_id])
            return await ordering.get(uow, order_id), lines[order_id]

        order, lines = await self.office.run(read)
        return order.state.value, [(f"{one.cancelled:f}", f"{one.delivered:f}", f"{one.invoiced:f}") for one in lines]

    async def aside(self) -> tuple[str, str]:
        """How many bags are promised, and how many are available."""
        wanted = stock.LevelFilter(self.warehouse.id, [self.product])
        [level] = await self.office.run(lambda uow: stock.find_levels(uow, wanted, None, 2))
        return str(level.reserved), str(level.available)

    async def waits(self, order: Order) -> list[tuple[str, str]]:
        """How much is kept aside of each of the order's lines, and how much it waits for, as its page shows it."""
        shown = await self.office.run(lambda uow: looks.order(uow, VAULT, order.id))
        return [(line.reserved, line.waits_for) for line in shown.lines]

    async def waiting(self) -> list[SalesOrderId]:
        """The orders that wait for goods, the newest first."""
        page = await self.office.run(lambda uow: order_store.orders(uow, SalesFilter(), None, 10, waits=True))
        return [order.id for order in page.items]

    async def receive(self, quantity: str) -> None:
        """Goods come in from a supplier."""
        got = ReceiveLine(self.product, Quantity.parse(quantity), self.office.money(40_000))
        await self.office.run(lambda uow: stock.receive(uow, self.warehouse.id, [got], Occasion()))

    async def books(self) -> tuple[int, int, int]:
        """What the stock is worth, what the goods that left cost, and what was sold."""

        async def read(uow: UnitOfWork) -> tuple[int, int, int]:
            [level] = await stock.find_levels(uow, stock.LevelFilter(self.warehouse.id, [self.product]), None, 2)
            value = (await ledger.get_account(uow, level.account_id)).balance.minor
            cost = await ledger.accounts_with_code(uow, f"expense:cost-of-goods:{self.warehouse.id}")
            sales = await ledger.accounts_with_code(uow, "income:billing:sales")
            return value, sum(one.balance.minor for one in cost), sum(one.balance.minor for one in sales)

        return await self.office.run(read)


def _quantities(said: dict[str, str]) -> dict[int, Decimal] | None:
    return {int(name.removeprefix("l")): Decimal(much) for name, much in said.items()} or None


async def open_seller(database: Database) -> Seller:
    office = await open_office(database)

    async def fill(uow: UnitOfWork) -> tuple[Warehouse, ProductId]:
        warehouse = await stock.add_warehouse(uow, "MAIN", "Main", office.currency)
        said = Particulars.checked(kind=ProductKind.PRODUCT, name="Coffee", sku="C1", unit="bag")
        product = (await catalogue.add_product(uow, said)).id
        got = ReceiveLine(product, Quantity.of(10), office.money(40_000))
        await stock.receive(uow, warehouse.id, [got], Occasion())
        return warehouse, product

    return Seller(office, *await office.run(fill))
