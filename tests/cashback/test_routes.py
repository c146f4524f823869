"""Cashback over HTTP: the merchant's way from an offer to a purchase, a batch, and what a customer sees."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest_asyncio

from specie import parties
from specie.cashback import offer_routes, routes
from specie.kernel.ids import PartyId, RequestId
from tests.cashback.stalls import VAULT, Stall
from tests.support.asgi import calling

PERCENT = {"currency": "IDR", "reward": {"kind": "percent", "rate": "0.05"}}


@pytest_asyncio.fixture(loop_scope="session")
async def merchant(stall: Stall) -> AsyncIterator[httpx2.AsyncClient]:
    """The merchant's own client."""
    async with as_party(stall, stall.merchant) as client:
        yield client


def as_party(stall: Stall, party: PartyId | None) -> Any:
    """A client limited to a party, or of the tenant's staff."""
    scope = replace(stall.now(), party_id=party)
    return calling(stall.database, scope, [routes.router, offer_routes.router], {"vault": VAULT})


def rupiah(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "IDR"}


async def post(client: httpx2.AsyncClient, path: str, body: Any = None, status: int = 201) -> Any:
    answer = await client.post(f"/cashback{path}", json=body, headers={"idempotency-key": str(RequestId.new())})
    assert answer.status_code == status, answer.text
    return answer.json()


async def an_offer(client: httpx2.AsyncClient, **terms: Any) -> Any:
    drafted = await post(client, "/offers", {"name": "Weekend", "terms": PERCENT | terms})
    await post(client, f"/offers/{drafted['id']}/fund", {"amount": rupiah(100_000)})
    return await post(client, f"/offers/{drafted['id']}/activate", status=200)


async def test_a_preview_shows_the_working_that_a_purchase_then_gets(
    stall: Stall, merchant: httpx2.AsyncClient
) -> None:
    terms = PERCENT | {"cap_purchase": rupiah(400)}
    preview = await post(merchant, "/offers/preview", {"terms": terms, "amount": rupiah(9_999)}, 200)
    assert preview["amount"] == rupiah(400)
    assert [(step["step"], step["gives"]["amount"]) for step in preview["steps"]] == [
        ("rate", 499),
        ("cap_purchase", 400),
    ]
    offer = await an_offer(merchant, **terms)
    assert (offer["status"], offer["budget_left"], offer["merchant_name"]) == ("active", rupiah(100_000), "Kedai Senja")
    customer = str(await stall.customer())
    body = {"external_id": "o-1", "party_id": customer, "amount": rupiah(9_999), "status": "confirmed"}
    made = await post(merchant, "/purchases", body)
    assert [given["amount"] for given in made["cashback"]] == [rupiah(400)]
    async with as_party(stall, PartyId.parse(customer)) as client:
        [shown] = (await client.get("/cashback/accruals")).json()["data"]
        summary = (await client.get("/cashback/summary")).json()["data"]
        hidden = await client.get(f"/cashback/offers/{offer['id']}")
    assert (shown["working"], shown["offer_name"]) == (preview["steps"], "Weekend")
    [seen] = (await merchant.get("/cashback/accruals")).json()["data"]
    assert (shown["customer_name"], seen["customer_name"]) == ("Budi", "B***")
    assert (summary[0]["pending"], summary[0]["available"]) == (rupiah(400), rupiah(0))
    assert (hidden.status_code, hidden.json()["code"]) == (404, "offer_not_found")


async def test_a_purchase_below_an_offers_minimum_brings_nothing(stall: Stall, merchant: httpx2.AsyncClient) -> None:
    terms = PERCENT | {"minimum": rupiah(5_000)}
    given = [
        (await post(merchant, "/offers/preview", {"terms": terms, "amount": rupiah(minor)}, 200))["amount"]["amount"]
        for minor in (4_999, 5_000)
    ]
    assert given == [0, 250]
    offer = await an_offer(merchant, **terms)
    assert offer["terms"]["minimum"] == rupiah(5_000)
    told = {"external_id": "o-1", "party_id": str(await stall.customer()), "amount": rupiah(4_999)}
    assert (await post(merchant, "/purchases", told | {"status": "confirmed"}))["cashback"] == []


async def test_a_batch_decides_each_purchase_by_itself_and_can_be_sent_again(
    stall: Stall, merchant: httpx2.AsyncClient
) -> None:
    offer = await an_offer(merchant)
    customer = await stall.customer()
    async with stall.database.begin(stall.now()) as uow:
        person = (await parties.get_party(uow, VAULT, customer)).person
    assert person is not None
    bought = [
        {"external_id": f"o-{number}", "amount": rupiah(1_000 + number), "customer_email": person.email}
        for number in range(60)
    ]
    unknown = {"external_id": "x", "amount": rupiah(5), "customer_email": "nobody@example.com"}
    batch = {"purchases": [*bought, unknown]}
    first = (await post(merchant, "/purchases/batch", batch, 200))["data"]
    again = (await post(merchant, "/purchases/batch", batch, 200))["data"]
    assert [each["outcome"] for each in first] == ["recorded"] * 60 + ["refused"]
    assert [each["outcome"] for each in again] == ["known"] * 60 + ["refused"]
    assert first[-1]["code"] == "party_not_found"
    shown = (await merchant.get(f"/cashback/offers/{offer['id']}")).json()
    assert shown["given"]["amount"] == sum((1_000 + number) * 5 // 100 for number in range(60))
    assert shown["accruals"] == [{"status": "pending", "number": 60, "amount": shown["given"]}]


async def test_refusals_name_the_field_and_change_nothing(stall: Stall, merchant: httpx2.AsyncClient) -> None:
    wrong = {
        "/terms/reward/rate": PERCENT | {"reward": {"kind": "percent", "rate": "1.5"}},
        "cap_user": PERCENT | {"cap_user": {"amount": 5, "currency": "JPY"}},
        "reward": PERCENT | {"reward": {"kind": "fixed", "rate": "0.1"}},
    }
    for param, terms in wrong.items():
        refusal = await post(merchant, "/offers", {"name": "Wrong", "terms": terms}, 422)
        assert param in str(refusal), refusal
    house = {"name": "Free", "funded_by": "house", "terms": PERCENT}
    assert (await post(merchant, "/offers", house, 409))["code"] == "offer_house_only"
    drafted = await post(merchant, "/offers", {"name": "Bare", "terms": PERCENT})
    assert (await post(merchant, f"/offers/{drafted['id']}/activate", status=409))["code"] == "offer_unfunded"
    both = {"external_id": "o", "amount": rupiah(5), "party_id": "pty_x", "customer_email": "a@b.co"}
    await post(merchant, "/purchases", both, 422)
    assert (await merchant.get("/cashback/purchases")).json()["data"] == []


async def test_staff_activate_and_suspend_and_a_customer_pays_cashback_first(stall: Stall) -> None:
    customer = await stall.customer(5_000)
    async with as_party(stall, None) as staff:
        [shown] = (await staff.get("/cashback/merchants")).json()["data"]
        assert (shown["status"], shown["is_verified"], shown["name"]) == ("active", True, "Kedai Senja")
        offer = await stall.offer(return_days=5)
        made = await stall.buy(customer, 1_000)
        accrual = made.accruals[0].id
        released = await post(staff, f"/accruals/{accrual}/release", {"reason": "a long-standing customer"}, 200)
        assert (released["status"], released["left"]["amount"]) == ("available", 100)
        path = f"/merchants/{stall.merchant}/suspend"
        assert (await post(staff, path, {"reason": "complaints"}, 200))["status"] == "suspended"
        assert (await post(staff, path, {"reason": "again"}, 409))["code"] == "cashback_merchant_state"
    async with as_party(stall, customer) as client:
        spent = await post(client, "/payments", {"merchant_id": str(stall.merchant), "amount": rupiah(101)})
    assert [(part["purpose"], part["amount"]["amount"]) for part in spent["parts"]] == [("cashback", 100), ("main", 1)]
    assert await stall.left(offer.id) == 1_000_000 - 100
