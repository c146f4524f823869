"""Which parameters a route takes in its query: one it does not know is refused, with the one it may be meant for."""

from collections.abc import Iterator
from difflib import get_close_matches

from fastapi import Request
from fastapi.dependencies.models import Dependant

from specie.kernel.errors import InvalidField
from specie.platform.openapi import UnknownParameter

_SHOWN_LETTERS = 60
_REHEARSALS: tuple[list[str], ...] = ([], ["true"], ["false"])


class KnownQuery:
    """The names a route's query may have."""

    def __init__(self, needs: Dependant, *, has_dry_run: bool) -> None:
        self._names = {*_declared(needs), *(("dry_run",) if has_dry_run else ())}
        self._has_dry_run = has_dry_run
        self._takes_any = bool(getattr(needs.call, "takes_any_query", False))

    def require(self, request: Request) -> None:
        """Raise UnknownParameter for the first name that is not known, InvalidField for a `dry_run` that is unclear."""
        if self._takes_any:
            return
        for name in request.query_params:
            if name not in self._names:
                raise UnknownParameter(self._said(name), param=f"query.{name[:_SHOWN_LETTERS]}")
        # A rehearsal that is asked for in other words must not be the real thing.
        if self._has_dry_run and request.query_params.getlist("dry_run") not in _REHEARSALS:
            raise InvalidField("`dry_run` is said once, and is `true` or `false`", param="query.dry_run")

    def _said(self, name: str) -> str:
        shown = f"`{name[:_SHOWN_LETTERS]}` is no parameter here"
        near = get_close_matches(name[:_SHOWN_LETTERS], sorted(self._names), n=1)
        return f"{shown}; did you mean `{near[0]}`?" if near else shown


def _declared(needs: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in needs.query_params)
    for inner in needs.dependencies:
        yield from _declared(inner)
