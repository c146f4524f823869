"""A merchant's server for webhooks: checks signatures by its own arithmetic and writes every message down."""

import asyncio
import base64
import contextlib
import hmac
from hashlib import sha256

from specie.assay.journal import Book

# One message in this many is refused the first time it comes.
_FLAKY = 20


class Receiver:
    """Takes messages on a port of this machine; `secrets` maps a path to the secret its endpoint was given."""

    def __init__(self, book: Book) -> None:
        self.secrets: dict[str, str] = {}
        self.port = 0
        self._book = book
        self._refused: set[str] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            while True:
                path, headers = await _head(reader)
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                status = self._take(path, headers, body)
                writer.write(f"HTTP/1.1 {status} Noted\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        writer.transport.abort()

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        if path not in self.secrets:
            # A message may overtake the answer that tells its endpoint's secret; it will come again.
            return 503
        message = headers.get("webhook-id", "")
        is_flaky = path == "/flaky" and int(sha256(message.encode()).hexdigest(), 16) % _FLAKY == 0
        status = 503 if is_flaky and message not in self._refused else 204
        if status == 503:
            self._refused.add(message)
        self._book.write(
            path=path,
            message=message,
            digest=sha256(body).hexdigest(),
            signed=is_signed(self.secrets[path], headers, body),
            status=status,
        )
        return status


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a message carries a right Standard Webhooks signature, version 1."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.digest(key, text, sha256)).decode()
    return wanted in headers.get("webhook-signature", "").split(" ")


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, found, value = line.partition(":")
        if found:
            headers[name.lower()] = value.strip()
    return lines[0].split(" ")[1], headers
