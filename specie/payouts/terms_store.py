"""Every statement on the terms of payouts and on how connections are used for them."""

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.ids import ConnectionId
from specie.payouts.model import Route, Terms
from specie.payouts.tables import route, terms
from specie.platform.db import UnitOfWork

_TENANT = "tenant"


async def terms_of(uow: UnitOfWork) -> Terms:
    """The terms in force; what nobody set is free and without a minimum."""
    query = select(terms).where(terms.c.tenant_id == uow.scope.tenant_id.uuid, terms.c.subject == _TENANT)
    row = (await uow.execute(query)).one_or_none()
    return _terms(row) if row else Terms()


async def put_terms(uow: UnitOfWork, new: Terms) -> None:
    """Set the terms."""
    values = {
        "fee_rate": new.fee_rate,
        "fee_fixed": dict(new.fee_fixed),
        "minimum": dict(new.minimum),
        "rounding": new.rounding,
        "cool_off_seconds": new.cool_off_seconds,
        "updated_at": uow.now,
    }
    row = {"tenant_id": uow.scope.tenant_id.uuid, "subject": _TENANT, **values}
    await uow.execute(
        upsert(terms).values(row).on_conflict_do_update(index_elements=["tenant_id", "subject"], set_=values)
    )


async def routes(uow: UnitOfWork) -> dict[ConnectionId, Route]:
    """How connections are used, where somebody has said so."""
    query = select(route).where(route.c.tenant_id == uow.scope.tenant_id.uuid)
    return {ConnectionId(row.connection_id): _route(row) for row in await uow.execute(query)}


async def lock_route(uow: UnitOfWork, connection_id: ConnectionId) -> None:
    """Let nobody else count a throttled connection's calls until this unit ends."""
    this = (route.c.tenant_id == uow.scope.tenant_id.uuid, route.c.connection_id == connection_id.uuid)
    await uow.execute(select(route.c.connection_id).where(*this).with_for_update())


async def put_route(uow: UnitOfWork, new: Route) -> None:
    """Set how a connection is used."""
    values = {
        "is_enabled": new.is_enabled,
        "per_minute": new.per_minute,
        "position": new.position,
        "updated_at": uow.now,
    }
    row = {"tenant_id": uow.scope.tenant_id.uuid, "connection_id": new.connection_id.uuid, **values}
    await uow.execute(
        upsert(route).values(row).on_conflict_do_update(index_elements=["tenant_id", "connection_id"], set_=values)
    )


def _terms(row: Row[Any]) -> Terms:
    return Terms(row.fee_rate, row.fee_fixed, row.minimum, row.rounding, row.cool_off_seconds)


def _route(row: Row[Any]) -> Route:
    return Route(ConnectionId(row.connection_id), row.is_enabled, row.per_minute, row.position)
