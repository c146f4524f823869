"""A business that buys: a supplier, a warehouse and beans, for tests of payables and of what reports on them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from specie import catalogue, ledger, stock
from specie.billing import LineDraft, Method
from specie.catalogue import Particulars, ProductId, ProductKind
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.payables import ordering, paying, recording
from specie.payables.model import Bill, BillState, Order
from specie.payables.ordering import WriteOrder
from specie.payables.paying import Pay
from specie.payables.recording import RecordBill
from specie.platform.db import Database, UnitOfWork
from specie.stock import WarehouseId
from tests.billing.office import Office, open_office

T = TypeVar("T")


@dataclass
class Buyer:
    """A business with a supplier, a warehouse and beans to buy, at 11 % tax."""

    office: Office
    warehouse: WarehouseId
    beans: ProductId

    @property
    def supplier(self) -> PartyId:
        return self.office.customer

    async def run(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return await self.office.run(work)

    def line(self, quantity: str = "10", price: int = 1_000) -> LineDraft:
        taxes = (self.office.vat,)
        return LineDraft("Green beans", Decimal(quantity), price, "kg", taxes=taxes, product_id=self.beans)

    def service(self, price: int = 500) -> LineDraft:
        return LineDraft("Freight", Decimal(1), price)

    async def order(self, *lines: LineDraft) -> Order:
        said = WriteOrder(self.supplier, self.warehouse, self.office.currency, lines or [self.line()])
        return await self.run(lambda uow: ordering.create(uow, said))

    async def receive(self, order: Order, **quantities: str) -> None:
        told = {int(n[1:]): Decimal(part) for n, part in quantities.items()} or None
        await self.run(lambda uow: ordering.receive(uow, order.id, told))

    async def bill(
        self, order: Order | None, number: str = "F-1", lines: Sequence[tuple[LineDraft, int | None]] = ()
    ) -> Bill:
        day = self.office.day
        said = RecordBill(
            self.supplier,
            self.office.currency,
            number,
            lines,
            day,
            day + timedelta(days=14),
            order.id if order else None,
        )
        return await self.run(lambda uow: recording.record(uow, said))

    async def owed(self, bill: Bill) -> tuple[BillState, int]:
        async def work(uow: UnitOfWork) -> tuple[BillState, int]:
            found = await recording.get(uow, bill.id)
            return found.state, (await paying.owed_of(uow, [found]))[bill.id]

        return await self.run(work)

    async def pay(self, minor: int, *shares: tuple[Bill, int]) -> None:
        told = [(bill.id, self.office.money(part)) for bill, part in shares] if shares else None
        command = Pay(self.supplier, self.office.money(minor), Method.BANK, "transfer", told)
        await self.run(lambda uow: paying.pay(uow, command))

    async def books(self, code: str) -> int:
        return await self.office.books(code)

    async def stock_value(self) -> int:
        async def work(uow: UnitOfWork) -> int:
            found = await ledger.accounts_with_code(uow, f"asset:stock:{self.warehouse}:{self.beans}")
            return sum(one.balance.minor for one in found)

        return await self.run(work)


async def open_buyer(database: Database) -> Buyer:
    """A fresh tenant that buys."""
    office = await open_office(database)

    async def open_room(uow: UnitOfWork) -> tuple[WarehouseId, ProductId]:
        place = await stock.add_warehouse(uow, "MAIN", "Main room", Currency.of("IDR"))
        said = Particulars.checked(kind=ProductKind.PRODUCT, name="Green beans", sku="BEANS", unit="kg")
        return place.id, (await catalogue.add_product(uow, said, Money(2_000, office.currency))).id

    warehouse, beans = await office.run(open_room)
    return Buyer(office, warehouse, beans)
