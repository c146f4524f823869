"""What installments tell: one event for every change an order goes through."""

from typing import Any

from specie.events import NewEvent, register_samples
from specie.installments.model import Order

_ORDER: dict[str, Any] = {
    "order_id": "ino_01jx3s5v0q8e5t9m2w4r6y8zab",
    "plan_id": "ipl_01jx3s5v0q8e5t9m2w4r6y8zab",
    "merchant_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "customer_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zac",
    "reference": "order-1234",
    "state": "active",
    "schedule": 1,
    "amount": {"amount": 150_000_000, "currency": "IDR"},
}
_MONEY = {"amount": 25_000_000, "currency": "IDR"}
_TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "installment.offered": ("An order waits for its customer's consent.", {}),
    "installment.accepted": ("The customer agreed to the cost shown; the merchant was paid.", {}),
    "installment.reserved": ("The customer agreed to the cost as a part of a purchase; its credit is set aside.", {}),
    "installment.cancelled": ("An offer was called off.", {}),
    "installment.expired": ("Nobody accepted an offer in time.", {}),
    "installment.reminder": ("A part falls due soon.", {"due_on": "2026-12-21", "due": _MONEY}),
    "installment.paid": ("A part, or several, was paid.", {"paid": _MONEY, "left": _MONEY}),
    "installment.collection_failed": (
        "Wallet and saved method could not pay what is due; `next_try` is the day on which it is collected again, null"
        " when no step of the ladder is left and nothing else falls due.",
        {"due": _MONEY, "reason": "insufficient_funds", "tries": 1, "next_try": "2026-12-22"},
    ),
    "installment.method_charged": (
        "The wallet has too little; the rest of what is due is charged to the customer's saved method.",
        {"due": _MONEY, "payment_id": "pay_01jx3s5v0q8e5t9m2w4r6y8zab", "method": "Visa •••• 4242"},
    ),
    "installment.late_fee_charged": ("A part stayed unpaid beyond its grace.", {"fee": _MONEY}),
    "installment.late_fee_put_off": (
        "The books did not take a late fee, which is not charged yet; it is tried again each day.",
        {"reason": "balance_range"},
    ),
    "installment.late_fee_waived": ("Late fees were given up.", {"fee": _MONEY}),
    "installment.bucket_changed": ("An order became later, or caught up.", {"bucket": 1, "late_days": 4}),
    "installment.paused": ("An order is left alone for a while.", {"until": "2027-01-15"}),
    "installment.rescheduled": ("What is open has a new schedule.", {}),
    "installment.returned": ("Goods came back and the plan was lowered.", {"lowered": _MONEY, "excess": _MONEY}),
    "installment.paid_off": ("Everything has been paid.", {}),
    "installment.charged_off": ("Nothing more is expected of the customer.", {"lost": _MONEY}),
    "installment.recovered": ("Some of what was charged off was paid after all.", {"recovered": _MONEY}),
}

register_samples({name: (said, _ORDER | more) for name, (said, more) in _TYPES.items()})


def order_event(kind: str, order: Order, **more: Any) -> NewEvent:
    """`installment.<kind>`; amounts are given as minor units and told with the order's currency."""
    told = {
        name: {"amount": value, "currency": order.currency.code} if name in _AMOUNTS else value
        for name, value in more.items()
    }
    data = {
        "order_id": str(order.id),
        "plan_id": str(order.plan_id),
        "merchant_id": str(order.merchant_id),
        "customer_id": str(order.customer_id),
        "reference": order.reference,
        "state": order.state.value,
        "schedule": order.schedule,
        "amount": {"amount": order.amount.minor, "currency": order.currency.code},
    }
    subject = ("installment_order", str(order.id))
    return NewEvent(f"installment.{kind}", subject, order.version, data | told, party_id=order.merchant_id)


_AMOUNTS = frozenset({"paid", "left", "due", "fee", "lowered", "excess", "lost", "recovered"})
