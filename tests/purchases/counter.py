"""The business itself sells of its own catalogue: two products in a warehouse, a service, a customer with tenders."""

from dataclasses import dataclass, replace
from decimal import Decimal

from specie import billing, catalogue, ledger, stock
from specie.billing import InvoiceId, LineDraft
from specie.billing import store as billing_store
from specie.catalogue import Particulars, ProductId, ProductKind, TaxRateId
from specie.kernel.ids import RequestId
from specie.kernel.quantity import Quantity
from specie.platform.db import UnitOfWork
from specie.purchases import goods_store, refunding, service
from specie.purchases.goods_store import Goods
from specie.purchases.lines import LineBack
from specie.purchases.model import Purchase, PurchaseRefund
from specie.purchases.refunding import WantedRefund
from specie.purchases.service import OpenPurchase
from specie.stock import Occasion, ReceiveLine, Warehouse
from tests.purchases.market import Market
from tests.support.shop import IDR, rupiah

GRINDER, BEANS, COST = 100_100, 33_333, 20_000
"""Prices of one before tax, and what one of anything cost."""


@dataclass
class Counter:
    """A market whose merchant is the business itself, with ten of each product in its warehouse."""

    market: Market
    warehouse: Warehouse
    grinder: ProductId
    beans: ProductId
    service: ProductId
    vat: TaxRateId

    def goods(self, grinders: int = 1, beans: int = 3, services: int = 1) -> Goods:
        wanted = [
            (self.grinder, "Grinder", grinders, GRINDER, (self.vat,)),
            (self.beans, "Beans", beans, BEANS, (self.vat,)),
            (self.service, "Engraving", services, 5_000, ()),
        ]
        lines = [
            LineDraft(name, Decimal(count), price, taxes=taxes, product_id=product)
            for product, name, count, price, taxes in wanted
            if count
        ]
        return Goods(tuple(lines), self.warehouse.id)

    async def ask(self, goods: Goods | None = None) -> Purchase:
        command = OpenPurchase(
            None,
            self.market.customer,
            str(RequestId.new()),
            None,
            title="Coffee",
            goods=goods or self.goods(),
            currency=IDR,
        )
        return await self.market.do(lambda uow: service.open_purchase(uow, command))

    async def buy(self, goods: Goods | None = None, **amounts: int) -> Purchase:
        """A purchase that is paid by these amounts, and by the wallet for the rest."""
        asked = await self.ask(goods)
        rest = asked.amount.minor - sum(amounts.values())
        paid = await self.market.pay(asked, **amounts, **({"wallet": rest} if rest else {}))
        if "provider" in amounts:
            await self.market.confirm(paid)
        return await self.market.look(paid)

    async def back(self, purchase: Purchase, **pieces: int) -> PurchaseRefund:
        """Pieces by line, such as `line2=1`; without any, all that is left."""
        lines = [LineBack(int(name.removeprefix("line")), count) for name, count in pieces.items()]
        wanted = WantedRefund(purchase.id, None, "did not fit", lines)
        toolbox = self.market.shop.services["providers"]
        made = await self.market.do(lambda uow: refunding.request(uow, toolbox, wanted))
        assert isinstance(made, PurchaseRefund)
        return made

    async def invoice(self, purchase: Purchase) -> billing.Standing:
        async def work(uow: UnitOfWork) -> billing.Standing:
            invoice_id = (await goods_store.goods_of(uow, purchase)).invoice_id
            assert isinstance(invoice_id, InvoiceId)
            [found] = await billing.standings(uow, [(await billing.invoices_by_ids(uow, [invoice_id]))[invoice_id]])
            return found

        return await self.market.do(work)

    async def shelf(self) -> dict[str, str]:
        """What is there and free of each product."""

        async def work(uow: UnitOfWork) -> dict[str, str]:
            found = await stock.find_levels(uow, stock.LevelFilter(self.warehouse.id), None, 10)
            names = {self.grinder: "grinder", self.beans: "beans"}
            return {names[each.product_id]: f"{each.on_hand}/{each.available}" for each in found}

        return await self.market.do(work)

    async def books(self) -> dict[str, int]:
        """What the accounts of a sale hold: sales, tax, cost of goods, the stock, and what customers owe."""
        codes = {
            "sales": "income:billing:sales",
            "tax": f"liability:billing:tax:{self.vat}",
            "cost": f"expense:cost-of-goods:{self.warehouse.id}",
            "fees": "expense:billing:fees",
            "grinders": f"asset:stock:{self.warehouse.id}:{self.grinder}",
            "beans": f"asset:stock:{self.warehouse.id}:{self.beans}",
        }

        async def work(uow: UnitOfWork) -> dict[str, int]:
            found = await ledger.accounts_by_codes(uow, list(codes.values()))
            return {
                name: found[code, "IDR"].balance.minor if (code, "IDR") in found else 0 for name, code in codes.items()
            }

        return await self.market.do(work)


async def open_counter(market: Market) -> Counter:
    """The market's merchant becomes the business itself, and its catalogue and stock are filled."""

    async def work(uow: UnitOfWork) -> Counter:
        profile = await billing_store.profile(uow)
        await billing_store.put_profile(uow, replace(profile, collector_id=market.merchant))
        vat = await catalogue.add_tax_rate(uow, "VAT 11%", 110_000)
        warehouse = await stock.add_warehouse(uow, "MAIN", "Main", IDR)
        made = []
        for name, kind in (("Grinder", "product"), ("Beans", "product"), ("Engraving", "service")):
            said = Particulars.checked(kind=ProductKind(kind), name=name, sku=name, unit="piece")
            made.append((await catalogue.add_product(uow, said)).id)
        arrived = [ReceiveLine(each, Quantity.of(10), rupiah(10 * COST)) for each in made[:2]]
        await stock.receive(uow, warehouse.id, arrived, Occasion())
        return Counter(market, warehouse, *made, vat.id)

    return await market.do(work)
