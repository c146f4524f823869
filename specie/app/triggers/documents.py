"""Causing what happens to quotes, orders and invoices."""

from typing import Any

from specie.app.triggers.caller import Caller, Maker, Wishes, amount_of
from specie.app.triggers.money import party


async def _drafted_invoice(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    drafted: dict[str, Any] = await caller.post("/billing/invoices", await _offer(caller, wishes))
    return drafted


async def _offer(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    """One line for a customer, as quotes, orders and invoices take it."""
    amount = amount_of(wishes)
    line = {"description": wishes.get("description", "Made by a trigger"), "unit_price": amount}
    customer = wishes.get("customer_id") or (await party(caller, wishes))["id"]
    return {"customer_id": customer, "currency": amount["currency"], "lines": [line]}


async def _issued(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    drafted = await _drafted_invoice(caller, wishes)
    issued: dict[str, Any] = await caller.post(f"/billing/invoices/{drafted['id']}/issue")
    return issued


async def _invoice_paid(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    issued = await _issued(caller, wishes)
    await _receipt(caller, issued)
    paid: dict[str, Any] = await caller.get(f"/billing/invoices/{issued['id']}")
    return paid


async def _received(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    return await _receipt(caller, await _issued(caller, wishes))


async def _receipt(caller: Caller, issued: dict[str, Any]) -> dict[str, Any]:
    """Money for all of an invoice, as somebody notes it who saw it arrive at the bank."""
    share = {"invoice_id": issued["id"], "amount": issued["total"]}
    body = {"customer_id": issued["customer_id"], "amount": issued["total"], "allocations": [share]}
    noted: dict[str, Any] = await caller.post("/billing/receipts", body)
    return noted


async def _credited(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    issued = await _issued(caller, wishes)
    path = f"/billing/invoices/{issued['id']}/credit-notes"
    noted: dict[str, Any] = await caller.post(path, {"reason": wishes.get("reason", "Made by a trigger")})
    return noted


async def _quote_sent(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    drafted = await caller.post("/quotes", await _offer(caller, wishes))
    sent: dict[str, Any] = await caller.post(f"/quotes/{drafted['id']}/send")
    return sent


async def _quote_accepted(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    sent = await _quote_sent(caller, wishes)
    said = {"version": sent["version"], "name": wishes.get("name", "Tri Utami")}
    accepted: dict[str, Any] = await caller.post(f"/quotes/{sent['id']}/accept", said)
    return accepted


async def _quote_declined(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    sent = await _quote_sent(caller, wishes)
    said = {"version": sent["version"], "reason": wishes.get("reason", "Made by a trigger")}
    declined: dict[str, Any] = await caller.post(f"/quotes/{sent['id']}/decline", said)
    return declined


async def _ordered(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    ordered: dict[str, Any] = await caller.post("/sales-orders", await _offer(caller, wishes))
    return ordered


async def _order_invoiced(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    ordered = await _ordered(caller, wishes)
    invoiced: dict[str, Any] = await caller.post(f"/sales-orders/{ordered['id']}/invoices")
    return invoiced


async def _order_cancelled(caller: Caller, wishes: Wishes) -> dict[str, Any]:
    ordered = await _ordered(caller, wishes)
    said = {"reason": wishes.get("reason", "Made by a trigger")}
    cancelled: dict[str, Any] = await caller.post(f"/sales-orders/{ordered['id']}/cancel", said)
    return cancelled


MAKERS: dict[str, Maker] = {
    "invoice.issued": _issued,
    "invoice.paid": _invoice_paid,
    "receipt.recorded": _received,
    "credit_note.issued": _credited,
    "quote.sent": _quote_sent,
    "quote.accepted": _quote_accepted,
    "quote.declined": _quote_declined,
    "sales_order.created": _ordered,
    "sales_order.invoiced": _order_invoiced,
    "sales_order.cancelled": _order_cancelled,
}
