"""The simulated shop: an endpoint that takes webhooks, checks them as a shop should, and shows what has arrived.

With it the demo has somebody to send to, and a developer sees a delivery without writing a program first.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from specie.kernel.clock import machine_timestamp
from specie.platform.webhook_signing import SignatureInvalid, verify
from specie.providers.simulator.book_store import Book

PATH = "/shop/webhooks"
SHOWN = 50
_MAX_BODY = 256 * 1024
_CSP = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_PAGE_HEADERS = {"Content-Security-Policy": _CSP, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_WORDS = {"right": "Signature right", "wrong": "Signature wrong", "unknown": "Not checked: no secret here"}
_templates = Environment(loader=PackageLoader("specie.providers.simulator"), autoescape=True)


@dataclass(frozen=True, slots=True)
class Message:
    """A webhook as the page shows it; `times` counts how often the same one came."""

    id: str
    type: str
    at: str
    signature: str
    times: int
    body: str


class Shop:
    """The shop's endpoint over the simulator's book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def routes(self) -> list[Route]:
        """What the simulator serves of it."""
        return [
            Route(PATH, self.take, methods=["POST"]),
            Route(PATH, self.page, methods=["GET"]),
            Route(f"{PATH}/mood", self.change_mood, methods=["POST"]),
        ]

    async def take(self, request: Request) -> Response:
        """POST /shop/webhooks: keep it, then answer 204; 401 when it is not from who it says, 503 while shut."""
        body = await request.body()
        if len(body) > _MAX_BODY:
            return Response(status_code=413)
        if self._book.shop_is_shut():
            return Response("shut on request", 503, media_type="text/plain")
        signature = self._signature(request, body)
        message_id = request.headers.get("webhook-id", "")[:200]
        self._book.keep_message(message_id, machine_timestamp(), signature, body, keep=SHOWN)
        return Response(status_code=401 if signature == "wrong" else 204)

    async def page(self, _request: Request) -> Response:
        """GET /shop/webhooks: what has arrived, the newest first."""
        messages = [_message(*row) for row in self._book.messages()]
        html = _templates.get_template("shop.html").render(
            messages=messages, words=_WORDS, is_shut=self._book.shop_is_shut(), path=PATH, shown=SHOWN
        )
        return HTMLResponse(html, headers=_PAGE_HEADERS)

    async def change_mood(self, _request: Request) -> Response:
        """POST /shop/webhooks/mood: shut the shop, or open it again."""
        self._book.shut_shop(not self._book.shop_is_shut())
        return RedirectResponse(PATH, status_code=303)

    def _signature(self, request: Request, body: bytes) -> str:
        secret = self._book.shop_secret()
        if not secret:
            return "unknown"
        try:
            verify([secret], request.headers, body)
        except SignatureInvalid:
            return "wrong"
        return "right"


def _message(message_id: str, at: int, signature: str, times: int, body: bytes) -> Message:
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    try:
        document = orjson.loads(body)
        kind = str(document["type"])
        text = json.dumps(document, indent=2, ensure_ascii=False)
    except (ValueError, TypeError, KeyError):
        kind, text = "not a webhook", body.decode("utf-8", "replace")
    return Message(message_id, kind, moment, signature, times, text)
