"""Requests as values. A request that changes something carries its idempotency key from the moment it is made."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

T = TypeVar("T")

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request whose answer is a T. Sending the same value again has no second effect.

    `path` is below /api/v1. `key` is the Idempotency-Key: fresh for each value that is not a GET, or your own, such as
    one you keep beside your order so that it outlives your process. `signed` asks the client to sign each try.
    """

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    key: str | None = None
    signed: bool = False

    def under(self, key: str) -> Call[T]:
        """The same request under a key of your own, 1 to 255 visible ASCII characters."""
        return dataclasses.replace(self, key=key)

    def rehearsed(self) -> Call[T]:
        """The same request as a rehearsal: the answer it would have, and nothing kept. For calls that move money.

        It keeps its key, which a rehearsal does not use up.
        """
        return dataclasses.replace(self, query={**self.query, "dry_run": "true"})

    @property
    def may_repeat(self) -> bool:
        """Whether sending it again after a lost answer is certain to have no second effect."""
        return self.method == "GET" or self.key is not None or "dry_run" in self.query


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list of T, read page by page, newest first unless the API says otherwise."""

    path: str
    query: Mapping[str, Any] = field(default_factory=dict)

    def page(self, cursor: str | None) -> Call[dict[str, Any]]:
        """The request for the page after `cursor`; None means the first."""
        return call("GET", self.path, {**self.query, "cursor": cursor})


@dataclass(frozen=True, slots=True)
class Feed:
    """Events in the order of their numbers, which have no gaps, after number `after`."""

    after: int
    query: Mapping[str, Any] = field(default_factory=dict)

    def page(self, after: int) -> Call[dict[str, Any]]:
        """The request for the events after number `after`."""
        return call("GET", "/events", {**self.query, "after": after})


def call(
    method: str,
    path: str,
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
) -> Call[Any]:
    """Any request of the API, for what has no function here. Query and body lose what is None."""
    wanted = key if key is not None or method == "GET" else str(uuid.uuid4())
    return Call(method, path, given(query or {}), None if body is None else given(body), wanted)


def feed(*, after: int = 0, type: str | None = None, subject: str | None = None, limit: int = 100) -> Feed:  # noqa: A002
    """What happened after event number `after`; `type` is one type, `subject` the id of one object."""
    return Feed(after, given({"type": type, "subject": subject, "limit": limit}))


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is None."""
    return {name: value for name, value in values.items() if value is not None}


def path(template: str, *ids: str) -> str:
    """The template with each `{}` filled by an id, which stays one segment of the path. Raises ValueError for `..`."""
    if any(one.strip(".") == "" for one in ids):
        raise ValueError("an id is not empty, and not made of dots")
    return template.format(*(quote(one, safe="") for one in ids))
