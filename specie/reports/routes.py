"""The request log and the explanation of any number, over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query

from specie.kernel.ids import InvalidId, RequestId
from specie.kernel.permissions import Permission
from specie.platform import requestlog_store
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.requestlog_store import RequestFilter
from specie.platform.wire import AwareMoment, ListOf, SearchText, id_text
from specie.reports import service
from specie.reports.errors import NotExplainable
from specie.reports.schemas import ExplanationOut, RequestOut, RequestTraceOut

requests_router = ApiRouter(prefix="/requests", tags=["Requests"])
explain_router = ApiRouter(prefix="/explain", tags=["Explain"])

_LIST = "requests"
DELIVERIES = "deliveries_of"


def _filter(
    method: Annotated[str | None, Query(pattern="^(GET|POST|PUT|PATCH|DELETE)$")] = None,
    status: Annotated[str | None, Query(pattern="^([1-5][0-9]{2}|[1-5]xx)$", description="`422` or `4xx`")] = None,
    path: Annotated[SearchText | None, Query(description="How the path begins")] = None,
    key: Annotated[str | None, Query(max_length=255, pattern=r"^[\x21-\x7e]+$", description="Idempotency key")] = None,
    since: Annotated[AwareMoment | None, Query(alias="from", description="Included; RFC 3339")] = None,
    until: Annotated[AwareMoment | None, Query(alias="to", description="Not included; RFC 3339")] = None,
) -> RequestFilter:
    return RequestFilter(method, status, path, key, since, until)


Filter = Annotated[RequestFilter, Depends(_filter)]


@requests_router.get("", response_model=ListOf[RequestOut])
async def list_requests(
    wanted: Filter,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: str | None = None,
    edge: Edge = requires(Permission.REQUESTS_READ),
) -> Any:
    """Requests of this tenant, newest first; a merchant sees its own."""
    after = edge.cursor(_LIST, cursor)
    before = UUID(after[0]) if after else None
    page = await edge.read(lambda uow: requestlog_store.page(uow, wanted, before, limit))
    return edge.page(_LIST, page, RequestOut.of)


@requests_router.get("/by-key/{idempotency_key}", response_model=RequestTraceOut)
async def find_by_key(
    idempotency_key: Annotated[str, Path(max_length=255, pattern=r"^[\x21-\x7e]+$")],
    edge: Edge = requires(Permission.REQUESTS_READ),
) -> RequestTraceOut:
    """Did it happen? By the idempotency key of a request whose answer was lost."""
    return RequestTraceOut.of(await edge.read(lambda uow: service.trace_key(uow, idempotency_key)))


@requests_router.get("/{request_id}", response_model=RequestTraceOut)
@refuses(InvalidId)
async def find_request(request_id: str, edge: Edge = requires(Permission.REQUESTS_READ)) -> RequestTraceOut:
    """Did it happen? Every try of a request, and the journal entries it made."""
    wanted = id_text(RequestId, request_id, "request_id")
    return RequestTraceOut.of(await edge.read(lambda uow: service.trace_request(uow, wanted)))


@explain_router.get("/{id}", response_model=ExplanationOut)
@refuses(NotExplainable, InvalidId)
async def explain(
    id: Annotated[str, Path(max_length=60, examples=["txn_01jx3s5v0q8e5t9m2w4r6y8zab"])],  # noqa: A002
    edge: Edge = requires(Permission.LEDGER_READ),
) -> ExplanationOut:
    """Where a number comes from: postings, recipe, actor, request, callback, events, deliveries.

    Takes the id of anything that was told of, or done to, in the events and the audit log, of an entry, account,
    request or callback. What is only a part of something else answers whose id to take.
    """
    deliveries_of = edge.service(DELIVERIES)
    return ExplanationOut.of(await edge.read(lambda uow: service.explain(uow, id, deliveries_of)))
