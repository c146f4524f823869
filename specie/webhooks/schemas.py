"""Wire shapes of webhooks."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from specie.platform.http import Schema
from specie.platform.wire import AwareMoment
from specie.webhooks.model import Attempt, Delivery, Endpoint, EndpointState, NewEndpoint, Stats

Url = Annotated[str, Field(max_length=2048, examples=["https://example.com/specie"])]
Pattern = Annotated[str, Field(max_length=100, examples=["payment.*"])]
Patterns = Annotated[list[Pattern], Field(min_length=1, max_length=50, description="Types, families, or `*`")]
Description = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


class EndpointIn(Schema):
    """A new endpoint."""

    url: Url
    types: Patterns = Field(default=["*"])
    description: Description = ""

    def command(self) -> NewEndpoint:
        """What the service takes."""
        return NewEndpoint(self.url, tuple(dict.fromkeys(self.types)), self.description)


class EndpointChange(Schema):
    """What to change; what is left out stays."""

    url: Url | None = None
    types: Patterns | None = None
    description: Description | None = None
    state: Literal["enabled", "paused"] | None = None


class EndpointOut(Schema):
    """An endpoint. `secret` is there once: in the first answer to making it or to rotating."""

    id: str = Field(examples=["whk_01jx3s5v0q8e5t9m2w4r6y8zab"])
    url: str
    description: str
    types: list[str]
    state: EndpointState
    disabled_reason: str | None = Field(description="`gone` after an answer 410, `failing` after five days")
    missed_from_n: int | None = Field(description="First event not kept while it was disabled: recover from here")
    party_id: str | None
    version: int
    failing_since: datetime | None
    open_until: datetime | None = Field(description="Nothing is sent before this time")
    previous_secret_until: datetime | None = Field(description="Until then messages are signed with both secrets")
    created_at: datetime
    updated_at: datetime
    secret: str | None = None

    @classmethod
    def of(cls, endpoint: Endpoint, secret: str | None = None) -> "EndpointOut":
        """The wire form; with the secret it is shown this once."""
        return cls(
            id=str(endpoint.id),
            url=endpoint.url,
            description=endpoint.description,
            types=list(endpoint.types),
            state=endpoint.state,
            disabled_reason=endpoint.disabled_reason.value if endpoint.disabled_reason else None,
            missed_from_n=endpoint.missed_from_n,
            party_id=str(endpoint.party_id) if endpoint.party_id else None,
            version=endpoint.version,
            failing_since=endpoint.failing_since,
            open_until=endpoint.open_until,
            previous_secret_until=endpoint.previous_secret_until,
            created_at=endpoint.created_at,
            updated_at=endpoint.updated_at,
            secret=secret,
        )


class RotateIn(Schema):
    """How long the secret before stays in force beside the new one."""

    overlap_hours: int = Field(default=24, ge=0, le=168)


class ExampleIn(Schema):
    """Which event to send an example of."""

    type: str = Field(max_length=100, examples=["payment.paid"])


class RecoverIn(Schema):
    """From where to send again: a number of the feed, or a moment; up to its end, or to another number."""

    since_n: int | None = Field(default=None, ge=1, le=2**53)
    since: AwareMoment | None = None
    through_n: int | None = Field(default=None, ge=1, le=2**53, description="The last number of the range")
    include_delivered: bool = Field(default=False, description="Also what the endpoint has accepted")

    @model_validator(mode="after")
    def _one_start(self) -> "RecoverIn":
        if (self.since_n is None) == (self.since is None):
            raise ValueError("give either since_n or since")
        if self.through_n is not None and self.through_n < (self.since_n or 1):
            raise ValueError("through_n does not lie before since_n")
        return self

    def start(self) -> int | datetime:
        """The one that was given."""
        start = self.since_n if self.since_n is not None else self.since
        assert start is not None  # noqa: S101
        return start


class RecoveryOut(Schema):
    """The range that is being sent again."""

    since_n: int
    through_n: int


class LatencyOut(Schema):
    """Milliseconds until the answer."""

    p50: int | None
    p95: int | None


class StatsOut(Schema):
    """How an endpoint fared."""

    since: datetime
    attempts: int
    succeeded: int
    failed: int
    latency_ms: LatencyOut
    deliveries: dict[str, int] = Field(description="By state; those not yet delivered are counted whatever their age")

    @classmethod
    def of(cls, stats: Stats) -> "StatsOut":
        """The wire form."""
        return cls(
            since=stats.since,
            attempts=stats.attempts,
            succeeded=stats.succeeded,
            failed=stats.failed,
            latency_ms=LatencyOut(p50=stats.latency_p50_ms, p95=stats.latency_p95_ms),
            deliveries=dict(stats.deliveries),
        )


class DeliveryOut(Schema):
    """One event on its way to one endpoint."""

    id: str = Field(examples=["dlv_01jx3s5v0q8e5t9m2w4r6y8zab"])
    endpoint_id: str
    event_id: str
    event_type: str
    n: int | None = Field(description="The event's number in the feed; null for an example")
    state: str = Field(examples=["delivered"])
    attempts: int
    next_attempt_at: datetime | None
    status_code: int | None
    error: str | None = Field(description="Class of the last failure, such as `timeout` or `http_5xx`")
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryOut":
        """The wire form."""
        return cls(
            id=str(delivery.id),
            endpoint_id=str(delivery.endpoint_id),
            event_id=str(delivery.event_id),
            event_type=delivery.event_type,
            n=delivery.n,
            state=delivery.state.value,
            attempts=delivery.attempts,
            next_attempt_at=delivery.next_at,
            status_code=delivery.last_status,
            error=delivery.last_error,
            created_at=delivery.created_at,
            finished_at=delivery.finished_at,
        )


class AttemptOut(Schema):
    """One try: what was sent, and what came back (of text answers the first 512 bytes)."""

    number: int
    started_at: datetime
    finished_at: datetime | None = Field(description="Null while it runs, and when its sender died")
    url: str | None
    request_headers: dict[str, str] | None
    status_code: int | None
    answer: str | None
    latency_ms: int | None
    error: str | None

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptOut":
        """The wire form."""
        return cls(
            number=attempt.number,
            started_at=attempt.started_at,
            finished_at=attempt.finished_at,
            url=attempt.url,
            request_headers=dict(attempt.request_headers) if attempt.request_headers else None,
            status_code=attempt.status,
            answer=attempt.answer,
            latency_ms=attempt.latency_ms,
            error=attempt.error,
        )


class DeliveryDetailOut(Schema):
    """A delivery with the body that is sent and every attempt."""

    delivery: DeliveryOut
    body: str
    attempts: list[AttemptOut]

    @classmethod
    def of(cls, found: tuple[Delivery, list[Attempt]]) -> "DeliveryDetailOut":
        """The wire form."""
        delivery, attempts = found
        return cls(
            delivery=DeliveryOut.of(delivery), body=delivery.body, attempts=[AttemptOut.of(each) for each in attempts]
        )
