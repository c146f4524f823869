"""Payments, what is collected and given back of them, and links to pay at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from specie_client.calls import Call, Listing, call, given, path
from specie_client.types import Amount, Capture, Customer, Payment, PaymentLink, Refund, RefundOrRequest, Split


def create(
    *,
    reference: str,
    amount: Amount,
    merchant_id: str | None = None,
    description: str | None = None,
    customer: Customer | None = None,
    return_url: str | None = None,
    expires_in: int | None = None,
    metadata: Mapping[str, str] | None = None,
    splits: Sequence[Split] | None = None,
    capture: Literal["automatic", "manual"] | None = None,
    country: str | None = None,
) -> Call[Payment]:
    """Ask for a payment; the customer pays at its `checkout_url`. `reference` can be used once."""
    body = {
        "reference": reference,
        "amount": amount,
        "merchant_id": merchant_id,
        "description": description,
        "customer": customer,
        "return_url": return_url,
        "expires_in": expires_in,
        "metadata": metadata,
        "splits": splits,
        "capture": capture,
        "country": country,
    }
    return call("POST", "/payments", body=body)


def get(payment_id: str) -> Call[Payment]:
    """One payment."""
    return call("GET", path("/payments/{}", payment_id))


def each(
    *,
    status: str | None = None,
    reference: str | None = None,
    merchant_id: str | None = None,
    q: str | None = None,
    limit: int = 100,
) -> Listing[Payment]:
    """Payments, the newest first; `status` takes several with commas, `q` searches."""
    query = {"status": status, "reference": reference, "merchant_id": merchant_id, "q": q, "limit": limit}
    return Listing("/payments", given(query))


def cancel(payment_id: str) -> Call[Payment]:
    """Cancel a payment that nobody has paid."""
    return call("POST", path("/payments/{}/cancel", payment_id))


def refund(payment_id: str, *, amount: Amount | None = None, reason: str | None = None) -> Call[RefundOrRequest]:
    """Give back all that is left of a payment, or a part of it."""
    return call("POST", path("/payments/{}/refunds", payment_id), body={"amount": amount, "reason": reason})


def get_refund(refund_id: str) -> Call[Refund]:
    """One refund."""
    return call("GET", path("/refunds/{}", refund_id))


def capture(payment_id: str, *, amount: Amount | None = None, final: bool | None = None) -> Call[Capture]:
    """Collect an authorised payment, all of it or a part."""
    return call("POST", path("/payments/{}/captures", payment_id), body={"amount": amount, "final": final})


def create_link(
    *,
    currency: str,
    description: str,
    amount: Amount | None = None,
    merchant_id: str | None = None,
    reusable: bool | None = None,
    expires_at: str | None = None,
) -> Call[PaymentLink]:
    """An address at which to pay; without an amount the customer names it."""
    body = {
        "currency": currency,
        "description": description,
        "amount": amount,
        "merchant_id": merchant_id,
        "reusable": reusable,
        "expires_at": expires_at,
    }
    return call("POST", "/payment-links", body=body)
