"""What goods of a purchase cost is agreed when it is opened, whatever the business changes before it is paid."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from importlib import import_module

import psycopg
import pytest
import pytest_asyncio
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from migrations.helpers import for_each_tenant
from specie import billing, catalogue, purchases, stock
from specie.billing import InvoiceState, LineDraft
from specie.catalogue import Particulars, ProductKind, Rounding, pricing
from specie.kernel.errors import Forbidden
from specie.kernel.ids import RequestId
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.purchases import service
from specie.purchases.errors import LinesInvalid, PurchaseExpired
from specie.purchases.goods_store import Goods
from specie.purchases.model import Purchase, PurchaseState
from specie.purchases.service import OpenPurchase
from specie.stock import NotStocked, WarehouseId
from tests.purchases.counter import COST, Counter, open_counter
from tests.purchases.market import Market
from tests.support.server import DatabaseUrls
from tests.support.shop import IDR, rupiah

pytestmark = pytest.mark.asyncio(loop_scope="session")
RETAIL, TRADE = 1_000, 833


@pytest_asyncio.fixture(loop_scope="session")
async def counter(market: Market) -> Counter:
    """The business sells of its own catalogue."""
    return await open_counter(market)


async def _priced(counter: Counter) -> None:
    """Beans cost 10.00, and 8.33 for the customer."""

    async def work(uow: UnitOfWork) -> None:
        await pricing.set_default_price(uow, counter.beans, rupiah(RETAIL))
        trade = await pricing.add_price_list(uow, "Trade", IDR, tax_inclusive=False, is_default=False)
        await pricing.set_price(uow, counter.beans, trade.id, rupiah(TRADE))
        await pricing.set_customer_list(uow, counter.market.customer, IDR, trade.id)

    await counter.market.do(work)


def _beans(counter: Counter, *prices: int | None) -> Goods:
    """A line for each price; only the first is of the product itself, for each product has one line."""
    lines = [
        LineDraft("Beans", Decimal(1), price, taxes=(counter.vat,), product_id=counter.beans if n == 0 else None)
        for n, price in enumerate(prices)
    ]
    return Goods(tuple(lines), counter.warehouse.id)


async def _changed(counter: Counter, change: Callable[[UnitOfWork], Awaitable[object]], asked: Purchase) -> None:
    """The purchase is paid after a change, and its invoice is what had been agreed."""
    market = counter.market
    held = await market.pay(asked, provider=asked.amount.minor)
    await market.do(change)
    await market.confirm(held)
    done = await market.look(held)
    found = await counter.invoice(done)
    assert (done.state, found.invoice.state) == (PurchaseState.COMPLETED, InvoiceState.PAID)
    assert (found.invoice.total, found.open_minor) == (asked.amount, 0)
    assert (await counter.books())["fees"] == 0


async def test_goods_without_a_price_cost_what_the_customers_list_said_when_they_were_offered(counter: Counter) -> None:
    await _priced(counter)
    asked = await counter.ask(_beans(counter, None))
    # 8.33 and 11 % of it, 0.9163.
    assert asked.amount == rupiah(833 + 92)

    async def dearer(uow: UnitOfWork) -> None:
        [trade] = await pricing.customer_lists(uow, counter.market.customer)
        await pricing.set_price(uow, counter.beans, trade.id, rupiah(900))

    await _changed(counter, dearer, asked)


async def test_a_price_that_is_gone_by_then_holds_up_no_payment(counter: Counter) -> None:
    await _priced(counter)
    asked = await counter.ask(_beans(counter, None))

    async def gone(uow: UnitOfWork) -> None:
        await pricing.set_customer_list(uow, counter.market.customer, IDR, None)
        standard = await pricing.default_list(uow, IDR)
        await pricing.remove_price(uow, counter.beans, standard.id)

    await _changed(counter, gone, asked)


async def test_taxes_are_rounded_as_they_were_when_the_purchase_was_opened(counter: Counter) -> None:
    # 11 % of 1.05 is 0.1155: 0.12 on each of three lines, and 0.35 on their sum.
    asked = await counter.ask(_beans(counter, 105, 105, 105))
    assert asked.amount == rupiah(315 + 36)

    async def by_total(uow: UnitOfWork) -> None:
        await billing.set_profile(uow, replace(await billing.profile(uow), rounding=Rounding.TOTAL))

    await _changed(counter, by_total, asked)


def _without_prices(owner: str, purchases: Sequence[Purchase]) -> None:
    """As they were kept before prices were, and then the migration that minds it."""
    engine = create_engine(owner.replace("postgresql://", "postgresql+psycopg://"))
    forget = """
    update specie.purchase_goods set lines = jsonb_set(lines, '{1,unit_price_minor}', 'null')
     where tenant_id = tenant and purchase_id = any('{%s}')
    """
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        for_each_tenant(forget % ",".join(str(each.id.uuid) for each in purchases))
        import_module("migrations.versions.0100_unpriced_purchases").upgrade()
    engine.dispose()


async def test_what_was_offered_before_prices_were_kept_cannot_be_paid_any_more(
    counter: Counter, database_urls: DatabaseUrls, superuser_connection: psycopg.Connection
) -> None:
    market, before = counter.market, await counter.market.has()
    tenant = market.shop.scope.tenant_id.uuid
    superuser_connection.execute(
        "insert into specie.tenant_lookup (slug, of_tenant, mode, created_at) values (%s, %s, 'sandbox', now())",
        [f"t-{tenant.hex}", tenant],
    )
    old, new, held = [await counter.ask() for _ in range(3)]
    held = await market.pay(held, provider=held.amount.minor)
    _without_prices(database_urls.owner, [old, held])
    with pytest.raises(PurchaseExpired) as refused:
        await market.pay(old, installments=100_000, wallet=old.amount.minor - 100_000)
    assert refused.value.code == "purchase_expired"
    # Where nothing comes of what was under way, it has ended too; nobody chooses anew.
    await market.do(lambda uow: service.let_go(uow, held.id, "chosen_again"))
    assert (await market.look(held)).state is PurchaseState.EXPIRED
    assert await market.has() == before
    assert (await market.pay(new, wallet=100_000, installments=new.amount.minor - 100_000)).state is (
        PurchaseState.COMPLETED
    )


async def test_goods_leave_from_where_the_business_says_and_elsewhere_by_who_may_move_stock(counter: Counter) -> None:
    market = counter.market
    elsewhere = await market.do(lambda uow: stock.add_warehouse(uow, "OTHER", "Other", IDR))

    async def usual(uow: UnitOfWork) -> None:
        said = replace(await billing.profile(uow), delivers_from=counter.warehouse.id)
        await billing.set_profile(uow, said)

    await market.do(usual)
    seller = replace(market.shop.scope, permissions=frozenset({Permission.PURCHASES_WRITE}))

    async def ask(place: WarehouseId | None) -> Purchase:
        goods = replace(counter.goods(), warehouse_id=place)
        command = OpenPurchase(None, market.customer, str(RequestId.new()), None, goods=goods, currency=IDR)
        return await market.shop.db.run(seller, lambda uow: service.open_purchase(uow, command), label="test.ask")

    with pytest.raises(Forbidden) as refused:
        await ask(elsewhere.id)
    assert refused.value.facts["permission"] == "stock:move"
    asked = await ask(None)
    await market.pay(asked, wallet=100_000, installments=asked.amount.minor - 100_000)
    assert await counter.shelf() == {"grinder": "9/9", "beans": "7/7"}


async def test_more_pieces_than_could_ever_come_back_are_refused(counter: Counter) -> None:
    many = LineDraft("Beans", Decimal(3_000_000_000), 1)
    with pytest.raises(LinesInvalid) as refused:
        await counter.ask(Goods((many,)))
    assert refused.value.param == "goods"


async def _kind(counter: Counter, kind: ProductKind) -> None:
    said = Particulars.checked(kind=kind, name="Beans", sku="Beans", unit="piece")
    await counter.market.do(lambda uow: catalogue.service.change_product(uow, counter.beans, said, None))


async def test_goods_that_are_no_longer_kept_in_stock_come_back_when_they_are_again(counter: Counter) -> None:
    bought = await counter.buy(installments=100_000)
    await _kind(counter, ProductKind.SERVICE)
    before = await counter.market.has(), await counter.books()
    with pytest.raises(NotStocked):
        await counter.back(bought, line2=1)
    assert (await counter.market.has(), await counter.books()) == before
    await _kind(counter, ProductKind.PRODUCT)
    await counter.back(bought, line2=1)
    assert (await counter.books())["beans"] == 8 * COST


async def test_nobody_is_forgotten_while_a_payment_is_awaited_of_them(counter: Counter) -> None:
    market = counter.market
    asked = await counter.ask()
    held = await market.pay(asked, provider=asked.amount.minor)
    awaited = await market.do(lambda uow: purchases.still_held(uow, market.customer))
    assert awaited == "a purchase waits for its payment"
    await market.confirm(held)
    assert await market.do(lambda uow: purchases.still_held(uow, market.customer)) is None
