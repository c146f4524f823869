"""Endpoints, deliveries and the decisions about them: what is sent, when again, when to slow down, when to stop.

Everything about retrying is machine time.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from specie.events import Event, EventType, matches
from specie.kernel.ids import DeliveryId, EndpointId, EventId, PartyId, TenantId

SCHEDULE = tuple(timedelta(seconds=s) for s in (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""The wait before each attempt: about three days in all."""

SLOTS = 16
"""How many calls of an endpoint that fares well may be under way at once, over all senders."""

CLOCKS_APART = timedelta(seconds=2)
"""How far the clocks of two machines may be apart: rather one event from just before an endpoint than one missed."""

JITTER_PERCENT = 10
WARN_AFTER = timedelta(days=3)
DISABLE_AFTER = timedelta(days=5)
WARNING_GIVES = timedelta(days=1)

_OPEN_FROM = 5
_OPEN_FIRST = timedelta(seconds=5)
_OPEN_LONGEST = timedelta(minutes=10)
_THROTTLED = timedelta(seconds=30)
_THROTTLED_LONGEST = timedelta(hours=1)
_GONE = timedelta(hours=1)
_SLOW_DOWN = frozenset({429, 502, 504})
SUSPECT_FROM = 3


class EndpointState(StrEnum):
    """Whether an endpoint is sent to. A paused one keeps what happens meanwhile; a disabled one does not."""

    ENABLED = "enabled"
    PAUSED = "paused"
    DISABLED = "disabled"
    DELETED = "deleted"


class DisabledReason(StrEnum):
    """Why Specie stopped sending: the endpoint answered 410, or failed for five days."""

    GONE = "gone"
    FAILING = "failing"


class DeliveryState(StrEnum):
    """Where a delivery stands. A dead one has used up its attempts and waits for somebody to resend it."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """What a caller gives to make an endpoint."""

    url: str
    types: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events are sent. `missed_from_n` is the first event it lost while it was disabled."""

    id: EndpointId
    party_id: PartyId | None
    url: str
    description: str
    types: tuple[str, ...]
    state: EndpointState
    disabled_reason: DisabledReason | None
    missed_from_n: int | None
    version: int
    previous_secret_until: datetime | None
    failing_since: datetime | None
    warned_at: datetime | None
    open_until: datetime | None
    created_at: datetime
    updated_at: datetime

    def wants(self, event: Event) -> bool:
        """Whether the event is one the endpoint subscribed to, and its party may see."""
        if self.party_id is not None and event.party_id != self.party_id:
            return False
        return any(matches(pattern, event.type) for pattern in self.types)

    def is_younger_than(self, event: Event) -> bool:
        """Whether the event is history to the endpoint, which hears of it only when a recovery is asked for."""
        return event.recorded_at < self.created_at - CLOCKS_APART


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint. `n` is None for an example."""

    id: DeliveryId
    endpoint_id: EndpointId
    event_id: EventId
    event_type: str
    n: int | None
    body: str = field(repr=False)
    state: DeliveryState
    step: int
    attempts: int
    next_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. Everything after `started_at` is None when the process died before it could record the result."""

    number: int
    started_at: datetime
    finished_at: datetime | None
    url: str | None
    request_headers: Mapping[str, str] | None
    status: int | None
    answer: str | None
    latency_ms: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to be stored."""

    endpoint_id: EndpointId
    event_id: UUID
    event_type: str
    n: int | None
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that one sender may send until `lease_until`. `attempt` is its number and the fence of the claim."""

    tenant_id: TenantId
    delivery_id: DeliveryId
    endpoint_id: EndpointId
    event_id: EventId
    attempt: int
    step: int
    lease_until: datetime
    url: str
    body: str = field(repr=False)
    secret: bytes = field(repr=False)
    previous_secret: bytes | None = field(repr=False)
    previous_secret_until: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. `error` is None exactly when the endpoint answered 2xx."""

    url: str
    request_headers: Mapping[str, str]
    status: int | None = None
    answer: str | None = None
    latency_ms: int = 0
    error: str | None = None
    retry_after: timedelta | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the endpoint took it."""
        return self.error is None


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """A claimed delivery that was sent, and what came of it; no two are the same."""

    claim: Claim
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Health:
    """How an endpoint fares; nothing is sent before `open_until`."""

    consecutive_failures: int
    failing_since: datetime | None
    warned_at: datetime | None
    open_until: datetime | None


class Alarm(StrEnum):
    """What a failure leads to beyond a retry."""

    WARN = "warn"
    DISABLE = "disable"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Stats:
    """Attempts and deliveries of one endpoint since a moment; latencies in milliseconds."""

    since: datetime
    attempts: int
    succeeded: int
    failed: int
    latency_p50_ms: int | None
    latency_p95_ms: int | None
    deliveries: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """What a list of deliveries is narrowed to; None does not narrow."""

    state: DeliveryState | None = None
    endpoint_id: EndpointId | None = None
    event_id: EventId | None = None
    status_code: int | None = None
    type: str | None = None


def error_of(status: int) -> str | None:
    """The class of an answer; None for success. A redirect is a failure: it is never followed."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return "redirect"
    return "http_4xx" if 400 <= status < 500 else "http_5xx"


def next_attempt_at(step: int, outcome: Outcome, now: datetime, jitter: int) -> datetime | None:
    """When to try again after `step` attempts of the schedule; None when it is used up. `jitter` is in percent."""
    if step >= len(SCHEDULE):
        return None
    wait = SCHEDULE[step] * (100 + jitter) // 100
    return now + max(wait, _asked_to_wait(outcome) or wait)


def after_failure(health: Health, outcome: Outcome, now: datetime) -> tuple[Health, Alarm | None]:
    """The endpoint's health after one more failure, and what somebody should be told or done about it."""
    failures = health.consecutive_failures + 1
    pauses = [health.open_until or now, now + _pause(failures, outcome)]
    changed = replace(
        health,
        consecutive_failures=failures,
        failing_since=health.failing_since or now,
        open_until=max(pauses),
    )
    return changed, _alarm(changed, outcome, now)


def _pause(failures: int, outcome: Outcome) -> timedelta:
    if outcome.status == 410:
        return _GONE
    throttled = _asked_to_wait(outcome) or timedelta(0)
    if failures < _OPEN_FROM:
        return throttled
    doubled = _OPEN_FIRST * (1 << min(failures - _OPEN_FROM, 10))
    return max(throttled, min(doubled, _OPEN_LONGEST))


def _asked_to_wait(outcome: Outcome) -> timedelta | None:
    if outcome.status not in _SLOW_DOWN:
        return None
    return min(outcome.retry_after or _THROTTLED, _THROTTLED_LONGEST)


def _alarm(health: Health, outcome: Outcome, now: datetime) -> Alarm | None:
    if outcome.status == 410:
        return Alarm.GONE
    failing = now - (health.failing_since or now)
    if health.warned_at is None:
        return Alarm.WARN if failing >= WARN_AFTER else None
    is_over = failing >= DISABLE_AFTER and now - health.warned_at >= WARNING_GIVES
    return Alarm.DISABLE if is_over else None


def deliveries_for(
    events: Sequence[Event],
    endpoints: Sequence[Endpoint],
    *,
    with_history: bool = False,
    following: Collection[EndpointId] = (),
) -> list[NewDelivery]:
    """What each endpoint is owed of these events, in order. An event's body is the same for all of them.

    What happened before an endpoint was made is history: it is owed only `with_history`. To an endpoint that is
    `following` nothing is history, whatever the clocks say: the feed's order is surer than the time.
    """
    owed = []
    known = set(following)
    for event in events:
        wanting = [
            one
            for one in endpoints
            if one.wants(event) and (with_history or one.id in known or not one.is_younger_than(event))
        ]
        known.update(one.id for one in wanting)
        body = body_of(event) if wanting else ""
        owed += [NewDelivery(endpoint.id, event.id.uuid, event.type, event.n, body) for endpoint in wanting]
    return owed


def body_of(event: Event) -> str:
    """What is sent of an event. Of two bodies about one object, the one with the higher version is newer."""
    kind, subject_id = event.subject
    data = {
        "event_id": str(event.id),
        "n": event.n,
        "schema_version": event.schema_version,
        "object": {**event.data, "kind": kind, "id": subject_id, "version": event.version},
    }
    return _json(event.type, event.occurred_at, data)


def example_body(event_type: EventType, event_id: EventId, at: datetime) -> str:
    """The example of a type, marked as one."""
    data = {
        "event_id": str(event_id),
        "n": None,
        "schema_version": event_type.version,
        "example": True,
        "object": {"kind": "example", "id": "example", "version": 1, **event_type.sample},
    }
    return _json(event_type.name, at, data)


def _json(event_type: str, at: datetime, data: Mapping[str, Any]) -> str:
    timestamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    message = {"type": event_type, "timestamp": timestamp, "data": data}
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)
