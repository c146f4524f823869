"""Selling goods on the running platform: what they cost leaves with the invoice where the business says so."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import psycopg
import pytest

from specie.identity.model import Role
from tests.app.callers import token
from tests.app.office import Office, idr, office, org, services

__all__ = ["office", "org", "services"]
_NAMES = (f"SHELF{n}" for n in count())


@pytest.fixture
def seller(office: Office, superuser_connection: psycopg.Connection) -> str:
    """Somebody who writes invoices and may not move stock."""
    return token(office.services, superuser_connection, office.org.users[Role.SALES], office.org.live)


@pytest.fixture
def shelf(office: Office) -> Iterator[tuple[str, str]]:
    """A warehouse with ten bags that cost 40.00 each, and the product; the business delivers from nowhere."""
    name = next(_NAMES)
    place = office.post("/stock/warehouses", {"code": name, "name": name, "currency": "IDR"})["id"]
    product = office.post("/products", {"name": name, "sku": name, "unit": "bag"})["id"]
    line = {"product_id": product, "quantity": "10", "total_cost": idr(40_000)}
    office.post("/stock/receipts", {"warehouse_id": place, "lines": [line]})
    yield place, product
    _delivers_from(office, None)


def _delivers_from(office: Office, place: str | None) -> None:
    assert office.ask("PUT", "/billing/profile", {"name": "Kedai", "delivers_from": place}).is_success


def _drafted(office: Office, product: str, quantity: str = "3") -> str:
    line = {"description": "Beans", "unit_price": idr(10_000), "quantity": quantity, "product_id": product}
    body = {"customer_id": office.customer(), "currency": "IDR", "lines": [line]}
    return f"/billing/invoices/{office.post('/billing/invoices', body)['id']}"


def _recipes(invoice: Any) -> list[str]:
    return [entry["recipe"] for entry in invoice["entries"]]


def test_goods_leave_with_the_invoice_where_its_writer_or_the_business_says_so(
    office: Office, seller: str, shelf: tuple[str, str]
) -> None:
    place, product = shelf
    invoice = office.post(f"{_drafted(office, product)}/issue", {"deliver_from": place})
    assert (invoice["goods"], _recipes(invoice)) == ("delivered", ["billing.issue@1", "stock.deliver@1"])
    assert office.post(f"{_drafted(office, product)}/issue")["goods"] == "waiting"
    _delivers_from(office, place)
    assert office.post(f"{_drafted(office, product)}/issue", by=seller)["goods"] == "delivered"
    assert office.post(f"{_drafted(office, product)}/issue", {"deliver_from": None})["goods"] == "waiting"
    assert office.get("/billing/profile")["delivers_from"] == place


def test_what_is_not_there_is_not_invoiced_either(office: Office, shelf: tuple[str, str]) -> None:
    place, product = shelf
    draft = _drafted(office, product, "11")
    before = office.get("/ledger/trial-balance")["lines"]
    assert office.refused(f"{draft}/issue", {"deliver_from": place})[0] == "out_of_stock"
    assert office.get(draft)["state"] == "draft"
    assert office.get("/ledger/trial-balance")["lines"] == before


def test_choosing_a_warehouse_takes_the_permission_to_move_stock(
    office: Office, seller: str, shelf: tuple[str, str]
) -> None:
    place, product = shelf
    draft = _drafted(office, product)
    assert office.refused(f"{draft}/issue", {"deliver_from": place}, by=seller)[0] == "forbidden"
    assert office.get(draft)["state"] == "draft"
