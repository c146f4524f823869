"""The random parts of the pages' addresses."""

import hashlib
import secrets

_BYTES = 16


def new_token() -> str:
    """The secret part of a page's address: who knows it may see the page."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> bytes:
    """What the look-up table keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
