"""Rate limits at the edge: per user or key once it is known, per address before that and on the ways in."""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

from fastapi import Request

from specie.kernel.errors import RateLimited, Unauthenticated
from specie.kernel.scope import Scope
from specie.platform.asgi import App, Receive, Send, header
from specie.platform.asgi import Scope as AsgiScope
from specie.platform.basis import Remembered
from specie.platform.config import Settings
from specie.platform.http import Authenticator
from specie.platform.metrics import API
from specie.platform.ratelimit import Policy, RateLimiter, Taken, rate_limit_headers

_WAYS_IN = f"{API}/auth/"
_WAYS_IN_PER_MINUTE = 20
_PAGES_API = f"{API}/checkout/"
_PAGES = ("/checkout/", "/pay/", "/buy/", "/invoice/", "/quote/", "/portal/", _PAGES_API)
_ORDERS, _SIGN_IN = "/buy/", "/sign-in"
_STREAM = "/events"
# Each asks the database every second; many customers share an office's or a mobile carrier's address.
_MOST_STREAMS = 50
_STREAM_RETRY_SECONDS = 30
_KEPT_REFUSALS = 10_000


class RememberingAuthenticator(Authenticator, Protocol):
    """An authenticator that also knows who asked a moment ago."""

    def remembered(self, request: Request) -> Remembered | None:
        """Who it was that asked with this credential; None when that has to be found out."""


class LimitedAuthenticator:
    """Counts each recognised caller against its own limit, and each failure to be recognised against its address."""

    def __init__(self, inner: RememberingAuthenticator, limiter: RateLimiter, settings: Settings) -> None:
        self._inner = inner
        self._limiter = limiter
        self._actor = _policy("actor", settings.rate_limit_actor)
        self._address = _policy("address", settings.rate_limit_address)
        self._refused: OrderedDict[bytes, str] = OrderedDict()

    @property
    def has_refused(self) -> bool:
        """Whether there is anybody to refuse again."""
        return bool(self._refused)

    def refuse_again(self, scope: AsgiScope) -> None:
        """Raises RateLimited for a credential whose caller this process has just refused and would refuse again.

        Nobody is recognised for it and nothing is read: what is over a limit must cost the others next to nothing.
        A key that was revoked meanwhile hears of its limit first, at most until the next token flows in.
        """
        credential = _digest(scope)
        actor = self._refused.get(credential)
        if actor is None:
            return
        taken = self._limiter.refuses(actor, self._actor)
        if taken is None:
            del self._refused[credential]
        else:
            _note(Request(scope), self._actor, taken)

    async def authenticate(self, request: Request) -> Scope:
        """The verified scope. Raises Unauthenticated, Forbidden or RateLimited."""
        try:
            scope = await self._inner.authenticate(request)
        except Unauthenticated:
            # Without a credential it has been counted on its way in.
            if _has_credential(request.scope):
                await take(self._limiter, request, self._address, address_of(request.scope))
            raise
        # Whoever was remembered has been counted already.
        if not getattr(request.state, "is_counted", False):
            await self._count(request, scope)
        return scope

    async def remembered(self, request: Request) -> Remembered | None:
        """Who it was that asked with this credential, counted; None when that has to be found out.

        Raises RateLimited.
        """
        found = self._inner.remembered(request)
        if found is not None:
            await self._count(request, found.scope)
            request.state.is_counted = True
        return found

    async def _count(self, request: Request, scope: Scope) -> None:
        actor = f"{scope.tenant_id}/{scope.principal}"
        try:
            await take(self._limiter, request, self._actor, actor)
        except RateLimited:
            self._remember(_digest(request.scope), actor)
            raise

    def _remember(self, credential: bytes, actor: str) -> None:
        self._refused[credential] = actor
        if len(self._refused) > _KEPT_REFUSALS:
            self._refused.popitem(last=False)


class KnownRefusals:
    """ASGI middleware that refuses again, before anybody is asked, who was over its limit a moment ago."""

    def __init__(self, app: App, authenticator: LimitedAuthenticator) -> None:
        self._app = app
        self._authenticator = authenticator

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if self._authenticator.has_refused and scope["type"] == "http" and _recognises(scope):
            self._authenticator.refuse_again(scope)
        await self._app(scope, receive, send)


class AddressLimits:
    """ASGI middleware that counts what comes without a credential, and every way in, by the client's address."""

    def __init__(self, app: App, limiter: RateLimiter, settings: Settings) -> None:
        self._app = app
        self._limiter = limiter
        self._address = _policy("address", settings.rate_limit_address)
        # Each use is counted in the database: a block leased to a process would let guesses through.
        self._ways_in = Policy("ways_in", max(settings.rate_limit_login, _WAYS_IN_PER_MINUTE))
        self._streams = OpenStreams(_MOST_STREAMS)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        policy = self._policy(scope) if scope["type"] == "http" else None
        if policy is not None:
            await take(self._limiter, Request(scope), policy, address_of(scope))
        if scope["type"] == "http" and _is_stream(scope["path"]):
            with self._streams.one_of(address_of(scope)):
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _policy(self, scope: AsgiScope) -> Policy | None:
        path = scope["path"]
        is_sign_in = path.startswith(_ORDERS) and path.endswith(_SIGN_IN)
        if (path.startswith(_WAYS_IN) or is_sign_in) and scope["method"] == "POST":
            return self._ways_in
        if path.startswith(_PAGES):
            # Nobody is recognised there, whatever is sent along.
            return self._address
        return self._address if path.startswith(API) and not _has_credential(scope) else None


class OpenStreams:
    """How many live pages each address follows at this moment, in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_of(self, address: str) -> Iterator[None]:
        """Count one more of an address for as long as it is open. Raises RateLimited."""
        if self._open[address] >= self._most:
            detail = f"at most {self._most} live pages are open from one address"
            raise RateLimited(detail, retry_after=_STREAM_RETRY_SECONDS)
        self._open[address] += 1
        try:
            yield
        finally:
            self._open[address] -= 1
            # Whoever has left is forgotten, or the count would grow with every address ever seen.
            if not self._open[address]:
                del self._open[address]


def _is_stream(path: str) -> bool:
    return path.startswith(_PAGES_API) and path.endswith(_STREAM)


def _recognises(scope: AsgiScope) -> bool:
    """Whether a credential is looked at; on pages and on the ways in nobody is recognised, whatever is sent along."""
    path = scope["path"]
    return path.startswith(API) and not path.startswith((_WAYS_IN, *_PAGES)) and _has_credential(scope)


def _digest(scope: AsgiScope) -> bytes:
    """What stands for the credential of a request, so that none is kept."""
    found = [value for name, value in scope["headers"] if name in (b"authorization", b"cookie")]
    return sha256(b"\0".join(found)).digest()


def _has_credential(scope: AsgiScope) -> bool:
    return header(scope, b"authorization") is not None or header(scope, b"cookie") is not None


def _policy(name: str, per_minute: int) -> Policy:
    # A twentieth is leased at once: a busy caller costs one short transaction in twenty requests or more.
    return Policy(name, per_minute, block=max(1, per_minute // 20))


async def take(limiter: RateLimiter, request: Request, policy: Policy, key: str) -> None:
    """Take one token and note the answer's headers. Raises RateLimited."""
    _note(request, policy, await limiter.take(key, policy))


def _note(request: Request, policy: Policy, taken: Taken) -> None:
    request.state.answer_headers = rate_limit_headers(policy, taken)
    if not taken.allowed:
        raise RateLimited(f"at most {policy.quota} in {policy.window} seconds", retry_after=taken.retry_after)


def address_of(scope: AsgiScope) -> str:
    """The client's address; of an IPv6 one its /64, because that is what one customer holds."""
    host = scope["client"][0] if scope.get("client") else "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else host
