"""What sales tells: one event for every change a quote or an order goes through."""

from typing import Any

from specie.events import NewEvent, register_samples
from specie.sales.model import Order, Quote

_QUOTE: dict[str, Any] = {
    "quote_id": "quo_01jx3s5v0q8e5t9m2w4r6y8zab",
    "number": "Q-00042",
    "version": 2,
    "customer_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "opportunity_id": None,
    "state": "sent",
    "total": {"amount": 150_000_000, "currency": "IDR"},
    "valid_until": "2026-12-05",
}
_ORDER: dict[str, Any] = {
    "order_id": "ord_01jx3s5v0q8e5t9m2w4r6y8zab",
    "number": "SO-00017",
    "customer_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "quote_id": "quo_01jx3s5v0q8e5t9m2w4r6y8zab",
    "state": "open",
    "total": {"amount": 150_000_000, "currency": "IDR"},
}
_LINES = [{"n": 1, "quantity": "4"}]
_TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "quote.sent": ("A version of a quote may be answered by its customer.", _QUOTE),
    "quote.accepted": ("The customer accepted a quote.", {**_QUOTE, "state": "accepted"}),
    "quote.declined": ("The customer declined a quote.", {**_QUOTE, "state": "declined"}),
    "quote.expired": ("Nobody answered a quote while it was valid.", {**_QUOTE, "state": "expired"}),
    "sales_order.created": ("Something was ordered.", _ORDER),
    "sales_order.delivered": (
        "Goods of an order left a warehouse.",
        {**_ORDER, "shipment_id": "shp_01jx3s5v0q8e5t9m2w4r6y8zab", "lines": _LINES},
    ),
    "sales_order.invoiced": (
        "An invoice charges for an order, in full or in part.",
        {**_ORDER, "invoice_id": "inv_01jx3s5v0q8e5t9m2w4r6y8zab", "lines": _LINES},
    ),
    "sales_order.cancelled": ("What was open of an order will not come.", {**_ORDER, "state": "cancelled"}),
}

register_samples(_TYPES)


def quote_event(kind: str, quote: Quote) -> NewEvent:
    """`quote.<kind>`."""
    data = {
        "quote_id": str(quote.id),
        "number": quote.number,
        "version": quote.version,
        "customer_id": str(quote.customer_id),
        "opportunity_id": str(quote.opportunity_id) if quote.opportunity_id else None,
        "state": quote.state.value,
        "total": {"amount": quote.total_minor, "currency": quote.currency.code},
        "valid_until": quote.valid_until.isoformat(),
    }
    return NewEvent(f"quote.{kind}", ("quote", str(quote.id)), quote.changes, data, party_id=quote.customer_id)


def order_event(kind: str, order: Order, **more: Any) -> NewEvent:
    """`sales_order.<kind>`."""
    data = {
        "order_id": str(order.id),
        "number": order.number,
        "customer_id": str(order.customer_id),
        "quote_id": str(order.quote_id) if order.quote_id else None,
        "state": order.state.value,
        "total": {"amount": order.total_minor, "currency": order.currency.code},
    }
    subject = ("sales_order", str(order.id))
    return NewEvent(f"sales_order.{kind}", subject, order.version, data | more, party_id=order.customer_id)
