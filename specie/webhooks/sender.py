"""The sender: claims due deliveries, calls the endpoints outside any transaction, writes down what came of it.

Any number of processes may run one. A delivery is claimed by its state, with a lease; the number of the attempt is
the fence, so that a sender which was paused beyond its lease cannot overwrite a later result.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import structlog

from specie.kernel.clock import machine_now, machine_timestamp, monotonic
from specie.kernel.ids import EndpointId, RequestId, TenantId
from specie.platform import jobs, webhook_signing
from specie.platform.crashpoints import crash_point
from specie.platform.db import Database, UnitOfWork
from specie.platform.gathering import Gathering
from specie.platform.metrics import counter
from specie.platform.outbound import NoAnswer, OutboundClient, OutboundResponse, UnsafeUrl
from specie.platform.vault import KeyRing
from specie.webhooks import secrets, sending_store
from specie.webhooks.jobs import ALARM
from specie.webhooks.model import JITTER_PERCENT, Claim, Done, Outcome, after_failure, error_of, next_attempt_at

_TIMEOUT_SECONDS = 15.0
_ROOM = 96
_ROOM_FOR_SUSPECTS = 32
# Calls that last longer than this leave their room to others, up to so many calls in all.
_SLOW_SECONDS = 1.0
_MOST_CALLS = 512
_PARALLEL_FAILURES = 2
_ANSWER_BYTES = 512
_LONGEST_RETRY_AFTER = 86_400

_log = structlog.get_logger(__name__)
_attempts = counter("webhook_attempts", "Attempts to deliver a webhook, by what came of them.", "outcome")


@dataclass(frozen=True, slots=True)
class _Call:
    """A call under way: whom to, and since when on the clock of this process."""

    endpoint: tuple[TenantId, EndpointId]
    started: float

    def is_slow(self) -> bool:
        return monotonic() - self.started > _SLOW_SECONDS


class Sender:
    """One process's share of the sending.

    Neither endpoints that keep failing nor any number that hang can take all the room: the former have a part of it,
    and the latter give theirs back after a second and get no further call until they have answered. What arrives
    while other arrivals are being written down is written down together; `when_room` is called whenever a call ends.
    """

    def __init__(self, db: Database, outbound: OutboundClient, ring: KeyRing) -> None:
        self._db = db
        self._outbound = outbound
        self._ring = ring
        self._well: dict[asyncio.Task[None], _Call] = {}
        self._suspect: dict[asyncio.Task[None], _Call] = {}
        self._arrived = Gathering[None, Done, None](self._record_delivered)
        self._recording_failures = asyncio.Semaphore(_PARALLEL_FAILURES)
        self.when_room: Callable[[], None] = lambda: None

    async def step(self) -> int:
        """Claim what is due and start sending it. Returns how many were started, without waiting for their answers."""
        room = self._room()
        if room <= 0:
            return 0
        async with self._db.system() as uow:
            now = machine_now()
            await sending_store.reclaim(uow, now)
            well = await self._claim_well(uow, now, room)
            left = min(room - len(well), _ROOM_FOR_SUSPECTS - len(self._suspect))
            suspect = await sending_store.claim(uow, now, left, suspects=True)
            crash_point("webhooks.claim.commit_before")
        crash_point("webhooks.claim.commit_after")
        self._start(well, self._well)
        self._start(suspect, self._suspect)
        return len(well) + len(suspect)

    async def close(self) -> None:
        """Wait until every call under way has ended and is written down."""
        while running := {*self._well, *self._suspect}:
            await asyncio.wait(running)

    def _room(self) -> int:
        under_way = len(self._well) + len(self._suspect)
        quick = under_way - sum(1 for call in self._well.values() if call.is_slow())
        return min(_ROOM - quick, _MOST_CALLS - under_way)

    async def _claim_well(self, uow: UnitOfWork, now: datetime, room: int) -> list[Claim]:
        """One call for each endpoint that has none first, so that nobody's backlog goes before another's first."""
        hanging = {call.endpoint for call in self._well.values() if call.is_slow()}
        first = await sending_store.claim(uow, now, room, suspects=False, hanging=hanging, slots=1)
        more = await sending_store.claim(uow, now, room - len(first), suspects=False, hanging=hanging)
        return first + more

    def _start(self, claimed: list[Claim], running: dict[asyncio.Task[None], _Call]) -> None:
        for claim in claimed:
            task = asyncio.create_task(self._deliver(claim))
            running[task] = _Call((claim.tenant_id, claim.endpoint_id), monotonic())
            task.add_done_callback(lambda ended: self._end(ended, running))

    def _end(self, ended: asyncio.Task[None], running: dict[asyncio.Task[None], _Call]) -> None:
        del running[ended]
        self.when_room()

    async def _deliver(self, claim: Claim) -> None:
        try:
            # Whoever was paused this long would send side by side with the next holder of the claim.
            if machine_now() + timedelta(seconds=_TIMEOUT_SECONDS) > claim.lease_until:
                return
            outcome = await self._call(claim)
            _attempts.labels(outcome.error or "delivered").inc()
            if outcome.is_delivered:
                await self._arrived.ask(None, Done(claim, outcome))
            else:
                await self._record_failure(claim, outcome)
        except Exception:
            # The claim stays until its lease ends; then the delivery is sent again, with the same id and bytes.
            _log.exception("webhook_attempt_lost", delivery=str(claim.delivery_id), attempt=claim.attempt)

    async def _call(self, claim: Claim) -> Outcome:
        body = claim.body.encode()
        headers = {
            "content-type": "application/json",
            "user-agent": "Specie-Webhooks/1",
            **webhook_signing.sign(
                secrets.in_force(self._ring, claim, machine_now()), str(claim.event_id), machine_timestamp(), body
            ),
        }
        crash_point("webhooks.send.before")
        try:
            response = await self._outbound.request_guarded(
                "POST", claim.url, headers=headers, content=body, timeout=_TIMEOUT_SECONDS, label="webhook"
            )
        except UnsafeUrl as refusal:
            return Outcome(claim.url, headers, error=refusal.code)
        except NoAnswer as lost:
            return Outcome(claim.url, headers, latency_ms=lost.duration_ms, error=lost.reason)
        crash_point("webhooks.send.after")
        return _outcome(claim, headers, response)

    async def _record_delivered(self, _: None, done: Sequence[Done]) -> dict[Done, None]:
        async def record(uow: UnitOfWork) -> None:
            now = machine_now()
            await sending_store.record_attempts(uow, done, now)
            await sending_store.settle_delivered(uow, done, now)

        await self._write_down(record)
        return {}

    async def _record_failure(self, claim: Claim, outcome: Outcome) -> None:
        async def record(uow: UnitOfWork) -> None:
            now = machine_now()
            await sending_store.record_attempts(uow, [Done(claim, outcome)], now)
            await _judge_failure(uow, claim, outcome, now)

        # One transaction each: what a failure leads to locks its endpoint, and no two may be locked in any order.
        async with self._recording_failures:
            await self._write_down(record)

    async def _write_down(self, record: Callable[[UnitOfWork], Awaitable[None]]) -> None:
        async with self._db.system() as uow:
            await record(uow)
            crash_point("webhooks.record.commit_before")
        crash_point("webhooks.record.commit_after")


async def _judge_failure(uow: UnitOfWork, claim: Claim, outcome: Outcome, now: datetime) -> None:
    """Write down when it is tried again and how the endpoint fares."""
    health = await sending_store.lock_health(uow, claim.tenant_id, claim.endpoint_id)
    if health is None:
        await sending_store.settle_failed(uow, claim, replace(outcome, error="endpoint_deleted"), now, None)
        return
    jitter = random.randint(-JITTER_PERCENT, JITTER_PERCENT)  # noqa: S311
    await sending_store.settle_failed(uow, claim, outcome, now, next_attempt_at(claim.step, outcome, now, jitter))
    changed, alarm = after_failure(health, outcome, now)
    await sending_store.save_health(uow, claim.tenant_id, claim.endpoint_id, changed)
    if alarm is not None:
        arguments = {"endpoint_id": str(claim.endpoint_id), "alarm": alarm.value}
        await jobs.defer_for(uow, claim.tenant_id, RequestId.new(), ALARM, arguments)


def _outcome(claim: Claim, headers: Mapping[str, str], response: OutboundResponse) -> Outcome:
    return Outcome(
        url=claim.url,
        request_headers=headers,
        status=response.status,
        answer=_shown(response),
        latency_ms=response.duration_ms,
        error=error_of(response.status),
        retry_after=_retry_after(response.headers.get("retry-after", "")),
    )


def _shown(response: OutboundResponse) -> str | None:
    """The beginning of an answer that is text; nothing else is kept."""
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_text = media_type.startswith("text/") or media_type.endswith(("/json", "+json", "/xml", "+xml"))
    if not is_text:
        return None
    # PostgreSQL cannot keep a null character.
    return response.body[:_ANSWER_BYTES].decode(errors="replace").replace("\0", "\ufffd")


def _retry_after(value: str) -> timedelta | None:
    """What a Retry-After header asks for, in seconds or as a date; None for anything else."""
    if value.isascii() and value.isdecimal():
        return timedelta(seconds=min(int(value[:9]), _LONGEST_RETRY_AFTER))
    try:
        wait = parsedate_to_datetime(value) - machine_now()
    except (ValueError, TypeError):
        return None
    return max(timedelta(0), min(wait, timedelta(seconds=_LONGEST_RETRY_AFTER)))
