"""Answers leave in one piece, and nothing is kept back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import uvicorn

from specie.platform.asgi import App, Receive, Scope, Send
from specie.platform.joined_writes import JoinedWrites, OnePieceProtocol


class _Recording:
    """The transport underneath: what was written, in pieces, and whether it was closed."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.closed_after: int | None = None

    def write(self, data: bytes) -> None:
        self.pieces.append(data)

    def close(self) -> None:
        self.closed_after = len(self.pieces)

    def is_closing(self) -> bool:
        return self.closed_after is not None


def _joined(under: _Recording) -> JoinedWrites:
    return JoinedWrites(cast(asyncio.Transport, under), asyncio.get_running_loop())


async def test_the_head_waits_for_the_body_and_both_leave_in_one_piece() -> None:
    under = _Recording()
    joined = _joined(under)
    joined.write(b"head ")
    assert under.pieces == []
    joined.write(b"body")
    assert under.pieces == [b"head body"]


async def test_a_head_whose_body_does_not_come_leaves_at_the_loops_next_turn() -> None:
    under = _Recording()
    _joined(under).write(b"head")
    await asyncio.sleep(0)
    assert under.pieces == [b"head"]


async def test_of_a_long_stream_at_most_one_piece_waits() -> None:
    under = _Recording()
    joined = _joined(under)
    for piece in (b"1", b"2", b"3", b"4", b"5"):
        joined.write(piece)
    assert under.pieces == [b"12", b"34"]
    await asyncio.sleep(0)
    assert under.pieces == [b"12", b"34", b"5"]


async def test_what_waits_leaves_before_the_connection_closes() -> None:
    under = _Recording()
    joined = _joined(under)
    joined.write(b"head")
    joined.close()
    assert (under.pieces, under.closed_after) == ([b"head"], 1)
    assert joined.is_closing()
    await asyncio.sleep(0)
    assert under.pieces == [b"head"]


async def _two_parts(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers in two parts; the second waits until somebody asks for it."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"8")]})
    await send({"type": "http.response.body", "body": b"firs", "more_body": True})
    await asyncio.sleep(0.05)
    await send({"type": "http.response.body", "body": b"t-ly", "more_body": False})


@asynccontextmanager
async def _served(app: App) -> AsyncIterator[int]:
    config = uvicorn.Config(cast(Any, app), port=0, http=OnePieceProtocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
async def test_a_server_that_joins_its_writes_answers_whole_and_in_order(connection: str) -> None:
    async with _served(_two_parts) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(1 if connection == "close" else 3):
            writer.write(f"GET / HTTP/1.1\r\nHost: here\r\nConnection: {connection}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert await reader.readexactly(8) == b"first-ly"
        if connection == "close":
            assert await reader.read() == b""
        writer.close()
