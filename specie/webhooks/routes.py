"""Webhooks over HTTP: endpoints, and the log of what was sent to them."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie.events import EventTypeUnknown
from specie.kernel.ids import DeliveryId, EndpointId, EventId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.outbound import OutboundClient, UnsafeUrl, check_url
from specie.platform.wire import ListOf, SearchText, id_text
from specie.webhooks import service
from specie.webhooks.errors import DeliveryInProgress, EndpointNotEnabled, TooManyEndpoints
from specie.webhooks.model import DeliveryFilter, DeliveryState, Endpoint, EndpointState
from specie.webhooks.schemas import (
    DeliveryDetailOut,
    DeliveryOut,
    EndpointChange,
    EndpointIn,
    EndpointOut,
    ExampleIn,
    RecoverIn,
    RecoveryOut,
    RotateIn,
    StatsOut,
)

router = ApiRouter(tags=["Webhooks"])

_ENDPOINTS = "webhook-endpoints"
_DELIVERIES = "webhook-deliveries"

Limit = Annotated[int, Query(ge=1, le=100)]


@router.post("/webhook-endpoints", status_code=201, response_model=EndpointOut)
@refuses(UnsafeUrl, EventTypeUnknown, TooManyEndpoints)
async def create_endpoint(body: EndpointIn, edge: Edge = requires(Permission.WEBHOOKS_WRITE)) -> Response:
    """Send events to a URL from now on. The answer holds the secret, once."""
    _check(edge, body.url)
    return await edge.write(
        lambda uow: service.create(uow, body.command(), edge.service("vault")), _told, status=201, shown_once="secret"
    )


@router.get("/webhook-endpoints", response_model=ListOf[EndpointOut])
async def list_endpoints(
    edge: Edge = requires(Permission.WEBHOOKS_READ), limit: Limit = 50, cursor: str | None = None
) -> dict[str, Any]:
    """Endpoints, newest first."""
    before = _before(edge, _ENDPOINTS, cursor)
    page = await edge.read(lambda uow: service.find(uow, before, limit))
    return edge.page(_ENDPOINTS, page, EndpointOut.of)


@router.get("/webhook-endpoints/{endpoint_id}", response_model=EndpointOut)
async def get_endpoint(endpoint_id: str, edge: Edge = requires(Permission.WEBHOOKS_READ)) -> EndpointOut:
    """One endpoint."""
    wanted = _endpoint_id(endpoint_id)
    return EndpointOut.of(await edge.read(lambda uow: service.get(uow, wanted)))


@router.patch("/webhook-endpoints/{endpoint_id}", response_model=EndpointOut)
@refuses(UnsafeUrl, EventTypeUnknown)
async def change_endpoint(
    endpoint_id: str, body: EndpointChange, edge: Edge = requires(Permission.WEBHOOKS_WRITE)
) -> Response:
    """Change, pause or enable an endpoint. What happens while it is paused is kept and sent later."""
    wanted = _endpoint_id(endpoint_id)
    if body.url is not None:
        _check(edge, body.url)

    async def change(uow: UnitOfWork) -> Endpoint:
        return await service.change(
            uow,
            wanted,
            url=body.url,
            description=body.description,
            types=tuple(dict.fromkeys(body.types)) if body.types else None,
            state=EndpointState(body.state) if body.state else None,
        )

    return await edge.write(change, EndpointOut.of)


@router.delete("/webhook-endpoints/{endpoint_id}", status_code=204)
async def delete_endpoint(endpoint_id: str, edge: Edge = requires(Permission.WEBHOOKS_WRITE)) -> Response:
    """Stop sending for good. The log of past deliveries stays."""
    wanted = _endpoint_id(endpoint_id)
    await edge.write(lambda uow: service.delete(uow, wanted), EndpointOut.of)
    return Response(status_code=204)


@router.post("/webhook-endpoints/{endpoint_id}/rotate-secret", response_model=EndpointOut)
async def rotate_secret(endpoint_id: str, body: RotateIn, edge: Edge = requires(Permission.WEBHOOKS_WRITE)) -> Response:
    """Get a new secret. For the overlap every message is signed with both."""
    wanted, overlap = _endpoint_id(endpoint_id), timedelta(hours=body.overlap_hours)
    return await edge.write(
        lambda uow: service.rotate(uow, wanted, overlap, edge.service("vault")), _told, shown_once="secret"
    )


@router.post("/webhook-endpoints/{endpoint_id}/test", status_code=202, response_model=DeliveryOut)
@refuses(EventTypeUnknown, EndpointNotEnabled)
async def send_example(endpoint_id: str, body: ExampleIn, edge: Edge = requires(Permission.WEBHOOKS_WRITE)) -> Response:
    """Send an example of an event type, signed and retried like the real thing, with `data.example` true."""
    wanted = _endpoint_id(endpoint_id)
    return await edge.write(lambda uow: service.send_example(uow, wanted, body.type), DeliveryOut.of, status=202)


@router.post("/webhook-endpoints/{endpoint_id}/recover", status_code=202, response_model=RecoveryOut)
@refuses(EndpointNotEnabled)
async def recover_endpoint(
    endpoint_id: str, body: RecoverIn, edge: Edge = requires(Permission.WEBHOOKS_WRITE)
) -> Response:
    """Send everything since a point, or of a range, again that was missed or is dead; on request all of it."""
    wanted = _endpoint_id(endpoint_id)

    async def recover(uow: UnitOfWork) -> tuple[int, int]:
        return await service.ask_recovery(
            uow, wanted, body.start(), body.through_n, include_delivered=body.include_delivered
        )

    return await edge.write(recover, lambda reach: RecoveryOut(since_n=reach[0], through_n=reach[1]), status=202)


@router.get("/webhook-endpoints/{endpoint_id}/stats", response_model=StatsOut)
async def endpoint_stats(
    endpoint_id: str,
    edge: Edge = requires(Permission.WEBHOOKS_READ),
    hours: Annotated[int, Query(ge=1, le=720)] = 24,
) -> StatsOut:
    """How an endpoint fared lately."""
    wanted = _endpoint_id(endpoint_id)
    return StatsOut.of(await edge.read(lambda uow: service.stats(uow, wanted, timedelta(hours=hours))))


@router.get("/webhook-deliveries", response_model=ListOf[DeliveryOut])
@refuses(EventTypeUnknown)
async def list_deliveries(
    edge: Edge = requires(Permission.WEBHOOKS_READ),
    state: DeliveryState | None = None,
    endpoint_id: str | None = None,
    event_id: str | None = None,
    status_code: Annotated[int | None, Query(ge=100, le=599)] = None,
    type: SearchText | None = None,  # noqa: A002
    limit: Limit = 50,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Deliveries, newest first; dead ones wait here for somebody to resend them."""
    wanted = DeliveryFilter(
        state=state,
        endpoint_id=_endpoint_id(endpoint_id) if endpoint_id else None,
        event_id=id_text(EventId, event_id, "event_id") if event_id else None,
        status_code=status_code,
        type=type,
    )
    before = _before(edge, _DELIVERIES, cursor)
    page: Page[Any] = await edge.read(lambda uow: service.find_deliveries(uow, wanted, before, limit))
    return edge.page(_DELIVERIES, page, DeliveryOut.of)


@router.get("/webhook-deliveries/{delivery_id}", response_model=DeliveryDetailOut)
async def get_delivery(delivery_id: str, edge: Edge = requires(Permission.WEBHOOKS_READ)) -> DeliveryDetailOut:
    """A delivery with its body and every attempt."""
    wanted = id_text(DeliveryId, delivery_id, "delivery_id")
    return DeliveryDetailOut.of(await edge.read(lambda uow: service.get_delivery(uow, wanted)))


@router.post("/webhook-deliveries/{delivery_id}/resend", status_code=202, response_model=DeliveryOut)
@refuses(EndpointNotEnabled, DeliveryInProgress)
async def resend_delivery(delivery_id: str, edge: Edge = requires(Permission.WEBHOOKS_WRITE)) -> Response:
    """Send a delivery again now: the same id and the same bytes."""
    wanted = id_text(DeliveryId, delivery_id, "delivery_id")
    return await edge.write(lambda uow: service.resend(uow, wanted), DeliveryOut.of, status=202)


def _told(made: tuple[Endpoint, str]) -> EndpointOut:
    return EndpointOut.of(*made)


def _check(edge: Edge, url: str) -> None:
    outbound: OutboundClient = edge.service("outbound")
    check_url(url, outbound.tenant_policy)


def _endpoint_id(text: str) -> EndpointId:
    return id_text(EndpointId, text, "endpoint_id")


def _before(edge: Edge, list_name: str, cursor: str | None) -> UUID | None:
    key = edge.cursor(list_name, cursor)
    return UUID(key[0]) if key else None
