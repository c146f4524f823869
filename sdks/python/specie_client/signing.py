"""The signature of a server's payout: over every byte that decides what the request does."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode


def signature_of(
    method: str, path: str, query: Mapping[str, Any], content: bytes, secret: str, *, at: str, nonce: str
) -> str:
    """The `Specie-Signature` of a request made `at` seconds since 1970 with a nonce that was never used before."""
    parameters = urlencode(sorted(query.items()))
    target = f"{path}?{parameters}" if parameters else path
    text = "\n".join(("v1", method, target, at, nonce, hashlib.sha256(content).hexdigest()))
    return f"v1={hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}"
