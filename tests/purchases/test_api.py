"""Purchases over HTTP: who may do what, and a preview that is what then happens."""

from typing import Any

from specie.kernel.ids import PartyId
from tests.purchases.counter import COST, open_counter
from tests.purchases.market import CASHBACK, WALLET, Market


def rupiah(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "IDR"}


async def opened(market: Market, minor: int = 100_000) -> str:
    body = {"customer_id": str(market.customer), "reference": f"o-{minor}", "amount": rupiah(minor), "title": "Coffee"}
    answer = await market.shop.post("/purchases", body, **{"test-party": str(market.merchant)})
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def test_a_customer_chooses_tenders_agrees_to_the_cost_and_pays(market: Market) -> None:
    buyer, seller = {"test-party": str(market.customer)}, {"test-party": str(market.merchant)}
    bought = await opened(market)
    possible = (await market.shop.get(f"/purchases/{bought}/tenders", **buyer)).json()["data"]
    assert [(one["kind"], (one["most"] or {}).get("amount")) for one in possible] == [
        ("cashback", CASHBACK),
        ("wallet", WALLET),
        ("installments", 1_000_000),
        ("provider", None),
    ]
    plan = possible[2]["plans"][0]["id"]
    tenders: list[dict[str, Any]] = [
        {"kind": "cashback"},
        {"kind": "installments", "amount": rupiah(60_000), "plan_id": plan},
        {"kind": "wallet"},
    ]
    shown = (await market.shop.post(f"/purchases/{bought}/preview", {"tenders": tenders}, **buyer)).json()
    assert [(one["kind"], one["amount"]["amount"]) for one in shown["shares"]] == [
        ("cashback", 30_000),
        ("wallet", 10_000),
        ("installments", 60_000),
    ]
    refused = await market.shop.post(f"/purchases/{bought}/pay", {"tenders": tenders}, **buyer)
    assert (refused.status_code, refused.json()["code"]) == (422, "tender_invalid")

    tenders[1]["fingerprint"] = shown["cost"]["fingerprint"]
    paid = (await market.shop.post(f"/purchases/{bought}/pay", {"tenders": tenders}, **buyer)).json()
    assert paid["status"] == "completed"
    assert sum(leg["amount"]["amount"] for leg in paid["legs"]) == 100_000
    assert paid["entries"] == []
    listed = (await market.shop.get("/purchases", **seller)).json()["data"]
    assert [(one["id"], one["customer_name"]) for one in listed] == [(bought, "Budi")]


async def test_a_refunds_preview_shows_every_leg_and_then_exactly_that_happens(market: Market) -> None:
    bought = await market.buy(cashback=20_000, wallet=50_000, installments=300_000, provider=130_000)
    before = await market.has()
    path, body = f"/purchases/{bought.id}/refunds", {"amount": rupiah(77_777), "reason": "broken"}

    preview = await market.shop.post(f"{path}?dry_run=true", body)
    assert (preview.status_code, preview.headers["dry-run"]) == (200, "true")
    assert await market.has() == before

    made = await market.shop.post(path, body)
    assert made.status_code == 201
    assert parts(made.json()) == parts(preview.json())
    assert sum(amount for _, amount in parts(made.json())) == 77_777
    assert made.json()["cashback_taken_back"] == preview.json()["cashback_taken_back"]
    assert [recipes(one) for one in (made.json(), preview.json())] == [recipes(made.json())] * 2


async def test_a_refunds_preview_names_the_pieces_of_stock_and_only_its_seller_sees_their_cost(market: Market) -> None:
    counter = await open_counter(market)
    bought = await counter.buy(installments=100_000)
    before = await counter.books()
    path, body = f"/purchases/{bought.id}/refunds", {"lines": [{"n": 2, "quantity": 2}, {"n": 3, "quantity": 1}]}

    preview = (await market.shop.post(f"{path}?dry_run=true", body)).json()
    assert await counter.books() == before
    made = (await market.shop.post(path, body)).json()
    # Of the engraving, a service, nothing comes into the stock.
    assert pieces(preview) == pieces(made) == [(2, str(counter.beans), "2", 2 * COST)]
    for shown in (preview, made):
        assert {shown["stock"][0]["entry_id"]} <= {one["entry_id"] for one in shown["entries"]}
    buyer = {"test-party": str(market.customer)}
    [seen] = (await market.shop.get(f"/purchases/{bought.id}", **buyer)).json()["refunds"]
    assert (seen["stock"], seen["entries"], len(seen["lines"])) == ([], [], 2)


def pieces(refund: dict[str, Any]) -> list[tuple[int, str, str, int]]:
    return [(one["n"], one["product_id"], one["quantity"], one["cost"]["amount"]) for one in refund["stock"]]


def parts(refund: dict[str, Any]) -> list[tuple[str, int]]:
    return [(leg["kind"], leg["amount"]["amount"]) for leg in refund["legs"]]


def recipes(refund: dict[str, Any]) -> list[tuple[str, list[int]]]:
    return [(one["recipe"], [each["amount"]["amount"] for each in one["postings"]]) for one in refund["entries"]]


async def test_nobody_spends_anothers_money_or_gives_back_anothers_sale(market: Market) -> None:
    seller, stranger = {"test-party": str(market.merchant)}, {"test-party": str(PartyId.new())}
    buyer = {"test-party": str(market.customer)}
    bought = await opened(market)
    before = await market.has()
    pays = {"tenders": [{"kind": "wallet"}]}
    for caller in (seller, stranger):
        answer = await market.shop.post(f"/purchases/{bought}/pay", pays, **caller)
        assert (answer.status_code, answer.json()["code"]) == (404, "purchase_unknown")
    assert (await market.shop.get(f"/purchases/{bought}", **stranger)).status_code == 404
    assert await market.has() == before

    assert (await market.shop.post(f"/purchases/{bought}/pay", pays, **buyer)).status_code == 200
    for caller in (buyer, stranger):
        answer = await market.shop.post(f"/purchases/{bought}/refunds", {}, **caller)
        assert (answer.status_code, answer.json()["code"]) == (404, "purchase_unknown")
    assert (await market.has())["wallet"] == WALLET - 100_000


async def test_the_providers_part_is_paid_on_its_hosted_page(market: Market) -> None:
    bought = await opened(market)
    buyer = {"test-party": str(market.customer)}
    pays = {"tenders": [{"kind": "wallet", "amount": rupiah(40_000)}, {"kind": "provider"}]}
    held = (await market.shop.post(f"/purchases/{bought}/pay", pays, **buyer)).json()
    assert held["status"] == "held"
    page = await market.shop.client.get(held["legs"][1]["checkout_url"])
    assert (page.status_code, "Coffee" in page.text) == (200, True)

    cancelled = await market.shop.post(f"/purchases/{bought}/cancel", None, **{"test-party": str(market.merchant)})
    assert cancelled.json()["status"] == "cancelled"
    assert (await market.has())["wallet"] == WALLET


async def test_a_purchase_that_names_nobody_is_paid_by_nobody_over_the_api(market: Market) -> None:
    body = {"reference": "o-anybody", "amount": rupiah(100_000), "tenders": ["wallet", "provider"]}
    made = (await market.shop.post("/purchases", body, **{"test-party": str(market.merchant)})).json()
    before = await market.has()
    assert (made["customer_id"], made["tenders"]) == (None, ["wallet", "provider"])

    pays = {"tenders": [{"kind": "wallet"}]}
    staff = await market.shop.post(f"/purchases/{made['id']}/pay", pays)
    assert (staff.status_code, staff.json()["code"]) == (409, "purchase_without_customer")
    for caller in (market.customer, market.merchant):
        answer = await market.shop.post(f"/purchases/{made['id']}/pay", pays, **{"test-party": str(caller)})
        assert (answer.status_code, answer.json()["code"]) == (404, "purchase_unknown")
    assert await market.has() == before


async def test_a_tender_that_the_merchant_does_not_take_is_refused(market: Market) -> None:
    buyer = {"test-party": str(market.customer)}
    body = {"reference": "o-w", "amount": rupiah(100_000), "tenders": ["wallet"], "customer_id": str(market.customer)}
    bought = (await market.shop.post("/purchases", body, **{"test-party": str(market.merchant)})).json()["id"]
    before = await market.has()
    possible = (await market.shop.get(f"/purchases/{bought}/tenders", **buyer)).json()["data"]
    assert [one["kind"] for one in possible] == ["wallet"]

    for tenders in ([{"kind": "cashback"}, {"kind": "wallet"}], [{"kind": "provider"}]):
        answer = await market.shop.post(f"/purchases/{bought}/pay", {"tenders": tenders}, **buyer)
        assert (answer.status_code, answer.json()["code"]) == (422, "tender_invalid")
    assert await market.has() == before
