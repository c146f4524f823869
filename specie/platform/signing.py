"""The installation's signature: Ed25519 under a key that is derived from the master key and never stored."""

import hmac
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Signer:
    """Signs as the installation. Whoever has the master key can make it again; nobody else can."""

    def __init__(self, master_key: bytes, purpose: str) -> None:
        # One key never serves two ends, so each purpose gets its own.
        self._key = Ed25519PrivateKey.from_private_bytes(hmac.digest(master_key, f"specie {purpose}".encode(), sha256))

    @property
    def public_key(self) -> bytes:
        """The 32 bytes by which anybody checks a signature."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature."""
        return self._key.sign(message)


def is_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature over the message was made with the private half of this key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
