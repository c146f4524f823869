"""Did it happen, and where does a number come from."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from specie import audit, events
from specie.app import routers
from specie.billing.model import InvoiceId
from specie.kernel import ids
from specie.kernel.errors import NotFound
from specie.kernel.ids import AccountId, EntryId, EventId, PartyId, RequestId, uuid7
from specie.kernel.permissions import Permission
from specie.kernel.scope import Scope
from specie.ledger import JournalEntry
from specie.platform import idempotency
from specie.platform.db import Database, UnitOfWork
from specie.platform.idempotency import Answer, Fingerprint
from specie.platform.requestlog import RequestLogWriter
from specie.reports import Delivery, service
from specie.reports.errors import NotExplainable
from specie.reports.model import Explanation, RequestTrace
from specie.reports.parts import PARTS
from tests.ledger import books
from tests.platform.test_requestlog import entry
from tests.support.scopes import fresh_scope

# Importing the routers has made every kind of id known.
assert routers.ROUTERS
WITH_RECORDS_OF_THEIR_OWN = {"txn", "acct", "cb", "evt", "req"}


async def no_deliveries(uow: UnitOfWork, event_ids: Sequence[UUID]) -> list[Delivery]:
    return []


async def one_each(uow: UnitOfWork, event_ids: Sequence[UUID]) -> list[Delivery]:
    return [Delivery(f"dlv_{each}", each, "whk_1", "delivered", 1, 200) for each in event_ids]


async def posted(database: Database, scope: Scope) -> JournalEntry:
    cash = await books.open_account(database, scope, f"asset:cash:{uuid7().hex}")
    wallet = await books.open_account(database, scope, f"liability:owed:{uuid7().hex}", floor=0)
    return await books.post(database, scope, (cash, wallet, 5000))


async def logged(database: Database, scope: Scope, **changes: Any) -> None:
    writer = RequestLogWriter(database)
    writer.add(scope, entry(scope, **changes))
    await writer.flush()


async def publish(database: Database) -> None:
    while await events.publish(database):
        pass


async def traced(database: Database, scope: Scope, request_id: RequestId) -> RequestTrace:
    async with database.begin(scope) as uow:
        return await service.trace_request(uow, request_id)


async def explained(database: Database, scope: Scope, text: str, find: Any = no_deliveries) -> Explanation:
    async with database.begin(scope) as uow:
        return await service.explain(uow, text, find)


async def test_a_request_shows_what_it_posted(database: Database) -> None:
    scope = fresh_scope()
    made = await posted(database, scope)
    await logged(database, scope)
    trace = await traced(database, scope, scope.request_id)
    assert [each.id for each in trace.entries] == [made.id]
    assert len(trace.requests) == 1


async def test_the_books_answer_for_a_request_the_log_has_lost(database: Database) -> None:
    scope = fresh_scope()
    made = await posted(database, scope)
    trace = await traced(database, scope, scope.request_id)
    assert ([each.id for each in trace.entries], list(trace.requests)) == ([made.id], [])


async def test_a_request_nobody_knows_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        await traced(database, fresh_scope(), RequestId.new())


async def test_another_tenants_request_is_not_found(database: Database) -> None:
    scope = fresh_scope()
    await posted(database, scope)
    await logged(database, scope)
    with pytest.raises(NotFound):
        await traced(database, fresh_scope(), scope.request_id)


async def test_a_merchant_sees_its_request_and_not_the_books(database: Database) -> None:
    tenant = fresh_scope()
    await posted(database, tenant)
    merchant = replace(tenant, party_id=PartyId.new())
    with pytest.raises(NotFound):
        await traced(database, merchant, tenant.request_id)
    await logged(database, merchant)
    trace = await traced(database, merchant, tenant.request_id)
    assert (len(trace.requests), list(trace.entries)) == (1, [])


async def test_a_key_finds_the_request_whose_answer_is_stored(database: Database) -> None:
    scope = fresh_scope()
    made = await posted(database, scope)
    async with database.begin(scope) as uow:
        await idempotency.remember(uow, "k-1", Fingerprint({"method": "POST"}), Answer(201, "{}"))
        trace = await service.trace_key(uow, "k-1")
    assert (trace.request_id, [each.id for each in trace.entries]) == (scope.request_id, [made.id])


async def test_a_key_finds_what_the_log_has_of_other_callers(database: Database) -> None:
    scope = fresh_scope()
    await logged(database, scope, idempotency_key="k-2", status=422)
    async with database.begin(fresh_scope(scope.tenant_id)) as uow:
        trace = await service.trace_key(uow, "k-2")
    assert (trace.request_id, trace.requests[0].status) == (scope.request_id, 422)


async def test_a_key_nobody_used_is_not_found(database: Database) -> None:
    async with database.begin(fresh_scope()) as uow:
        with pytest.raises(NotFound):
            await service.trace_key(uow, "never")


async def test_an_entry_is_explained_by_postings_request_event_and_deliveries(database: Database) -> None:
    scope = fresh_scope()
    made = await posted(database, scope)
    await logged(database, scope)
    await publish(database)
    found = await explained(database, scope, str(made.id), one_each)
    assert (found.kind, [each.id for each in found.entries]) == ("entry", [made.id])
    assert set(found.codes) == {made.postings[0].debit, made.postings[0].credit}
    assert [event.id for event in found.events] == [EventId(made.id.uuid)]
    assert [each.request_id for each in found.requests] == [scope.request_id.uuid]
    assert [each.event_id for each in found.deliveries] == [made.id.uuid]


async def test_an_account_is_explained_by_its_entries(database: Database) -> None:
    scope = fresh_scope()
    made = await posted(database, scope)
    found = await explained(database, scope, str(made.postings[0].credit))
    assert (found.kind, [each.id for each in found.entries]) == ("account", [made.id])


@pytest.mark.parametrize("kind", [EventId, RequestId])
async def test_events_and_requests_lead_to_their_entries(database: Database, kind: Any) -> None:
    scope = fresh_scope()
    made = await posted(database, scope)
    await publish(database)
    text = str(EventId(made.id.uuid)) if kind is EventId else str(scope.request_id)
    found = await explained(database, scope, text)
    assert [each.id for each in found.entries] == [made.id]


@pytest.mark.parametrize("kind", [EntryId, AccountId, EventId, RequestId])
async def test_what_belongs_to_another_tenant_is_not_found(database: Database, kind: Any) -> None:
    scope = fresh_scope()
    made = await posted(database, scope)
    await publish(database)
    named = {
        EntryId: made.id,
        AccountId: made.postings[0].debit,
        EventId: EventId(made.id.uuid),
        RequestId: scope.request_id,
    }
    with pytest.raises(NotFound):
        await explained(database, fresh_scope(), str(named[kind]))


@pytest.mark.parametrize("prefix", ids.prefixes())
async def test_an_id_of_every_kind_is_explained_or_says_whose_id_to_take(database: Database, prefix: str) -> None:
    scope = fresh_scope()
    text = str(ids.kinds(prefix)[0].new())
    if prefix in PARTS:
        with pytest.raises(NotExplainable) as refusal:
            await explained(database, scope, text)
        assert "explain" in refusal.value.detail
        return
    with pytest.raises(NotFound) as missing:
        await explained(database, scope, text)
    assert not isinstance(missing.value, NotExplainable)
    if prefix in WITH_RECORDS_OF_THEIR_OWN:
        return
    async with database.begin(scope) as uow:
        await audit.record(uow, action="thing.change", subject=("thing", text), reason="for the test")
    found = await explained(database, scope, text)
    assert (found.kind, [act.action for act in found.acts]) == ("thing", ["thing.change"])


def test_what_is_a_part_of_something_is_an_id_of_a_kind_there_is() -> None:
    assert PARTS.keys() <= set(ids.prefixes())


async def test_a_thing_is_explained_by_the_postings_of_the_requests_that_touched_it(database: Database) -> None:
    scope = fresh_scope()
    made = await posted(database, scope)
    invoice = str(InvoiceId.new())
    async with database.begin(scope) as uow:
        await audit.record(uow, action="invoice.issue", subject=("invoice", invoice))
    found = await explained(database, scope, invoice)
    assert ([each.id for each in found.entries], found.kind) == ([made.id], "invoice")
    # A request that posted more than once is told apart by what its entries name.
    other = await books.open_account(database, scope, f"asset:receivable:{invoice}")
    cash = await books.open_account(database, scope, f"asset:cash:{uuid7().hex}")
    named = await books.post(database, scope, (other, cash, 700))
    assert [each.id for each in (await explained(database, scope, invoice)).entries] == [named.id]


async def test_acts_are_shown_to_who_may_read_the_audit_log(database: Database) -> None:
    scope = fresh_scope()
    invoice = str(InvoiceId.new())
    async with database.begin(scope) as uow:
        await audit.record(uow, action="invoice.issue", subject=("invoice", invoice))
    viewer = replace(scope, permissions=frozenset({Permission.LEDGER_READ}))
    assert (await explained(database, viewer, invoice)).acts == []


@pytest.mark.parametrize("text", ["", "nonsense", "xyz_01jx3s5v0q8e5t9m2w4r6y8zab"])
async def test_other_texts_cannot_be_explained(database: Database, text: str) -> None:
    with pytest.raises(NotExplainable):
        await explained(database, fresh_scope(), text)


async def test_a_limited_caller_is_shown_no_explanation(database: Database) -> None:
    scope = fresh_scope()
    made = await posted(database, scope)
    with pytest.raises(NotExplainable):
        await explained(database, replace(scope, party_id=PartyId.new()), str(made.id))
