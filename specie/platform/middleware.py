"""What surrounds every request: who is calling from where, its id, its size, its headers, and a last resort.

All are plain ASGI: nothing is buffered, and streams stay streams.
"""

from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from specie.kernel.ids import InvalidId, RequestId
from specie.platform import problems
from specie.platform.asgi import App, Message, Receive, Scope, Send, header, header_values

Networks = Sequence[IPv4Network | IPv6Network]
LimitOf = Callable[[str, str], int]
"""The most bytes a body may have, by path and media type."""

EVERY_ANSWER = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# Not registered, but what proxies log for it.
_CLIENT_LEFT = 499
# What is no page of ours may load nothing and be framed by nobody.
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
_ALWAYS = [
    (name.lower().encode(), value.encode())
    for name, value in {**EVERY_ANSWER, "Content-Security-Policy": _NO_PAGE}.items()
]


class TrustedProxies:
    """Sets the client's address: the TCP peer, or what a trusted proxy saw.

    Only when the peer itself is trusted is X-Forwarded-For read, from the right, up to the first hop that is not
    ours: everything left of it is what the client says about itself.
    """

    def __init__(self, app: App, networks: Networks) -> None:
        self._app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._networks and scope.get("client"):
            self._judge(scope)
        await self._app(scope, receive, send)

    def _judge(self, scope: Scope) -> None:
        if not self._is_trusted(scope["client"][0]):
            return
        hops = [hop.strip() for line in header_values(scope, b"x-forwarded-for") for hop in line.split(",")]
        client = next((hop for hop in reversed(hops) if not self._is_trusted(hop)), None)
        if client is not None and _is_address(client):
            scope["client"] = (client, 0)
        scheme = header(scope, b"x-forwarded-proto")
        if scheme in ("http", "https"):
            scope["scheme"] = scheme

    def _is_trusted(self, text: str) -> bool:
        return _is_address(text) and any(ip_address(text) in network for network in self._networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


class RequestIds:
    """Takes over a well-formed Request-Id of the caller; `RequestTelemetry` below mints one for everybody else."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = _given_id(header_values(scope, b"request-id"))
            if given is not None:
                scope.setdefault("state", {})["request_id"] = str(given)
        await self._app(scope, receive, send)


def _given_id(values: list[str]) -> RequestId | None:
    if len(values) != 1:
        return None
    try:
        return RequestId.parse(values[0])
    except InvalidId:
        return None


class BodyLimits:
    """Answers 413 for a body that is too large: by its declared length at once, else when that much has come.

    The rest is not read; the connection is closed instead.
    """

    def __init__(self, app: App, limit_of: LimitOf) -> None:
        self._app = app
        self._limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"], header(scope, b"content-type") or "")
        declared = header(scope, b"content-length") or ""
        if declared.isdecimal() and int(declared) > limit:
            await problems.response(*_too_large(Request(scope), limit))(scope, receive, send)
            return
        await self._app(scope, _Counted(receive, limit), send)


class _Counted:
    """A receive that stops at the limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._read = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            if self._read > self._limit:
                # The framework passes this kind of exception on untouched, out of any parser.
                raise HTTPException(413, _sentence(self._limit), headers={"Connection": "close"})
        return message


def _too_large(request: Request, limit: int) -> tuple[dict[str, object], dict[str, str]]:
    document = problems.problem(request, 413, "body_too_large", problems.BODY_TOO_LARGE, _sentence(limit))
    return document, {"Connection": "close"}


def _sentence(limit: int) -> str:
    return f"at most {limit} bytes are read here"


class SecurityHeaders:
    """Adds the headers of every answer, and no-store where somebody was recognised."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _completed(message.get("headers", ()), scope.get("state", {}))
            await send(message)

        await self._app(scope, receive, sending)


def _completed(headers: Sequence[tuple[bytes, bytes]], state: Mapping[str, object]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with ours added; what the answer says itself wins."""
    kept = [(name.lower(), value) for name, value in headers if name.lower() != b"server"]
    said = {name for name, _ in kept}
    more = state.get("answer_headers")
    wanted = [(name.lower().encode(), value.encode()) for name, value in more.items()] if isinstance(more, dict) else []
    if "scope" in state:
        wanted.append((b"cache-control", b"no-store"))
    return [*kept, *(item for item in (*wanted, *_ALWAYS) if item[0] not in said)]


class LastResort:
    """Turns what nobody below has answered into a problem document, so that it too passes the layers above."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched = _Watched(send)
        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            # Whoever asked left before it had been read: nobody waits for an answer, and nothing went wrong here.
            await Response(status_code=_CLIENT_LEFT)(scope, receive, send)
        except Exception as error:
            if watched.started:
                raise
            response = await problems.answer(Request(scope), error)
            await response(scope, receive, send)


class _Watched:
    """A send that remembers whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        self.started = self.started or message["type"] == "http.response.start"
        await self._send(message)
