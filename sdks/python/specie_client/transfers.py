"""Money from one wallet to another."""

from __future__ import annotations

from specie_client.calls import Call, Listing, call, given, path
from specie_client.types import Amount, Recipient, Transfer


def create(
    *,
    from_wallet_id: str,
    to: Recipient,
    amount: Amount,
    note: str | None = None,
    scheduled_for: str | None = None,
) -> Call[Transfer]:
    """Send money now, or at a later time."""
    body = {
        "from_wallet_id": from_wallet_id,
        "to": to,
        "amount": amount,
        "note": note,
        "scheduled_for": scheduled_for,
    }
    return call("POST", "/transfers", body=body)


def get(transfer_id: str) -> Call[Transfer]:
    """One transfer."""
    return call("GET", path("/transfers/{}", transfer_id))


def scheduled(*, wallet_id: str, limit: int = 100) -> Listing[Transfer]:
    """The transfers that a wallet will send later."""
    return Listing("/transfers", given({"wallet_id": wallet_id, "limit": limit}))


def cancel(transfer_id: str) -> Call[Transfer]:
    """Cancel a transfer that is for later."""
    return call("POST", path("/transfers/{}/cancel", transfer_id))
