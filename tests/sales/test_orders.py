"""An order is delivered and invoiced in parts, never beyond what was ordered."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from specie import billing, catalogue, stock
from specie.billing import Invoice, crediting, delivering
from specie.billing.errors import NothingToDeliver
from specie.catalogue import Particulars, ProductKind, Rounding, TaxRateArchived, pricing
from specie.platform.db import UnitOfWork
from specie.sales import INVARIANTS, order_store, ordering
from specie.sales.errors import MoreThanOrdered, OrderCannotMove, QuoteCannotMove
from specie.stock import OutOfStock
from tests.sales.seller import Seller
from tests.support.damage import is_noticed, is_noticed_after
from tests.wallets.purses import VAULT

PROMISES_MATCH = next(query for sentence, query in INVARIANTS.items() if sentence.startswith("stock promises an order"))


async def test_an_accepted_quote_becomes_one_order_with_what_it_said(seller: Seller) -> None:
    quote = await seller.sent(discount=Decimal("0.05"), reference="PO 7")
    with pytest.raises(QuoteCannotMove):
        await seller.office.run(lambda uow: ordering.from_quote(uow, quote.id))
    await seller.accept(quote)
    twice = [seller.office.run(lambda uow: ordering.from_quote(uow, quote.id)) for _ in range(2)]
    order, same = await asyncio.gather(*twice)
    assert order.id == same.id
    assert (order.total_minor, order.reference) == (quote.total_minor, "PO 7")


async def test_taxes_stay_rounded_as_the_quote_showed_them_in_its_order_and_the_orders_invoice(seller: Seller) -> None:
    # 11 % of 1.05 is 0.1155: 0.12 on each of three lines, and 0.35 on their sum.
    quote = await seller.sent(*[seller.goods("1", 105)] * 3)
    await seller.accept(quote)

    async def by_total(uow: UnitOfWork) -> None:
        await billing.set_profile(uow, replace(await billing.profile(uow), rounding=Rounding.TOTAL))

    await seller.office.run(by_total)
    order = await seller.office.run(lambda uow: ordering.from_quote(uow, quote.id))
    invoice = await seller.invoice(order)
    assert [quote.total_minor, order.total_minor, invoice.total_minor] == [351, 351, 351]


async def test_goods_leave_and_are_charged_in_parts_until_nothing_is_open(seller: Seller) -> None:
    order = await seller.order()
    await seller.deliver(order, l1="1")
    first = await seller.invoice(order, l1="1")
    assert (first.total_minor, first.reference, first.order_id) == (11_100, order.number, order.id)
    assert await seller.stands(order.id) == ("open", [("0", "1", "1"), ("0", "0", "0")])
    assert await seller.books() == (36_000, 4_000, 10_000)
    rest = await seller.invoice(order)
    assert first.total_minor + rest.total_minor == order.total_minor
    await seller.deliver(order)
    assert await seller.stands(order.id) == ("done", [("0", "4", "4"), ("0", "0", "1")])
    assert await seller.books() == (24_000, 16_000, 45_000)
    with pytest.raises(OrderCannotMove):
        await seller.deliver(order)
    # The order gave the goods out, so its invoices do not do so again.
    with pytest.raises(NothingToDeliver):
        await seller.office.run(lambda uow: delivering.deliver(uow, rest.id, seller.warehouse.id))
    assert await seller.books() == (24_000, 16_000, 45_000)


async def test_more_than_ordered_neither_leaves_nor_is_charged(seller: Seller) -> None:
    order = await seller.order()
    for act in (seller.deliver, seller.invoice):
        for wrong in ({"l1": "4.000001"}, {"l9": "1"}):
            with pytest.raises(MoreThanOrdered):
                await act(order, **wrong)
    with pytest.raises(MoreThanOrdered):
        await seller.deliver(order, l2="1")
    assert await seller.books() == (40_000, 0, 0)
    assert (await seller.stands(order.id))[0] == "open"


async def test_of_many_who_deliver_and_invoice_at_once_only_what_was_ordered_moves(seller: Seller) -> None:
    order = await seller.order()
    races = [seller.deliver(order, l1="3") for _ in range(3)] + [seller.invoice(order, l1="3") for _ in range(3)]
    outcomes = await asyncio.gather(*races, return_exceptions=True)
    assert sum(isinstance(one, MoreThanOrdered) for one in outcomes) == 4
    assert await seller.stands(order.id) == ("open", [("0", "3", "3"), ("0", "0", "0")])
    assert await seller.books() == (28_000, 12_000, 30_000)


async def test_what_the_warehouse_lacks_stays_open(seller: Seller) -> None:
    order = await seller.order(seller.goods("11"))
    with pytest.raises(OutOfStock):
        await seller.deliver(order)
    assert await seller.stands(order.id) == ("open", [("0", "0", "0")])
    await seller.deliver(order, l1="10")
    assert await seller.stands(order.id) == ("open", [("0", "10", "0")])


async def test_an_order_keeps_its_goods_aside_until_they_leave_or_it_is_cancelled(seller: Seller) -> None:
    order = await seller.order(seller.goods("7"))
    assert await seller.aside() == ("7", "3")
    late = await seller.order(seller.goods("5"))
    # What is missing has to be bought first; the order stands all the same.
    assert await seller.aside() == ("10", "0")
    with pytest.raises(OutOfStock):
        await seller.deliver(late)
    await seller.deliver(order, l1="2")
    assert await seller.aside() == ("8", "0")
    # What one order gives up is kept aside for the next one at once.
    await seller.office.run(lambda uow: ordering.cancel(uow, order.id, "changed their mind"))
    assert await seller.aside() == ("5", "3")
    await seller.deliver(late)
    assert await seller.aside() == ("0", "3")


async def test_the_orders_that_wait_for_goods_are_found_until_what_they_want_has_come(seller: Seller) -> None:
    served = await seller.order(seller.goods("7"))
    second = await seller.order(seller.goods("5"))
    third = await seller.order(seller.goods("1"))
    assert served.id not in await seller.waiting()
    assert await seller.waiting() == [third.id, second.id]
    await seller.receive("2")
    assert await seller.waiting() == [third.id]
    await seller.office.run(lambda uow: ordering.cancel(uow, third.id, "changed their mind"))
    assert await seller.waiting() == []


async def test_the_orders_that_wait_are_found_by_an_index(seller: Seller) -> None:
    async def plan(uow: UnitOfWork) -> str:
        # In a table of a few rows reading all of it would always win.
        await uow.execute(text("set local enable_seqscan = off"))
        query = stock.causes_waiting(uow, order_store.CAUSE_KIND).compile(dialect=postgresql.psycopg.dialect())
        cursor = await (await uow.raw()).execute(f"explain {query}", query.params)
        return "\n".join(row[0] for row in await cursor.fetchall())

    assert "stock_reservation_waiting" in await seller.office.run(plan)


async def test_goods_that_arrive_are_kept_aside_for_the_orders_that_wait_the_first_one_first(seller: Seller) -> None:
    await seller.order(seller.goods("7"))
    second = await seller.order(seller.goods("5"))
    third = await seller.order(seller.goods("1"), seller.goods("3"))
    assert [await seller.waits(each) for each in (second, third)] == [[("3", "2")], [("0", "1"), ("0", "3")]]
    await seller.receive("4")
    assert [await seller.waits(each) for each in (second, third)] == [[("5", "0")], [("1", "0"), ("1", "2")]]
    await seller.deliver(second)
    await seller.deliver(third, l1="1", l2="1")
    assert await seller.waits(third) == [("0", "0"), ("0", "2")]


@pytest.mark.parametrize(
    "damage",
    [
        "update specie.stock_reservation set wanted = wanted + 1",
        # The other promise still says that the order is promised its goods.
        "delete from specie.stock_reservation where quantity = 0",
        "update specie.sales_order set state = 'cancelled'",
        "update specie.sales_order_line set delivered = delivered + 1",
    ],
)
async def test_a_promise_that_is_not_what_its_order_has_to_send_is_noticed(
    seller: Seller, superuser_connection: psycopg.Connection, damage: str
) -> None:
    said = Particulars.checked(kind=ProductKind.PRODUCT, name="Tea", sku="T1", unit="bag")
    tea = (await seller.office.run(lambda uow: catalogue.add_product(uow, said))).id
    await seller.order(seller.goods("7"), replace(seller.goods("2"), product_id=tea))
    assert is_noticed(superuser_connection, seller.office.scope, PROMISES_MATCH, damage)


async def test_an_order_that_changes_and_forgets_its_promise_is_noticed(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await seller.order(seller.goods("7"))

    async def forget(*_: object) -> None:
        """The defect."""

    monkeypatch.setattr(ordering, "_keep_aside", forget)
    office = seller.office
    assert await is_noticed_after(
        office.database, office.scope, PROMISES_MATCH, lambda uow: ordering.cancel(uow, order.id, "changed their mind")
    )


async def test_what_was_promised_is_free_again_though_nobody_says_any_more_where_goods_leave_from(
    seller: Seller,
) -> None:
    order = await seller.order(seller.goods("4"))
    await seller.office.run(lambda uow: stock.add_warehouse(uow, "SHOP", "Shop", seller.office.currency))
    assert await seller.aside() == ("4", "6")
    await seller.office.run(lambda uow: ordering.cancel(uow, order.id, "changed their mind"))
    assert await seller.aside() == ("0", "10")


async def test_goods_that_are_charged_and_credited_before_they_left_are_free_again(seller: Seller) -> None:
    order = await seller.order(seller.goods("4"))
    made = await seller.invoice(order)
    await seller.office.credit(made, {1: Decimal(3)})
    assert await seller.aside() == ("1", "9")


async def test_cancelling_gives_up_only_what_neither_left_nor_was_charged(seller: Seller) -> None:
    order = await seller.order()
    await seller.deliver(order, l1="2")
    await seller.invoice(order, l1="1")
    cancelled = await seller.office.run(lambda uow: ordering.cancel(uow, order.id, "changed their mind"))
    assert cancelled.state.value == "open"
    assert await seller.stands(order.id) == ("open", [("2", "2", "1"), ("1", "0", "0")])
    with pytest.raises(OrderCannotMove):
        await seller.office.run(lambda uow: ordering.cancel(uow, order.id, "again"))
    with pytest.raises(MoreThanOrdered):
        await seller.invoice(order, l1="2")
    await seller.invoice(order)
    assert (await seller.stands(order.id))[0] == "done"
    assert await seller.books() == (32_000, 8_000, 20_000)
    other = await seller.order()
    ended = await seller.office.run(lambda uow: ordering.cancel(uow, other.id, "no"))
    assert ended.state.value == "cancelled"


async def test_an_order_without_a_quote_is_one_like_any_other(seller: Seller) -> None:
    office = seller.office
    command = ordering.WriteOrder(office.customer, office.currency, [seller.goods("2")], discount=Decimal("0.5"))
    order = await office.run(lambda uow: ordering.create(uow, command))
    assert (order.number, order.total_minor) == ("SO-00001", 11_100)
    await seller.deliver(order)
    assert (await seller.invoice(order)).total_minor == 11_100
    told = [*await office.told("sales_order.delivered"), *await office.told("sales_order.invoiced")]
    assert [one["lines"] for one in told] == [[{"n": 1, "quantity": "2"}]] * 2


async def test_what_was_agreed_keeps_its_tax_though_the_rate_is_archived(seller: Seller) -> None:
    office = seller.office
    quote = await seller.accept(await seller.sent(seller.goods("2")))
    await office.run(lambda uow: pricing.archive_tax_rate(uow, office.vat))
    order = await office.run(lambda uow: ordering.from_quote(uow, quote.id))
    await seller.deliver(order)
    assert (await seller.invoice(order)).total_minor == quote.total_minor == 22_200
    with pytest.raises(TaxRateArchived):
        await seller.drafted(seller.goods("1"))


async def test_a_gift_keeps_no_order_open(seller: Seller) -> None:
    order = await seller.order(seller.goods("1"), seller.goods("1", price=0))
    await seller.invoice(order, l1="1")
    await seller.deliver(order)
    assert (await seller.stands(order.id))[0] == "done"


async def credited(seller: Seller, invoice: Invoice, keeps_order: bool = False, **quantities: str) -> None:
    wanted = {int(name.removeprefix("l")): Decimal(much) for name, much in quantities.items()} or None
    await seller.office.run(
        lambda uow: crediting.credit(uow, VAULT, invoice.id, "too late", wanted, keeps_order=keeps_order)
    )


async def test_what_is_credited_before_it_was_sent_does_not_leave_any_more(seller: Seller) -> None:
    order = await seller.order(seller.goods("4"))
    invoice = await seller.invoice(order)
    await seller.deliver(order, l1="1")
    await credited(seller, invoice, l1="2")
    with pytest.raises(MoreThanOrdered) as refused:
        await seller.deliver(order, l1="2")
    assert refused.value.facts["most"] == "1"
    assert await seller.books() == (36_000, 4_000, 20_000)
    await seller.deliver(order)
    assert await seller.stands(order.id) == ("done", [("0", "2", "4")])
    assert await seller.books() == (32_000, 8_000, 20_000)
    [told] = await seller.office.told("sales_order.cancelled")
    assert told["order_id"] == str(order.id)


async def test_an_order_whose_invoice_is_credited_whole_is_cancelled_and_one_that_is_kept_delivers(
    seller: Seller,
) -> None:
    order, kept = await seller.order(), await seller.order()
    await credited(seller, await seller.invoice(order))
    assert (await seller.stands(order.id))[0] == "cancelled"
    with pytest.raises(OrderCannotMove):
        await seller.deliver(order)
    await credited(seller, await seller.invoice(kept), keeps_order=True)
    await seller.deliver(kept)
    assert (await seller.stands(kept.id))[0] == "done"
    assert await seller.books() == (24_000, 16_000, 0)


async def test_crediting_what_was_sent_gives_nothing_up(seller: Seller) -> None:
    order = await seller.order(seller.goods("4"))
    await seller.deliver(order, l1="4")
    await credited(seller, await seller.invoice(order))
    assert await seller.stands(order.id) == ("done", [("0", "4", "4")])


async def test_after_a_credit_the_rest_of_an_order_can_be_cancelled(seller: Seller) -> None:
    order = await seller.order(seller.goods("4"))
    await credited(seller, await seller.invoice(order, l1="3"))
    await seller.office.run(lambda uow: ordering.cancel(uow, order.id, "no"))
    assert await seller.stands(order.id) == ("cancelled", [("1", "0", "3")])
