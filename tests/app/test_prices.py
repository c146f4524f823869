"""What a line costs and how its tax is rounded, worked out by hand: by the customer's list, by line and by total."""

from typing import Any

import pytest

from tests.app.office import Office, idr, office, org, services

__all__ = ["office", "org", "services"]


@pytest.fixture
def shop(office: Office) -> Any:
    """A product for 10.00 that a wholesaler gets for 8.33, with 11 per cent of tax."""
    tax = office.post("/tax-rates", {"name": f"VAT {len(office.get('/tax-rates')['data'])}", "percent": "11"})["id"]
    number = len(office.get("/products")["data"])
    body = {"name": f"Beans {number}", "sku": f"B{number}", "price": idr(1_000), "tax_rate_ids": [tax]}
    product = office.post("/products", body)["id"]
    wholesale = office.post("/price-lists", {"name": f"Wholesale {number}", "currency": "IDR"})["id"]
    assert office.ask("PUT", f"/products/{product}/prices/{wholesale}", {"amount": idr(833)}).is_success
    return {"tax": tax, "product": product, "wholesale": wholesale}


def _line(shop: Any, quantity: str = "1") -> dict[str, Any]:
    return {
        "description": "Beans",
        "product_id": shop["product"],
        "quantity": quantity,
        "tax_rate_ids": [shop["tax"]],
    }


def _buys_wholesale(office: Office, customer: str, shop: Any) -> None:
    path = f"/customer-price-lists/{customer}/IDR"
    assert office.ask("PUT", path, {"price_list_id": shop["wholesale"]}).is_success


def test_a_line_without_a_price_costs_what_the_customers_list_says_on_invoices_and_quotes(
    office: Office, shop: Any
) -> None:
    retail, trade = office.customer(), office.customer()
    _buys_wholesale(office, trade, shop)
    body = {"currency": "IDR", "lines": [_line(shop, "3")]}
    # 3 x 10.00 = 30.00 and 11 % of it 3.30; 3 x 8.33 = 24.99 and 11 % of it 2.7489, so 2.75.
    totals = {
        who: office.post("/billing/invoices", body | {"customer_id": who})["total"]["amount"] for who in (retail, trade)
    }
    assert totals == {retail: 3_330, trade: 2_774}
    quote = office.post("/quotes", body | {"customer_id": trade, "valid_until": "2027-12-31"})
    assert quote["total"] == idr(2_774)
    order = office.post("/sales-orders", body | {"customer_id": trade})
    assert (order["lines"][0]["unit_price"], order["total"]) == (idr(833), idr(2_774))
    [offered] = [each for each in office.get(f"/products?customer_id={trade}")["data"] if each["id"] == shop["product"]]
    assert [price["amount"] for price in offered["prices"]] == [idr(833)]


def test_a_product_that_no_list_prices_for_the_document_is_refused_by_line(office: Office, shop: Any) -> None:
    customer = office.customer()
    body = {"customer_id": customer, "currency": "USD", "lines": [_line(shop)]}
    assert office.refused("/billing/invoices", body)[0] == "invoice_line_invalid"
    with_tax = {"customer_id": customer, "currency": "IDR", "lines": [_line(shop)], "includes_tax": True}
    code, detail = office.refused("/billing/invoices", with_tax)
    assert code == "invoice_line_invalid"
    assert detail.endswith("has prices without tax; say a price")


def test_tax_is_rounded_on_each_line_or_once_on_their_sum_as_the_business_says(office: Office, shop: Any) -> None:
    customer = office.customer()
    lines = [_line(shop) | {"unit_price": idr(minor)} for minor in (105, 105, 105)]
    body = {"customer_id": customer, "currency": "IDR", "lines": lines}
    # 11 % of 1.05 is 0.1155: 0.12 on each of three lines makes 0.36; on their sum of 3.15 it is 0.3465, so 0.35.
    assert office.post("/billing/invoices", body)["tax"] == idr(36)
    assert office.ask("PUT", "/billing/profile", {"name": "Kedai", "rounding": "total"}).is_success
    try:
        draft = office.post("/billing/invoices", body)
        assert draft["tax"] == idr(35)
        issued = office.post(f"/billing/invoices/{draft['id']}/issue")
        assert (issued["total"], issued["open"]) == (idr(350), idr(350))
        assert sorted(line["tax"]["amount"] for line in issued["lines"]) == [11, 12, 12]
        credited = office.post(f"/billing/invoices/{issued['id']}/credit-notes", {"reason": "came broken"})
        assert (credited["open"], credited["state"]) == (idr(0), "void")
    finally:
        assert office.ask("PUT", "/billing/profile", {"name": "Kedai"}).is_success


def test_what_recurs_is_still_shown_stopped_and_left_out_of_the_forecast_when_no_list_prices_it(
    office: Office, shop: Any
) -> None:
    customer = office.customer()
    _buys_wholesale(office, customer, shop)
    body = {"customer_id": customer, "currency": "IDR", "lines": [_line(shop)], "starts_on": "2029-01-01"}
    begun = office.post("/billing/recurring-invoices", body | {"reference": f"Beans {customer}"})
    assert (begun["total"], begun["unpriced"]) == (idr(833 + 92), "")
    path = f"/billing/recurring-invoices/{begun['id']}"
    for each in office.get("/price-lists")["data"]:
        assert office.ask("DELETE", f"/products/{shop['product']}/prices/{each['id']}").is_success

    [listed] = [each for each in office.get("/billing/recurring-invoices")["data"] if each["id"] == begun["id"]]
    assert (listed["total"], listed["unpriced"]) == (idr(0), "line 1: no price list says what it costs in IDR")
    assert office.get(path)["lines"][0]["unit_price"] == idr(0)
    assert office.post(f"{path}/end")["state"] == "ended"


def test_customers_of_an_archived_list_pay_the_standard_price_from_then_on(office: Office, shop: Any) -> None:
    trade = office.customer()
    _buys_wholesale(office, trade, shop)
    body = {"customer_id": trade, "currency": "IDR", "lines": [_line(shop)]}
    kept = office.post("/billing/invoices", body)
    office.post(f"/price-lists/{shop['wholesale']}/archive", {})
    assert office.get(f"/customer-price-lists/{trade}")["data"] == []
    assert office.post("/billing/invoices", body)["lines"][0]["unit_price"] == idr(1_000)
    assert office.get(f"/billing/invoices/{kept['id']}")["lines"][0]["unit_price"] == idr(833)
    refused = office.ask("PUT", f"/customer-price-lists/{trade}/IDR", {"price_list_id": shop["wholesale"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "price_list_archived")
