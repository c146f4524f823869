"""The table of the request log and its SQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects import postgresql

from specie.kernel.ids import RequestId
from specie.kernel.pagination import Page
from specie.platform import arrays
from specie.platform.db import UnitOfWork
from specie.platform.tables import Timestamp, idempotency, metadata, object_id, tenant_id

request_log = sa.Table(
    "request_log",
    metadata,
    tenant_id(),
    object_id(),
    sa.Column("request_id", postgresql.UUID(as_uuid=True), nullable=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("duration_ms", sa.Integer, nullable=False),
    sa.Column("principal", sa.Text, nullable=False),
    sa.Column("party_id", postgresql.UUID(as_uuid=True)),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("replayed", sa.Boolean, nullable=False),
    sa.Column("problem_code", sa.Text),
    sa.Column("request_body", sa.Text),
    sa.Column("response_body", sa.Text),
)


# In the order of `LoggedRequest`.
_COLUMNS: dict[str, tuple[str, Callable[[Sequence[Any]], arrays.Array]]] = {
    "tenant_id": ("uuid[]", arrays.uuids),
    "id": ("uuid[]", arrays.uuids),
    "request_id": ("uuid[]", arrays.uuids),
    "at": ("timestamptz[]", arrays.moments),
    "method": ("text[]", arrays.texts),
    "route": ("text[]", arrays.texts),
    "path": ("text[]", arrays.texts),
    "query": ("text[]", arrays.texts),
    "status": ("integer[]", arrays.integers),
    "duration_ms": ("integer[]", arrays.integers),
    "principal": ("text[]", arrays.texts),
    "party_id": ("uuid[]", arrays.uuids),
    "idempotency_key": ("text[]", arrays.texts),
    "replayed": ("boolean[]", arrays.booleans),
    "problem_code": ("text[]", arrays.texts),
    "request_body": ("text[]", arrays.texts),
    "response_body": ("text[]", arrays.texts),
}
_INSERT = f"""
insert into specie.request_log ({", ".join(_COLUMNS)})
select * from unnest({", ".join(f"%s::{form}" for form, _ in _COLUMNS.values())})
"""  # noqa: S608


class LoggedRequest(NamedTuple):
    """One request and its answer. `at` is machine time; bodies are masked, cut, or None where they are not kept."""

    tenant_id: UUID
    id: UUID
    request_id: UUID
    at: datetime
    method: str
    route: str
    path: str
    query: str
    status: int
    duration_ms: int
    principal: str
    party_id: UUID | None
    idempotency_key: str | None
    replayed: bool
    problem_code: str | None
    request_body: str | None
    response_body: str | None


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """What a list is narrowed to; `status` is one status or a class such as `4xx`, `path` a beginning."""

    method: str | None = None
    status: str | None = None
    path: str | None = None
    key: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def add(uow: UnitOfWork, entries: Sequence[LoggedRequest]) -> None:
    """Append requests of the unit's tenant, with one statement."""
    columns = [form(column) for (_, form), column in zip(_COLUMNS.values(), zip(*entries, strict=True), strict=True)]
    await (await uow.raw()).execute(_INSERT, columns)


async def page(uow: UnitOfWork, wanted: RequestFilter, before: UUID | None, limit: int) -> Page[LoggedRequest]:
    """A page of the caller's requests, newest first."""
    query = select(request_log).where(*_visible(uow), *_conditions(wanted))
    if before is not None:
        query = query.where(request_log.c.id < before)
    rows = await uow.execute(query.order_by(request_log.c.id.desc()).limit(limit + 1))
    return Page.cut([LoggedRequest(**row._mapping) for row in rows], limit, lambda row: (str(row.id),))


async def by_request_id(uow: UnitOfWork, request_id: RequestId) -> list[LoggedRequest]:
    """Every try logged under one request id, oldest first."""
    return await _all(uow, request_log.c.request_id == request_id.uuid)


async def by_key(uow: UnitOfWork, key: str) -> list[LoggedRequest]:
    """Every try logged under one idempotency key, oldest first."""
    return await _all(uow, request_log.c.idempotency_key == key)


async def answered_request(uow: UnitOfWork, key: str) -> RequestId | None:
    """The request whose decision is stored under the caller's own key: certain, whatever became of the log."""
    query = select(idempotency.c.request_id).where(
        idempotency.c.tenant_id == uow.scope.tenant_id.uuid,
        idempotency.c.principal == uow.scope.principal,
        idempotency.c.key == key,
    )
    found = (await uow.execute(query)).scalar_one_or_none()
    return RequestId(found) if found else None


async def delete_older(uow: UnitOfWork, before: datetime, limit: int = 5000) -> int:
    """Forget up to `limit` requests of any tenant made before a moment. Needs a system unit of work."""
    c = request_log.c
    old = select(c.tenant_id, c.id).where(c.at < before).limit(limit)
    done = await uow.execute(delete(request_log).where(sa.tuple_(c.tenant_id, c.id).in_(old)))
    return int(done.rowcount)


async def _all(uow: UnitOfWork, condition: ColumnElement[bool]) -> list[LoggedRequest]:
    query = select(request_log).where(*_visible(uow), condition).order_by(request_log.c.id).limit(100)
    return [LoggedRequest(**row._mapping) for row in await uow.execute(query)]


def _visible(uow: UnitOfWork) -> list[ColumnElement[bool]]:
    """The tenant's requests; a merchant or customer sees those made for its own party."""
    found: list[ColumnElement[bool]] = [request_log.c.tenant_id == uow.scope.tenant_id.uuid]
    if uow.scope.party_id is not None:
        found.append(request_log.c.party_id == uow.scope.party_id.uuid)
    return found


def _conditions(wanted: RequestFilter) -> list[ColumnElement[bool]]:
    c: Any = request_log.c
    found: list[ColumnElement[bool]] = []
    if wanted.method is not None:
        found.append(c.method == wanted.method)
    if wanted.status is not None and wanted.status.endswith("xx"):
        found.append(sa.between(c.status, int(wanted.status[0]) * 100, int(wanted.status[0]) * 100 + 99))
    elif wanted.status is not None:
        found.append(c.status == int(wanted.status))
    if wanted.path is not None:
        found.append(c.path.startswith(wanted.path, autoescape=True))
    if wanted.key is not None:
        found.append(c.idempotency_key == wanted.key)
    if wanted.since is not None:
        found.append(c.at >= wanted.since)
    if wanted.until is not None:
        found.append(c.at < wanted.until)
    return found
