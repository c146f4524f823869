"""What every route of the simulator needs: whose key it is, JSON answers, and answers that break on the way."""

import asyncio
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from specie.providers.simulator.rules import Mischief


class Cut(Response):
    """Half of an answer, then nothing."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        length = str(len(self.body)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self.body)[: len(self.body) // 2], "more_body": True})


async def pause(seconds: float) -> None:
    """Keep a caller waiting."""
    await asyncio.sleep(seconds)


def base_of(request: Request) -> str:
    """The address under which the simulator was called."""
    return str(request.base_url).rstrip("/")


def account_of(request: Request) -> str | None:
    """The account a request's key stands for."""
    key = request.headers.get("sim-key", "")
    return key if key.startswith("sim_") and len(key) <= 100 else None


def mischief_of(text: str) -> Mischief | None:
    """The mischief of this name."""
    return Mischief(text) if text in set(Mischief) else None


def json_answer(document: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(document), status, media_type="application/json")


def problem(status: int, code: str, detail: str = "") -> Response:
    """A refusal."""
    return json_answer({"code": code, "detail": detail}, status)
