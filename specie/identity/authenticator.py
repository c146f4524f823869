"""Who asks: an API key, an access token or a browser session, found in one round trip."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from fastapi import Request

from specie.identity import access_store, scopes
from specie.identity.access_store import KeyAccess, KeyQuestion, SessionAccess
from specie.identity.errors import (
    AddressNotAllowed,
    ApiKeyExpired,
    ApiKeyInvalid,
    ApiKeyRevoked,
    CsrfRefused,
    NoMembership,
    SessionRevoked,
    TokenExpired,
    WrongMode,
)
from specie.identity.key_text import MARK, KeyText, read_key
from specie.identity.model import Caller, Role
from specie.identity.remembering import RememberedKeys
from specie.identity.wiring import Identity
from specie.kernel.clock import machine_now, machine_timestamp
from specie.kernel.errors import Unauthenticated
from specie.kernel.ids import RequestId
from specie.kernel.scope import Mode, Scope
from specie.platform.basis import Remembered
from specie.platform.db import Database
from specie.platform.gathering import Gathering

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_STEP_UP_LASTS = timedelta(minutes=5)
_AGENT_LENGTH = 200


class IdentityAuthenticator:
    """Turns the credential of a request into a scope."""

    def __init__(self, db: Database, identity: Identity) -> None:
        self._identity = identity
        # Keys and sessions belong to no tenant before they are found, so all questions are one group.
        self._keys = Gathering[None, KeyQuestion, KeyAccess](
            lambda _, asked: access_store.ask_keys(db, machine_now(), asked)
        )
        self._sessions = Gathering[None, tuple[UUID | None, bytes | None], SessionAccess](
            lambda _, asked: access_store.ask_sessions(db, machine_now(), asked)
        )
        self._known = RememberedKeys()

    async def authenticate(self, request: Request) -> Scope:
        """The verified scope. Raises Unauthenticated and its kinds, AddressNotAllowed, CsrfRefused or NoMembership."""
        headers = request.headers.getlist("authorization")
        if len(headers) > 1:
            raise Unauthenticated("send one Authorization header")
        if headers:
            return await self._bearer(request, headers[0])
        cookie = request.cookies.get(cookie_name(self._identity))
        if not cookie:
            raise Unauthenticated("send an API key, an access token or a session cookie")
        return await self._browser(request, cookie)

    def remembered(self, request: Request) -> Remembered | None:
        """Whose API key this was a moment ago; it acts only where its basis is proved. None for whom to look up."""
        headers = request.headers.getlist("authorization")
        token = _bearer_token(headers[0]) if len(headers) == 1 else None
        key = read_key(token) if token is not None else None
        if key is None:
            return None
        caller = self._known.find(self._question(request, key))
        if caller is None or caller.scope.mode is not key.mode:
            return None
        return Remembered(replace(caller.scope, request_id=request_id_of(request)), caller.basis)

    def _question(self, request: Request, key: KeyText) -> KeyQuestion:
        return self._identity.keys.key_digest(key.secret), caller_of(request).address

    async def _bearer(self, request: Request, header: str) -> Scope:
        token = _bearer_token(header)
        if token is None:
            raise Unauthenticated("the Authorization header is `Bearer` and a credential")
        if token.startswith(MARK):
            return await self._key(request, token)
        claims = self._identity.signer.read(token, machine_timestamp())
        access = await self._sessions.ask(None, (claims.session_id.uuid, None))
        return self._admitted(request, access)

    async def _key(self, request: Request, token: str) -> Scope:
        key = read_key(token)
        if key is None:
            raise ApiKeyInvalid("there is no such key")
        question = self._question(request, key)
        access = await self._keys.ask(None, question)
        if access is None:
            raise ApiKeyInvalid("there is no such key")
        if access.is_revoked:
            raise ApiKeyRevoked("make another key")
        if access.is_expired:
            raise ApiKeyExpired("make another key")
        if not access.address_allowed:
            raise AddressNotAllowed("the key may not be used from here")
        if Mode(access.mode) is not key.mode:
            raise WrongMode("use a key of this mode")
        scope = scopes.key_scope(access, request_id_of(request))
        self._known.note(question, access, scope)
        return scope

    async def _browser(self, request: Request, cookie: str) -> Scope:
        digest = self._identity.keys.token_digest(cookie)
        access = await self._sessions.ask(None, (None, digest))
        scope = self._admitted(request, access)
        if request.method not in _SAFE_METHODS:
            self._require_own_page(request, digest)
        return scope

    def _admitted(self, request: Request, access: SessionAccess | None) -> Scope:
        scope, running = scope_of_session(request, access)
        request.state.step_up_missing = machine_now() - running.step_up_at > _STEP_UP_LASTS
        request.state.second_factor_missing = self._identity.misses_second_factor(
            running.role, scope.mode, has_one=running.has_second_factor, is_by_provider=running.is_by_provider
        )
        return scope

    def _require_own_page(self, request: Request, session_digest: bytes) -> None:
        """A write from a browser proves its origin, its session's token and that it is no plain form."""
        headers = request.headers
        token_fits = headers.get("x-csrf-token") == self._identity.keys.csrf_token(session_digest)
        media_type = headers.get("content-type", "application/json").split(";", maxsplit=1)[0].strip()
        is_no_form = media_type in {"application/json", "multipart/form-data"}
        if not (is_from_own_origin(request, self._identity) and token_fits and is_no_form):
            raise CsrfRefused("writes need our own origin, the X-CSRF-Token of /me and a JSON body")


def _bearer_token(header: str) -> str | None:
    scheme, _, token = header.partition(" ")
    return token if scheme.lower() == "bearer" and token.strip() else None


def scope_of_session(request: Request, access: SessionAccess | None) -> tuple[Scope, SessionAccess]:
    """The scope of a session that still runs. Raises SessionRevoked, TokenExpired or NoMembership."""
    if access is None or access.is_ended:
        raise SessionRevoked("log in again")
    if access.is_expired:
        raise TokenExpired("log in again")
    if access.role is None:
        raise NoMembership("you are no longer a member here")
    return scopes.session_scope(access, Role(access.role), request_id_of(request)), access


def is_from_own_origin(request: Request, identity: Identity) -> bool:
    """Whether the browser says that one of our own pages sent the request."""
    headers = request.headers
    return headers.get("sec-fetch-site") == "same-origin" or headers.get("origin") == identity.origin


def cookie_name(identity: Identity) -> str:
    """The session cookie's name; the `__Host-` prefix needs TLS."""
    return "__Host-specie" if identity.is_https else "specie_session"


def caller_of(request: Request) -> Caller:
    """Where a request comes from; trusted proxies have been looked through before."""
    # A link-local IPv6 address may name an interface, which is no part of an address to the database.
    address = request.client.host.partition("%")[0] if request.client else None
    return Caller(address, request.headers.get("user-agent", "")[:_AGENT_LENGTH])


def request_id_of(request: Request) -> RequestId:
    """The id the edge gave the request."""
    text = request.scope.get("state", {}).get("request_id")
    return RequestId.parse(text) if text else RequestId.new()
