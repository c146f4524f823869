"""What purchases tell: one event for every change of state, and one for each refund."""

from collections.abc import Sequence
from typing import Any

from specie.events import NewEvent, register_samples
from specie.kernel.money import Money
from specie.purchases.model import Leg, Purchase, PurchaseRefund

_MONEY = {"amount": 1_500_000, "currency": "IDR"}
_PURCHASE: dict[str, Any] = {
    "id": "buy_01jx3s5v0q8e5t9m2w4r6y8zab",
    "merchant_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "customer_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zac",
    "reference": "order-1234",
    "status": "completed",
    "attempt": 1,
    "failure": None,
    "amount": _MONEY,
    "legs": [{"kind": "wallet", "amount": _MONEY}],
}
_REFUND = {"id": "brf_01jx3s5v0q8e5t9m2w4r6y8zab", "amount": _MONEY, "reason": "one bag was missing"}
_TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "purchase.opened": ("A merchant asks a customer for a total that tenders of the customer's choice will pay.", {}),
    "purchase.held": ("Every tender has set its part aside; the provider's answer is missing.", {}),
    "purchase.completed": ("All tenders have paid, in one commit.", {}),
    "purchase.released": ("A part could not be collected: everything set aside was given back.", {}),
    "purchase.cancelled": ("A purchase was called off.", {}),
    "purchase.expired": ("Nobody paid in time.", {}),
    "purchase.refunded": ("Some or all was given back, by the ways in which it had been paid.", {"refund": _REFUND}),
}

register_samples({name: (said, {"purchase": _PURCHASE} | more) for name, (said, more) in _TYPES.items()})


def purchase_event(kind: str, purchase: Purchase, legs: Sequence[Leg], **more: Any) -> NewEvent:
    """`purchase.<kind>`, with the legs of the attempt in force."""
    told = {
        "id": str(purchase.id),
        "merchant_id": str(purchase.merchant_id),
        "customer_id": str(purchase.customer_id) if purchase.customer_id else None,
        "reference": purchase.reference,
        "status": purchase.state.value,
        "attempt": purchase.attempt,
        "failure": purchase.failure,
        "amount": _shown(purchase.amount),
        "legs": [{"kind": leg.kind.value, "amount": _shown(leg.amount)} for leg in legs],
    }
    subject = ("purchase", str(purchase.id))
    data = {"purchase": told} | more
    return NewEvent(f"purchase.{kind}", subject, purchase.version, data, party_id=purchase.merchant_id)


def refunded(purchase: Purchase, legs: Sequence[Leg], refund: PurchaseRefund) -> NewEvent:
    """Some of a purchase was given back."""
    told = {"id": str(refund.id), "amount": _shown(refund.amount), "reason": refund.reason}
    return purchase_event("refunded", purchase, legs, refund=told)


def _shown(money: Money) -> dict[str, Any]:
    return {"amount": money.minor, "currency": money.currency.code}
