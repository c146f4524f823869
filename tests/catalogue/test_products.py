"""Products, prices and taxes over HTTP: what is kept, what is found, what is refused."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest_asyncio

from specie.catalogue.model import searched_words
from specie.catalogue.routes import router
from specie.platform.db import Database
from tests.support.asgi import calling
from tests.support.scopes import fresh_scope

GAYO = {"name": "Kopi Gayo 1 kg", "sku": "GAYO-1", "unit": "bag", "barcode": "8991234567890"}


@pytest_asyncio.fixture(loop_scope="session")
async def client(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    """Staff of a fresh tenant."""
    async with calling(database, fresh_scope(), [router]) as staff:
        yield staff


def idr(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "IDR"}


async def add(client: httpx2.AsyncClient, status: int = 201, **said: Any) -> Any:
    answer = await client.post("/products", json=GAYO | said)
    assert answer.status_code == status, answer.text
    return answer.json()


async def names(client: httpx2.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get("/products", params=query)
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()["data"]]


async def test_a_product_is_added_with_its_price_and_found_by_any_of_its_words(client: httpx2.AsyncClient) -> None:
    gayo = await add(client, price=idr(18_500_000))
    assert gayo["prices"][0]["amount"] == idr(18_500_000)
    assert gayo["prices"][0]["price_list"]["is_default"] is True
    await add(client, name="Saringan Gayung", sku="SAR", barcode=None, kind="product")
    await add(client, name="Barista Course", sku="KURSUS", barcode=None, kind="service", unit="hour")
    for q in ("gayo", "KOPI", "kop 1", "8991234567890", "gayo-1"):
        assert await names(client, q=q) in (["Kopi Gayo 1 kg"], ["Kopi Gayo 1 kg", "Saringan Gayung"]), q
    assert await names(client, q="gay") == ["Kopi Gayo 1 kg", "Saringan Gayung"]
    assert await names(client, q="ayo") == []
    assert await names(client, kind="service") == ["Barista Course"]
    scanned = await client.get("/products/by-barcode", params={"barcode": "8991234567890"})
    assert scanned.json() == gayo


async def test_a_list_is_paged_by_name_without_gap_or_repetition(client: httpx2.AsyncClient) -> None:
    for place, name in enumerate(["b", "A", "c", "a", "B"]):
        await add(client, name=name, sku=f"S{place}", barcode=None)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = (await client.get("/products", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [each["name"] for each in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [name.lower() for name in seen] == ["a", "a", "b", "b", "c"]
    assert len(seen) == 5


async def test_a_second_product_with_the_sku_or_barcode_is_refused(client: httpx2.AsyncClient) -> None:
    first = await add(client)
    refused = await add(client, 409, sku="gayo-1", barcode=None)
    assert (refused["code"], refused["product_id"]) == ("sku_taken", first["id"])
    assert (await add(client, 409, sku="OTHER"))["code"] == "barcode_taken"
    other = await add(client, sku="OTHER", barcode=None)
    answer = await client.put(f"/products/{other['id']}", json=GAYO | {"sku": "OTHER"})
    assert (answer.status_code, answer.json()["code"]) == (409, "barcode_taken")
    assert (await client.get(f"/products/{other['id']}")).json() == other
    assert len(await names(client)) == 2


async def test_a_change_counts_only_for_the_version_that_was_read(client: httpx2.AsyncClient) -> None:
    gayo = await add(client)
    path = f"/products/{gayo['id']}"
    changed = (await client.put(path, json=GAYO | {"name": "Kopi Luwak", "version": 1})).json()
    assert (changed["name"], changed["version"]) == ("Kopi Luwak", 2)
    late = await client.put(path, json=GAYO | {"name": "Kopi Toraja", "version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "product_changed")
    assert await names(client, q="luwak") == ["Kopi Luwak"]
    assert await names(client, q="gayo") == ["Kopi Luwak"], "its SKU still says Gayo"
    archived = (await client.post(f"{path}/archive")).json()
    assert (archived["status"], await names(client, status="active")) == ("archived", [])
    assert (await client.post(f"{path}/restore")).json()["status"] == "active"


async def test_a_price_below_zero_or_in_another_currency_is_refused(client: httpx2.AsyncClient) -> None:
    assert (await add(client, 422, price=idr(-1)))["code"] == "product_invalid"
    assert await names(client) == []
    gayo = await add(client, price=idr(100))
    body = {"name": "Wholesale", "currency": "IDR", "tax_inclusive": True}
    wholesale = (await client.post("/price-lists", json=body)).json()
    assert (await client.post("/price-lists", json=body)).json()["code"] == "name_taken"
    path = f"/products/{gayo['id']}/prices/{wholesale['id']}"
    assert (await client.put(path, json={"amount": {"amount": 5, "currency": "EUR"}})).json()["param"] == "amount"
    assert (await client.put(path, json={"amount": idr(-5)})).json()["code"] == "product_invalid"
    assert (await client.put(path, json={"amount": idr(90)})).json()["amount"] == idr(90)
    shown = (await client.get(f"/products/{gayo['id']}")).json()
    assert [price["amount"]["amount"] for price in shown["prices"]] == [100, 90]
    assert len((await client.delete(path)).json()["prices"]) == 1


async def test_taxes_of_a_line_are_worked_out_from_the_rates_of_the_tenant(client: httpx2.AsyncClient) -> None:
    added = await client.post("/tax-rates", json={"name": "PPN", "percent": "11"})
    rate = added.json()["id"]
    assert added.json()["percent"] == "11"
    assert (await client.post("/tax-rates", json={"name": "ppn", "percent": "12"})).json()["code"] == "name_taken"
    for wrong in ("-1", "101", "1e1", "0.00001"):
        assert (await client.post("/tax-rates", json={"name": "x", "percent": wrong})).status_code == 422
    line = {"quantity": "2.5", "unit_price": idr(1_000), "tax_rate_ids": [rate], "discount_percent": "10"}
    worked = (await client.post("/tax-calculations", json={"currency": "IDR", "lines": [line]})).json()
    assert [worked[name]["amount"] for name in ("net", "tax", "gross", "discount")] == [2250, 248, 2498, 250]
    inclusive = {"currency": "IDR", "rounding": "total", "lines": [line | {"tax_inclusive": True}]}
    worked = (await client.post("/tax-calculations", json=inclusive)).json()
    assert [worked[name]["amount"] for name in ("net", "tax", "gross")] == [2027, 223, 2250]
    negative = {"currency": "IDR", "lines": [line | {"unit_price": idr(-1)}]}
    assert (await client.post("/tax-calculations", json=negative)).json()["code"] == "line_invalid"


async def test_an_archived_tax_rate_goes_on_no_other_product(client: httpx2.AsyncClient) -> None:
    rate = (await client.post("/tax-rates", json={"name": "Old VAT", "percent": "8.875"})).json()
    assert rate["percent"] == "8.875"
    gayo = await add(client, tax_rate_ids=[rate["id"]])
    assert (await client.post(f"/tax-rates/{rate['id']}/archive")).json()["status"] == "archived"
    refused = await add(client, 409, sku="NEW", barcode=None, tax_rate_ids=[rate["id"]])
    assert refused["code"] == "tax_rate_archived"
    body = GAYO | {"name": "Kopi", "tax_rate_ids": [rate["id"]]}
    assert (await client.put(f"/products/{gayo['id']}", json=body)).status_code == 200, "it may keep what it has"
    assert len(await names(client)) == 1


def test_signs_around_a_typed_word_are_no_part_of_it() -> None:
    assert searched_words("Toraja beans, (dark) GAYO-1 -") == ["toraja", "beans", "dark", "gayo-1"]


async def test_an_archived_price_list_prices_nothing_and_its_name_is_free(client: httpx2.AsyncClient) -> None:
    gayo = await add(client, price=idr(100))
    body = {"name": "Wholesale", "currency": "IDR"}
    trade = (await client.post("/price-lists", json=body)).json()
    path, price = f"/price-lists/{trade['id']}", f"/products/{gayo['id']}/prices/{trade['id']}"
    await client.put(price, json={"amount": idr(90)})
    renamed = (await client.patch(path, json={"name": " Trade "})).json()
    assert (renamed["name"], renamed["status"]) == ("Trade", "active")
    assert (await client.post(f"{path}/archive")).json()["status"] == "archived"
    assert [each["name"] for each in (await client.get("/price-lists")).json()["data"]] == ["Standard IDR"]
    shown = (await client.get(f"/products/{gayo['id']}")).json()
    assert [each["amount"] for each in shown["prices"]] == [idr(100)]
    for refused in (await client.put(price, json={"amount": idr(80)}), await client.patch(path, json={"name": "T"})):
        assert (refused.status_code, refused.json()["code"]) == (409, "price_list_archived")
    # Another one may take its name, and then it cannot come back under it.
    another = (await client.post("/price-lists", json=body | {"name": "trade"})).json()
    assert (await client.post(f"{path}/restore")).json()["code"] == "name_taken"
    await client.patch(f"/price-lists/{another['id']}", json={"name": "Other"})
    assert (await client.post(f"{path}/restore")).json()["status"] == "active"
    shown = (await client.get(f"/products/{gayo['id']}")).json()
    assert [each["amount"] for each in shown["prices"]] == [idr(100), idr(90)]
    archived = (await client.get("/price-lists", params={"status": "archived"})).json()["data"]
    assert archived == []


async def test_the_standard_price_list_stays_and_names_are_taken_once(client: httpx2.AsyncClient) -> None:
    await add(client, price=idr(100))
    [standard] = (await client.get("/price-lists")).json()["data"]
    kept = await client.post(f"/price-lists/{standard['id']}/archive")
    assert (kept.status_code, kept.json()["code"]) == (409, "price_list_standard")
    trade = (await client.post("/price-lists", json={"name": "Trade", "currency": "IDR"})).json()
    taken = await client.patch(f"/price-lists/{trade['id']}", json={"name": "standard idr"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    assert sorted(each["name"] for each in (await client.get("/price-lists")).json()["data"]) == [
        "Standard IDR",
        "Trade",
    ]
