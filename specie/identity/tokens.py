"""Access tokens: JWTs signed with Ed25519, ten minutes long, naming a session that can be ended at any moment."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from specie.identity.errors import TokenExpired, TokenInvalid
from specie.identity.secrets import text_of
from specie.kernel.errors import SpecieError
from specie.kernel.ids import SessionId, UserId

LIFETIME_SECONDS = 600
LEEWAY_SECONDS = 30
AUDIENCE = "specie-api"
_TYPE = "at+jwt"
_ALGORITHM = "Ed25519"
_MAX_LENGTH = 2048


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a valid token says; whether its session still runs is asked of the database."""

    session_id: SessionId
    user_id: UserId


class TokenSigner:
    """Makes and reads access tokens of one installation, named by its public URL; `seed` is the private key."""

    def __init__(self, seed: bytes, issuer: str) -> None:
        private = Ed25519PrivateKey.from_private_bytes(seed)
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._key = OKPKey.import_key(private)
        self._issuer = issuer
        self._header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": text_of(hashlib.sha256(public).digest()[:12])}

    def mint(self, claims: AccessClaims, now: int) -> str:
        """A signed token; `now` is machine time in whole seconds."""
        body = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
        }
        return jwt.encode(dict(self._header), body, self._key, algorithms=[_ALGORITHM])

    def read(self, token: str, now: int) -> AccessClaims:
        """The claims of a token made here for this use. Raises TokenInvalid or TokenExpired."""
        claims = self._verified(token)
        issued, not_before, expires = (claims.get(name) for name in ("iat", "nbf", "exp"))
        if claims.get("iss") != self._issuer or claims.get("aud") != AUDIENCE:
            raise TokenInvalid
        if not (isinstance(issued, int) and isinstance(not_before, int) and isinstance(expires, int)):
            raise TokenInvalid
        if max(issued, not_before) > now + LEEWAY_SECONDS:
            raise TokenInvalid
        if now > expires + LEEWAY_SECONDS:
            raise TokenExpired
        return _claims(claims)

    def _verified(self, token: str) -> dict[str, Any]:
        if len(token) > _MAX_LENGTH or not _is_canonical(token):
            raise TokenInvalid
        # The header is judged before the library sees it: algorithm, type and key are ours, never the sender's choice.
        if _header(token) != self._header:
            raise TokenInvalid
        try:
            return jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            raise TokenInvalid from None


def _claims(claims: dict[str, Any]) -> AccessClaims:
    try:
        return AccessClaims(SessionId.parse(str(claims.get("sid"))), UserId.parse(str(claims.get("sub"))))
    except SpecieError:
        raise TokenInvalid from None


def _is_canonical(token: str) -> bool:
    """Whether each part is the one base64 text of its bytes; otherwise a changed bit could go unnoticed."""
    parts = token.split(".")
    try:
        return len(parts) == 3 and all(text_of(_decoded(part)) == part for part in parts)
    except ValueError:
        return False


def _header(token: str) -> Any:
    try:
        return json.loads(_decoded(token.partition(".")[0]))
    except ValueError:
        return None


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
