"""Installments over HTTP: a purchase from plan to payoff as its merchant and its customer see it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest_asyncio

from specie.installments.order_routes import router as order_routes
from specie.installments.routes import router
from specie.kernel.ids import PartyId, uuid7
from specie.platform.db import Database
from tests.installments.shop import Shop, open_shop
from tests.support.asgi import calling
from tests.wallets.purses import VAULT

TERMS = {"parts": 4, "interest": "flat", "annual_rate": "0.12", "interval": "monthly", "merchant_fee_rate": "0.02"}


class Desk:
    """The shop's API as its staff, its merchant and its customer call it."""

    def __init__(self, shop: Shop, stack: AsyncExitStack) -> None:
        self.shop = shop
        self._stack = stack

    async def ask(
        self, method: str, path: str, body: Any = None, *, party: PartyId | None = None, status: int = 200
    ) -> Any:
        scope = replace(self.shop.scope, party_id=party)
        routers = [router, order_routes]
        async with calling(self.shop.database, scope, routers, {"vault": VAULT}) as client:
            headers = {"Idempotency-Key": uuid7().hex} if method == "POST" else {}
            answer = await client.request(method, f"/installments{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def money(self, minor: int) -> dict[str, Any]:
        return {"amount": minor, "currency": "IDR"}

    async def plan(self, **terms: Any) -> Any:
        body = {"name": "Four parts", "currency": "IDR", "terms": TERMS | terms}
        return await self.ask("POST", "/plans", body, party=self.shop.merchant.party_id, status=201)

    async def offered(self, plan: Any, minor: int = 120_000, reference: str = "order-1") -> Any:
        customer = str(self.shop.customer.party_id)
        body = {"plan_id": plan["id"], "amount": self.money(minor), "reference": reference, "customer_id": customer}
        return await self.ask("POST", "/orders", body, party=self.shop.merchant.party_id, status=201)

    async def order(self, order: Any, party: PartyId | None = None) -> Any:
        return await self.ask("GET", f"/orders/{order['id']}", party=party)

    async def accepted(self, order: Any) -> Any:
        customer = self.shop.customer.party_id
        cost = (await self.order(order, customer))["offer"]
        body = {"fingerprint": cost["fingerprint"]}
        return await self.ask("POST", f"/orders/{order['id']}/accept", body, party=customer)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(database: Database) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        yield Desk(await open_shop(database, funds=200_000), stack)


async def test_a_purchase_goes_from_plan_to_payoff(desk: Desk) -> None:
    customer, merchant = desk.shop.customer.party_id, desk.shop.merchant.party_id
    plan = await desk.plan()
    preview = await desk.ask("POST", "/preview", {"plan_id": plan["id"], "amount": desk.money(120_000)})
    written = await desk.ask("POST", "/preview", {"terms": TERMS, "amount": desk.money(120_000)})
    assert written["lines"] == preview["lines"]
    assert (preview["total"]["amount"], preview["cost"]["amount"]) == (124_800, 4_800)
    order = await desk.offered(plan)
    begun = await desk.accepted(order)
    assert (begun["state"], begun["open"]["total"], begun["due"]["amount"]) == ("active", 124_800, 0)
    seen = await desk.order(order, customer)
    assert [(line["due_on"], line["total"], line["status"]) for line in seen["lines"]] == [
        (line["due_on"], line["total"], "coming") for line in preview["lines"]
    ]
    # What the merchant pays us, and the books, are not the customer's to see.
    assert (seen["terms"]["merchant_fee_rate"], seen["entries"]) == ("0", [])
    theirs = await desk.order(order, merchant)
    assert theirs["terms"]["merchant_fee_rate"] == "0.02"
    assert theirs["entries"][0]["recipe"] == "installments.book@2"
    paid = await desk.ask("POST", f"/orders/{order['id']}/pay", {}, party=customer)
    assert (paid["open"]["total"], paid["paid_share"]) == (93_600, 25)
    quote = await desk.ask("POST", f"/orders/{order['id']}/quote", party=customer, status=201)
    assert (quote["total"]["amount"], quote["saves"]["amount"]) == (88_800, 4_800)
    ended = await desk.ask("POST", f"/orders/{order['id']}/payoff", {"quote_id": quote["id"]}, party=customer)
    assert (ended["state"], ended["open"]["total"], ended["paid_share"]) == ("paid", 0, 100)


async def test_the_board_ages_parts_and_the_days_settlement_is_the_ledgers(desk: Desk) -> None:
    plan = await desk.plan(interval="weekly", retry_days=[])
    merchant = desk.shop.merchant.party_id
    first = await desk.accepted(await desk.offered(plan, 160_000, "a"))
    await desk.accepted(await desk.offered(plan, 80_000, "b"))
    day = await desk.ask("GET", "/settlement", party=merchant)
    assert [(row["bought"]["amount"], row["fees"]["amount"], row["net"]["amount"]) for row in day] == [
        (240_000, 4_800, 235_200)
    ]
    await desk.ask(
        "POST", f"/orders/{first['id']}/returns", {"amount": desk.money(40_000), "reason": "torn"}, party=merchant
    )
    [row] = await desk.ask("GET", "/settlement", party=merchant)
    assert (row["returned"]["amount"], row["net"]["amount"]) == (40_000, 195_200)
    await desk.shop.pass_days(7)
    board = await desk.ask("GET", "/board?currency=IDR", party=merchant)
    orders = await desk.ask("GET", "/orders?state=active", party=merchant)
    assert board["open"]["amount"] == sum(order["open"]["total"] for order in orders["data"])
    assert board["states"]["active"] == 2
    # One part of each was collected on its day.
    assert [(age["name"], age["parts"]) for age in board["ages"] if age["parts"]] == [("not_due", 6)]
    ahead = await desk.ask("GET", "/settlement?day=2999-01-01", status=422)
    assert ahead["code"] == "installment_day_ahead"


async def test_only_overdue_parts_are_old_and_the_rest_of_their_order_is_not_due(database: Database) -> None:
    async with AsyncExitStack() as stack:
        desk = Desk(await open_shop(database), stack)
        await desk.accepted(await desk.offered(await desk.plan(interval="weekly", late_fee_minor=500)))
        await desk.shop.pass_days(12)
        board = await desk.ask("GET", "/board?currency=IDR")
        ages = {age["name"]: (age["parts"], age["orders"]) for age in board["ages"] if age["parts"]}
        assert ages == {"days_1_29": (1, 1), "not_due": (3, 1)}
        assert board["penalties"]["amount"] == 500
        late = await desk.ask("GET", "/orders?late=true")
        assert [(order["bucket"], order["due"]["amount"]) for order in late["data"]] == [(1, 30_000 + 277 + 500)]


async def test_whose_line_it_is_may_be_read_by_its_owner_alone(desk: Desk) -> None:
    customer, merchant = desk.shop.customer.party_id, desk.shop.merchant.party_id
    path = f"/lines/{customer}/IDR"
    set_now = await desk.ask("PUT", path, {"limit_minor": 500, "is_blocked": True})
    assert (set_now["limit"]["amount"], set_now["left"]["amount"], set_now["is_blocked"]) == (500, 500, True)
    assert await desk.ask("GET", path, party=customer) == set_now
    refused = await desk.ask("GET", path, party=merchant, status=404)
    assert refused["code"] == "party_not_found"
    nothing = await desk.ask("GET", f"/lines/{merchant}/IDR", party=merchant)
    assert nothing["limit"]["amount"] == 0


async def test_terms_that_make_no_schedule_are_refused_and_plans_end(desk: Desk) -> None:
    merchant = desk.shop.merchant.party_id
    for terms, param in (({"annual_rate": "0"}, "annual_rate"), ({"holiday_rule": "next", "country": "ZZ"}, "country")):
        body = {"name": "x", "currency": "IDR", "terms": TERMS | terms}
        refused = await desk.ask("POST", "/plans", body, party=merchant, status=422)
        assert (refused["code"], refused["param"]) == ("installment_terms_invalid", param)
    plan = await desk.plan()
    ended = await desk.ask("POST", f"/plans/{plan['id']}/end", party=merchant)
    assert ended["is_active"] is False
    listed = await desk.ask("GET", "/plans?active=true", party=merchant)
    assert plan["id"] not in [each["id"] for each in listed["data"]]
