"""A backlog of webhooks, sent by one worker's sender to two endpoints that answer at once."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

from benchmarks.books import new_scope
from specie.app.deliveries import event_loops
from specie.kernel.clock import machine_now
from specie.kernel.ids import uuid7
from specie.kernel.scope import Scope
from specie.platform import vault
from specie.platform.db import Database
from specie.platform.outbound import DEVELOPMENT, OutboundClient
from specie.platform.vault import KeyRing
from specie.webhooks import Endpoint, NewEndpoint, Sender, create, sending_store, service
from specie.webhooks.model import NewDelivery

_ENDPOINTS = 2
_AT_ONCE = 500
_BODY = '{"type":"transfer.completed","data":{"amount":{"amount":5,"currency":"IDR"}}}' + " " * 500
_DAY = timedelta(days=1)


class _Receiver:
    """Takes every message; `has_all` once as many have come as are owed."""

    def __init__(self, owed: int) -> None:
        self.has_all = asyncio.Event()
        self._left = owed

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n", 1)[0]))
        self._left -= 1
        if not self._left:
            self.has_all.set()
        writer.write(b"HTTP/1.1 204 Taken\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        with suppress(OSError):
            await writer.drain()
        writer.close()


async def seconds_to_send(database: Database, size: int) -> float:
    """How long it takes until so many messages have arrived and that is written down."""
    scope, ring, receiver = new_scope(), KeyRing({1: vault.new_key()}, current=1), _Receiver(size)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    endpoints = await _owing(database, scope, ring, server.sockets[0].getsockname()[1], size)
    outbound, stopping = OutboundClient(tenant_policy=DEVELOPMENT), asyncio.Event()
    sender = Sender(database, outbound, ring)
    *_, sending = event_loops(database, sender)
    started = time.perf_counter()
    running = asyncio.create_task(sending.run(stopping))
    await receiver.has_all.wait()
    stopping.set()
    await running
    await sender.close()
    took = time.perf_counter() - started
    server.close()
    await outbound.close()
    await _require_arrived(database, scope, endpoints, size)
    return took


async def _owing(database: Database, scope: Scope, ring: KeyRing, port: int, size: int) -> list[Endpoint]:
    """Endpoints that are owed so many messages."""
    async with database.begin(scope) as uow:
        new = [NewEndpoint(f"http://127.0.0.1:{port}/{n}", ("*",), "") for n in range(_ENDPOINTS)]
        endpoints = [(await create(uow, each, ring))[0] for each in new]
    owed = [NewDelivery(endpoints[n % _ENDPOINTS].id, uuid7(), "transfer.completed", n + 1, _BODY) for n in range(size)]
    async with database.system() as uow:
        for begun in range(0, size, _AT_ONCE):
            await sending_store.add_deliveries(uow, scope.tenant_id, owed[begun : begun + _AT_ONCE], machine_now())
    return endpoints


async def _require_arrived(database: Database, scope: Scope, endpoints: list[Endpoint], size: int) -> None:
    async with database.begin(scope) as uow:
        found = [(await service.stats(uow, each.id, _DAY)).deliveries for each in endpoints]
    if sum(each.get("delivered", 0) for each in found) != size:
        raise RuntimeError(f"of {size} messages {found} arrived")
