"""A merchant's own server: takes webhooks on a port of this machine and keeps them byte by byte."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass
class Receiver:
    """What has arrived at `url`: headers with lower-case names, and raw bodies."""

    url: str
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def about(self, subject_id: str) -> dict[str, tuple[dict[str, str], bytes]]:
        """The messages about one object, by their type."""
        found: dict[str, tuple[dict[str, str], bytes]] = {}
        for headers, body in list(self.messages):
            document: dict[str, Any] = orjson.loads(body)
            if subject_id.encode() in body:
                found[str(document["type"])] = (headers, body)
        return found


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that accepts everything while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.messages.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hooks")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
