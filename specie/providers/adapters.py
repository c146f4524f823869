"""The adapters this installation has, by name."""

from collections.abc import Mapping
from typing import Any

from specie.kernel.ids import ConnectionId
from specie.providers.errors import ProviderUnknown
from specie.providers.model import Installation, ProviderAdapter
from specie.providers.simulator.adapter import SimulatorAdapter

_ADAPTERS: dict[str, type[ProviderAdapter]] = {SimulatorAdapter.name: SimulatorAdapter}


def names() -> list[str]:
    """Every provider that can be connected."""
    return sorted(_ADAPTERS)


def build(
    provider: str, connection_id: ConnectionId, credentials: Mapping[str, Any], installation: Installation
) -> ProviderAdapter:
    """An adapter for one connection. Raises ProviderUnknown or CredentialsInvalid."""
    try:
        adapter = _ADAPTERS[provider]
    except KeyError:
        raise ProviderUnknown(f"connect one of: {', '.join(names())}", param="provider") from None
    return adapter.from_credentials(connection_id, credentials, installation)
