"""The request log: who asked what, and the answer, kept for the tenant's developers.

Written in batches after the answers have gone out, never on a request's path. So a crash loses the last moments of
the log, and an overloaded process drops entries and counts them: the log explains, it proves nothing. What proves
whether money moved are the books and the stored answers, which commit with the money.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
import structlog

from specie.kernel.clock import machine_now, monotonic
from specie.kernel.ids import InvalidId, RequestId, uuid7
from specie.kernel.scope import Scope
from specie.platform import requestlog_store
from specie.platform.asgi import App, Message, Receive, Send, header
from specie.platform.asgi import Scope as AsgiScope
from specie.platform.db import Database, UnitOfWork
from specie.platform.metrics import counter, route_template
from specie.platform.requestlog_store import LoggedRequest
from specie.platform.telemetry import is_secret, redacted, redacted_text

MOST_KEPT = 4096
_MOST_READ = 64 * 1024
_MOST_WAITING = 10_000
_BATCH = 500
_PAUSE_SECONDS = 0.25
_PERSONAL = re.compile(
    r"(^|_)(name|names|email|phone|mobile|address|street|city|postcode|postal_code|birth\w*|gender|nik|ktp|npwp|passport"
    r"|id_number|national_id|tax_id|tax_number|iban|account_number|account_holder|holder|occupation|note|q|query|ip|device)$",
    re.IGNORECASE,
)

_log = structlog.get_logger(__name__)
_dropped = counter("request_log_dropped", "Requests that were not written to the request log.", "reason")

KeepsBodies = Callable[[str], bool]
"""Whether the bodies of a route (its template) may be kept at all."""


class RequestLogWriter:
    """Gathers finished requests and writes them in the background. One per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[tuple[Scope, LoggedRequest]] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, scope: Scope, entry: LoggedRequest) -> None:
        """Queue one entry; never waits. A full queue drops it and counts that."""
        if len(self._waiting) >= _MOST_WAITING:
            _dropped.labels("queue_full").inc()
            return
        self._waiting.append((scope, entry))

    def start(self) -> None:
        """Begin writing."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop, after writing what waits."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self.flush()

    async def flush(self) -> None:
        """Write everything that waits now."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            batch.sort(key=lambda item: item[1].tenant_id)
            for _, group in groupby(batch, key=lambda item: item[1].tenant_id):
                await self._write(list(group))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            await self.flush()

    async def _write(self, group: Sequence[tuple[Scope, LoggedRequest]]) -> None:
        entries = [entry for _, entry in group]

        async def work(uow: UnitOfWork) -> None:
            await requestlog_store.add(uow, entries)

        try:
            await self._database.run(group[0][0], work, label="requestlog.write")
        except Exception:
            # The log must never take the service down with it.
            _dropped.labels("database").inc(len(entries))
            _log.warning("request_log_not_written", entries=len(entries), exc_info=True)


class RequestLog:
    """ASGI middleware that hands each authenticated request, once answered, to the writer."""

    def __init__(self, app: App, writer: RequestLogWriter, keeps_bodies: KeepsBodies) -> None:
        self._app = app
        self._writer = writer
        self._keeps_bodies = keeps_bodies

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        capture = _Capture(receive, send)
        try:
            await self._app(scope, capture.receive, capture.send)
        finally:
            caller = scope.get("state", {}).get("scope")
            if caller is not None:
                self._writer.add(caller, self._entry(scope, caller, capture))

    def _entry(self, scope: AsgiScope, caller: Scope, capture: "_Capture") -> LoggedRequest:
        route = route_template(scope)
        # What was read can be read again; what was changed or refused cannot be asked for any more.
        is_plain_read = scope["method"] in ("GET", "HEAD") and capture.status < 400
        keeps = self._keeps_bodies(route) and not is_plain_read
        return LoggedRequest(
            tenant_id=caller.tenant_id.uuid,
            id=uuid7(),
            request_id=_request_id(scope).uuid,
            at=machine_now() - timedelta(seconds=capture.seconds),
            method=scope["method"],
            route=route,
            path=redacted_text(scope["path"].replace("\0", "")),
            query=_masked_query(scope.get("query_string", b"")),
            status=capture.status,
            duration_ms=int(capture.seconds * 1000),
            principal=caller.principal,
            party_id=caller.party_id.uuid if caller.party_id else None,
            idempotency_key=_shown_key(scope),
            replayed=capture.header(b"idempotent-replayed") == b"true",
            problem_code=capture.problem_code(),
            request_body=masked_body(bytes(capture.asked)) if keeps else None,
            response_body=masked_body(bytes(capture.answered)) if keeps else None,
        )


class _Capture:
    """What passes in both directions, up to a size, and how long it took."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._started = monotonic()
        self.asked = bytearray()
        self.answered = bytearray()
        self.status = 500
        self._headers: Sequence[tuple[bytes, bytes]] = ()

    @property
    def seconds(self) -> float:
        return monotonic() - self._started

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and len(self.asked) <= _MOST_READ:
            self.asked += message.get("body", b"")[: _MOST_READ + 1]
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._headers = message["headers"]
        elif message["type"] == "http.response.body" and len(self.answered) <= _MOST_READ:
            self.answered += message.get("body", b"")[: _MOST_READ + 1]
        await self._send(message)

    def header(self, name: bytes) -> bytes:
        """The first value of an answer's header, given in lower case; empty when there is none."""
        return next((value for key, value in self._headers if key.lower() == name), b"")

    def problem_code(self) -> str | None:
        if not self.header(b"content-type").startswith(b"application/problem+json"):
            return None
        try:
            return str(orjson.loads(self.answered).get("code"))
        except ValueError:
            return None


def masked_body(body: bytes) -> str | None:
    """A JSON body without secrets and personal fields, cut to 4 kB; None for anything that is not JSON or too long."""
    if not body or len(body) > _MOST_READ:
        return None
    try:
        document = orjson.loads(body)
    except ValueError:
        return None
    return orjson.dumps(without_people(document)).decode()[:MOST_KEPT]


def without_people(document: Any) -> Any:
    """A JSON document without secrets and personal fields."""
    return redacted(document, _is_hidden)


@lru_cache(maxsize=4096)
def _is_hidden(name: str) -> bool:
    return is_secret(name) or bool(_PERSONAL.search(name))


def _masked_query(query: bytes) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    clean = redacted(dict(pairs), _is_hidden)
    return urlencode(clean, safe="*")[:MOST_KEPT].replace("%00", "")


def _shown_key(scope: AsgiScope) -> str | None:
    key = header(scope, b"idempotency-key")
    return redacted_text(key) if key else key


def _request_id(scope: AsgiScope) -> RequestId:
    try:
        return RequestId.parse(scope["state"]["request_id"])
    except (KeyError, InvalidId):
        return RequestId.new()
