"""Wallets, their history, and money set aside in them."""

from __future__ import annotations

from specie_client.calls import Call, Listing, call, given, path
from specie_client.types import Amount, Hold, Movement, Wallet


def open(*, currency: str, party_id: str | None = None, purpose: str | None = None) -> Call[Wallet]:  # noqa: A001
    """Open a party's wallet in a currency."""
    return call("POST", "/wallets", body={"currency": currency, "party_id": party_id, "purpose": purpose})


def get(wallet_id: str) -> Call[Wallet]:
    """One wallet with its balances."""
    return call("GET", path("/wallets/{}", wallet_id))


def each(*, party_id: str | None = None, limit: int = 100) -> Listing[Wallet]:
    """Wallets, of one party when named."""
    return Listing("/wallets", given({"party_id": party_id, "limit": limit}))


def history(
    wallet_id: str, *, since: str | None = None, until: str | None = None, q: str | None = None, limit: int = 100
) -> Listing[Movement]:
    """What came and went, the newest first."""
    query = {"since": since, "until": until, "q": q, "limit": limit}
    return Listing(path("/wallets/{}/history", wallet_id), given(query))


def hold(wallet_id: str, *, amount: Amount, reason: str, expires_at: str | None = None) -> Call[Hold]:
    """Set money aside."""
    body = {"amount": amount, "reason": reason, "expires_at": expires_at}
    return call("POST", path("/wallets/{}/holds", wallet_id), body=body)


def capture_hold(hold_id: str, *, to_wallet_id: str, amount: Amount | None = None) -> Call[Hold]:
    """Move held money to another wallet, all of it or a part; the rest is free again."""
    return call("POST", path("/holds/{}/capture", hold_id), body={"to_wallet_id": to_wallet_id, "amount": amount})


def release_hold(hold_id: str) -> Call[Hold]:
    """Free held money."""
    return call("POST", path("/holds/{}/release", hold_id))
