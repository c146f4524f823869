"""The SQL of endpoints and deliveries as their owner sees them. A limited caller sees its own party's only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, or_, select, update

from specie.events import pattern_prefix
from specie.kernel.ids import DeliveryId, EndpointId, EventId, PartyId
from specie.kernel.scope import Scope
from specie.platform.db import UnitOfWork
from specie.webhooks.model import (
    Attempt,
    Delivery,
    DeliveryFilter,
    DeliveryState,
    DisabledReason,
    Endpoint,
    EndpointState,
    Stats,
)
from specie.webhooks.tables import attempt, delivery, endpoint, position

_SECRETS = {"tenant_id", "secret", "previous_secret", "consecutive_failures"}
ENDPOINT_COLUMNS = [column for column in endpoint.c if column.name not in _SECRETS]
_DELIVERY_COLUMNS = [column for column in delivery.c if column.name not in {"tenant_id", "lease_until"}]
_OF_ENDPOINT = delivery.join(
    endpoint, and_(endpoint.c.tenant_id == delivery.c.tenant_id, endpoint.c.id == delivery.c.endpoint_id)
)


def endpoint_of(row: Row[Any]) -> Endpoint:
    """The endpoint of a row with ENDPOINT_COLUMNS."""
    values = dict(row._mapping)
    return Endpoint(
        **values
        | {
            "id": EndpointId(row.id),
            "party_id": PartyId(row.party_id) if row.party_id else None,
            "types": tuple(row.types),
            "state": EndpointState(row.state),
            "disabled_reason": DisabledReason(row.disabled_reason) if row.disabled_reason else None,
        }
    )


async def add_endpoint(uow: UnitOfWork, values: dict[str, Any]) -> None:
    """Insert an endpoint of the scope's tenant."""
    await uow.execute(insert(endpoint).values(tenant_id=uow.scope.tenant_id.uuid, **values))


async def count_endpoints(uow: UnitOfWork) -> int:
    """How many endpoints the caller has."""
    return int((await uow.execute(select(func.count()).select_from(endpoint).where(*_visible(uow.scope)))).scalar_one())


async def endpoints(uow: UnitOfWork, before: UUID | None, limit: int) -> list[Endpoint]:
    """Up to `limit + 1` endpoints, newest first, older than `before`."""
    query = select(*ENDPOINT_COLUMNS).where(*_visible(uow.scope)).order_by(endpoint.c.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(endpoint.c.id < before)
    return [endpoint_of(row) for row in await uow.execute(query)]


async def find_endpoint(uow: UnitOfWork, endpoint_id: EndpointId, *, lock: bool = False) -> Endpoint | None:
    """One endpoint the caller may see, locked against other changes if so asked."""
    query = select(*ENDPOINT_COLUMNS).where(*_visible(uow.scope), endpoint.c.id == endpoint_id.uuid)
    if lock:
        query = query.with_for_update(key_share=True)
    row = (await uow.execute(query)).one_or_none()
    return endpoint_of(row) if row else None


async def change_endpoint(uow: UnitOfWork, endpoint_id: EndpointId, values: dict[str, Any]) -> None:
    """Set columns of an endpoint, whose version grows by one."""
    changed = {**values, "version": endpoint.c.version + 1, "updated_at": uow.now}
    this = (endpoint.c.tenant_id == uow.scope.tenant_id.uuid, endpoint.c.id == endpoint_id.uuid)
    await uow.execute(update(endpoint).where(*this).values(changed))


async def rotate(uow: UnitOfWork, endpoint_id: EndpointId, secret: bytes, until: datetime) -> None:
    """Put a new sealed secret in force beside the one before, which goes at `until`."""
    values = {"secret": secret, "previous_secret": endpoint.c.secret, "previous_secret_until": until}
    await change_endpoint(uow, endpoint_id, values)


async def reopen(uow: UnitOfWork, endpoint_id: EndpointId) -> None:
    """Let the next delivery go at once, whatever pause the failures before had earned."""
    this = (endpoint.c.tenant_id == uow.scope.tenant_id.uuid, endpoint.c.id == endpoint_id.uuid)
    await uow.execute(update(endpoint).where(*this, endpoint.c.open_until.is_not(None)).values(open_until=None))


async def bury_pending(uow: UnitOfWork, endpoint_id: EndpointId, now: datetime) -> None:
    """What waits for an endpoint that is gone will not be sent."""
    this = (delivery.c.tenant_id == uow.scope.tenant_id.uuid, delivery.c.endpoint_id == endpoint_id.uuid)
    values = {"state": "dead", "next_at": None, "finished_at": now, "last_error": "endpoint_deleted"}
    await uow.execute(update(delivery).where(*this, delivery.c.state == "pending").values(values))


async def fanned_out_to(uow: UnitOfWork) -> int:
    """The number up to which the tenant's feed has been fanned out."""
    query = select(position.c.last_n).where(position.c.tenant_id == uow.scope.tenant_id.uuid)
    return (await uow.execute(query)).scalar_one_or_none() or 0


async def deliveries(uow: UnitOfWork, wanted: DeliveryFilter, before: UUID | None, limit: int) -> list[Delivery]:
    """Up to `limit + 1` deliveries, newest first, older than `before`."""
    query = _deliveries(uow.scope).where(*_conditions(wanted)).order_by(delivery.c.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(delivery.c.id < before)
    return [_delivery(row) for row in await uow.execute(query)]


async def find_delivery(uow: UnitOfWork, delivery_id: DeliveryId, *, lock: bool = False) -> Delivery | None:
    """One delivery the caller may see, locked if so asked."""
    query = _deliveries(uow.scope).where(delivery.c.id == delivery_id.uuid)
    if lock:
        query = query.with_for_update(of=delivery)
    row = (await uow.execute(query)).one_or_none()
    return _delivery(row) if row else None


async def deliveries_of(uow: UnitOfWork, event_ids: Sequence[UUID]) -> list[Delivery]:
    """Every delivery of some events that the caller may see, oldest first."""
    query = _deliveries(uow.scope).where(delivery.c.event_id.in_(event_ids)).order_by(delivery.c.id)
    return [_delivery(row) for row in await uow.execute(query)]


async def attempts(uow: UnitOfWork, delivery_id: DeliveryId) -> list[Attempt]:
    """The attempts of a delivery in order."""
    columns = [column for column in attempt.c if column.name in Attempt.__dataclass_fields__]
    this = (attempt.c.tenant_id == uow.scope.tenant_id.uuid, attempt.c.delivery_id == delivery_id.uuid)
    rows = await uow.execute(select(*columns).where(*this).order_by(attempt.c.number))
    return [Attempt(**row._mapping) for row in rows]


async def restart(uow: UnitOfWork, delivery_id: DeliveryId, now: datetime) -> None:
    """Queue a delivery to be sent now, with the whole schedule of retries before it."""
    this = (delivery.c.tenant_id == uow.scope.tenant_id.uuid, delivery.c.id == delivery_id.uuid)
    values = {"state": "pending", "step": 0, "next_at": now, "finished_at": None}
    await uow.execute(update(delivery).where(*this).values(values))


async def stats(uow: UnitOfWork, endpoint_id: EndpointId, since: datetime) -> Stats:
    """Counts and latencies of an endpoint since a moment."""
    tenant = uow.scope.tenant_id.uuid
    finished = attempt.c.finished_at.is_not(None)
    query = select(
        func.count().filter(finished).label("attempts"),
        func.count().filter(finished, attempt.c.error.is_(None)).label("succeeded"),
        func.percentile_disc(0.5).within_group(attempt.c.latency_ms).label("p50"),
        func.percentile_disc(0.95).within_group(attempt.c.latency_ms).label("p95"),
    ).where(attempt.c.tenant_id == tenant, attempt.c.endpoint_id == endpoint_id.uuid, attempt.c.started_at >= since)
    row = (await uow.execute(query)).one()
    by_state = (
        select(delivery.c.state, func.count().label("number"))
        .where(
            delivery.c.tenant_id == tenant,
            delivery.c.endpoint_id == endpoint_id.uuid,
            or_(delivery.c.created_at >= since, delivery.c.state != "delivered"),
        )
        .group_by(delivery.c.state)
    )
    counts = {state.value: 0 for state in DeliveryState}
    counts |= {row.state: row.number for row in await uow.execute(by_state)}
    return Stats(since, row.attempts, row.succeeded, row.attempts - row.succeeded, row.p50, row.p95, counts)


def _visible(scope: Scope) -> list[ColumnElement[bool]]:
    conditions = [endpoint.c.tenant_id == scope.tenant_id.uuid, endpoint.c.state != "deleted"]
    return conditions + _own(scope)


def _own(scope: Scope) -> list[ColumnElement[bool]]:
    return [endpoint.c.party_id == scope.party_id.uuid] if scope.party_id else []


def _deliveries(scope: Scope) -> Select[Any]:
    return (
        select(*_DELIVERY_COLUMNS)
        .select_from(_OF_ENDPOINT)
        .where(delivery.c.tenant_id == scope.tenant_id.uuid, *_own(scope))
    )


def _conditions(wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
    equal = {
        delivery.c.state: wanted.state.value if wanted.state else None,
        delivery.c.endpoint_id: wanted.endpoint_id.uuid if wanted.endpoint_id else None,
        delivery.c.event_id: wanted.event_id.uuid if wanted.event_id else None,
        delivery.c.last_status: wanted.status_code,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    if wanted.type is not None:
        prefix = pattern_prefix(wanted.type)
        exact = delivery.c.event_type == wanted.type
        found.append(exact if prefix is None else delivery.c.event_type.startswith(prefix, autoescape=True))
    return found


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        **dict(row._mapping)
        | {
            "id": DeliveryId(row.id),
            "endpoint_id": EndpointId(row.endpoint_id),
            "event_id": EventId(row.event_id),
            "state": DeliveryState(row.state),
        }
    )
