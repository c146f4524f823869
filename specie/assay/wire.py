"""A proxy before PostgreSQL that reads its messages, and can cut a connection around a COMMIT.

Cut before: the COMMIT never reaches the server, which rolls back. Cut after: the server has committed, and its answer
never reaches the service, which cannot know.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass

from specie.assay.journal import Book

_ASKS_FOR_ENCRYPTION = {80877103, 80877104}
_COMMITS = {b"COMMIT", b"commit"}
# Which commits in danger are cut whatever is drawn: a slow machine makes few, and each kind of cut has to happen.
_SURE = {20: "before", 40: "after"}


@dataclass(slots=True)
class _Session:
    """Both ends of one connection; once `swallows`, the server's answers end here."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    swallows: bool = False

    def abort(self) -> None:
        for writer in (self.client, self.server):
            writer.transport.abort()


class Wire:
    """The proxy. `cut_share` of the commits that pass are cut, half of them before and half after.

    As soon as there is a share, one of each kind is cut for certain.
    """

    def __init__(self, target: Callable[[], tuple[str, int]], seed: int, book: Book) -> None:
        self.cut_share = 0.0
        self.cuts = {"before": 0, "after": 0}
        self.commits = 0
        self._in_danger = 0
        self._target = target
        # Not for secrets: the draw has to be the same for the same seed.
        self._draw = random.Random(seed)  # noqa: S311
        self._book = book
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Listen on a free port of this machine and return it."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close every connection."""
        if self._server is not None:
            self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def black_hole(self, seconds: float) -> None:
        """Let nothing through in either direction for a while, and keep every connection open."""
        self._open.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._open.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.ensure_future(self._session(reader, writer))
        self._sessions.add(session)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await session
        finally:
            self._sessions.discard(session)
            writer.transport.abort()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await _first_message(reader, writer)
        host, port = self._target()
        from_server, to_server = await asyncio.open_connection(host, port)
        session = _Session(writer, to_server)
        to_server.write(first)
        directions = [
            asyncio.create_task(self._upward(reader, session)),
            asyncio.create_task(self._downward(from_server, session)),
        ]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            session.abort()
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)

    async def _upward(self, reader: asyncio.StreamReader, session: _Session) -> None:
        while True:
            kind, message = await _message(reader)
            await self._open.wait()
            if _is_commit(kind, message):
                self.commits += 1
                fate = self._fate()
                if fate == "before":
                    self._cut(fate, "never reached the server")
                    return
                session.swallows = session.swallows or fate == "after"
            session.server.write(message)
            await session.server.drain()

    async def _downward(self, reader: asyncio.StreamReader, session: _Session) -> None:
        while True:
            kind, message = await _message(reader)
            await self._open.wait()
            if not session.swallows:
                session.client.write(message)
                await session.client.drain()
            elif (kind == b"C" and message[5:].startswith((b"COMMIT", b"ROLLBACK"))) or kind == b"E":
                self._cut("after", "the server said " + message[5:25].split(b"\0")[0].decode(errors="replace"))
                return

    def _fate(self) -> str:
        drawn = self._draw.random()
        self._in_danger += self.cut_share > 0
        if self.cut_share and self._in_danger in _SURE:
            return _SURE[self._in_danger]
        if drawn >= self.cut_share:
            return "passes"
        return "before" if drawn < self.cut_share / 2 else "after"

    def _cut(self, when: str, what: str) -> None:
        self.cuts[when] += 1
        self._book.write(cut=when, commit=self.commits, what=what)


async def _first_message(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """The start-up or cancel message; wishes for encryption are declined, as a server without it does."""
    while True:
        head = await reader.readexactly(8)
        length, code = int.from_bytes(head[:4]), int.from_bytes(head[4:])
        if code in _ASKS_FOR_ENCRYPTION:
            writer.write(b"N")
            await writer.drain()
            continue
        return head + await reader.readexactly(length - 8)


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


def _is_commit(kind: bytes, message: bytes) -> bool:
    if kind == b"Q":
        return message[5:-1].strip(b" ;") in _COMMITS
    if kind == b"P":
        # Parse: the statement's name, its text, then types of parameters.
        return message[5:].split(b"\0", 2)[1].strip(b" ;") in _COMMITS
    return False
