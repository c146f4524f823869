"""Signed requests of servers: what is signed, and how it is judged. No I/O, no clock."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from specie.payouts.errors import SignatureInvalid, TimestampOutOfWindow

TIMESTAMP, NONCE, SIGNATURE = "specie-timestamp", "specie-nonce", "specie-signature"
WINDOW_SECONDS = 300
NONCE_KEPT_SECONDS = 900
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_DIGITS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a signature covers: every byte that decides what the request does."""

    method: str
    path: str
    query: str
    timestamp: str
    nonce: str
    body: bytes = field(repr=False)
    signature: str = field(repr=False)

    @property
    def text(self) -> bytes:
        """The string to sign; the parameters of the query come in sorted order."""
        query = urlencode(sorted(parse_qsl(self.query, keep_blank_values=True)))
        target = f"{self.path}?{query}" if query else self.path
        digest = hashlib.sha256(self.body).hexdigest()
        return "\n".join(("v1", self.method, target, self.timestamp, self.nonce, digest)).encode()


def of_request(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> SignedRequest:
    """The signed parts of a request. Raises SignatureInvalid when one of its headers is missing or malformed."""
    timestamp, nonce = headers.get(TIMESTAMP, ""), headers.get(NONCE, "")
    if not _DIGITS.fullmatch(timestamp):
        raise SignatureInvalid(f"{TIMESTAMP} is the time in seconds since 1970")
    if not _NONCE.fullmatch(nonce):
        raise SignatureInvalid(f"{NONCE} is 16 to 64 letters, digits, - or _")
    return SignedRequest(method, path, query, timestamp, nonce, body, headers.get(SIGNATURE, ""))


def require_fresh(request: SignedRequest, now: int) -> None:
    """Raise TimestampOutOfWindow unless the request was signed within five minutes of a machine time in seconds."""
    if abs(int(request.timestamp) - now) > WINDOW_SECONDS:
        raise TimestampOutOfWindow(f"sign with the present time; here it is {now}", server_time=now)


def require_signed(request: SignedRequest, secret: bytes) -> None:
    """Raise SignatureInvalid unless the signature is of this very request, compared in constant time."""
    wanted = signature_of(request, secret)
    if not hmac.compare_digest(wanted.encode(), request.signature.encode()):
        raise SignatureInvalid("the signature does not fit this request")


def signature_of(request: SignedRequest, secret: bytes) -> str:
    """The signature of a request: `v1=` and HMAC-SHA-256 in hexadecimal digits."""
    return f"v1={hmac.new(secret, request.text, hashlib.sha256).hexdigest()}"
