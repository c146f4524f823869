"""What an explanation is made of."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from specie.audit import AuditRow
from specie.events import Event
from specie.kernel.ids import AccountId, RequestId
from specie.ledger import JournalEntry
from specie.platform.db import UnitOfWork
from specie.platform.requestlog_store import LoggedRequest
from specie.providers import CallbackRow


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint, as far as it has got."""

    id: str
    event_id: UUID
    endpoint_id: str
    state: str
    attempts: int
    last_status: int | None


DeliveriesOf = Callable[[UnitOfWork, Sequence[UUID]], Awaitable[list[Delivery]]]
"""Finds the deliveries of some events; the module that owns them stands beside this one, so `app` hands it in."""


@dataclass(frozen=True, slots=True)
class RequestTrace:
    """Every try of one request, and what it posted; `codes` names the accounts."""

    request_id: RequestId
    requests: Sequence[LoggedRequest]
    entries: Sequence[JournalEntry]
    codes: Mapping[AccountId, str]


@dataclass(slots=True)
class Explanation:
    """Everything known about where a number came from."""

    id: str
    kind: str
    facts: Mapping[str, Any]
    entries: list[JournalEntry] = field(default_factory=list)
    codes: dict[AccountId, str] = field(default_factory=dict)
    acts: list[AuditRow] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    requests: list[LoggedRequest] = field(default_factory=list)
    callbacks: list[CallbackRow] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
