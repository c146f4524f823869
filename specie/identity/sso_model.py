"""A tenant's own identity provider, and what its ID tokens must say; no I/O, no clock."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from specie.identity.errors import SsoRefused
from specie.identity.model import Role
from specie.identity.secrets import normalised_email

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Signatures with a public key only: a shared secret or none at all proves nothing about who signed."""

LEEWAY_SECONDS = 60
FRESH_SECONDS = 300
_LONGEST = 16_384

JOINING_ROLES = (Role.FINANCE, Role.OPERATOR, Role.SALES, Role.VIEWER)
"""What somebody who comes for the first time can become; who gives out access is named by hand."""


@dataclass(frozen=True, slots=True)
class SsoProvider:
    """Whom a tenant trusts to say who its people are. `domains` and `role`: who becomes a member by coming."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    domains: tuple[str, ...]
    role: Role | None
    is_enabled: bool
    version: int

    def admits(self, email: str) -> bool:
        """Whether a new person with this address becomes a member."""
        return self.role is not None and email.rpartition("@")[2] in self.domains


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the provider is asked, as its own discovery document says."""

    authorization: str
    token: str
    keys: str
    takes_basic: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified ID token says. `is_fresh`: the person proved themselves within the last five minutes."""

    subject: str = field(repr=False)
    email: str = field(repr=False)
    name: str = field(repr=False)
    is_fresh: bool


def endpoints_of(document: Mapping[str, Any], issuer: str) -> Endpoints:
    """Read a discovery document. Raises SsoRefused unless it is this issuer's and names what is needed."""
    if document.get("issuer") != issuer:
        raise SsoRefused("the discovery document is another issuer's", reason="issuer")
    named = [document.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(isinstance(one, str) for one in named):
        raise SsoRefused("the discovery document lacks an endpoint", reason="discovery")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    takes_basic = isinstance(methods, list) and "client_secret_basic" in methods
    return Endpoints(str(named[0]), str(named[1]), str(named[2]), takes_basic)


def claims_of(token: str, keys: Mapping[str, Any], provider: SsoProvider, nonce: str, now: int) -> Claims:
    """Verify an ID token at `now`, machine time in whole seconds. Raises SsoRefused, which names what is wrong."""
    found = _verified(token, keys)
    _require(found.get("iss") == provider.issuer, "issuer")
    audience = found.get("aud")
    _require(provider.client_id in (audience if isinstance(audience, list) else [audience]), "audience")
    several = isinstance(audience, list) and len(audience) > 1
    _require(not several or found.get("azp") == provider.client_id, "audience")
    _require(found.get("azp", provider.client_id) == provider.client_id, "audience")
    _require(now <= _moment(found.get("exp")) + LEEWAY_SECONDS, "expired")
    _require(max(_moment(found.get("iat")), _moment(found.get("nbf", 0))) <= now + LEEWAY_SECONDS, "expired")
    _require(hmac.compare_digest(str(found.get("nonce", "")).encode(), nonce.encode()), "nonce")
    subject, email = found.get("sub"), found.get("email")
    _require(isinstance(subject, str) and 0 < len(subject) <= 255, "subject")
    _require(isinstance(email, str) and found.get("email_verified") is True, "email")
    address = normalised_email(str(email))
    name = found.get("name")
    shown = name.strip()[:200] if isinstance(name, str) and name.strip() else address.partition("@")[0]
    is_fresh = now - _moment(found.get("auth_time", 0)) <= FRESH_SECONDS
    return Claims(str(subject), address, shown, is_fresh)


def _verified(token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    _require(len(token) <= _LONGEST, "signature")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError):
        raise SsoRefused("the ID token cannot be read", reason="signature") from None
    # Judged before any key is looked at: the sender does not choose how it is checked.
    _require(header.get("alg") in ALGORITHMS, "algorithm")
    try:
        ring = KeySet.import_key_set(dict(keys))  # type: ignore[arg-type]
        return dict(jwt.decode(token, ring, algorithms=list(ALGORITHMS)).claims)
    except (JoseError, ValueError, KeyError, TypeError):
        raise SsoRefused("the ID token is not signed by a key of the provider", reason="signature") from None


def _moment(value: Any) -> float:
    """Seconds since 1970. Raises SsoRefused for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SsoRefused("the ID token does not say until when it holds", reason="expired")
    return value


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise SsoRefused("what the provider says cannot be accepted", reason=reason)


def read_json(body: bytes) -> dict[str, Any]:
    """An answer of the provider as an object. Raises SsoRefused for anything else."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SsoRefused("the provider's answer cannot be read", reason="answer")
    return found
