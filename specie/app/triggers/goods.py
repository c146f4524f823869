"""Causing what happens to goods, and to the bills of those who supply them."""

from typing import Any

from specie.app.triggers.caller import Caller, Maker, Wishes, amount_of
from specie.app.triggers.money import party

_RECEIVED, _REORDER_AT, _DELIVERED = "10", "5", "6"


async def _product(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    body = {"name": wishes.get("name", "Kopi Gayo 1 kg"), "sku": wishes.get("sku", caller.stem)}
    made: dict[str, Any] = await caller.post("/products", body)
    return made


async def _moved(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    return await _received(caller, (await _product(caller, wishes))["id"], wishes)


async def _low(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    product_id = (await _product(caller, wishes))["id"]
    received = await _received(caller, product_id, wishes)
    place = {"warehouse_id": received["warehouse_id"]}
    await caller.put("/stock/reorder-points", place | {"product_id": product_id, "reorder_at": _REORDER_AT})
    await caller.post("/stock/deliveries", place | {"lines": [{"product_id": product_id, "quantity": _DELIVERED}]})
    return dict((await caller.get(f"/stock/levels?product_id={product_id}"))["data"][0])


async def _received(caller: Caller, product_id: str, wishes: Wishes) -> dict[str, Any]:
    """Some of a product, as its supplier brings it: the movement."""
    cost = amount_of(wishes)
    line = {"product_id": product_id, "quantity": _RECEIVED, "unit_cost": cost}
    body = {"warehouse_id": await _warehouse(caller, cost["currency"]), "source": "supplier", "lines": [line]}
    return dict((await caller.post("/stock/receipts", body))["movements"][0])


async def _warehouse(caller: Caller, currency: str) -> str:
    kept = (await caller.get("/stock/warehouses"))["data"]
    found = [each for each in kept if each["currency"] == currency]
    if not found:
        body = {"code": f"W{len(kept) + 1}", "name": "Warehouse", "currency": currency}
        found = [await caller.post("/stock/warehouses", body)]
    return str(found[0]["id"])


async def _billed(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    amount = amount_of(wishes)
    supplier = wishes.get("supplier_id") or (await party(caller, wishes, "supplier"))["id"]
    body = {
        "supplier_id": supplier,
        "currency": amount["currency"],
        "their_number": wishes.get("reference", caller.stem),
        "billed_on": caller.today,
        "due_on": caller.today,
        "lines": [{"description": wishes.get("description", "Made by a trigger"), "unit_price": amount}],
    }
    posted: dict[str, Any] = await caller.post("/payables/bills", body)
    return posted


async def _bill_paid(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    billed = await _billed(caller, wishes)
    await _paid(caller, billed)
    paid: dict[str, Any] = await caller.get(f"/payables/bills/{billed['id']}")
    return paid


async def _supplier_paid(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    return await _paid(caller, await _billed(caller, wishes))


async def _paid(caller: Caller, billed: dict[str, Any]) -> dict[str, Any]:
    """Money for all of a bill, as somebody notes it who saw it leave the bank."""
    share = {"bill_id": billed["id"], "amount": billed["total"]}
    body = {"supplier_id": billed["supplier_id"], "amount": billed["total"], "allocations": [share]}
    noted: dict[str, Any] = await caller.post("/payables/payments", body)
    return noted


async def _debited(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    billed = await _billed(caller, wishes)
    said = {"reason": wishes.get("reason", "Made by a trigger")}
    noted: dict[str, Any] = await caller.post(f"/payables/bills/{billed['id']}/debit-notes", said)
    return noted


MAKERS: dict[str, Maker] = {
    "product.created": _product,
    "stock.moved": _moved,
    "stock.low": _low,
    "bill.posted": _billed,
    "bill.paid": _bill_paid,
    "supplier_payment.recorded": _supplier_paid,
    "debit_note.issued": _debited,
}
