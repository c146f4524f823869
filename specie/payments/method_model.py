"""Saved ways to pay: a customer's consent, and the token for it at the provider. No I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from specie.kernel.ids import ConnectionId, PartyId, PrefixedId
from specie.providers import ChargeKind

FORGET = "payments.forget_method"


class MethodId(PrefixedId, prefix="pme"):
    """One saved way to pay."""


class MethodState(StrEnum):
    """Where a saved way to pay stands."""

    WAITING = "waiting"
    """Written down; the provider has not answered yet, or waits for the customer."""
    ACTIVE = "active"
    REFUSED = "refused"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """A way to pay that a customer has agreed to be charged by. The token is worth nothing without our credentials."""

    id: MethodId
    party_id: PartyId
    connection_id: ConnectionId
    kind: ChargeKind
    label: str
    state: MethodState
    consent: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    token: str | None = None
    scenario: str = ""
    failure: str | None = None
    provider_ref: str | None = None
    """The provider's own id of the page on which it is given."""
    page_url: str | None = None
    """Where its owner gives it to the provider, while it waits for that."""

    @property
    def is_known_there(self) -> bool:
        """Whether the provider keeps it, or may come to keep it."""
        return self.token is not None or self.provider_ref is not None


def reference_of_method(method_id: MethodId) -> str:
    """Our reference at the provider: 32 characters of A-Z and 0-9."""
    return method_id.uuid.hex.upper()


def method_of_reference(reference: str) -> MethodId | None:
    """The method of a reference at the provider; None for a text that is none of ours."""
    try:
        return MethodId(UUID(hex=reference))
    except ValueError:
        return None
