"""Routing over HTTP."""

from starlette.responses import Response

from specie.kernel.ids import ConnectionId
from specie.kernel.permissions import Permission
from specie.payments import errors, route_store, routing
from specie.payments.route_model import Route, RouteId
from specie.payments.route_schemas import ConnectionHealth, RouteChange, RouteIn, RouteOut, RoutesOut
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import id_text
from specie.providers import ChargeKind, ConnectionMissing

router = ApiRouter(prefix="/payment-routes", tags=["Routing"])


class Removed(Schema):
    """The rule that is gone."""

    id: str


@router.get("", response_model=RoutesOut)
async def list_routes(edge: Edge = requires(Permission.PROVIDERS_READ)) -> RoutesOut:
    """The rules in the order in which they are asked, and how the connections are doing."""

    async def read(uow: UnitOfWork) -> RoutesOut:
        health = await route_store.health(uow)
        return RoutesOut(
            data=[RouteOut.of(route) for route in await route_store.routes(uow)],
            health=[ConnectionHealth.of(connection_id, found) for connection_id, found in health.items()],
        )

    return await edge.read(read)


@router.post("", status_code=201, response_model=RouteOut)
@refuses(ConnectionMissing)
async def add_route(body: RouteIn, edge: Edge = requires(Permission.PROVIDERS_WRITE)) -> Response:
    """Add a rule."""
    connection_id = id_text(ConnectionId, body.connection_id, "connection_id")

    async def work(uow: UnitOfWork) -> Route:
        new = Route(
            id=RouteId.new(),
            connection_id=connection_id,
            position=body.position,
            weight=body.weight,
            is_active=True,
            created_at=uow.now,
            updated_at=uow.now,
            method=ChargeKind(body.method) if body.method else None,
            currency=body.currency,
            country=body.country,
            min_minor=body.min_amount,
            max_minor=body.max_amount,
        )
        return await routing.add(uow, new)

    return await edge.write(work, RouteOut.of, status=201)


@router.patch("/{route_id}", response_model=RouteOut)
@refuses(errors.RouteMissing)
async def change_route(route_id: str, body: RouteChange, edge: Edge = requires(Permission.PROVIDERS_WRITE)) -> Response:
    """Move a rule, change its weight, or switch it off."""
    wanted = id_text(RouteId, route_id, "route_id")
    return await edge.write(lambda uow: routing.change(uow, wanted, body.wanted()), RouteOut.of)


@router.delete("/{route_id}", response_model=Removed)
@refuses(errors.RouteMissing)
async def remove_route(route_id: str, edge: Edge = requires(Permission.PROVIDERS_WRITE)) -> Response:
    """Take a rule away."""
    wanted = id_text(RouteId, route_id, "route_id")
    return await edge.write(lambda uow: routing.remove(uow, wanted), lambda _: Removed(id=str(wanted)))
