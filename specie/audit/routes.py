"""Reading and exporting the audit trail."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from specie.audit import schemas, service
from specie.audit.model import AuditFilter, AuditRow
from specie.audit.schemas import AuditOut
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, requires
from specie.platform.wire import ListOf, SearchText

router = ApiRouter(prefix="/audit", tags=["Audit"])

_LIST = "audit"
_EXPORT_BATCH = 1000
_MEDIA_TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}


def _filter(
    action: SearchText | None = None,
    subject_kind: SearchText | None = None,
    subject_id: SearchText | None = None,
    actor: SearchText | None = None,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="Included; RFC 3339")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="Not included; RFC 3339")] = None,
    q: SearchText | None = None,
) -> AuditFilter:
    return AuditFilter(action, subject_kind, subject_id, actor, since, until, q)


Filter = Annotated[AuditFilter, Depends(_filter)]


@router.get("", response_model=ListOf[AuditOut])
async def list_audit(
    wanted: Filter,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: str | None = None,
    edge: Edge = requires(Permission.AUDIT_READ),
) -> Any:
    """Who did what, newest first. `q` searches action, subject, reason and the values before and after."""
    key = edge.cursor(_LIST, cursor)
    before = UUID(key[0]) if key else None
    page = await edge.read(lambda uow: service.find(uow, wanted, before, limit))
    return edge.page(_LIST, page, AuditOut.of)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}, "application/jsonl": {}}, "description": "The filtered rows"}},
)
async def export_audit(
    wanted: Filter,
    format: Literal["csv", "jsonl"] = "csv",  # noqa: A002
    edge: Edge = requires(Permission.AUDIT_READ),
) -> StreamingResponse:
    """All rows of a filter, newest first, as CSV or as JSON lines."""
    name = f"attachment; filename=audit.{format}"
    return StreamingResponse(
        _exported(edge, wanted, format),
        media_type=_MEDIA_TYPES[format],
        headers={"Content-Disposition": name},
    )


async def _exported(edge: Edge, wanted: AuditFilter, format_name: str) -> AsyncIterator[str]:
    before: UUID | None = None
    first = True
    while first or before is not None:
        page = await edge.read(_part(wanted, before))
        rows = page.items
        yield schemas.csv_lines(rows, header=first) if format_name == "csv" else schemas.json_lines(rows)
        before = UUID(page.next_key[0]) if page.next_key else None
        first = False


def _part(wanted: AuditFilter, before: UUID | None) -> Any:
    async def read(uow: UnitOfWork) -> Page[AuditRow]:
        return await service.find(uow, wanted, before, _EXPORT_BATCH)

    return read
