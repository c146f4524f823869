"""Following a number back to what caused it, and on to what was told about it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from specie import audit, events, ledger, providers
from specie.audit import AuditFilter, AuditRow
from specie.events import Event, EventFilter
from specie.kernel import ids
from specie.kernel.errors import NotFound
from specie.kernel.ids import AccountId, CallbackId, EntryId, EventId, RequestId
from specie.kernel.permissions import Permission
from specie.ledger import JournalEntry
from specie.platform import requestlog_store
from specie.platform.db import UnitOfWork
from specie.platform.requestlog_store import LoggedRequest
from specie.providers import CallbackRow
from specie.reports.errors import NotExplainable
from specie.reports.model import DeliveriesOf, Explanation, RequestTrace
from specie.reports.parts import PARTS

_MOST = 50


async def trace_request(uow: UnitOfWork, request_id: RequestId) -> RequestTrace:
    """Every try of a request and the entries it made. Raises NotFound when neither log nor books know it."""
    tries = await requestlog_store.by_request_id(uow, request_id)
    return await _traced(uow, request_id, tries)


async def trace_key(uow: UnitOfWork, key: str) -> RequestTrace:
    """The request that used an idempotency key, by the stored answer first and the log second. Raises NotFound."""
    tries = await requestlog_store.by_key(uow, key)
    answered = await requestlog_store.answered_request(uow, key) or await _posted(uow, key)
    if answered is None and not tries:
        raise NotFound("no request with this key is known, and nothing is stored under it for this caller")
    return await _traced(uow, answered or RequestId(tries[0].request_id), tries)


async def _posted(uow: UnitOfWork, key: str) -> RequestId | None:
    """The request whose posting is its own record: single postings that rode in a batch."""
    entry = await ledger.entry_by_command(uow, uow.scope.principal, key)
    return RequestId(entry.request_id) if entry else None


async def _traced(uow: UnitOfWork, request_id: RequestId, tries: Sequence[LoggedRequest]) -> RequestTrace:
    # A merchant sees its own requests in the log, and the books only through its own wallets and payments.
    is_limited = uow.scope.party_id is not None
    entries = [] if is_limited else await ledger.entries_by_request(uow, request_id)
    if not tries and not entries:
        raise NotFound("no such request is known; it has posted nothing")
    return RequestTrace(request_id, tries, entries, await _codes(uow, entries))


async def explain(uow: UnitOfWork, text: str, deliveries_of: DeliveriesOf) -> Explanation:
    """Where the thing with this id comes from and what followed. Raises NotExplainable, or NotFound."""
    if uow.scope.party_id is not None:
        raise NotExplainable("only somebody who sees the whole books can be shown where a number comes from")
    prefix = text.rpartition("_")[0]
    if not ids.kinds(prefix):
        raise NotExplainable("no id of this installation begins like this", param="id")
    if prefix in PARTS:
        raise NotExplainable(PARTS[prefix], param="id")
    found = await _LOOKS.get(prefix, _of_thing)(uow, text)
    return await _completed(uow, found, deliveries_of)


async def _of_entry(uow: UnitOfWork, text: str) -> Explanation:
    entry = await ledger.get_entry(uow, EntryId.parse(text))
    return Explanation(text, "entry", {"recipe": entry.recipe, "description": entry.description}, [entry])


async def _of_account(uow: UnitOfWork, text: str) -> Explanation:
    account = await ledger.get_account(uow, AccountId.parse(text))
    page = await ledger.statement(uow, account, after=None, limit=_MOST)
    facts = {"code": account.code, "name": account.name, "type": account.type.value, "balance": str(account.balance)}
    entries = await _entries(uow, [line.entry_id for line in page.items])
    return Explanation(text, "account", facts, entries)


async def _of_event(uow: UnitOfWork, text: str) -> Explanation:
    event = await events.get(uow, EventId.parse(text))
    entries = await _entries(uow, [EntryId(event.id.uuid)])
    return Explanation(text, "event", {"type": event.type, "data": dict(event.data)}, entries, events=[event])


async def _of_request(uow: UnitOfWork, text: str) -> Explanation:
    trace = await trace_request(uow, RequestId.parse(text))
    facts = {"tries": len(trace.requests), "entries": len(trace.entries)}
    return Explanation(text, "request", facts, list(trace.entries), requests=list(trace.requests))


async def _of_callback(uow: UnitOfWork, text: str) -> Explanation:
    row = await providers.get_callback(uow, CallbackId.parse(text))
    facts = {"state": row.state, "reason": row.reason, "facts": [dict(fact) for fact in row.facts]}
    entries = await ledger.entries_by_callback(uow, row.id, row.received_at)
    return Explanation(text, "callback", facts, entries, callbacks=[row])


async def _of_thing(uow: UnitOfWork, text: str) -> Explanation:
    """By what was told of it and done to it, and by the postings of the requests in which that happened."""
    ids.kinds(text.rpartition("_")[0])[0].parse(text)
    told = await events.after(uow, uow.scope.tenant_id, 0, _MOST, EventFilter(subject_id=text))
    acts = (await audit.find(uow, AuditFilter(subject_id=text), None, _MOST)).items
    if not told and not acts:
        raise NotFound(f"nothing is known of {text}")
    kind = told[-1].subject[0] if told else acts[0].subject_kind
    facts: dict[str, Any] = {"last_event": told[-1].type, "data": dict(told[-1].data)} if told else {}
    shown = acts if Permission.AUDIT_READ in uow.scope.permissions else []
    return Explanation(text, kind, facts, await _entries_of(uow, text, told, acts), acts=list(shown), events=told)


async def _entries_of(
    uow: UnitOfWork, text: str, told: Sequence[Event], acts: Sequence[AuditRow]
) -> list[JournalEntry]:
    """An entry and its event share one id; of a request that did more, only what names the thing belongs to it."""
    own = await _entries(uow, [EntryId(event.id.uuid) for event in told])
    found = {entry.id: entry for entry in own}
    causes = dict.fromkeys([*(event.request_id.uuid for event in told), *(act.request_id for act in acts)])
    for cause in list(causes)[:_MOST]:
        posted = await ledger.entries_by_request(uow, RequestId(cause))
        codes = await _codes(uow, posted)
        found |= {entry.id: entry for entry in posted if len(posted) == 1 or _names(entry, text, codes)}
    return sorted(found.values(), key=lambda entry: entry.id)


def _names(entry: JournalEntry, text: str, codes: Mapping[AccountId, str]) -> bool:
    places = [codes[side] for posting in entry.postings for side in (posting.debit, posting.credit)]
    return any(text in place for place in (*places, entry.description, str(entry.metadata)))


_LOOKS: Mapping[str, Callable[[UnitOfWork, str], Awaitable[Explanation]]] = {
    EntryId.prefix: _of_entry,
    AccountId.prefix: _of_account,
    CallbackId.prefix: _of_callback,
    EventId.prefix: _of_event,
    RequestId.prefix: _of_request,
}


async def _completed(uow: UnitOfWork, found: Explanation, deliveries_of: DeliveriesOf) -> Explanation:
    """Add the accounts' codes, the events of the entries, requests, callbacks and deliveries."""
    found.codes = await _codes(uow, found.entries)
    known = {event.id.uuid for event in found.events}
    found.events += [
        event for entry in found.entries if entry.id.uuid not in known for event in await _event_of(uow, entry)
    ]
    if not found.requests:
        causes = [entry.request_id for entry in found.entries] + [event.request_id.uuid for event in found.events]
        for cause in list(dict.fromkeys(causes))[:_MOST]:
            found.requests += await requestlog_store.by_request_id(uow, RequestId(cause))
    found.callbacks = found.callbacks or await _callbacks(uow, found.entries)
    found.deliveries = await deliveries_of(uow, [event.id.uuid for event in found.events])
    return found


async def _entries(uow: UnitOfWork, ids: Sequence[EntryId]) -> list[JournalEntry]:
    found = await ledger.entries_by_ids(uow, uow.scope.tenant_id, [entry_id.uuid for entry_id in dict.fromkeys(ids)])
    return list(found.values())


async def _event_of(uow: UnitOfWork, entry: JournalEntry) -> list[Event]:
    try:
        return [await events.get(uow, EventId(entry.id.uuid))]
    except NotFound:
        # It is numbered a moment after its entry is committed.
        return []


async def _callbacks(uow: UnitOfWork, entries: Sequence[JournalEntry]) -> list[CallbackRow]:
    ids = dict.fromkeys(entry.callback_id for entry in entries if entry.callback_id is not None)
    return [await providers.get_callback(uow, CallbackId(callback_id)) for callback_id in ids]


async def _codes(uow: UnitOfWork, entries: Sequence[JournalEntry]) -> dict[AccountId, str]:
    ids = {side for entry in entries for posting in entry.postings for side in (posting.debit, posting.credit)}
    found = await ledger.accounts_by_ids(uow, list(ids))
    return {account_id: account.code for account_id, account in found.items()}
