"""Sealing: AES-256-GCM under keys that are themselves sealed.

Master key → tenant key → the tenant's secrets; master key → party key → a person's data. Modules store the wrapped
keys; here is only the cryptography. A sealed value is bound to its place by additional data, so that moved to
another row it no longer opens, and a key that has been destroyed leaves it unreadable for good.
"""

import hmac
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_FORMAT = 1
_HEADER = struct.Struct(">BH")


class Unsealable(Exception):
    """The blob does not open: wrong or destroyed key, wrong place, or changed bytes. It never says which."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lives; part of what is authenticated, not stored with it."""

    tenant: str
    table: str
    row: str
    column: str

    def bytes(self) -> bytes:
        """The additional data; lengths come first so that no two places read alike."""
        parts = [part.encode() for part in (self.tenant, self.table, self.row, self.column)]
        return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def new_key() -> bytes:
    """A fresh 256-bit key from the system's generator."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plaintext: bytes, place: Place, *, key_version: int = 0) -> bytes:
    """Encrypt and authenticate with a fresh 96-bit nonce. The blob carries `key_version` (0 to 65535) in the open."""
    header = _HEADER.pack(_FORMAT, key_version)
    nonce = os.urandom(_NONCE_BYTES)
    return header + nonce + AESGCM(key).encrypt(nonce, plaintext, header + place.bytes())


def open_sealed(key: bytes, blob: bytes, place: Place) -> bytes:
    """The plaintext of a blob sealed under this key for this place. Raises Unsealable."""
    header, rest = blob[: _HEADER.size], blob[_HEADER.size :]
    if len(rest) < _NONCE_BYTES + _TAG_BYTES or header[0] != _FORMAT:
        raise Unsealable("not a sealed value")
    try:
        return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], header + place.bytes())
    except InvalidTag:
        raise Unsealable("the value does not open") from None


def key_version(blob: bytes) -> int:
    """The version of the key a blob was sealed with. Raises Unsealable for what is no blob."""
    if len(blob) < _HEADER.size or blob[0] != _FORMAT:
        raise Unsealable("not a sealed value")
    return int(_HEADER.unpack_from(blob)[1])


def blind_index(key: bytes, normalised_value: str) -> bytes:
    """A keyed hash (HMAC-SHA-256) to search by; equal text gives an equal hash, so normalise first."""
    return hmac.digest(_derived(key, b"blind index"), normalised_value.encode(), sha256)


def _derived(key: bytes, purpose: bytes) -> bytes:
    # One key never serves two algorithms: the index gets its own, so that it tells nothing about the sealing key.
    return hmac.digest(key, b"specie " + purpose, sha256)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The master keys by version. New keys are wrapped under `current`; older ones still unwrap until removed."""

    master_keys: Mapping[int, bytes] = field(repr=False)
    current: int

    def __post_init__(self) -> None:
        if self.current not in self.master_keys:
            raise ValueError("the current master key is missing")
        for version, key in self.master_keys.items():
            if len(key) != KEY_BYTES or not 0 < version < 65536:
                raise ValueError("a master key has 32 bytes and a version from 1 to 65535")

    def wrap(self, key: bytes, place: Place) -> bytes:
        """Seal a tenant's or a party's key for its row."""
        return seal(self.master_keys[self.current], key, place, key_version=self.current)

    def unwrap(self, blob: bytes | None, place: Place) -> bytes:
        """The key inside. Raises Unsealable, also for None (a destroyed key) and for a master key no longer here."""
        if blob is None:
            raise Unsealable("the key has been destroyed")
        master = self.master_keys.get(key_version(blob))
        if master is None:
            raise Unsealable("the master key is not in the ring")
        return open_sealed(master, blob, place)

    def rewrap(self, blob: bytes, place: Place) -> bytes:
        """The same key wrapped under the current master key, for rotation. Raises Unsealable."""
        if key_version(blob) == self.current:
            return blob
        return self.wrap(self.unwrap(blob, place), place)
