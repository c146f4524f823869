"""The one HTTP client: which sockets it opens, what it reads, and what it knows when no answer comes."""

import asyncio
import gzip
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpcore2
import pytest

from specie.platform import crashpoints, db
from specie.platform.outbound import DEVELOPMENT, PROVIDER, NoAnswer, OutboundClient, UnsafeUrl

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
GOOD, BAD = "93.184.215.14", "10.0.0.7"


class ScriptedResolver:
    """Answers with the next of its scripted answers, round and round."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = answers
        self.asked = 0

    async def resolve(self, host: str, port: int) -> list[str]:
        answer = self.answers[self.asked % len(self.answers)]
        self.asked += 1
        if not answer:
            raise socket.gaierror("no such name")
        return answer


class RecordingDialler:
    """Dials a local server whatever the address, remembers each address, and reports `peer` as the other end."""

    def __init__(self, port: int, peer: str | None = None) -> None:
        self.port = port
        self.peer = peer
        self.dialled: list[str] = []

    async def dial(self, address: str, port: int, timeout: float | None) -> httpcore2.AsyncNetworkStream:  # noqa: ASYNC109
        self.dialled.append(address)
        stream = await httpcore2.AnyIOBackend().connect_tcp("127.0.0.1", self.port, timeout)
        return Elsewhere(stream, self.peer or address)


class Elsewhere(httpcore2.AsyncNetworkStream):
    """A stream that says its peer is somewhere else."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream, peer: str) -> None:
        self.inner = inner
        self.peer = peer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self.inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self.inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self.inner.aclose()

    async def start_tls(self, *args: Any, **kwargs: Any) -> httpcore2.AsyncNetworkStream:
        return await self.inner.start_tls(*args, **kwargs)

    def get_extra_info(self, info: str) -> Any:
        return (self.peer, 443) if info == "server_addr" else self.inner.get_extra_info(info)


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(closing, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def client(**options: Any) -> AsyncIterator[OutboundClient]:
    made = OutboundClient(**options)
    try:
        yield made
    finally:
        await made.close()


def answering(answer: bytes, seen: list[bytes] | None = None) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if seen is not None:
            seen.append(head)
        writer.write(answer)
        await writer.drain()

    return handler


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_an_answer_has_status_headers_body_and_duration() -> None:
    seen: list[bytes] = []
    async with serving(answering(ok(b"yes", "X-Ours: 1"), seen)) as port, client() as outbound:
        answer = await outbound.request("GET", f"http://127.0.0.1:{port}/a?b=c", allow_private=True)
    assert (answer.status, answer.body, answer.headers["x-ours"], answer.truncated) == (200, b"yes", "1", False)
    assert answer.duration_ms >= 0
    assert seen[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")


async def test_a_private_address_is_refused_unless_the_caller_opens_it() -> None:
    seen: list[bytes] = []
    async with serving(answering(ok(b""), seen)) as port, client() as outbound:
        with pytest.raises(UnsafeUrl):
            await outbound.request("GET", f"http://127.0.0.1:{port}/")
    assert seen == []


async def test_an_alternating_resolver_never_leads_to_a_bad_socket() -> None:
    resolver = ScriptedResolver([GOOD], [BAD])
    async with serving(answering(ok(b"ok"))) as port:
        dialler = RecordingDialler(port)
        async with client(tenant_policy=PROVIDER, resolver=resolver,
                          dialler=dialler) as outbound:  # fmt: skip
            refused = 0
            for _ in range(1000):
                try:
                    await outbound.request_guarded("POST", "http://hooks.example.com/", content=b"{}")
                except UnsafeUrl:
                    refused += 1
    assert refused == 500
    assert dialler.dialled == [GOOD] * 500
    # One look-up an attempt: nothing resolves the name a second time between check and dial.
    assert resolver.asked == 1000


async def test_one_private_address_in_the_answer_condemns_the_whole_answer() -> None:
    dialler = RecordingDialler(1)
    async with client(resolver=ScriptedResolver([GOOD, BAD]), dialler=dialler) as outbound:
        with pytest.raises(UnsafeUrl):
            await outbound.request_guarded("POST", "https://hooks.example.com/")
    assert dialler.dialled == []


async def test_a_socket_that_ends_at_a_private_address_is_closed_before_anything_is_sent() -> None:
    seen: list[bytes] = []
    async with serving(answering(ok(b""), seen)) as port:
        dialler = RecordingDialler(port, peer="169.254.169.254")
        async with client(resolver=ScriptedResolver([GOOD]), dialler=dialler) as outbound:
            with pytest.raises(UnsafeUrl):
                await outbound.request("GET", "http://hooks.example.com/")
    assert dialler.dialled == [GOOD]
    assert seen == []


async def test_our_own_public_address_is_refused() -> None:
    dialler = RecordingDialler(1)
    async with client(resolver=ScriptedResolver([GOOD]), dialler=dialler, own_addresses=[GOOD]) as outbound:
        with pytest.raises(UnsafeUrl):
            await outbound.request_guarded("GET", "https://hooks.example.com/")
    assert dialler.dialled == []


async def test_tls_uses_the_name_for_sni_host_and_certificate_while_dialling_the_address(tmp_path: Path) -> None:
    server_context, client_context = _certificate_for("hooks.example.com", tmp_path)
    names: list[str | None] = []
    server_context.sni_callback = lambda _socket, name, _context: names.append(name)
    seen: list[bytes] = []
    async with serving(answering(ok(b"ok"), seen), server_context) as port:
        dialler = RecordingDialler(port)
        async with client(resolver=ScriptedResolver([GOOD]), dialler=dialler, ssl_context=client_context) as outbound:
            answer = await outbound.request_guarded("POST", "https://hooks.example.com/x", content=b"{}")
            with pytest.raises(NoAnswer) as lost:
                await outbound.request_guarded("POST", "https://other.example.com/x", content=b"{}")
    assert answer.status == 200
    assert names == ["hooks.example.com", "other.example.com"]
    assert b"host: hooks.example.com\r\n" in seen[0].lower()
    assert (lost.value.sent, lost.value.reason) == (False, "tls")
    assert dialler.dialled == [GOOD, GOOD]


def _certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        (
            f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout {key}"
            f" -out {certificate} -subj /CN={name} -addext subjectAltName=DNS:{name}"
        ).split(),
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=str(certificate))


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    seen: list[bytes] = []
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    async with serving(answering(answer, seen)) as port, client(tenant_policy=DEVELOPMENT) as outbound:
        got = await outbound.request_guarded("POST", f"http://127.0.0.1:{port}/", content=b"{}")
    assert got.status == 302
    assert len(seen) == 1


async def test_only_64_kilobytes_of_a_tenants_answer_are_read() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            await writer.drain()

    async with serving(endless) as port, client(tenant_policy=DEVELOPMENT) as outbound:
        answer = await outbound.request_guarded("GET", f"http://127.0.0.1:{port}/")
    assert (answer.status, len(answer.body), answer.truncated) == (200, 65536, True)


async def test_a_decompression_bomb_is_unpacked_only_to_the_limit() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    answer = ok(bomb, "Content-Encoding: gzip")
    async with serving(answering(answer)) as port, client(tenant_policy=DEVELOPMENT) as outbound:
        got = await outbound.request_guarded("GET", f"http://127.0.0.1:{port}/")
    assert (len(got.body), got.truncated) == (65536, True)


async def test_a_small_compressed_answer_is_unpacked() -> None:
    answer = ok(gzip.compress(b'{"a":1}'), "Content-Encoding: gzip")
    async with serving(answering(answer)) as port, client(tenant_policy=DEVELOPMENT) as outbound:
        got = await outbound.request_guarded("GET", f"http://127.0.0.1:{port}/")
    assert (got.body, got.truncated) == (b'{"a":1}', False)


async def test_a_refused_connection_is_certainly_not_sent() -> None:
    async with serving(answering(b"")) as port:
        pass
    async with client() as outbound:
        with pytest.raises(NoAnswer) as lost:
            await outbound.request("POST", f"http://127.0.0.1:{port}/", content=b"{}", allow_private=True)
    assert (lost.value.sent, lost.value.reason) == (False, "connect")


async def test_a_name_without_address_is_certainly_not_sent() -> None:
    async with client(resolver=ScriptedResolver([])) as outbound:
        with pytest.raises(NoAnswer) as lost:
            await outbound.request("POST", "http://nowhere.example.com/", content=b"{}")
    assert (lost.value.sent, lost.value.reason) == (False, "dns")


async def test_a_connection_closed_after_the_request_leaves_the_outcome_unknown() -> None:
    async with serving(answering(b"")) as port, client() as outbound:
        with pytest.raises(NoAnswer) as lost:
            await outbound.request("POST", f"http://127.0.0.1:{port}/", content=b"{}", allow_private=True)
    assert (lost.value.sent, lost.value.reason) == (True, "protocol")


async def test_a_broken_answer_leaves_the_outcome_unknown() -> None:
    async with serving(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")) as port, client() as outbound:
        with pytest.raises(NoAnswer) as lost:
            await outbound.request("POST", f"http://127.0.0.1:{port}/", content=b"{}", allow_private=True)
    assert (lost.value.sent, lost.value.reason) == (True, "protocol")


async def test_a_dribbling_answer_ends_at_the_whole_timeout_as_unknown() -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(dribble) as port, client() as outbound:
        with pytest.raises(NoAnswer) as lost:
            await outbound.request("POST", f"http://127.0.0.1:{port}/", timeout=0.3, allow_private=True)
    assert (lost.value.sent, lost.value.reason) == (True, "timeout")
    assert 250 <= lost.value.duration_ms < 2000


async def test_a_resolver_that_hangs_ends_as_certainly_not_sent() -> None:
    class Hanging:
        async def resolve(self, host: str, port: int) -> list[str]:
            await asyncio.sleep(30)
            return []

    async with client(resolver=Hanging()) as outbound:
        with pytest.raises(NoAnswer) as lost:
            await outbound.request("POST", "http://slow.example.com/", timeout=0.2)
    assert (lost.value.sent, lost.value.reason) == (False, "timeout")


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serving(answering(ok(b"direct"))) as port, client() as outbound:
        answer = await outbound.request("GET", f"http://127.0.0.1:{port}/", allow_private=True)
    assert answer.body == b"direct"


async def test_a_call_inside_a_unit_of_work_is_a_programming_error() -> None:
    token = db._open_unit_of_work.set(True)
    try:
        async with client() as outbound:
            with pytest.raises(db.NetworkInsideTransaction):
                await outbound.request("GET", "https://example.com/")
    finally:
        db._open_unit_of_work.reset(token)


async def test_crash_points_stand_before_and_after_the_call() -> None:
    names: list[str] = []
    crashpoints.install(names.append)
    try:
        async with serving(answering(ok(b""))) as port, client() as outbound:
            await outbound.request("GET", f"http://127.0.0.1:{port}/", allow_private=True, label="oy")
    finally:
        crashpoints.install(None)
    assert names == ["outbound.oy.before", "outbound.oy.after"]
