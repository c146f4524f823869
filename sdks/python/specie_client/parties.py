"""Persons and companies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from specie_client.calls import Call, Listing, call, given, path
from specie_client.types import Party, Role


def create(
    *,
    name: str,
    email: str | None = None,
    phone: str | None = None,
    address: str | None = None,
    kind: Literal["person", "company"] | None = None,
    roles: Sequence[Role] | None = None,
) -> Call[Party]:
    """Add a person or a company."""
    body = {"name": name, "email": email, "phone": phone, "address": address, "kind": kind, "roles": roles}
    return call("POST", "/parties", body=body)


def get(party_id: str) -> Call[Party]:
    """One party."""
    return call("GET", path("/parties/{}", party_id))


def each(*, role: Role | None = None, limit: int = 100) -> Listing[Party]:
    """Parties, of one role when named."""
    return Listing("/parties", given({"role": role, "limit": limit}))
