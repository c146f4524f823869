"""The terms of payouts, and how connections are used for them."""

from specie import audit, providers
from specie.kernel.ids import ConnectionId
from specie.payouts import terms_store
from specie.payouts.model import Route, Terms
from specie.platform.db import UnitOfWork
from specie.providers import PayoutAdapter, Toolbox, active_links


async def change_terms(uow: UnitOfWork, new: Terms) -> Terms:
    """Set the tenant's terms; payouts under way keep the fee they were promised."""
    before = await terms_store.terms_of(uow)
    await terms_store.put_terms(uow, new)
    await audit.record(
        uow,
        action="payout_terms.change",
        subject=("payout_terms", "tenant"),
        before=_told(before),
        after=_told(new),
    )
    return new


def _told(terms: Terms) -> dict[str, object]:
    return {
        "fee_rate": str(terms.fee_rate),
        "fee_fixed": dict(terms.fee_fixed),
        "minimum": dict(terms.minimum),
        "cool_off_seconds": terms.cool_off_seconds,
    }


async def routes(uow: UnitOfWork, toolbox: Toolbox) -> list[tuple[Route, str]]:
    """Every active connection that pays out, in the order in which they are tried, with its name."""
    known = await terms_store.routes(uow)
    found = []
    for link in await active_links(uow, toolbox):
        if isinstance(link.adapter, PayoutAdapter) and link.adapter.capabilities().payout_rails:
            shown = await providers.get_connection(uow, link.connection_id)
            found.append((known.get(link.connection_id, Route(link.connection_id)), shown.name))
    return sorted(found, key=lambda each: each[0].position)


async def change_route(uow: UnitOfWork, new: Route) -> None:
    """Set how a connection is used. Raises ConnectionMissing."""
    await providers.get_connection(uow, new.connection_id)
    before = (await terms_store.routes(uow)).get(new.connection_id, Route(ConnectionId(new.connection_id.uuid)))
    await terms_store.put_route(uow, new)
    await audit.record(
        uow,
        action="payout_route.change",
        subject=("connection", str(new.connection_id)),
        before=_used(before),
        after=_used(new),
    )


def _used(route: Route) -> dict[str, object]:
    return {"is_enabled": route.is_enabled, "per_minute": route.per_minute, "position": route.position}
