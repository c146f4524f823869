"""The keys that seal what a purchase's documents keep of its customer, also where a provider's answer completes it."""

from specie.platform.vault import KeyRing

_ring: list[KeyRing] = []


def set_vault(ring: KeyRing) -> None:
    """Seal with these keys from now on; `app` wires them."""
    _ring[:] = [ring]


def vault() -> KeyRing:
    """The keys of this installation."""
    if not _ring:
        raise RuntimeError("the modules have not been connected")
    return _ring[0]
