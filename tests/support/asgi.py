"""Applications called in process, without a socket: a few routers for one module's edge, or the whole of it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx2
from fastapi import APIRouter, FastAPI
from starlette.requests import Request

from specie.kernel.pagination import CursorSigner
from specie.kernel.scope import Scope
from specie.platform import problems
from specie.platform.db import Database


class FixedCaller:
    """Admits everybody as the scope it was given."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def authenticate(self, request: Request) -> Scope:
        return self.scope


@asynccontextmanager
async def calling(
    database: Database, scope: Scope, routers: Sequence[APIRouter], services: Mapping[str, Any] | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application with these routers, in which every request is the scope's."""
    app = FastAPI()
    app.state.db = database
    app.state.authenticator = FixedCaller(scope)
    app.state.cursors = CursorSigner(b"k" * 32)
    app.state.services = dict(services or {})
    problems.install(app)
    for router in routers:
        app.include_router(router)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


class _InItsThread(httpx2.BaseTransport):
    """Hands each request over to the application's own thread as a whole, and waits for the whole answer."""

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop, caller: str) -> None:
        self._transport = httpx2.ASGITransport(app=app, client=(caller, 50000))
        self._loop = loop

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return asyncio.run_coroutine_threadsafe(self._answered(request), self._loop).result()

    async def _answered(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._transport.handle_async_request(request)
        return httpx2.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@contextmanager
def running(app: FastAPI, base_url: str, caller: str = "127.0.0.1") -> Iterator[httpx2.Client]:
    """A client of an application that has been started, in a thread of its own; it is shut down afterwards."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    lifespan = app.router.lifespan_context(app)
    asyncio.run_coroutine_threadsafe(lifespan.__aenter__(), loop).result()
    try:
        with httpx2.Client(
            transport=_InItsThread(app, loop, caller), base_url=base_url, follow_redirects=True
        ) as client:
            yield client
    finally:
        asyncio.run_coroutine_threadsafe(lifespan.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
