"""The platform's only HTTP client.

No call leaves while a database transaction is open. Names are resolved at each call, every address of the
answer must be allowed, and the checked address itself is dialled. Redirects and the environment's proxies are
ignored. Connections are not kept: on one that the other side has just closed, a call that moves money would end
as unknown, while on a fresh one it ends as certainly not sent.
"""

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpcore2
import httpx2

from specie.kernel.clock import monotonic
from specie.platform.crashpoints import crash_point
from specie.platform.db import refuse_inside_unit_of_work
from specie.platform.outbound_targets import (
    DEVELOPMENT,
    PROVIDER,
    TENANT,
    TENANT_PRIVATE,
    Address,
    TargetPolicy,
    UnsafeUrl,
    check_url,
    literal_address,
)

__all__ = [
    "DEVELOPMENT", "PROVIDER", "TENANT", "TENANT_PRIVATE", "Dialler", "NoAnswer", "OutboundClient",
    "OutboundResponse", "Resolver", "TargetPolicy", "UnsafeUrl", "check_url",
]  # fmt: skip

# More than all callers have under way at once: whoever hangs must not keep the next from connecting.
_MOST_GUARDED = 640
_CONNECT_SECONDS = 5.0
_WHOLE_SECONDS = 15.0
_TENANT_ANSWER_BYTES = 64 * 1024
_PROVIDER_ANSWER_BYTES = 4 * 1024 * 1024


class NoAnswer(Exception):
    """No complete answer came back. `sent` False: certainly not sent. `sent` True: what happened is unknown.

    `reason` is one of dns, connect, tls, timeout, protocol.
    """

    def __init__(self, *, sent: bool, reason: str, duration_ms: int) -> None:
        super().__init__(f"{reason} ({'outcome unknown' if sent else 'not sent'})")
        self.sent = sent
        self.reason = reason
        self.duration_ms = duration_ms


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """An answer. Header names are lower case; `truncated` says that the body was longer than we read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    duration_ms: int
    truncated: bool = False


class Resolver(Protocol):
    """Turns a name into addresses. Raises OSError when there are none."""

    async def resolve(self, host: str, port: int) -> list[str]: ...


class Dialler(Protocol):
    """Opens a TCP connection to an address. Raises httpcore2.ConnectError or ConnectTimeout."""

    async def dial(self, address: str, port: int, timeout: float | None) -> httpcore2.AsyncNetworkStream: ...  # noqa: ASYNC109


class SystemResolver:
    """The operating system's resolver."""

    async def resolve(self, host: str, port: int) -> list[str]:
        """All addresses of the name, in the system's order."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(item[4][0]) for item in found))


class SystemDialler:
    """Plain TCP."""

    async def dial(self, address: str, port: int, timeout: float | None) -> httpcore2.AsyncNetworkStream:  # noqa: ASYNC109
        """A connected stream."""
        return await httpcore2.AnyIOBackend().connect_tcp(address, port, timeout)


class OutboundClient:
    """Calls other servers. One per process; close it at the end.

    `tenant_policy` is what tenants' URLs may reach; `own_addresses` are this installation's public ones, which
    are never called. The resolver, dialler and TLS context exist for tests.
    """

    def __init__(
        self,
        *,
        tenant_policy: TargetPolicy = TENANT,
        own_addresses: Iterable[str] = (),
        resolver: Resolver | None = None,
        dialler: Dialler | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.tenant_policy = tenant_policy
        self._own = frozenset(ipaddress.ip_address(text) for text in own_addresses)
        self._resolver = resolver or SystemResolver()
        self._dialler = dialler or SystemDialler()
        self._ssl_context = ssl_context or httpx2.create_ssl_context(trust_env=False)
        self._clients: dict[TargetPolicy, httpx2.AsyncClient] = {}

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        timeout: float = _WHOLE_SECONDS,  # noqa: ASYNC109
        allow_private: bool = False,
        label: str = "provider",
    ) -> OutboundResponse:
        """Call a URL that an adapter or the operator wrote down; `timeout` is the whole call, in seconds.

        `allow_private` opens RFC 1918 and loopback (the simulator). Raises NoAnswer, or UnsafeUrl before
        anything is sent.
        """
        policy = DEVELOPMENT if allow_private else PROVIDER
        call = _Call(method, url, dict(headers or {}), content, timeout, label, _PROVIDER_ANSWER_BYTES)
        return await self._send(call, policy)

    async def request_guarded(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        timeout: float = _WHOLE_SECONDS,  # noqa: ASYNC109
        label: str = "tenant",
    ) -> OutboundResponse:
        """Call a URL a tenant gave us, under `tenant_policy`; at most 64 kB of the answer are read.

        Raises NoAnswer, or UnsafeUrl before anything is sent.
        """
        call = _Call(method, url, dict(headers or {}), content, timeout, label, _TENANT_ANSWER_BYTES)
        return await self._send(call, self.tenant_policy)

    async def close(self) -> None:
        """Release what the client holds."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def _send(self, call: "_Call", policy: TargetPolicy) -> OutboundResponse:
        refuse_inside_unit_of_work(f"outbound call {call.label}")
        check_url(call.url, policy)
        return await call.run(self._client(policy))

    def _client(self, policy: TargetPolicy) -> httpx2.AsyncClient:
        if policy not in self._clients:
            backend = _CheckedBackend(policy, self._own, self._resolver, self._dialler)
            self._clients[policy] = httpx2.AsyncClient(
                transport=_CheckedTransport(backend, self._ssl_context), follow_redirects=False, trust_env=False
            )
        return self._clients[policy]


class _Call:
    """One request on its way, and how far it has got."""

    def __init__(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes,
        timeout: float,
        label: str,
        max_answer: int,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = {"Accept-Encoding": "identity", "User-Agent": "Specie"} | headers
        self.content = content
        self.timeout = timeout
        self.label = label
        self.max_answer = max_answer
        self.started = monotonic()
        self.sent = False

    async def run(self, client: httpx2.AsyncClient) -> OutboundResponse:
        try:
            async with asyncio.timeout(self.timeout):
                return await self._exchange(client)
        except (TimeoutError, httpx2.TimeoutException):
            raise self._lost("timeout") from None
        except httpx2.ConnectError as error:
            raise self._lost(_connect_reason(error)) from error
        except (httpx2.TransportError, httpx2.StreamError) as error:
            raise self._lost("protocol") from error

    async def _exchange(self, client: httpx2.AsyncClient) -> OutboundResponse:
        limits = httpx2.Timeout(self.timeout, connect=min(_CONNECT_SECONDS, self.timeout))
        request = client.build_request(
            self.method,
            self.url,
            headers=self.headers,
            content=self.content,
            timeout=limits,
            extensions={"trace": self._trace},
        )
        crash_point(f"outbound.{self.label}.before")
        response = await client.send(request, stream=True)
        crash_point(f"outbound.{self.label}.after")
        try:
            body, truncated = await self._read(response)
        finally:
            await response.aclose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return OutboundResponse(response.status_code, headers, body, self._elapsed_ms(), truncated)

    async def _trace(self, event: str, _info: Any) -> None:
        # From the first byte of the request on, the other side may have acted on it.
        if event.endswith("send_request_headers.started"):
            self.sent = True

    async def _read(self, response: httpx2.Response) -> tuple[bytes, bool]:
        raw = bytearray()
        async for chunk in response.aiter_raw():
            raw += chunk
            if len(raw) > self.max_answer:
                break
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        return _unpacked(bytes(raw), encoding, self.max_answer)

    def _lost(self, reason: str) -> NoAnswer:
        return NoAnswer(sent=self.sent, reason=reason, duration_ms=self._elapsed_ms())

    def _elapsed_ms(self) -> int:
        return int((monotonic() - self.started) * 1000)


class _CheckedTransport(httpx2.AsyncHTTPTransport):
    """httpx2's transport over connections that only our backend opens."""

    def __init__(self, backend: httpcore2.AsyncNetworkBackend, ssl_context: ssl.SSLContext) -> None:
        super().__init__(verify=ssl_context, trust_env=False)
        # The constructor has no parameter for a network backend; the pool of the same public library has.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl_context, max_connections=_MOST_GUARDED, max_keepalive_connections=0, network_backend=backend
        )


class _CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Resolves, judges, dials the judged address, and judges the socket's peer once more."""

    def __init__(self, policy: TargetPolicy, own: frozenset[Address], resolver: Resolver, dialler: Dialler) -> None:
        self._policy = policy
        self._own = own
        self._resolver = resolver
        self._dialler = dialler

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore2.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
                return await self._dial_first(addresses, port, timeout)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout("connecting took too long") from error

    async def _resolve(self, host: str, port: int) -> list[str]:
        if literal_address(host) is not None:
            found = [host.strip("[]")]
        else:
            try:
                found = await self._resolver.resolve(host, port)
            except OSError as error:
                raise httpcore2.ConnectError("the name has no address") from error
        # One bad address condemns the answer: keeping the good ones would let a name point at both worlds.
        if not found or not all(self._allowed(text) for text in found):
            raise UnsafeUrl("the host does not resolve to public addresses only", param="url")
        return found

    def _allowed(self, text: str) -> bool:
        address = literal_address(text)
        return address is not None and address not in self._own and self._policy.allows(address)

    async def _dial_first(
        self,
        addresses: list[str],
        port: int,
        timeout: float | None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        for position, address in enumerate(addresses, start=1):
            try:
                stream = await self._dialler.dial(address, port, timeout)
            except httpcore2.ConnectError:
                if position == len(addresses):
                    raise
            else:
                return await self._recheck(stream)
        raise httpcore2.ConnectError("no address answered")

    async def _recheck(self, stream: httpcore2.AsyncNetworkStream) -> httpcore2.AsyncNetworkStream:
        peer = stream.get_extra_info("server_addr")
        if not peer or not self._allowed(str(peer[0])):
            await stream.aclose()
            raise UnsafeUrl("the connection ended at an address that is not public", param="url")
        return stream


def _connect_reason(error: BaseException) -> str:
    """Which step of connecting failed, read from the chain of causes: dns, tls or connect."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return "dns"
        if isinstance(cause, ssl.SSLError):
            return "tls"
        cause = cause.__cause__ or cause.__context__
    return "connect"


def _unpacked(raw: bytes, encoding: str, limit: int) -> tuple[bytes, bool]:
    """The first `limit` bytes of a body, and whether there was more. Unknown encodings stay as they are."""
    if encoding not in {"gzip", "deflate"}:
        return raw[:limit], len(raw) > limit
    try:
        unpacked = zlib.decompressobj(47 if encoding == "gzip" else 15).decompress(raw, limit + 1)
    except zlib.error:
        return raw[:limit], len(raw) > limit
    return unpacked[:limit], len(unpacked) > limit
