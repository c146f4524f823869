"""A real HTTP receiver on a local port, and shorthand around the worker's loops."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from standardwebhooks import Webhook

from specie import webhooks
from specie.kernel.clock import monotonic
from specie.kernel.scope import Scope
from specie.platform.db import Database
from specie.platform.outbound import DEVELOPMENT, OutboundClient
from specie.platform.vault import KeyRing
from specie.webhooks import Endpoint, NewEndpoint, Sender
from tests.events.facts import publish_all

RING = KeyRing({1: b"r" * 32}, current=1)


@dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    def verified(self, secret: str) -> Any:
        """The body, once the public library has accepted the signature."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """Answers what `answer` says for a path: status, headers and body, seconds to hang, or an event to wait for."""

    port: int = 0
    got: list[Received] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    under_way: int = 0
    most_at_once: int = 0

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def on(self, path: str) -> list[Received]:
        return [each for each in self.got if each.path == path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(await self._read(reader), writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Received:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        received = Received(head[0].split(" ")[1], headers, body, monotonic())
        self.got.append(received)
        return received

    async def _answer(self, received: Received, writer: asyncio.StreamWriter) -> None:
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            planned = self.answers.get(received.path, 204)
            answer = planned.pop(0) if isinstance(planned, list) and planned else planned
            answer = 204 if isinstance(answer, list) else answer
            if isinstance(answer, asyncio.Event):
                await answer.wait()
                answer = 204
            if isinstance(answer, float):
                await asyncio.sleep(answer)
                answer = 204
            status, headers, body = answer if isinstance(answer, tuple) else (answer, {}, b"")
            lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", "connection: close"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            await writer.drain()
        finally:
            self.under_way -= 1


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


@asynccontextmanager
async def sending(database: Database) -> AsyncIterator[Sender]:
    outbound = OutboundClient(tenant_policy=DEVELOPMENT)
    sender = Sender(database, outbound, RING)
    try:
        yield sender
    finally:
        await outbound.close()


async def subscribe(database: Database, scope: Scope, url: str, *types: str) -> tuple[Endpoint, str]:
    """An endpoint and its secret."""
    async with database.begin(scope) as uow:
        return await webhooks.create(uow, NewEndpoint(url, types or ("*",), ""), RING)


async def deliver(database: Database, sender: Sender) -> None:
    """Publish, fan out and send whatever is due now, and wait for the answers."""
    await publish_all(database)
    await webhooks.fan_out(database)
    while await sender.step():
        await sender.close()


def make_due(connection: psycopg.Connection) -> None:
    """Let the time of every retry come, and every pause and lease end, without waiting for it."""
    connection.execute("update specie.webhook_delivery set next_at = '2000-01-01Z' where state = 'pending'")
    connection.execute("update specie.webhook_delivery set lease_until = '2000-01-01Z' where state = 'sending'")
    connection.execute("update specie.webhook_endpoint set open_until = null")


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
