"""The use cases of webhooks: endpoints, fanning out the feed, deliveries and their repetition."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from specie import audit, events
from specie.events import EventTypeUnknown
from specie.kernel.clock import machine_now
from specie.kernel.errors import NotFound
from specie.kernel.ids import DeliveryId, EndpointId, EventId, TenantId
from specie.kernel.pagination import Page
from specie.platform import jobs
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.webhooks import secrets, sending_store, store
from specie.webhooks.errors import DeliveryInProgress, EndpointNotEnabled, TooManyEndpoints
from specie.webhooks.events import DISABLED, FAILING, told
from specie.webhooks.model import (
    Attempt,
    Delivery,
    DeliveryFilter,
    DeliveryState,
    DisabledReason,
    Endpoint,
    EndpointState,
    NewDelivery,
    NewEndpoint,
    Stats,
    deliveries_for,
    example_body,
)

RECOVER = "webhooks.recover"

_MOST_ENDPOINTS = 50
_FAN_OUT_EVENTS = 500
_WELL = {"consecutive_failures": 0, "failing_since": None, "warned_at": None, "open_until": None}


async def create(uow: UnitOfWork, new: NewEndpoint, ring: KeyRing) -> tuple[Endpoint, str]:
    """Make an endpoint for the caller's events from now on. Returns it with its secret, which is never shown again.

    Raises TooManyEndpoints and EventTypeUnknown. The URL has been checked by the edge.
    """
    _require_known(new.types)
    if await store.count_endpoints(uow) >= _MOST_ENDPOINTS:
        raise TooManyEndpoints(f"there may be at most {_MOST_ENDPOINTS}")
    scope, endpoint_id = uow.scope, EndpointId.new()
    secret, sealed = secrets.fresh(ring, scope.tenant_id, endpoint_id)
    values = {
        "id": endpoint_id.uuid,
        "party_id": scope.party_id.uuid if scope.party_id else None,
        "url": new.url,
        "description": new.description,
        "types": list(new.types),
        "state": EndpointState.ENABLED.value,
        "version": 1,
        "secret": sealed,
        "created_at": uow.now,
        "updated_at": uow.now,
    }
    await store.add_endpoint(uow, values | {"consecutive_failures": 0})
    endpoint = await get(uow, endpoint_id)
    await _audit(uow, "webhook_endpoint.create", endpoint, after=_audited(endpoint))
    return endpoint, secret


async def find(uow: UnitOfWork, before: UUID | None, limit: int) -> Page[Endpoint]:
    """A page of endpoints, newest first."""
    return Page.cut(await store.endpoints(uow, before, limit), limit, key=lambda each: (str(each.id.uuid),))


async def get(uow: UnitOfWork, endpoint_id: EndpointId, *, lock: bool = False) -> Endpoint:
    """One endpoint. Raises NotFound, also for another party's."""
    found = await store.find_endpoint(uow, endpoint_id, lock=lock)
    if found is None:
        raise NotFound("no such webhook endpoint", param="endpoint_id")
    return found


async def change(
    uow: UnitOfWork,
    endpoint_id: EndpointId,
    *,
    url: str | None = None,
    description: str | None = None,
    types: tuple[str, ...] | None = None,
    state: EndpointState | None = None,
) -> Endpoint:
    """Change what is given. Enabling forgets past failures; what waited goes out. Raises NotFound, EventTypeUnknown."""
    before = await get(uow, endpoint_id, lock=True)
    values: dict[str, Any] = {"url": url, "description": description, "types": list(types) if types else None}
    values = {name: value for name, value in values.items() if value is not None}
    if types is not None:
        _require_known(types)
    if state is not None and state is not before.state:
        values |= {"state": state.value, "disabled_reason": None, **_WELL}
    if not values:
        return before
    await store.change_endpoint(uow, endpoint_id, values)
    after = await get(uow, endpoint_id)
    await _audit(uow, "webhook_endpoint.change", after, before=_audited(before), after=_audited(after))
    return after


async def delete(uow: UnitOfWork, endpoint_id: EndpointId) -> Endpoint:
    """Stop sending for good; what was still waiting is dead. Past deliveries stay listed. Raises NotFound."""
    endpoint = await get(uow, endpoint_id, lock=True)
    await store.change_endpoint(uow, endpoint_id, {"state": EndpointState.DELETED.value, "disabled_reason": None})
    await store.bury_pending(uow, endpoint_id, machine_now())
    await _audit(uow, "webhook_endpoint.delete", endpoint, before=_audited(endpoint))
    return endpoint


async def rotate(uow: UnitOfWork, endpoint_id: EndpointId, overlap: timedelta, ring: KeyRing) -> tuple[Endpoint, str]:
    """Give a new secret; for `overlap` of machine time messages carry signatures of both. Raises NotFound."""
    await get(uow, endpoint_id, lock=True)
    secret, sealed = secrets.fresh(ring, uow.scope.tenant_id, endpoint_id)
    until = machine_now() + overlap
    await store.rotate(uow, endpoint_id, sealed, until)
    endpoint = await get(uow, endpoint_id)
    await _audit(uow, "webhook_endpoint.rotate_secret", endpoint, after={"previous_secret_until": until.isoformat()})
    return endpoint, secret


async def send_example(uow: UnitOfWork, endpoint_id: EndpointId, type_name: str) -> Delivery:
    """Queue an example of an event type, signed like the real thing. Raises EndpointNotEnabled, EventTypeUnknown."""
    await _require_enabled(uow, endpoint_id)
    event_type = events.catalogue.newest(type_name)
    event_id = EventId.new()
    body = example_body(event_type, event_id, uow.now)
    owed = NewDelivery(endpoint_id, event_id.uuid, event_type.name, None, body)
    await sending_store.add_deliveries(uow, uow.scope.tenant_id, [owed], machine_now())
    await store.reopen(uow, endpoint_id)
    [delivery] = await store.deliveries_of(uow, [event_id.uuid])
    return delivery


async def ask_recovery(
    uow: UnitOfWork,
    endpoint_id: EndpointId,
    since: int | datetime,
    through_n: int | None = None,
    *,
    include_delivered: bool,
) -> tuple[int, int]:
    """Queue the repetition of everything from a number, or a moment of machine time, up to a number or the feed's end.

    Missing and dead deliveries are sent, with `include_delivered` the others too. Returns the first and last number.
    Raises EndpointNotEnabled.
    """
    endpoint = await _require_enabled(uow, endpoint_id)
    head = await events.head(uow, uow.scope.tenant_id)
    first = since if isinstance(since, int) else (await events.first_n_since(uow, since)) or head + 1
    through = head if through_n is None else min(through_n, head)
    if endpoint.missed_from_n is not None and first <= endpoint.missed_from_n:
        left = None if through == head else max(endpoint.missed_from_n, through + 1)
        await store.change_endpoint(uow, endpoint_id, {"missed_from_n": left})
    await store.reopen(uow, endpoint_id)
    asked = {"since_n": first, "through_n": through, "include_delivered": include_delivered}
    await jobs.defer(uow, RECOVER, endpoint_id=str(endpoint_id), **asked)
    await _audit(uow, "webhook_endpoint.recover", endpoint, after=asked)
    return first, through


async def recover_part(
    uow: UnitOfWork, endpoint_id: EndpointId, after_n: int, through_n: int, *, include_delivered: bool
) -> int | None:
    """Queue a part of a range again. Returns the number reached, None when the range or the endpoint is finished."""
    endpoint = await store.find_endpoint(uow, endpoint_id, lock=True)
    if endpoint is None:
        return None
    tenant_id = uow.scope.tenant_id
    found = await events.after(uow, tenant_id, after_n, _FAN_OUT_EVENTS)
    wanted = [event for event in found if event.n <= through_n]
    repeated = [DeliveryState.DEAD.value] + ([DeliveryState.DELIVERED.value] if include_delivered else [])
    owed = deliveries_for(wanted, [endpoint], with_history=True)
    await sending_store.add_or_repeat(uow, tenant_id, owed, machine_now(), repeated)
    return wanted[-1].n if wanted and wanted[-1].n < through_n else None


async def stats(uow: UnitOfWork, endpoint_id: EndpointId, period: timedelta) -> Stats:
    """How the endpoint fared during the last `period` of machine time. Raises NotFound."""
    await get(uow, endpoint_id)
    return await store.stats(uow, endpoint_id, machine_now() - period)


async def find_deliveries(uow: UnitOfWork, wanted: DeliveryFilter, before: UUID | None, limit: int) -> Page[Delivery]:
    """A page of deliveries, newest first. Raises EventTypeUnknown for a type that is no pattern."""
    if wanted.type is not None and not events.is_pattern(wanted.type):
        raise EventTypeUnknown("a type looks like payment.paid, a family like payment.*", param="type")
    rows = await store.deliveries(uow, wanted, before, limit)
    return Page.cut(rows, limit, key=lambda each: (str(each.id.uuid),))


async def get_delivery(uow: UnitOfWork, delivery_id: DeliveryId) -> tuple[Delivery, list[Attempt]]:
    """A delivery with its attempts. Raises NotFound, also for another party's."""
    return await _delivery(uow, delivery_id), await store.attempts(uow, delivery_id)


async def deliveries_of(uow: UnitOfWork, event_ids: Sequence[UUID]) -> list[Delivery]:
    """Every delivery of these events that the caller may see, oldest first."""
    return await store.deliveries_of(uow, event_ids) if event_ids else []


async def resend(uow: UnitOfWork, delivery_id: DeliveryId) -> Delivery:
    """Send a delivery again, same id and same bytes. Raises NotFound, DeliveryInProgress, EndpointNotEnabled."""
    endpoint = await _require_enabled(uow, (await _delivery(uow, delivery_id)).endpoint_id)
    found = await _delivery(uow, delivery_id, lock=True)
    if found.state is DeliveryState.SENDING:
        raise DeliveryInProgress("wait for its answer", delivery_id=str(delivery_id))
    await store.restart(uow, delivery_id, machine_now())
    await store.reopen(uow, endpoint.id)
    subject = ("webhook_delivery", str(delivery_id))
    await audit.record(uow, action="webhook_delivery.resend", subject=subject, before={"state": found.state.value})
    return await _delivery(uow, delivery_id)


async def behind(uow: UnitOfWork) -> list[tuple[TenantId, int]]:
    """Tenants whose feed goes on where fanning out stopped, with the feed's end. Needs a system unit of work."""
    reached = await sending_store.positions(uow)
    return [(tenant, head) for tenant, head in (await events.heads(uow)).items() if head > reached.get(tenant, 0)]


async def fan_out(uow: UnitOfWork, tenant_id: TenantId, head: int) -> int:
    """Owe the next part of a tenant's feed to its endpoints, exactly once. Needs a system unit of work.

    Returns how many deliveries were made.
    """
    reached = await sending_store.lock_position(uow, tenant_id)
    if reached is None or reached >= head:
        return 0
    endpoints = await sending_store.subscribers(uow, tenant_id)
    if not endpoints:
        await sending_store.move_position(uow, tenant_id, head)
        return 0
    found = await events.after(uow, tenant_id, reached, _FAN_OUT_EVENTS)
    young = [one.id for one in endpoints if any(one.is_younger_than(event) for event in found)]
    following = await sending_store.following(uow, tenant_id, young) if young else set[EndpointId]()
    owed = deliveries_for(found, endpoints, following=following)
    made = await sending_store.add_deliveries(uow, tenant_id, owed, machine_now())
    await sending_store.move_position(uow, tenant_id, found[-1].n)
    return made


async def disable(uow: UnitOfWork, endpoint_id: EndpointId, reason: DisabledReason) -> None:
    """Stop sending to an endpoint that is gone or has failed too long; does nothing when it is well again by now."""
    before = await store.find_endpoint(uow, endpoint_id, lock=True)
    if before is None or before.state is not EndpointState.ENABLED or before.failing_since is None:
        return
    missed_from = await store.fanned_out_to(uow) + 1
    values = {"state": EndpointState.DISABLED.value, "disabled_reason": reason.value, "missed_from_n": missed_from}
    await store.change_endpoint(uow, endpoint_id, values)
    after = await get(uow, endpoint_id)
    await events.record(uow, told(DISABLED, after))
    await _audit(uow, "webhook_endpoint.disable", after, before=_audited(before), after=_audited(after))


async def failing(uow: UnitOfWork, endpoint_id: EndpointId) -> Endpoint | None:
    """The endpoint if it keeps failing and nobody has been warned yet."""
    found = await store.find_endpoint(uow, endpoint_id, lock=True)
    is_ill = found is not None and found.state is EndpointState.ENABLED and found.failing_since is not None
    return found if is_ill and found is not None and found.warned_at is None else None


async def note_warned(uow: UnitOfWork, endpoint_id: EndpointId) -> None:
    """Remember that the people in charge were told that the endpoint fails."""
    if await failing(uow, endpoint_id) is None:
        return
    await store.change_endpoint(uow, endpoint_id, {"warned_at": machine_now()})
    endpoint = await get(uow, endpoint_id)
    await events.record(uow, told(FAILING, endpoint))
    await _audit(uow, "webhook_endpoint.warn", endpoint)


async def _delivery(uow: UnitOfWork, delivery_id: DeliveryId, *, lock: bool = False) -> Delivery:
    found = await store.find_delivery(uow, delivery_id, lock=lock)
    if found is None:
        raise NotFound("no such webhook delivery", param="delivery_id")
    return found


async def _require_enabled(uow: UnitOfWork, endpoint_id: EndpointId) -> Endpoint:
    endpoint = await get(uow, endpoint_id, lock=True)
    if endpoint.state is not EndpointState.ENABLED:
        raise EndpointNotEnabled(f"it is {endpoint.state}", state=endpoint.state.value)
    return endpoint


def _require_known(types: Sequence[str]) -> None:
    unknown = [pattern for pattern in types if not (events.is_pattern(pattern) and events.catalogue.is_known(pattern))]
    if unknown:
        raise EventTypeUnknown(f"no event type fits {', '.join(unknown)}", param="types", unknown=unknown)


def _audited(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "url": endpoint.url,
        "description": endpoint.description,
        "types": list(endpoint.types),
        "state": endpoint.state.value,
        "disabled_reason": endpoint.disabled_reason.value if endpoint.disabled_reason else None,
    }


async def _audit(
    uow: UnitOfWork,
    action: str,
    endpoint: Endpoint,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    subject = ("webhook_endpoint", str(endpoint.id))
    await audit.record(uow, action=action, subject=subject, before=before, after=after)
