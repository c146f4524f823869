"""Stock over HTTP: a day in a warehouse, looked at before it happens."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest_asyncio

from specie.kernel.ids import RequestId
from specie.stock.routes import router
from tests.stock.rooms import Room
from tests.support.asgi import calling


@pytest_asyncio.fixture(loop_scope="session")
async def client(room: Room) -> AsyncIterator[httpx2.AsyncClient]:
    """Staff of the room's tenant."""
    async with calling(room.database, room.scope, [router]) as staff:
        yield staff


def eur(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "EUR"}


async def post(client: httpx2.AsyncClient, path: str, body: Any, status: int = 201, **query: str) -> Any:
    headers = {"idempotency-key": str(RequestId.new())}
    answer = await client.post(f"/stock{path}", json=body, headers=headers, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_day_in_a_warehouse_is_previewed_done_and_listed(room: Room, client: httpx2.AsyncClient) -> None:
    here = {"warehouse_id": str(room.warehouse.id)}
    goods = {"product_id": str(room.product), "quantity": "10"}
    receipt = here | {"lines": [goods | {"unit_cost": eur(150)}]}
    seen = await post(client, "/receipts", receipt, 200, dry_run="true")
    assert (seen["movements"][0]["value"], seen["movements"][0]["on_hand"]) == (eur(1_500), "10")
    assert (await client.get("/stock/levels")).json()["data"] == []
    await post(client, "/receipts", receipt)
    await post(client, "/deliveries", here | {"lines": [goods | {"quantity": "2.5"}]})
    short = await post(client, "/deliveries", here | {"lines": [goods]}, 409)
    assert (short["code"], short["available"]) == ("out_of_stock", "7.5")
    await post(client, "/adjustments", here | {"direction": "out", "goods": goods | {"quantity": "0.5"}})
    counted = await post(client, "/counts", here | {"lines": [goods | {"quantity": "6"}]})
    assert counted["movements"][0]["quantity"] == "-1"
    [level] = (await client.get("/stock/levels", params={"q": "cof"})).json()["data"]
    assert (level["on_hand"], level["available"], level["value"]) == ("6", "6", eur(900))
    page = (await client.get("/stock/movements", params={"limit": 3})).json()
    assert [each["kind"] for each in page["data"]] == ["count", "adjustment", "delivery"]
    rest = (await client.get("/stock/movements", params={"limit": 3, "cursor": page["next_cursor"]})).json()
    assert [each["kind"] for each in rest["data"]] == ["receipt"]
    delivery = page["data"][2]["id"]
    back = await post(client, f"/movements/{delivery}/return", {"quantity": "1"})
    assert back["movements"][0]["value"] == eur(150)
    assert (await client.get(f"/stock/movements/{delivery}")).json()["returned"] == "1"


async def test_a_second_warehouse_takes_a_transfer_and_a_low_product_is_listed(
    room: Room, client: httpx2.AsyncClient
) -> None:
    await room.receive("5", 500)
    made = await client.post("/stock/warehouses", json={"code": "shop", "name": "Shop", "currency": "EUR"})
    taken = await client.post("/stock/warehouses", json={"code": "SHOP", "name": "Other", "currency": "EUR"})
    assert (made.status_code, taken.json()["code"]) == (201, "warehouse_taken")
    lines = [{"product_id": str(room.product), "quantity": "4"}]
    body = {"warehouse_id": str(room.warehouse.id), "to_warehouse_id": made.json()["id"], "lines": lines}
    await post(client, "/transfers", body)
    point = {"warehouse_id": str(room.warehouse.id), "product_id": str(room.product), "reorder_at": "1"}
    assert (await client.put("/stock/reorder-points", json=point)).json()["is_low"] is True
    low = (await client.get("/stock/levels", params={"low": "true"})).json()["data"]
    assert [each["warehouse_id"] for each in low] == [str(room.warehouse.id)]


async def test_a_receipt_says_once_what_the_goods_cost(room: Room, client: httpx2.AsyncClient) -> None:
    goods = {"product_id": str(room.product), "quantity": "1"}
    for line in (goods, goods | {"unit_cost": eur(1), "total_cost": eur(1)}):
        body = {"warehouse_id": str(room.warehouse.id), "lines": [line]}
        assert (await post(client, "/receipts", body, 422))["code"] == "field_invalid"
    assert await room.state() == ("0", 0)


async def test_the_policy_of_a_tenant_is_shown_and_changed(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/stock/policy")).json() == {"may_go_below": False, "method": "fifo"}
    changed = {"may_go_below": True, "method": "average", "reason": "a market stall"}
    assert (await client.put("/stock/policy", json=changed)).json() == {"may_go_below": True, "method": "average"}
    assert (await client.get("/stock/policy")).json()["method"] == "average"
