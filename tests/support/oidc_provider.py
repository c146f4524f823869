"""An OpenID provider as a process of its own: discovery, authorisation with PKCE, tokens signed with RSA, JWKS.

It recognises everybody at once as whom it was last told. `POST /control` tells it: `person` replaces the person,
`fault` names one lie of the next ID token.
"""

import base64
import hashlib
import hmac
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "specie", "s3cret/with+signs"


class Provider:
    """What the provider knows: its keys, codes that wait, and whom it recognises."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.stranger = RSAKey.generate_key(2048, {"kid": "one"})
        self.codes: dict[str, dict[str, str]] = {}
        self.person: dict[str, Any] = {}
        self.fault = ""

    def discovery(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": "https://somebody.else.example" if self.fault == "discovery_issuer" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorise(self, asked: dict[str, str]) -> str:
        """Where the browser goes next, with a code for this request."""
        if asked.get("client_id") != CLIENT or asked.get("code_challenge_method") != "S256":
            raise ValueError("not a client that is known")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def redeem(self, form: dict[str, str], authorization: str) -> str:
        """The ID token for a code, which is thereby used up."""
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        asked = self.codes.pop(form["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        fits = challenge.rstrip("=") == asked["code_challenge"] and form["redirect_uri"] == asked["redirect_uri"]
        if [unquote(part) for part in pair] != [CLIENT, SECRET] or not fits:
            raise ValueError("not the one who asked")
        return self.token(asked["nonce"])

    def token(self, nonce: str) -> str:
        """An ID token about the person, with the fault that was asked for."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": nonce,
            **self.person,
        }
        lies: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "another"},
            "issuer": {"iss": "https://somebody.else.example"},
            "audience": {"aud": "another"},
            "audiences": {"aud": [CLIENT, "another"], "azp": "another"},
            "expired": {"exp": now - 3600, "iat": now - 7200},
            "early": {"iat": now + 3600},
            "unverified": {"email_verified": False},
            "text_verified": {"email_verified": "true"},
        }
        claims |= lies.get(self.fault, {})
        if self.fault == "none":
            return f"{_joined({'alg': 'none'}, claims)}."
        if self.fault == "public_key_as_secret":
            # Written by hand: no library makes this classic mistake any more.
            body = _joined({"alg": "HS256", "kid": "one"}, claims)
            return f"{body}.{_text(hmac.digest(self.key.as_pem(private=False), body.encode(), hashlib.sha256))}"
        key = self.stranger if self.fault == "signature" else self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key, algorithms=["RS256"])


class Handler(BaseHTTPRequestHandler):
    """One request."""

    provider: Provider

    def do_GET(self) -> None:
        path, query = self.path.partition("?")[::2]
        if path == "/.well-known/openid-configuration":
            self._json(self.provider.discovery())
        elif path == "/jwks":
            self._json({"keys": [self.provider.key.as_dict(private=False)]})
        elif path == "/authorize":
            self._act(lambda: self._redirect(self.provider.authorise(_flat(query))))
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.path == "/control":
            told = json.loads(body)
            self.provider.person = told.get("person", self.provider.person)
            self.provider.fault = told.get("fault", "")
            self._json({})
        elif self.path == "/token":
            auth = self.headers.get("authorization", "")
            self._act(
                lambda: self._json(
                    {"id_token": self.provider.redeem(_flat(body), auth), "access_token": "x", "token_type": "Bearer"}
                )
            )
        else:
            self.send_error(404)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""

    def _act(self, work: Any) -> None:
        try:
            work()
        except (KeyError, ValueError):
            self.send_error(400)

    def _json(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self, url: str) -> None:
        self.send_response(302)
        self.send_header("location", url)
        self.send_header("content-length", "0")
        self.end_headers()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _joined(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return ".".join(_text(json.dumps(part).encode()) for part in (header, claims))


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def main() -> None:
    """Serve on a free port and print the issuer, then go on until ended."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = f"http://127.0.0.1:{server.server_address[1]}"
    Handler.provider = Provider(issuer)
    sys.stdout.write(f"{issuer}\n")
    sys.stdout.flush()
    assert urlsplit(issuer).port
    server.serve_forever()


if __name__ == "__main__":
    main()
