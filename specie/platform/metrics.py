"""Metrics for Prometheus, and the middleware that measures and logs each request."""

from functools import cache
from typing import Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from specie.kernel.clock import monotonic
from specie.kernel.ids import RequestId
from specie.platform.asgi import App, Message, Receive, Scope, Send

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_UNMATCHED = "(none)"

API = "/api/v1"
"""Where the routes of every module are."""

registry = CollectorRegistry()
"""Everything this process counts. `/metrics` shows it."""

_requests = Histogram(
    "specie_http_request_seconds",
    "Time to answer a request, by route template.",
    ("method", "route", "status"),
    buckets=_BUCKETS,
    registry=registry,
)
_log = structlog.get_logger(__name__)


def counter(name: str, help_text: str, *labels: str) -> Counter:
    """A new counter `specie_<name>_total`. Make it once, at import; labels hold a small, fixed set of values."""
    return Counter(f"specie_{name}", help_text, labels, registry=registry)


def gauge(name: str, help_text: str, *labels: str) -> Gauge:
    """A new gauge `specie_<name>`. Make it once, at import."""
    return Gauge(f"specie_{name}", help_text, labels, registry=registry)


class RequestTelemetry:
    """ASGI middleware: gives each request its id, measures it, and logs one line about it.

    The id is in `scope["state"]["request_id"]` (kept when an outer layer set it), in the `Request-Id` header of
    the answer, and on every log line written meanwhile.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope.setdefault("state", {}).setdefault("request_id", str(RequestId.new()))
        # Each request runs in a task, whose context ends with it.
        structlog.contextvars.bind_contextvars(request_id=request_id)
        await self._measured(scope, receive, send, request_id)

    async def _measured(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        # An exception that no layer below answered becomes a 500 further out.
        status = 500
        started = monotonic()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                kept = [item for item in message.get("headers", ()) if item[0].lower() != b"request-id"]
                message["headers"] = [*kept, (b"request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            _report(scope, status, monotonic() - started)


def route_template(scope: Scope) -> str:
    """The whole template of the route that answered, such as `/api/v1/payments/{payment_id}`; `(none)` without one."""
    route = getattr(scope.get("route"), "path", None)
    if route is None:
        return _UNMATCHED
    # A route of an included router knows its path only below the router's prefix.
    return route if not scope["path"].startswith(API) or route.startswith(API) else f"{API}{route}"


def _report(scope: Scope, status: int, seconds: float) -> None:
    # The template, never the path: ids in labels would make a time series for each of them.
    route = route_template(scope)
    method = scope["method"] if route != _UNMATCHED else "any"
    _times(method, route, status).observe(seconds)
    _log.info(
        "request", method=scope["method"], route=route, status=status, duration_ms=int(seconds * 1000)
    )  # fmt: skip


@cache
def _times(method: str, route: str, status: int) -> Any:
    return _requests.labels(method, route, str(status))


def metrics_app() -> App:
    """A small ASGI application that answers GET /metrics, to be served on a port of its own."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _follow_lifespan(receive, send)
        elif scope["type"] == "http":
            found = scope["path"] == "/metrics" and scope["method"] == "GET"
            body = generate_latest(registry) if found else b""
            headers = [(b"content-type", CONTENT_TYPE_LATEST.encode()), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return answer


async def _follow_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
