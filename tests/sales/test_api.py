"""Quotes and orders over HTTP, and the page on which a customer answers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from specie.billing.routes import router as billing_router
from specie.kernel.ids import PartyId, RequestId, TenantId, uuid7
from specie.kernel.scope import Scope
from specie.sales.order_routes import router as order_router
from specie.sales.routes import router
from specie.sales.routes_pages import pages
from tests.sales.seller import Seller
from tests.support.asgi import calling
from tests.wallets.purses import VAULT


def _services(seller: Seller) -> dict[str, Any]:
    async def scope_for_job(tenant_id: TenantId, name: str, request_id: RequestId) -> Scope:
        assert tenant_id == seller.office.scope.tenant_id
        return replace(seller.office.scope, party_id=None)

    return {"vault": VAULT, "scope_for_job": scope_for_job}


async def _ask(
    seller: Seller, method: str, path: str, body: Any = None, *, party: PartyId | None = None, status: int = 200
) -> Any:
    scope = replace(seller.office.scope, party_id=party)
    async with calling(seller.office.database, scope, [router, order_router, billing_router], _services(seller)) as one:
        headers = {"Idempotency-Key": uuid7().hex} if method == "POST" else {}
        answer = await one.request(method, path, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def _quote(seller: Seller) -> dict[str, Any]:
    line = {"description": "Coffee", "quantity": "4", "unit_price": {"amount": 10_000, "currency": "IDR"}}
    return {
        "customer_id": str(seller.office.customer),
        "currency": "IDR",
        "lines": [line | {"discount": "10", "product_id": str(seller.product)}],
        "discount": "5",
        "valid_until": str(seller.office.day),
    }


async def test_a_quote_becomes_an_order_that_is_delivered_and_invoiced_without_retyping(seller: Seller) -> None:
    quote = await _ask(seller, "POST", "/quotes", _quote(seller), status=201)
    [version] = quote["versions"]
    assert (version["discount"], version["lines"][0]["own_discount"], version["lines"][0]["discount"]) == (
        *("5", "10"),
        "14.5",
    )
    assert (quote["total"]["amount"], quote["path"]) == (34_200, None)
    refused = await _ask(seller, "POST", f"/quotes/{quote['id']}/accept", {"version": 1, "name": "Ani"}, status=409)
    assert refused["code"] == "quote_state"
    sent = await _ask(seller, "POST", f"/quotes/{quote['id']}/send", {})
    assert [one["id"] for one in (await _ask(seller, "GET", "/quotes?state=sent"))["data"]] == [quote["id"]]
    seen = await _ask(seller, "GET", f"/quotes/{quote['id']}", party=seller.office.customer)
    assert (seen["state"], seen["path"]) == ("sent", sent["path"])
    await _ask(seller, "POST", f"/quotes/{quote['id']}/accept", {"version": 1, "name": "Ani"})
    order = await _ask(seller, "POST", f"/quotes/{quote['id']}/order", {})
    assert (await _ask(seller, "POST", f"/quotes/{quote['id']}/order", {}))["id"] == order["id"]

    path = f"/sales-orders/{order['id']}"
    place = {"warehouse_id": str(seller.warehouse.id)}
    half = await _ask(seller, "POST", f"{path}/deliveries", place | {"lines": [{"n": 1, "quantity": "2"}]}, status=201)
    assert (half["lines"][0]["to_deliver"], half["shipments"][0]["lines"]) == ("2", {"1": "2"})
    wrong = {"lines": [{"n": 1, "quantity": "5"}]}
    refused = await _ask(seller, "POST", f"{path}/invoices", wrong, status=422)
    assert (refused["code"], refused["line"], refused["most"]) == ("more_than_ordered", 1, "4")
    done = await _ask(seller, "POST", f"{path}/invoices", {}, status=201)
    [invoice] = done["invoices"]
    assert (invoice["total"]["amount"], invoice["state"], done["state"]) == (34_200, "issued", "open")
    shown = await _ask(seller, "GET", f"/billing/invoices/{invoice['id']}")
    assert (shown["order_id"], shown["goods"]) == (order["id"], "none")
    [listed] = (await _ask(seller, "GET", "/sales-orders?state=open"))["data"]
    assert listed["progress"] == {"lines": 1, "goods": 1, "delivered": 0, "invoiced": 1}
    ended = await _ask(seller, "POST", f"{path}/deliveries", place, status=201)
    assert ended["state"] == "done"


async def test_a_quote_without_a_last_day_is_valid_for_fourteen(seller: Seller) -> None:
    said = {name: value for name, value in _quote(seller).items() if name != "valid_until"}

    quote = await _ask(seller, "POST", "/quotes", said, status=201)

    assert quote["valid_until"] == str(seller.office.day + timedelta(days=14))


async def test_the_list_of_orders_is_narrowed_to_those_that_wait_for_goods(seller: Seller) -> None:
    served, waits = await seller.order(seller.goods("9")), await seller.order(seller.goods("2"))
    everything = (await _ask(seller, "GET", "/sales-orders"))["data"]
    assert [one["id"] for one in everything] == [str(waits.id), str(served.id)]
    found = (await _ask(seller, "GET", "/sales-orders?waits=true&state=open", party=seller.office.customer))["data"]
    assert [one["id"] for one in found] == [str(waits.id)]


async def test_a_customer_reads_and_answers_on_the_page(seller: Seller) -> None:
    draft = await seller.drafted()
    services = _services(seller)
    async with calling(seller.office.database, seller.office.scope, [pages], services) as browser:
        assert (await browser.get(f"/quote/{draft.token}")).status_code == 404
        assert (await browser.get(f"/quote/{draft.token}/pdf")).status_code == 404
        assert (await browser.get("/quote/nothing")).status_code == 404
        sent = await seller.sent()
        page = await browser.get(f"/quote/{sent.token}")
        assert "Accept for IDR 494" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        unnamed = await browser.post(f"/quote/{sent.token}/accept", data={"version": "1", "name": " "})
        assert (unnamed.status_code, "Write your name" in unnamed.text) == (422, True)
        changed = await browser.post(f"/quote/{sent.token}/accept", data={"version": "7", "name": "Ani"})
        assert (changed.status_code, "has changed" in changed.text) == (409, True)
        for _ in range(2):
            answer = await browser.post(f"/quote/{sent.token}/accept", data={"version": "1", "name": "<Ani>"})
            assert answer.status_code == 303
        assert "Accepted by &lt;Ani&gt;" in (await browser.get(f"/quote/{sent.token}")).text
        assert len(await seller.office.told("quote.accepted")) == 1
        other = await seller.sent()
        await browser.post(f"/quote/{other.token}/decline", data={"version": "1", "reason": "too dear"})
        page = await browser.get(f"/quote/{other.token}")
        assert ("too dear" in page.text, "Accept for" in page.text) == (True, False)
        paper = await browser.get(f"/quote/{sent.token}/pdf")
        assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")
