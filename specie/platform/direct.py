"""The short way to a route that takes a JSON body and its edge, and nothing else.

The framework looks for a route among hundreds, opens stacks for what might want closing and resolves dependencies
anew for each request; that is more work than a transfer itself. Where a route's declaration shows that none of it is
needed, this layer takes the same steps in the same order after one look into a table. Whatever is not plain (another
media type, an empty body, another method) goes the framework's way, and refusals are answered by the layers above.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response

from specie.platform.asgi import App, Receive, Scope, Send, header
from specie.platform.basis import Remembered
from specie.platform.http import Edge, Schema, SpecieRoute
from specie.platform.strict_json import StrictRequest

_JSON = ("application/json", "application/json; charset=utf-8")


class Memory(Protocol):
    """Remembers who asked a moment ago; `app` wires identity in behind it."""

    async def remembered(self, request: Request) -> Remembered | None:
        """Who it was that asked with this credential; None when that has to be found out. Raises RateLimited."""


@dataclass(frozen=True, slots=True)
class _Direct:
    """A route, the names under which its function takes the body and the edge, and what makes the edge."""

    route: SpecieRoute
    body: str
    edge: str
    make_edge: Callable[[Request], Awaitable[Edge]]

    async def call(self, request: Request) -> Response:
        """Validate the body and call the function. Raises RequestValidationError and the route's refusals."""
        document = await request.json()
        field = self.route.dependant.body_params[0]
        body, errors = field.validate(document, {}, loc=("body",))
        if errors:
            raise RequestValidationError(errors, body=document)
        edge = await self.make_edge(request)
        response: Response = await self.route.endpoint(**{self.body: body, self.edge: edge})
        return response


class DirectRoutes:
    """ASGI middleware, the innermost: answers the plain POST requests of plain routes, and passes on all others.

    Routes that prove their caller begin with whom `memory` knows. Refusals are raised, so `LastResort` has to be
    further out.
    """

    def __init__(self, app: App, routes: Iterable[tuple[str, SpecieRoute]], memory: Memory | None = None) -> None:
        self._app = app
        self._memory = memory
        self._table = {path: direct for path, route in routes if (direct := _direct(route)) is not None}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        direct = self._table.get(scope["path"]) if scope["type"] == "http" else None
        if direct is None or not _is_plain(scope):
            await self._app(scope, receive, send)
            return
        scope["route"] = direct.route
        scope["path_params"] = {}
        request = StrictRequest(scope, receive)
        response = await self._at_once(direct, request) or await direct.route.guarded(request, direct.call)
        await response(scope, receive, send)

    async def _at_once(self, direct: _Direct, request: Request) -> Response | None:
        if self._memory is None or not direct.route.proves_caller or request.scope["query_string"]:
            return None
        caller = await self._memory.remembered(request)
        return None if caller is None else await direct.route.at_once(request, direct.call, caller)


def routes_of(routers: Iterable[APIRouter], prefix: str) -> Iterator[tuple[str, SpecieRoute]]:
    """The routes of routers that are included under one prefix, each with its whole path."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, SpecieRoute):
                yield prefix + route.path, route


def _is_plain(scope: Scope) -> bool:
    if scope["method"] != "POST" or header(scope, b"content-length") in (None, "0"):
        return False
    return (header(scope, b"content-type") or "").lower() in _JSON


def _direct(route: SpecieRoute) -> _Direct | None:
    """The short way to a route; None for one that takes more than a body and its edge or lets the answer be made."""
    needs = route.dependant
    is_short = (
        route.methods == {"POST"}
        and route.permission is not None
        and len(needs.dependencies) == 1
        and _takes_one_document(needs)
        and not _asks_for_more(needs)
        and inspect.signature(route.endpoint, eval_str=True).return_annotation is Response
    )
    edge = needs.dependencies[0] if is_short else None
    if edge is None or edge.name is None or edge.call is None:
        return None
    return _Direct(route, needs.body_params[0].name, edge.name, edge.call)


def _takes_one_document(needs: Dependant) -> bool:
    if len(needs.body_params) != 1:
        return False
    declared = needs.body_params[0].field_info
    is_document = inspect.isclass(declared.annotation) and issubclass(declared.annotation, Schema)
    return is_document and not getattr(declared, "embed", None)


def _asks_for_more(needs: Dependant) -> bool:
    parameters = needs.path_params or needs.query_params or needs.header_params or needs.cookie_params
    objects = needs.request_param_name or needs.response_param_name or needs.background_tasks_param_name
    return bool(parameters or objects)
