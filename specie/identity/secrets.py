"""Identity's own keys, one per purpose, and the personal data they open."""

import base64
import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from specie.platform import vault
from specie.platform.vault import KeyRing, Place

_ERASED = "erased"
_PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """Keys derived from the installation's signing key, and the ring that wraps each user's own key."""

    signing_key: bytes = field(repr=False)
    ring: KeyRing = field(repr=False)

    def derived(self, purpose: str) -> bytes:
        """A 32-byte key that serves this purpose alone."""
        return _derived(self.signing_key, purpose)

    def key_digest(self, secret: str) -> bytes:
        """What is stored of an API key's secret: HMAC-SHA-256 under a pepper that is not in the database."""
        return hmac.digest(self.derived("api key pepper"), secret.encode(), hashlib.sha256)

    def token_digest(self, token: str) -> bytes:
        """What is stored of a session cookie, a refresh token or a reset link."""
        return hmac.digest(self.derived("token pepper"), token.encode(), hashlib.sha256)

    def successor(self, refresh_token: str) -> str:
        """The one refresh token that follows another: derived, so that a repeated request gets the same."""
        return text_of(hmac.digest(self.derived("refresh successor"), refresh_token.encode(), hashlib.sha256))

    def csrf_token(self, session_digest: bytes) -> str:
        """The proof a browser's writes carry: it changes whenever the cookie does."""
        return text_of(hmac.digest(self.derived("csrf"), session_digest, hashlib.sha256))

    def email_index(self, email: str) -> bytes:
        """The blind index of a normalised address."""
        return vault.blind_index(self.derived("e-mail index"), email)

    def throttle_key(self, kind: str, value: bytes) -> bytes:
        """The counter of an account or a network, without its name in clear."""
        return hmac.digest(self.derived(f"throttle {kind}"), value, hashlib.sha256)

    def new_data_key(self, user_id: UUID) -> tuple[bytes, bytes]:
        """A fresh key for one user's data: itself, and wrapped for the row."""
        key = vault.new_key()
        return key, self.ring.wrap(key, place(user_id, "data_key"))

    def seal_again(self, data_key: bytes, value: str, user_id: UUID, column: str) -> bytes:
        """Seal one more text of a user whose wrapped key is stored."""
        return seal_text(self.ring.unwrap(data_key, place(user_id, "data_key")), value, user_id, column)

    def open_text(self, data_key: bytes | None, sealed: bytes, user_id: UUID, column: str) -> str:
        """A user's sealed text; `erased` once the user's key has been destroyed."""
        if data_key is None:
            return _ERASED
        key = self.ring.unwrap(data_key, place(user_id, "data_key"))
        return vault.open_sealed(key, sealed, place(user_id, column)).decode()


# The purposes are few, and each request needs one of their keys.
@lru_cache(maxsize=64)
def _derived(signing_key: bytes, purpose: str) -> bytes:
    return hmac.digest(signing_key, b"specie identity " + purpose.encode(), hashlib.sha256)


def place(user_id: UUID, column: str) -> Place:
    """Where a user's sealed value lives. Users belong to the installation, not to a tenant."""
    return Place(_PLATFORM, "app_user", str(user_id), column)


def seal_text(key: bytes, value: str, user_id: UUID, column: str) -> bytes:
    """Seal one of a user's texts for its column."""
    return vault.seal(key, value.encode(), place(user_id, column))


def text_of(data: bytes) -> str:
    """URL-safe text of random bytes."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def normalised_email(email: str) -> str:
    """The form in which addresses are compared: NFC, trimmed, case folded."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


def masked_email(email: str) -> str:
    """An address as it may stand in an audit row."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…@{domain[:1]}…{domain[domain.rfind('.') :]}" if domain else "…"
