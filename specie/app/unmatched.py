"""What no route answered below /api: a problem document, with the right Allow where only the method is wrong."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from specie.platform import problems
from specie.platform.metrics import API

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]


def answerer(routers: Sequence[APIRouter]) -> Callable[[Request], Response]:
    """A function that answers 404, or 405 when a route of these routers has this path for other methods."""
    routes = [route for router in routers for route in router.routes if isinstance(route, Route)]

    def answer(request: Request) -> Response:
        allowed = _methods(routes, request)
        if allowed:
            title = "Method not allowed"
            detail = f"{request.method} is not answered here"
            document = problems.problem(request, 405, "method_not_allowed", title, detail)
            return problems.response(document, {"Allow": ", ".join(allowed)})
        document = problems.problem(request, 404, "not_found", "Not found", "there is no such address")
        return problems.response(document)

    return answer


def _methods(routes: Sequence[Route], request: Request) -> list[str]:
    below = request.url.path.removeprefix(API)
    scope = {"type": "http", "method": "", "path": below, "root_path": ""}
    return sorted(
        {
            method
            for route in routes
            if below != request.url.path and route.matches(scope)[0] is not Match.NONE
            for method in route.methods or ()
        }
    )
