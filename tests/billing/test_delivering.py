"""Goods that an invoice sells leave the stock once, and their cost is posted with them."""

from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest

from specie import catalogue, ledger, stock
from specie.billing import INVARIANTS, Recur, Rhythm, Terms, Unit, crediting, delivering, invoicing, recurring, store
from specie.billing.delivering import Goods
from specie.billing.errors import InvoiceCannotMove, NothingToDeliver
from specie.billing.model import Invoice, Profile
from specie.catalogue import Particulars, ProductId, ProductKind
from specie.kernel.money import Money
from specie.kernel.quantity import Quantity
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe
from specie.platform.db import Database, UnitOfWork
from specie.stock import Occasion, OutOfStock, ReceiveLine, Warehouse
from tests.billing.office import Office, line, open_office
from tests.support.damage import is_noticed
from tests.wallets.purses import VAULT


class Shelf:
    """An office with ten bags in its warehouse, each bought for 40.00."""

    def __init__(self, office: Office, warehouse: Warehouse, product: ProductId) -> None:
        self.office, self.warehouse, self.product = office, warehouse, product

    async def sold(self, quantity: str) -> Invoice:
        draft = await self.office.drafted(
            replace(line(10_000, quantity), product_id=self.product), line(2_500, taxes=[])
        )
        return await self.office.issue(draft)

    async def issued(self, quantity: str) -> Invoice:
        """Issued for goods that leave later."""
        draft = await self.office.drafted(replace(line(10_000, quantity), product_id=self.product))
        return await self.office.run(lambda uow: delivering.issue(uow, VAULT, draft.id, None))

    async def aside(self) -> tuple[str, str]:
        """How many bags are promised, and how many are available."""
        wanted = stock.LevelFilter(self.warehouse.id, [self.product])
        [level] = await self.office.run(lambda uow: stock.find_levels(uow, wanted, None, 2))
        return str(level.reserved), str(level.available)

    async def deliver(self, invoice: Invoice) -> stock.Moved:
        return await self.office.run(lambda uow: delivering.deliver(uow, invoice.id, self.warehouse.id))

    async def stands(self, invoice: Invoice) -> tuple[Goods, int, int]:
        """Whether the goods have left, what the stock is worth, and what those that left cost."""

        async def look(uow: UnitOfWork) -> tuple[Goods, int, int]:
            goods = await delivering.goods_of(uow, invoice, await delivering.delivered(uow, invoice.id))
            wanted = stock.LevelFilter(self.warehouse.id, [self.product])
            [level] = await stock.find_levels(uow, wanted, None, 2)
            value = (await ledger.get_account(uow, level.account_id)).balance.minor
            found = await ledger.accounts_with_code(uow, f"expense:cost-of-goods:{self.warehouse.id}")
            return goods, value, found[0].balance.minor if found else 0

        return await self.office.run(look)


@pytest.fixture
async def shelf(database: Database) -> Shelf:
    office = await open_office(database)

    async def fill(uow: UnitOfWork) -> tuple[Warehouse, ProductId]:
        warehouse = await stock.add_warehouse(uow, "MAIN", "Main", office.currency)
        said = Particulars.checked(kind=ProductKind.PRODUCT, name="Coffee", sku="C1", unit="bag")
        product = (await catalogue.add_product(uow, said)).id
        got = ReceiveLine(product, Quantity.of(10), office.money(40_000))
        await stock.receive(uow, warehouse.id, [got], Occasion())
        return warehouse, product

    return Shelf(office, *await office.run(fill))


async def test_goods_can_leave_with_the_invoice_and_then_either_both_happen_or_neither(shelf: Shelf) -> None:
    shelf.office.pass_days(1)
    said = replace(line(10_000, "3"), product_id=shelf.product)
    draft = await shelf.office.drafted(said)
    place = shelf.warehouse.id
    issued = await shelf.office.run(lambda uow: delivering.issue(uow, VAULT, draft.id, place))
    assert await shelf.stands(issued) == (Goods.DELIVERED, 28_000, 12_000)
    much = await shelf.office.drafted(replace(said, quantity=Decimal(8)))
    with pytest.raises(OutOfStock):
        await shelf.office.run(lambda uow: delivering.issue(uow, VAULT, much.id, place))
    assert (await shelf.office.look(much.id)).invoice.number is None
    assert await shelf.stands(issued) == (Goods.DELIVERED, 28_000, 12_000)
    later = await shelf.office.run(lambda uow: delivering.issue(uow, VAULT, much.id, None))
    assert await shelf.stands(later) == (Goods.WAITING, 28_000, 12_000)


async def test_a_line_of_a_product_is_in_the_unit_of_the_product_unless_it_says_another(shelf: Shelf) -> None:
    said = replace(line(10_000), product_id=shelf.product)
    drafted = await shelf.office.drafted(
        replace(said, unit=""), replace(said, unit="sack"), replace(said, product_id=None, unit="")
    )
    lines = await shelf.office.run(lambda uow: store.lines_of(uow, drafted.id))
    assert [each.unit for each in lines] == ["bag", "sack", ""]


async def test_goods_of_an_invoice_that_leave_later_are_kept_aside_and_credited_ones_are_free_again(
    shelf: Shelf,
) -> None:
    first = await shelf.issued("7")
    assert await shelf.aside() == ("7", "3")
    second = await shelf.issued("5")
    # Nobody is refused an invoice for want of goods: only what is there is promised.
    assert await shelf.aside() == ("10", "0")
    with pytest.raises(OutOfStock):
        await shelf.deliver(second)
    # What is credited of the first is kept aside for the second, which waits.
    await shelf.office.credit(first, {1: Decimal(4)})
    assert await shelf.aside() == ("8", "2")
    await shelf.deliver(first)
    assert await shelf.aside() == ("5", "2")
    await shelf.office.credit(second)
    assert await shelf.aside() == ("0", "7")


@pytest.mark.parametrize(
    "damage",
    [
        "update specie.stock_reservation set wanted = wanted + 1",
        "update specie.stock_reservation set cause_id = 'inv_' || repeat('0', 26)",
        "update specie.billing_invoice set order_id = id",
    ],
)
async def test_a_promise_that_is_not_what_its_invoice_has_to_give_out_is_noticed(
    shelf: Shelf, superuser_connection: psycopg.Connection, damage: str
) -> None:
    await shelf.office.credit(await shelf.issued("7"), {1: Decimal(4)})
    query = next(query for sentence, query in INVARIANTS.items() if sentence.startswith("stock promises an invoice"))
    assert is_noticed(superuser_connection, shelf.office.scope, query, damage)


async def test_a_second_warehouse_leaves_open_where_goods_are_kept_aside_until_the_business_says(
    shelf: Shelf,
) -> None:
    await shelf.office.run(lambda uow: stock.add_warehouse(uow, "SHOP", "Shop", shelf.office.currency))
    await shelf.issued("2")
    assert await shelf.aside() == ("0", "10")
    await shelf.office.run(lambda uow: invoicing.set_profile(uow, Profile(delivers_from=shelf.warehouse.id)))
    await shelf.issued("2")
    assert await shelf.aside() == ("2", "8")


async def test_the_goods_leave_once_and_their_cost_is_posted(shelf: Shelf) -> None:
    invoice = await shelf.sold("3")
    assert await shelf.stands(invoice) == (Goods.WAITING, 40_000, 0)
    await shelf.deliver(invoice)
    assert await shelf.stands(invoice) == (Goods.DELIVERED, 28_000, 12_000)
    with pytest.raises(NothingToDeliver):
        await shelf.deliver(invoice)
    assert await shelf.stands(invoice) == (Goods.DELIVERED, 28_000, 12_000)


async def test_what_was_credited_stays_in_the_warehouse(shelf: Shelf) -> None:
    invoice = await shelf.sold("3")
    await shelf.office.run(lambda uow: crediting.credit(uow, VAULT, invoice.id, "one too many", {1: Decimal(1)}))
    await shelf.deliver(invoice)
    assert await shelf.stands(invoice) == (Goods.DELIVERED, 32_000, 8_000)


async def test_what_the_warehouse_does_not_have_stays_to_be_delivered(shelf: Shelf) -> None:
    invoice = await shelf.sold("11")
    with pytest.raises(OutOfStock):
        await shelf.deliver(invoice)
    assert await shelf.stands(invoice) == (Goods.WAITING, 40_000, 0)


async def test_a_draft_and_an_invoice_of_services_deliver_nothing(shelf: Shelf) -> None:
    draft = await shelf.office.drafted(replace(line(10_000), product_id=shelf.product))
    with pytest.raises(InvoiceCannotMove):
        await shelf.deliver(draft)
    services = await shelf.office.issue(await shelf.office.drafted(line(2_500, taxes=[])))
    with pytest.raises(NothingToDeliver):
        await shelf.deliver(services)
    assert await shelf.stands(services) == (Goods.NONE, 40_000, 0)


async def test_tax_paid_to_the_state_and_a_correction_of_costs_leave_the_books_sound(shelf: Shelf) -> None:
    invoice = await shelf.sold("3")
    await shelf.deliver(invoice)

    async def book(uow: UnitOfWork) -> None:
        currency = shelf.office.currency
        bank = await ledger.ensure_account(uow, AccountSpec("asset:bank:main", AccountType.ASSET, currency))
        [cost] = await ledger.accounts_with_code(uow, f"expense:cost-of-goods:{shelf.warehouse.id}")
        [tax] = await ledger.accounts_with_code(uow, f"liability:billing:tax:{shelf.office.vat}")
        legs = [Leg(tax.id, bank.id, tax.balance), Leg(cost.id, bank.id, Money(5, currency))]
        await ledger.post(uow, EntryDraft(Recipe("ledger.manual", 1), legs, "The end of the year"))

    await shelf.office.run(book)
    assert (await shelf.stands(invoice))[2] == 12_005


async def test_a_recurring_invoice_gives_its_goods_out_as_the_business_says_and_waits_for_what_is_missing(
    shelf: Shelf,
) -> None:
    office = shelf.office
    await office.run(lambda uow: invoicing.set_profile(uow, Profile(delivers_from=shelf.warehouse.id)))
    bags = replace(line(10_000, "6", taxes=()), product_id=shelf.product)
    weekly = Recur(office.customer, office.currency, Rhythm(Unit.WEEK, 1, office.day), Terms([bags]))
    made = await office.run(lambda uow: recurring.begin(uow, weekly))
    first = await office.run(lambda uow: recurring.run_period(uow, VAULT, made.id, 0))
    assert first is not None
    assert await shelf.stands(first) == (Goods.DELIVERED, 16_000, 24_000)
    office.pass_days(7)
    second = await office.run(lambda uow: recurring.run_period(uow, VAULT, made.id, 1))
    assert second is not None
    assert await shelf.stands(second) == (Goods.WAITING, 16_000, 24_000)
    assert await shelf.aside() == ("4", "0")
