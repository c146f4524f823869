"""Choosing where to collect, and the rules for it."""

from collections.abc import Collection, Mapping
from typing import Any

from specie import audit
from specie.kernel.ids import ConnectionId
from specie.payments import route_store, terms_store
from specie.payments.errors import RouteMissing
from specie.payments.model import Payment
from specie.payments.route_model import Candidate, Choice, Health, Route, RouteId, choose, takes
from specie.platform.db import UnitOfWork
from specie.providers import ChargeKind, Toolbox, active_links, get_connection


async def methods(uow: UnitOfWork, toolbox: Toolbox, payment: Payment) -> list[ChargeKind]:
    """The ways in which a payment can be made: some connection takes it, and the merchant has not switched it off."""
    links = await active_links(uow, toolbox)
    off = (await terms_store.terms_of(uow, payment.party_id)).methods_off
    offered = [kind for kind in ChargeKind if kind.value not in off]
    return [kind for kind in offered if any(takes(link.adapter.capabilities(), payment, kind) for link in links)]


async def route_for(
    uow: UnitOfWork, toolbox: Toolbox, payment: Payment, kind: ChargeKind, tried: Collection[ConnectionId] = ()
) -> Choice | None:
    """Where to try to collect next; None when no connection is left or the merchant has switched the way off."""
    if kind.value in (await terms_store.terms_of(uow, payment.party_id)).methods_off:
        return None
    known = await route_store.health(uow)
    candidates = [
        Candidate(link.connection_id, link.adapter.capabilities(), known.get(link.connection_id, Health()))
        for link in await active_links(uow, toolbox)
    ]
    return choose(await route_store.routes(uow), candidates, payment, kind, tried)


async def add(uow: UnitOfWork, new: Route) -> Route:
    """Add a rule. Raises ConnectionMissing."""
    await get_connection(uow, new.connection_id)
    await route_store.insert_route(uow, new)
    after = {"connection_id": str(new.connection_id), "position": new.position, "weight": new.weight}
    await audit.record(uow, action="payment_route.add", subject=("payment_route", str(new.id)), after=after)
    return new


async def change(uow: UnitOfWork, route_id: RouteId, wanted: Mapping[str, Any]) -> Route:
    """Change a rule. Raises RouteMissing."""
    changed = await route_store.change_route(uow, route_id, wanted)
    if changed is None:
        raise RouteMissing(f"there is no rule {route_id}")
    await audit.record(uow, action="payment_route.change", subject=("payment_route", str(route_id)), after=dict(wanted))
    return changed


async def remove(uow: UnitOfWork, route_id: RouteId) -> None:
    """Take a rule away. Raises RouteMissing."""
    if not await route_store.delete_route(uow, route_id):
        raise RouteMissing(f"there is no rule {route_id}")
    await audit.record(uow, action="payment_route.remove", subject=("payment_route", str(route_id)))
