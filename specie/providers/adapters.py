"""The adapters this installation has, by name."""

from collections.abc import Mapping
from typing import Any

from specie.kernel.ids import ConnectionId
from specie.providers.dialect import Dialect
from specie.providers.errors import ProviderUnknown
from specie.providers.genesis.adapter import GenesisAdapter
from specie.providers.gidi.adapter import GidiAdapter
from specie.providers.gudangvoucher.adapter import GudangVoucherAdapter
from specie.providers.hilogate.adapter import HilogateAdapter
from specie.providers.ing1.adapter import Ing1Adapter
from specie.providers.midtrans.adapter import MidtransAdapter
from specie.providers.model import Installation, ProviderAdapter
from specie.providers.netzme.adapter import NetzmeAdapter
from specie.providers.oy.adapter import OyAdapter
from specie.providers.piro.adapter import PiroAdapter
from specie.providers.simulator.adapter import SimulatorAdapter
from specie.providers.snap.adapter import SnapAdapter
from specie.providers.stripe.adapter import StripeAdapter
from specie.providers.xendit.adapter import XenditAdapter

_KNOWN: tuple[type[ProviderAdapter], ...] = (
    SimulatorAdapter,
    OyAdapter,
    XenditAdapter,
    MidtransAdapter,
    StripeAdapter,
    SnapAdapter,
    NetzmeAdapter,
    HilogateAdapter,
    GidiAdapter,
    GenesisAdapter,
    GudangVoucherAdapter,
    Ing1Adapter,
    PiroAdapter,
)
_ADAPTERS: dict[str, type[ProviderAdapter]] = {adapter.name: adapter for adapter in _KNOWN}


def names() -> list[str]:
    """Every provider that can be connected."""
    return sorted(_ADAPTERS)


def dialects() -> list[Dialect]:
    """What is known of every provider, in the order in which a person should see them."""
    return [adapter.dialect for adapter in _KNOWN]


def build(
    provider: str, connection_id: ConnectionId, credentials: Mapping[str, Any], installation: Installation
) -> ProviderAdapter:
    """An adapter for one connection. Raises ProviderUnknown or CredentialsInvalid."""
    try:
        adapter = _ADAPTERS[provider]
    except KeyError:
        raise ProviderUnknown(f"connect one of: {', '.join(names())}", param="provider") from None
    return adapter.from_credentials(connection_id, credentials, installation)
