"""An application of a few routers for tests of one module's edge, called in process, without a socket."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
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
