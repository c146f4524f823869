"""Wire shapes of connections and callbacks."""

import base64
from datetime import datetime, time
from typing import Annotated, Any

from pydantic import Field

from specie.kernel.ids import CallbackId
from specie.platform.http import Schema
from specie.platform.wire import TimeOfDay
from specie.providers.inbox import StoredCallback
from specie.providers.pay_over import PayOver
from specie.providers.records import CallbackRow, CallbackState, Connection

Name = Annotated[str, Field(min_length=1, max_length=100)]
Priority = Annotated[int, Field(ge=-1000, le=1000, description="Higher is preferred")]
TimeoutMs = Annotated[int, Field(ge=100, le=60_000)]


class PayOverIn(Schema):
    """When the provider pays over: what it collects by the cut-off of a day comes so many business days later."""

    days: Annotated[int, Field(ge=0, le=90)] = Field(description="Business days from the cut-off to our bank")
    cut_off: TimeOfDay = Field("23:59", description="Local time of the tenant")
    country: Annotated[str, Field(pattern="^([A-Z]{2})?$", examples=["ID"])] = Field(
        "", description="Whose holidays count; empty for Monday to Friday"
    )
    subdivision: Annotated[str, Field(pattern="^[0-9A-Z-]{0,10}$")] = ""

    def value(self) -> PayOver:
        """The value."""
        return PayOver(self.days, time.fromisoformat(self.cut_off), self.country, self.subdivision)


class PayOverOut(Schema):
    """When the provider pays over."""

    days: int
    cut_off: str
    country: str
    subdivision: str

    @classmethod
    def of(cls, terms: PayOver) -> "PayOverOut":
        """The wire form."""
        return cls(
            days=terms.days,
            cut_off=terms.cut_off.isoformat("minutes"),
            country=terms.country,
            subdivision=terms.subdivision,
        )


class ConnectionIn(Schema):
    """A provider to connect; `credentials` are what that provider hands out and are never shown again."""

    provider: str = Field(examples=["simulator"], max_length=50)
    name: Name
    credentials: dict[str, Any] = Field(default_factory=dict, max_length=20)
    priority: Priority = 0
    timeout_ms: TimeoutMs = 10_000


class ConnectionChange(Schema):
    """What to change; what is left out stays. Terms that are null are taken back."""

    credentials: dict[str, Any] | None = Field(
        None, max_length=20, description="New ones of the same account and environment, all of them: none is kept"
    )
    name: Name | None = None
    active: bool | None = None
    priority: Priority | None = None
    timeout_ms: TimeoutMs | None = None
    pays_over: PayOverIn | None = None

    def changes(self) -> dict[str, Any]:
        """The values but the credentials, by the names of the use case."""
        wanted = self.model_dump(exclude={"pays_over", "credentials"})
        if "pays_over" in self.model_fields_set:
            wanted["pays_over"] = self.pays_over.value() if self.pays_over else None
        return wanted


class ConnectionOut(Schema):
    """A connection without its credentials."""

    id: str
    provider: str
    name: str
    active: bool
    priority: int
    timeout_ms: int
    created_at: datetime
    updated_at: datetime
    pays_over: PayOverOut | None = Field(description="Null while nobody has said when the provider pays over")

    @classmethod
    def of(cls, connection: Connection) -> "ConnectionOut":
        """The wire form."""
        return cls(
            id=str(connection.id),
            provider=connection.provider,
            name=connection.name,
            active=connection.active,
            priority=connection.priority,
            timeout_ms=connection.timeout_ms,
            created_at=connection.created_at,
            updated_at=connection.updated_at,
            pays_over=PayOverOut.of(connection.pays_over) if connection.pays_over else None,
        )


class CallbackOut(Schema):
    """What a provider sent, without its bytes. `dead` and `parked` ones need or may need a person."""

    id: str
    connection_id: str
    event_key: str
    received_at: datetime
    state: CallbackState
    reason: str | None
    attempts: int
    processed_at: datetime | None
    size_bytes: int
    body_sha256: str
    facts: list[dict[str, Any]]

    @classmethod
    def of(cls, row: CallbackRow) -> "CallbackOut":
        """The wire form."""
        return cls(**_shown(row))


class CallbackDetail(CallbackOut):
    """A callback with its exact bytes in base64; null once they have been cleaned away."""

    method: str
    path: str | None
    headers: dict[str, str] | None
    body_base64: str | None
    body_text: str | None = Field(description="The body, where it is UTF-8")

    @classmethod
    def opened(cls, stored: StoredCallback) -> "CallbackDetail":
        """The wire form with bytes. The path's secret part is not shown."""
        raw = stored.raw
        return cls(
            **_shown(stored.row),
            method=stored.row.method,
            path="/api/v1/callbacks/…" if raw else None,
            headers=dict(raw.headers) if raw else None,
            body_base64=base64.b64encode(raw.body).decode() if raw else None,
            body_text=_text(raw.body) if raw else None,
        )


def _shown(row: CallbackRow) -> dict[str, Any]:
    return {
        "id": str(CallbackId(row.id.uuid)),
        "connection_id": str(row.connection_id),
        "event_key": row.event_key,
        "received_at": row.received_at,
        "state": row.state,
        "reason": row.reason,
        "attempts": row.attempts,
        "processed_at": row.processed_at,
        "size_bytes": row.size_bytes,
        "body_sha256": row.body_sha256.hex(),
        "facts": [dict(fact) for fact in row.facts],
    }


def _text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None
