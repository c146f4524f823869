"""The inbox: a callback is verified over its raw bytes, stored exactly, acknowledged, and processed later by a job."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from functools import partial
from typing import Any

from specie import audit
from specie.kernel.card_numbers import has_card_number, without_card_numbers
from specie.kernel.clock import machine_now, monotonic
from specie.kernel.ids import CallbackId, ConnectionId
from specie.platform import due, jobs, vault
from specie.platform.db import UnitOfWork
from specie.platform.vault import Place, Unsealable
from specie.providers import store
from specie.providers.connections import ProviderLink
from specie.providers.errors import CallbackMissing, CallbackUnreadable, CallbackUnverified
from specie.providers.facts import Fact, PaymentFact
from specie.providers.model import Handling, PayoutFact, RawCallback
from specie.providers.records import CallbackRow, CallbackState, SealedCallback

PROCESS = "providers.process_callback"
MAX_BYTES = 256 * 1024

_PARKED_FOR = timedelta(hours=24)
_FIRST_RETRY_SECONDS = 5
_LONGEST_RETRY_SECONDS = 3600
_KEPT_FOR = timedelta(days=180)
_REJECTIONS_A_MINUTE = 10
# The key of a callback is a part of an index, whose rows have an end.
_LONGEST_TEXT = 600
_TABLE = "provider_callback"
_NO_ROOM = "the books have no room for it; the payment's exception names the account"
_NAMES = frozenset({"reference", "charge_reference", "provider_ref", "event_key"})


@dataclass(frozen=True, slots=True)
class Delay:
    """Why a callback waits, and what is said of it once it has waited for a day."""

    reason: str
    given_up: str


NOBODY_KNOWS = Delay("nobody knows the reference yet", "nobody knew the reference for 24 hours")
NO_ANSWER = Delay("the provider does not answer", "the provider did not answer for 24 hours")

Subscriber = Callable[[UnitOfWork, PaymentFact], Awaitable[Handling]]
PayoutSubscriber = Callable[[UnitOfWork, PayoutFact], Awaitable[Handling]]

_subscribers: list[Subscriber] = []
_payout_subscribers: list[PayoutSubscriber] = []


def subscribe(subscriber: Subscriber) -> None:
    """Let a module act on facts inside the unit of work that settles the callback; `app` wires this once."""
    if subscriber not in _subscribers:
        _subscribers.append(subscriber)


def subscribe_payouts(subscriber: PayoutSubscriber) -> None:
    """Let a module act on facts about payouts, as `subscribe` does for charges."""
    if subscriber not in _payout_subscribers:
        _payout_subscribers.append(subscriber)


@dataclass(frozen=True, slots=True)
class StoredCallback:
    """A callback with its exact bytes."""

    row: CallbackRow
    raw: RawCallback | None


@dataclass(frozen=True, slots=True)
class ReadCallback:
    """A genuine callback with what it says; `key` tells it from every other one of its connection."""

    raw: RawCallback
    facts: Sequence[Fact]
    key: str


async def receive(uow: UnitOfWork, link: ProviderLink, found: Sequence[ReadCallback]) -> list[bool]:
    """Store callbacks, each with the job that will process it. Returns for each whether it is new."""
    # In one order everywhere: two that store the same ones at once would wait for each other otherwise.
    ordered = sorted(found, key=lambda each: each.key)
    rows = [_sealed(uow, link, each) for each in ordered]
    fresh = await store.insert_callbacks(uow, rows)
    kept = [sealed.row.id for sealed in rows if sealed.row.id in fresh]
    await jobs.defer_each(uow, PROCESS, [{"callback_id": str(callback_id)} for callback_id in kept])
    is_new = {id(each): sealed.row.id in fresh for each, sealed in zip(ordered, rows, strict=True)}
    return [is_new[id(each)] for each in found]


def _sealed(uow: UnitOfWork, link: ProviderLink, found: ReadCallback) -> SealedCallback:
    raw, callback_id = found.raw, CallbackId.new()
    row = CallbackRow(
        id=callback_id,
        connection_id=link.connection_id,
        event_key=found.key,
        method=raw.method,
        received_at=raw.received_at,
        stored_at=uow.now,
        size_bytes=len(raw.body),
        body_sha256=hashlib.sha256(raw.body).digest(),
        facts=[summary(fact) for fact in found.facts],
    )
    body = vault.seal(link.data_key, raw.body, _place(uow, callback_id, "body"))
    return SealedCallback(row, body, vault.seal(link.data_key, _envelope(raw), _place(uow, callback_id, "envelope")))


def read(link: ProviderLink, raw: RawCallback) -> ReadCallback:
    """What a callback says; one that is genuine but that nobody can read says nothing and is known by its bytes.

    Raises CallbackUnverified.
    """
    try:
        facts = _parsed(link, raw)
    except CallbackUnreadable:
        facts = []
    keys = "+".join(fact.event_key for fact in facts if fact.event_key)
    return ReadCallback(raw, facts, keys or f"sha256:{hashlib.sha256(raw.body + raw.query.encode()).hexdigest()}")


def _parsed(link: ProviderLink, raw: RawCallback) -> Sequence[Fact]:
    """The facts without the number of any card that a provider may have put into a text of theirs.

    Raises CallbackUnverified, or CallbackUnreadable, also for a text that no table can keep.
    """
    return [_without_cards(_keepable(fact)) for fact in link.adapter.parse_callback(raw)]


def _keepable(fact: Fact) -> Fact:
    for told in (getattr(fact, each.name) for each in fields(fact)):
        if isinstance(told, str) and (len(told) > _LONGEST_TEXT or "\0" in told or _is_broken(told)):
            raise CallbackUnreadable("a text in it is too long or holds what is no character")
    return fact


def _is_broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _without_cards(fact: Fact) -> Fact:
    # A name that is masked would no longer be found again, and names are no texts in which people write.
    texts = {each.name: getattr(fact, each.name) for each in fields(fact) if each.name not in _NAMES}
    masked: dict[str, Any] = {
        name: without_card_numbers(text)
        for name, text in texts.items()
        if isinstance(text, str) and has_card_number(text)
    }
    return replace(fact, **masked) if masked else fact


def facts_of(link: ProviderLink, stored: StoredCallback) -> list[Fact]:
    """The facts of a stored callback, verified anew. Raises CallbackUnreadable, also when its bytes are gone."""
    if stored.raw is None:
        raise CallbackUnreadable("its bytes have been cleaned away")
    try:
        facts = _parsed(link, stored.raw)
    except CallbackUnverified as error:
        raise CallbackUnreadable("it no longer verifies with the connection's secrets") from error
    return [replace(fact, callback_id=stored.row.id) for fact in facts]


async def dispatch(uow: UnitOfWork, facts: Sequence[Fact]) -> list[Handling]:
    """Give each fact to the subscribers until one of them knows its reference."""
    return [await _dispatched(uow, fact) for fact in facts]


async def _dispatched(uow: UnitOfWork, fact: Fact) -> Handling:
    if isinstance(fact, PayoutFact):
        told = [partial(subscriber, uow, fact) for subscriber in _payout_subscribers]
    else:
        told = [partial(subscriber, uow, fact) for subscriber in _subscribers]
    for tell in told:
        handling = await tell()
        if handling is not Handling.UNKNOWN_REFERENCE:
            return handling
    return Handling.UNKNOWN_REFERENCE


async def settle(uow: UnitOfWork, callback_id: CallbackId, facts: Sequence[Fact]) -> None:
    """Apply a callback's facts and write down how it ended, in one unit of work.

    A reference nobody knows is parked and tried again for 24 hours; then the callback is dead and listed. So is, at
    once, one whose money the books have no room for: it can be replayed when somebody has made room.
    """
    row = await _locked(uow, callback_id)
    handlings = await dispatch(uow, facts)
    shown = [summary(fact) for fact in facts]
    if Handling.UNKNOWN_REFERENCE in handlings:
        await _park(uow, row, shown, NOBODY_KNOWS)
        return
    if Handling.UNBOOKED in handlings:
        await store.settle_callback(uow, row.id, state=CallbackState.DEAD, reason=_NO_ROOM, facts=shown)
        return
    is_news = Handling.APPLIED in handlings
    state = CallbackState.PROCESSED if is_news else CallbackState.IGNORED
    reason = None if is_news else "nothing new in it"
    await store.settle_callback(uow, callback_id, state=state, reason=reason, facts=shown)


async def put_off(uow: UnitOfWork, callback_id: CallbackId) -> None:
    """Park a callback that says nothing certain while its provider does not answer; after 24 hours it is dead."""
    await _park(uow, await _locked(uow, callback_id), [], NO_ANSWER)


async def bury(uow: UnitOfWork, callback_id: CallbackId, reason: str) -> None:
    """Give a callback up for a person to look at."""
    await store.settle_callback(uow, callback_id, state=CallbackState.DEAD, reason=reason, facts=[])


async def _park(uow: UnitOfWork, row: CallbackRow, shown: Sequence[Mapping[str, Any]], why: Delay) -> None:
    if uow.now - row.stored_at >= _PARKED_FOR:
        await store.settle_callback(uow, row.id, state=CallbackState.DEAD, reason=why.given_up, facts=shown)
        return
    await store.settle_callback(uow, row.id, state=CallbackState.PARKED, reason=why.reason, facts=shown)
    wait = timedelta(seconds=min(_LONGEST_RETRY_SECONDS, _FIRST_RETRY_SECONDS * 2 ** min(row.attempts, 10)))
    await due.schedule(uow, kind=PROCESS, at=uow.now + wait, payload={"callback_id": str(row.id)})


async def get_callback(uow: UnitOfWork, callback_id: CallbackId) -> CallbackRow:
    """One callback without its bytes. Raises CallbackMissing."""
    row = await store.callback_by_id(uow, callback_id)
    if row is None:
        raise CallbackMissing(f"there is no callback {callback_id}")
    return row


async def opened(uow: UnitOfWork, row: CallbackRow, link: ProviderLink) -> StoredCallback:
    """A callback with its exact bytes; without them once they have been cleaned away."""
    sealed = await store.sealed_parts(uow, row.id)
    if sealed is None:
        return StoredCallback(row, None)
    try:
        body = vault.open_sealed(link.data_key, sealed[0], _place(uow, row.id, "body"))
        envelope = json.loads(vault.open_sealed(link.data_key, sealed[1], _place(uow, row.id, "envelope")))
    except Unsealable:
        return StoredCallback(row, None)
    raw = RawCallback(method=row.method, body=body, received_at=row.received_at, **envelope)
    return StoredCallback(row, raw)


async def replay(uow: UnitOfWork, callback_id: CallbackId) -> CallbackRow:
    """Process a stored callback once more. Raises CallbackMissing."""
    row = await get_callback(uow, callback_id)
    await jobs.defer(uow, PROCESS, callback_id=str(callback_id))
    await audit.record(uow, action="callback.replay", subject=("callback", str(callback_id)))
    return row


async def clean(uow: UnitOfWork) -> int:
    """Erase the bytes of callbacks finished for 180 days. Returns how many."""
    return await store.erase_bytes(uow, uow.now - _KEPT_FOR)


class RejectionLog:
    """Lets a few rejections a minute and connection into the audit, so that a flood cannot fill the disk."""

    def __init__(self) -> None:
        self._counted: dict[ConnectionId, tuple[int, int]] = {}

    def admits(self, connection_id: ConnectionId) -> bool:
        """Whether this minute still has room for one more."""
        minute = int(monotonic() // 60)
        last_minute, count = self._counted.get(connection_id, (minute, 0))
        count = count + 1 if last_minute == minute else 1
        self._counted[connection_id] = (minute, count)
        return count <= _REJECTIONS_A_MINUTE


async def record_rejection(uow: UnitOfWork, connection_id: ConnectionId, raw: RawCallback, reason: str) -> None:
    """Leave a trace of an unverified callback: a hash and header names, nothing it said."""
    trace = {"body_sha256": hashlib.sha256(raw.body).hexdigest(), "header_names": sorted(raw.headers)[:50]}
    subject = ("connection", str(connection_id))
    await audit.record(uow, action="callback.rejected", subject=subject, after=trace, reason=reason)


def summary(fact: Fact) -> dict[str, Any]:
    """What the inbox shows of a fact."""
    return {
        "reference": fact.reference or getattr(fact, "charge_reference", ""),
        "provider_ref": fact.provider_ref,
        "state": str(fact.state),
        "provider_state": fact.raw_state[:100],
        "amount": fact.amount.as_json() if fact.amount is not None else None,
        "trust": str(fact.trust),
        "must_requery": fact.must_requery,
    }


def raw_callback(
    *, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, remote_ip: str
) -> RawCallback:
    """A callback that arrives now."""
    return RawCallback(method, path, query, dict(headers), body, remote_ip, machine_now())


async def _locked(uow: UnitOfWork, callback_id: CallbackId) -> CallbackRow:
    row = await store.callback_by_id(uow, callback_id, lock=True)
    if row is None:
        raise CallbackMissing(f"there is no callback {callback_id}")
    return row


def _envelope(raw: RawCallback) -> bytes:
    kept = asdict(raw)
    return json.dumps({name: kept[name] for name in ("path", "query", "headers", "remote_ip")}).encode()


def _place(uow: UnitOfWork, callback_id: CallbackId, column: str) -> Place:
    return Place(str(uow.scope.tenant_id), _TABLE, str(callback_id), column)
