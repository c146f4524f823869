"""What can go wrong: a refusal of the API (`Problem`), or no answer at all (`NoAnswer`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Problem(Exception):
    """The API refused. `code` is stable; `docs` is the path of the page about it.

    `money_moved` is False on every refusal and None when the platform itself cannot tell: send the same request
    again, and it answers what became of it. `param` is the field, `errors` one line for each field, `facts` what the
    refusal adds, such as `available` or `limit`.
    """

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(document.get("code") or f"http_{status}")
        self.title = str(document.get("title") or "Refused")
        self.detail = str(document.get("detail") or self.title)
        self.docs = str(document.get("type") or "")
        self.param: str | None = document.get("param")
        self.errors: list[dict[str, str]] = list(document.get("errors") or [])
        self.retryable = bool(document.get("retryable"))
        self.request_id: str | None = document.get("request_id")
        self.money_moved = _moved(document)
        self.facts = {name: value for name, value in document.items() if name not in _OWN}
        super().__init__(f"{self.code}: {self.detail}")


class Unauthenticated(Problem):
    """401: the key is missing, wrong, expired or revoked."""


class Forbidden(Problem):
    """403: the key may not do this."""


class NotFound(Problem):
    """404: there is no such thing, or it is somebody else's."""


class Conflict(Problem):
    """409: the thing is not in a state that allows this, or the first request with this key still runs."""


class Refused(Problem):
    """400 or 422: a wrong field (see `errors`), or a rule such as too little money (see `code` and `facts`)."""


class RateLimited(Problem):
    """429, and the client's patience is over."""


class ServerFault(Problem):
    """5xx, and the client's patience is over."""


class NoAnswer(Exception):
    """No answer came, after all retries. What happened is unknown: send the same `Call` again to find out.

    `certainly_not_sent` tells that no try ever reached the platform.
    """

    def __init__(self, cause: Exception, *, certainly_not_sent: bool) -> None:
        super().__init__(f"no answer ({type(cause).__name__}: {cause})")
        self.certainly_not_sent = certainly_not_sent


_BY_STATUS: dict[int, type[Problem]] = {
    400: Refused,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: Refused,
    429: RateLimited,
}
_OWN = {
    "code", "title", "detail", "type", "param", "errors", "retryable", "request_id", "money_moved", "status",
    "instance",
}  # fmt: skip


def problem(status: int, document: Any) -> Problem:
    """The error of an answer with this status and this body (anything but a problem document is survived)."""
    kind = ServerFault if status >= 500 else _BY_STATUS.get(status, Problem)
    return kind(status, document if isinstance(document, dict) else {})


def _moved(document: Mapping[str, Any]) -> bool | None:
    """A body that is no problem document came from a proxy, which knows nothing of money."""
    moved = document.get("money_moved")
    return moved if isinstance(moved, bool) else None
