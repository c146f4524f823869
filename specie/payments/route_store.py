"""Every statement on routing: rules, choices, and how the latest tries at each connection went."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from specie.kernel.ids import AttemptId, ConnectionId, PaymentId
from specie.payments.route_model import (
    HEALTH_TRIES,
    HEALTH_WINDOW_SECONDS,
    UNHEALTHY,
    Choice,
    ChoiceRow,
    Health,
    Route,
    RouteId,
)
from specie.payments.tables import attempt, route, route_choice
from specie.platform.db import UnitOfWork
from specie.providers import ChargeKind


async def routes(uow: UnitOfWork) -> list[Route]:
    """Every rule, in the order in which they are asked."""
    query = select(route).where(route.c.tenant_id == uow.scope.tenant_id.uuid).order_by(route.c.position, route.c.id)
    return [_route(row) for row in await uow.execute(query)]


async def insert_route(uow: UnitOfWork, new: Route) -> None:
    """Write down a rule."""
    await uow.execute(
        insert(route).values(
            tenant_id=uow.scope.tenant_id.uuid,
            id=new.id.uuid,
            connection_id=new.connection_id.uuid,
            position=new.position,
            weight=new.weight,
            method=new.method.value if new.method else None,
            currency=new.currency,
            country=new.country,
            min_minor=new.min_minor,
            max_minor=new.max_minor,
            is_active=new.is_active,
            created_at=new.created_at,
            updated_at=new.updated_at,
        )
    )


async def change_route(uow: UnitOfWork, route_id: RouteId, wanted: Mapping[str, Any]) -> Route | None:
    """Change some of a rule; None when there is none."""
    mine = (route.c.tenant_id == uow.scope.tenant_id.uuid, route.c.id == route_id.uuid)
    changed = update(route).where(*mine).values(**wanted, updated_at=uow.now).returning(*route.c)
    row = (await uow.execute(changed)).one_or_none()
    return _route(row) if row else None


async def delete_route(uow: UnitOfWork, route_id: RouteId) -> bool:
    """Take a rule away; whether there was one."""
    mine = (route.c.tenant_id == uow.scope.tenant_id.uuid, route.c.id == route_id.uuid)
    return (await uow.execute(delete(route).where(*mine).returning(route.c.id))).one_or_none() is not None


async def insert_choice(uow: UnitOfWork, payment_id: PaymentId, attempt_id: AttemptId, choice: Choice) -> None:
    """Write down why an attempt goes where it goes."""
    await uow.execute(
        insert(route_choice).values(
            tenant_id=uow.scope.tenant_id.uuid,
            attempt_id=attempt_id.uuid,
            payment_id=payment_id.uuid,
            connection_id=choice.connection_id.uuid,
            reason=choice.reason,
            considered=[dict(each) for each in choice.considered],
            at=uow.now,
        )
    )


async def choices_of(uow: UnitOfWork, payment_id: PaymentId) -> list[ChoiceRow]:
    """Why each attempt of a payment went where it went."""
    mine = route_choice.c.tenant_id == uow.scope.tenant_id.uuid
    rows = await uow.execute(select(route_choice).where(mine, route_choice.c.payment_id == payment_id.uuid))
    return [
        ChoiceRow(
            AttemptId(row.attempt_id), Choice(ConnectionId(row.connection_id), row.reason, row.considered), row.at
        )
        for row in rows
    ]


async def health(uow: UnitOfWork) -> dict[ConnectionId, Health]:
    """How the latest tries at each connection went, as far as they are recent."""
    since = uow.now - timedelta(seconds=HEALTH_WINDOW_SECONDS)
    nth = func.row_number().over(partition_by=attempt.c.connection_id, order_by=attempt.c.updated_at.desc())
    recent = (
        select(attempt.c.connection_id, attempt.c.state, attempt.c.error_class, nth.label("nth"))
        .where(
            attempt.c.tenant_id == uow.scope.tenant_id.uuid,
            attempt.c.updated_at >= since,
            attempt.c.state != "created",
        )
        .subquery()
    )
    bad = (recent.c.state == "unknown") | recent.c.error_class.in_([each.value for each in UNHEALTHY])
    query = (
        select(
            recent.c.connection_id,
            func.count().label("tries"),
            func.count().filter(bad).label("failures"),
        )
        .where(recent.c.nth <= HEALTH_TRIES)
        .group_by(recent.c.connection_id)
    )
    return {ConnectionId(row.connection_id): Health(row.tries, row.failures) for row in await uow.execute(query)}


def _route(row: Row[Any]) -> Route:
    return Route(
        id=RouteId(row.id),
        connection_id=ConnectionId(row.connection_id),
        position=row.position,
        weight=row.weight,
        is_active=row.is_active,
        created_at=row.created_at,
        updated_at=row.updated_at,
        method=ChargeKind(row.method) if row.method else None,
        currency=row.currency,
        country=row.country,
        min_minor=row.min_minor,
        max_minor=row.max_minor,
    )
