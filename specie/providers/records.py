"""What is stored of connections and callbacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from specie.kernel.ids import CallbackId, ConnectionId
from specie.providers.pay_over import PayOver


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as it may be shown: never its credentials."""

    id: ConnectionId
    provider: str
    name: str
    active: bool
    priority: int
    timeout_ms: int
    created_at: datetime
    updated_at: datetime
    pays_over: PayOver | None = None


@dataclass(frozen=True, slots=True)
class SealedConnection:
    """A connection as stored, secrets sealed."""

    shown: Connection
    sealed_key: bytes = field(repr=False)
    sealed_credentials: bytes = field(repr=False)


class CallbackState(StrEnum):
    """Where a callback stands."""

    RECEIVED = "received"
    PROCESSED = "processed"
    IGNORED = "ignored"
    """Genuine, with nothing new in it."""
    PARKED = "parked"
    """Tried again for a day: nobody knows its reference yet, or the provider does not answer."""
    DEAD = "dead"
    """Given up, for a person to look at."""


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """A callback in the inbox, without its bytes. `received_at` is machine time, `stored_at` business time."""

    id: CallbackId
    connection_id: ConnectionId
    event_key: str
    method: str
    received_at: datetime
    stored_at: datetime
    size_bytes: int
    body_sha256: bytes
    state: CallbackState = CallbackState.RECEIVED
    reason: str | None = None
    attempts: int = 0
    facts: Sequence[Mapping[str, Any]] = ()
    processed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SealedCallback:
    """A callback with its exact bytes, and with path, query, headers and sender, as they are kept."""

    row: CallbackRow
    body: bytes
    envelope: bytes
