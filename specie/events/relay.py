"""The feed handed on to a message broker: every event, each tenant's in the order of its numbers, at least once.

How far a tenant's feed has been confirmed is a row, moved only after the broker's answer. A lease on that row, not a
lock, keeps two workers from handing on the same feed: no transaction is open while the broker is spoken to.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from specie.events import relay_store, store
from specie.events.model import Event, EventFilter
from specie.events.relay_store import Claim
from specie.events.schemas import EventOut
from specie.kernel.clock import machine_now
from specie.kernel.ids import TenantId
from specie.platform.crashpoints import crash_point
from specie.platform.db import Database

SECONDS_TO_CONFIRM = 20.0
"""How long a publisher may take. The lease is longer, so that a batch is settled before another worker starts on it."""

_LEASE = timedelta(seconds=60)
_MOST_TENANTS = 50
_MOST_EVENTS = 200
_EVERYTHING = EventFilter()


class NotConfirmed(Exception):
    """The broker did not confirm every event; what it did confirm is not sent again."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event for the broker. Messages of one tenant are handed over in the order of `n`."""

    tenant_id: TenantId
    n: int
    key: str
    body: bytes
    headers: Mapping[str, str]


class FeedPublisher(Protocol):
    """A message broker."""

    async def publish(self, messages: Sequence[Message]) -> Sequence[bool]:
        """Send in the order given; for each message, whether the broker has it for good.

        Takes at most `SECONDS_TO_CONFIRM`. May raise anything when nothing was sent.
        """
        ...


async def relay(db: Database, publisher: FeedPublisher) -> int:
    """Hand on the next events of the feeds that have any. Returns how many; 0 when there is nothing to do.

    Raises NotConfirmed, or what the publisher raises; the events that were not confirmed stay for the next step.
    """
    claims, messages = await _take(db)
    if not messages:
        return 0
    confirmed: Sequence[bool] = ()
    try:
        crash_point("events.relay.publish.before")
        confirmed = await publisher.publish(messages)
        crash_point("events.relay.publish.after")
    finally:
        # Also for a worker that is told to stop meanwhile: the lease is given back, and the next one goes on at once.
        await asyncio.shield(_settle(db, claims, _reached(claims, messages, confirmed)))
    missing = confirmed.count(False)
    if missing:
        raise NotConfirmed(f"{missing} of {len(messages)} events were not confirmed")
    return len(messages)


async def _take(db: Database) -> tuple[list[Claim], list[Message]]:
    messages: list[Message] = []
    now = machine_now()
    async with db.system() as uow:
        claims = await relay_store.claim(uow, now, now + _LEASE, _MOST_TENANTS)
        for claim in claims:
            found = await store.after(uow, claim.tenant_id, claim.last_n, _MOST_EVENTS, _EVERYTHING)
            messages += [message_of(claim.tenant_id, event) for event in found]
        crash_point("events.relay.claim.commit_before")
    return claims, messages


def _reached(claims: Sequence[Claim], messages: Sequence[Message], confirmed: Sequence[bool]) -> dict[TenantId, int]:
    """The last number of each tenant up to which nothing is missing: what came after a gap is sent once more."""
    reached = {claim.tenant_id: claim.last_n for claim in claims}
    for message, is_confirmed in zip(messages, confirmed, strict=False):
        if is_confirmed and reached[message.tenant_id] == message.n - 1:
            reached[message.tenant_id] = message.n
    return reached


async def _settle(db: Database, claims: Sequence[Claim], reached: Mapping[TenantId, int]) -> None:
    async with db.system() as uow:
        await relay_store.settle(uow, claims, reached)
        crash_point("events.relay.settle.commit_before")


def message_of(tenant_id: TenantId, event: Event) -> Message:
    """The message of an event: what `GET /api/v1/events` shows, under a key of the tenant and the subject."""
    kind, subject_id = event.subject
    return Message(
        tenant_id=tenant_id,
        n=event.n,
        key=f"{tenant_id}/{kind}/{subject_id}",
        body=EventOut.of(event).model_dump_json().encode(),
        headers={"tenant": str(tenant_id), "id": str(event.id), "type": event.type, "n": str(event.n)},
    )
