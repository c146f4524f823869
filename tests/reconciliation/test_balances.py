"""A provider's live balance against the books: agreeing, differing, agreeing again, and asked for every day."""

import pytest
import pytest_asyncio

from specie.reconciliation import balances, compare, service
from specie.reconciliation.errors import NoBalanceOffered
from specie.reconciliation.model import Source
from tests.reconciliation.desk import Desk, open_desk
from tests.support.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def desk(shop: Shop) -> Desk:
    """The shop's provider under reconciliation."""
    return await open_desk(shop)


async def paid(shop: Shop, scenario: str = "success") -> None:
    payment_id = await shop.payment(scenario)
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")


async def pay_over(shop: Shop, amount: int) -> None:
    """The provider sends money to our bank, of which no statement has told us."""
    assert shop.connection_id is not None
    account = f"sim_{shop.connection_id.uuid.hex}"
    await shop.lever("pay-over", account=account, currency="IDR", amount=amount)


async def exceptions(shop: Shop) -> list[tuple[str, int, int]]:
    found = (await shop.get("/reconciliation/exceptions")).json()["data"]
    return [(each["kind"], each["amount"]["amount"], each["expected"]["amount"]) for each in found]


async def test_a_balance_that_differs_is_one_exception_until_it_agrees_again(desk: Desk) -> None:
    shop = desk.shop
    await paid(shop)
    owed = await desk.balance()
    agreed = await compare(shop.context, desk.source.id)
    assert (agreed.at_provider.minor, agreed.in_books.minor, agreed.exception) == (owed, owed, None)

    await pay_over(shop, 1_000)
    for _ in range(2):
        answer = await shop.post(f"/reconciliation/sources/{desk.source.id}/balance")
        assert answer.json()["exception"]["kind"] == "balance_differs"
    assert await exceptions(shop) == [("balance_differs", owed - 1_000, owed)]

    await pay_over(shop, 500)
    await compare(shop.context, desk.source.id)
    assert await exceptions(shop) == [("balance_differs", owed - 1_500, owed)]
    await pay_over(shop, -1_500)
    await compare(shop.context, desk.source.id)
    assert await exceptions(shop) == []
    assert await desk.balance() == owed


async def test_refunds_and_payouts_leave_the_provider_and_the_books_alike(desk: Desk) -> None:
    shop = desk.shop
    payment_id = await shop.payment("success")
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")
    await shop.post(f"/payments/{payment_id}/refunds", {"amount": {"amount": 400_000, "currency": "IDR"}})
    await shop.work()
    found = await compare(shop.context, desk.source.id)
    assert found.exception is None
    assert found.at_provider.minor == await desk.balance()


async def test_the_provider_is_asked_every_day_and_a_stale_plan_does_nothing(desk: Desk) -> None:
    shop = desk.shop
    await paid(shop)
    await pay_over(shop, 7)
    planned = (await source(desk)).balance_due_at
    assert planned is not None
    for _ in range(2):
        await balances.run_due(shop.context, desk.source.id, planned)
    again = (await source(desk)).balance_due_at
    assert again is not None
    assert again > planned
    assert len(await exceptions(shop)) == 1


async def test_a_bank_has_no_live_balance(desk: Desk) -> None:
    with pytest.raises(NoBalanceOffered):
        await compare(desk.shop.context, desk.bank.id)


async def source(desk: Desk) -> Source:
    async with desk.shop.db.begin(desk.shop.scope) as uow:
        return await service.get_source(uow, desk.source.id)
