"""Where webhooks go."""

from __future__ import annotations

from collections.abc import Sequence

from specie_client.calls import Call, Listing, call, given, path
from specie_client.types import Endpoint


def create(*, url: str, types: Sequence[str] | None = None, description: str | None = None) -> Call[Endpoint]:
    """Send events to a URL; the answer shows the secret, once."""
    return call("POST", "/webhook-endpoints", body={"url": url, "types": types, "description": description})


def each(*, limit: int = 100) -> Listing[Endpoint]:
    """The endpoints there are."""
    return Listing("/webhook-endpoints", given({"limit": limit}))


def remove(endpoint_id: str) -> Call[None]:
    """Send nothing more there."""
    return call("DELETE", path("/webhook-endpoints/{}", endpoint_id))
