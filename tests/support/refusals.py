"""Whether what a route refuses is what it says that it may refuse."""

from starlette.requests import Request

from specie.kernel.errors import SpecieError
from specie.platform.http import SpecieRoute


def undocumented(request: Request, refusal: SpecieError) -> list[str]:
    """The refusal in words when its route does not document it; nothing for what has no place in the document."""
    route = request.scope.get("route")
    if not isinstance(route, SpecieRoute) or not route.include_in_schema or not _is_ours(route):
        return []
    answer = route.responses.get(refusal.status, {})
    examples = answer.get("content", {}).get("application/problem+json", {}).get("examples", {})
    if _codes(refusal) & set(examples):
        return []
    return [f"{request.method} {route.path}: {refusal.status} {refusal.code} ({type(refusal).__name__})"]


def _codes(refusal: SpecieError) -> set[str]:
    """Its own code and those it is a kind of: a route that may say `unauthenticated` may say why."""
    kinds = [kind for kind in type(refusal).__mro__ if issubclass(kind, SpecieError) and kind is not SpecieError]
    return {kind.code for kind in kinds if kind.status == refusal.status}


def _is_ours(route: SpecieRoute) -> bool:
    """Whether the route is the platform's and not one a test made for itself."""
    return route.endpoint.__module__.startswith("specie.")
