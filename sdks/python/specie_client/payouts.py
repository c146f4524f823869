"""Money to bank accounts and e-wallets outside. People write these into the book; a key cannot."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from specie_client.calls import Call, Listing, call, given, path
from specie_client.types import Amount, Beneficiary, Payout


def create(
    *,
    beneficiary_id: str,
    reference: str,
    amount: Amount | None = None,
    percent: int | None = None,
    currency: str | None = None,
    wallet_id: str | None = None,
    description: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Call[Payout]:
    """Pay out an amount, or a percentage of a balance. `reference` can be used once.

    A key alone moves no money out: the client needs its `signing_secret`, and the key a list of addresses.
    """
    body = {
        "beneficiary_id": beneficiary_id,
        "reference": reference,
        "amount": amount,
        "percent": percent,
        "currency": currency,
        "wallet_id": wallet_id,
        "description": description,
        "metadata": metadata,
    }
    return dataclasses.replace(call("POST", "/server/payouts", body=body), signed=True)


def get(payout_id: str) -> Call[Payout]:
    """One payout."""
    return call("GET", path("/payouts/{}", payout_id))


def each(*, status: str | None = None, party_id: str | None = None, limit: int = 100) -> Listing[Payout]:
    """Payouts, the newest first."""
    return Listing("/payouts", given({"status": status, "party_id": party_id, "limit": limit}))


def cancel(payout_id: str) -> Call[Payout]:
    """Cancel a payout that has not left."""
    return call("POST", path("/payouts/{}/cancel", payout_id))


def each_beneficiary(*, party_id: str | None = None, limit: int = 100) -> Listing[Beneficiary]:
    """Where payouts can go."""
    return Listing("/beneficiaries", given({"party_id": party_id, "limit": limit}))
