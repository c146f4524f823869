"""Answers leave in one piece.

The server writes the head of an answer and its body one after the other, and each write is a call to the system, a
packet and a moment at which whoever asked is woken. Most answers are small: they are worth one.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class JoinedWrites:
    """A transport's other end: what is written waits for its next piece, at most until the loop's next turn."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send together with what waits; wait where nothing does."""
        if self._waiting:
            self._waiting += data
            self._send()
            return
        self._waiting = data
        self._loop.call_soon(self._send)

    def close(self) -> None:
        """Send what waits and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, b""
            self._transport.write(waiting)


class OnePieceProtocol(HttpToolsProtocol):
    """The server's own way to speak HTTP, over joined writes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to serve a connection."""
        super().connection_made(cast(asyncio.Transport, JoinedWrites(transport, self.loop)))
