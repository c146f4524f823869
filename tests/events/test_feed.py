"""The feed as a client reads it: in pages, filtered, live, and limited to its own party."""

import asyncio
import json
from typing import Any

import pytest

from specie import events
from specie.events import EventType
from specie.events.routes import router, stream_events
from specie.kernel.ids import EventId, PartyId
from specie.platform.db import Database
from tests.events.facts import fact, feed, publish_all, tell
from tests.support.asgi import calling
from tests.support.scopes import fresh_scope


async def test_a_client_pages_through_the_whole_feed(database: Database) -> None:
    scope = fresh_scope()
    await tell(database, scope, *(fact(f"t{number}") for number in range(7)))
    await publish_all(database)
    seen, after, more = [], 0, True
    async with calling(database, scope, [router]) as client:
        while more:
            page = (await client.get("/events", params={"after": after, "limit": 3})).json()
            seen += [each["n"] for each in page["data"]]
            after, more = page["next_after"], page["has_more"]
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert after == 7


async def test_an_event_tells_its_object_and_version(database: Database) -> None:
    scope = fresh_scope()
    await tell(database, scope, fact("a", version=4))
    await publish_all(database)
    async with calling(database, scope, [router]) as client:
        [listed] = (await client.get("/events")).json()["data"]
        alone = (await client.get(f"/events/{listed['id']}")).json()
    assert listed == alone
    assert listed["subject"] == {"kind": "thing", "id": "a", "version": 4}
    assert listed["data"] == {"name": "a"}
    assert listed["request_id"] == str(scope.request_id)


async def test_a_filter_moves_the_reader_past_what_it_leaves_out(database: Database) -> None:
    scope = fresh_scope()
    kinds = ["payment.paid", "payment.refund.made", "paymentish", "wallet.opened"]
    await tell(database, scope, *(fact(kind=kind) for kind in kinds))
    await publish_all(database)
    async with calling(database, scope, [router]) as client:
        page = (await client.get("/events", params={"type": "payment.*"})).json()
    assert [each["type"] for each in page["data"]] == ["payment.paid", "payment.refund.made"]
    assert page["next_after"] == 4


async def test_the_events_of_one_object_come_newest_first(database: Database) -> None:
    scope = fresh_scope()
    await tell(database, scope, fact("a", 1), fact("b", 1), fact("a", 2))
    await publish_all(database)
    async with calling(database, scope, [router]) as client:
        page = (await client.get("/events", params={"before": 2**53, "subject": "a"})).json()
    assert [each["n"] for each in page["data"]] == [3, 1]


async def test_a_limited_caller_sees_only_its_own_partys_events(database: Database) -> None:
    own, other = PartyId.new(), PartyId.new()
    scope = fresh_scope()
    await tell(database, scope, fact("mine", party=own), fact("theirs", party=other), fact("nobody's"))
    await publish_all(database)
    limited = fresh_scope(scope.tenant_id, party_id=own)
    foreign = next(each.id for each in await feed(database, scope) if each.subject[1] == "theirs")
    async with calling(database, limited, [router]) as client:
        page = (await client.get("/events")).json()
        refused = await client.get(f"/events/{foreign}")
    assert [each["subject"]["id"] for each in page["data"]] == ["mine"]
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


async def test_another_tenants_event_is_not_found(database: Database) -> None:
    owner, stranger = fresh_scope(), fresh_scope()
    await tell(database, owner)
    await publish_all(database)
    [event] = await feed(database, owner)
    async with calling(database, stranger, [router]) as client:
        assert (await client.get(f"/events/{event.id}")).json()["code"] == "not_found"
        assert (await client.get("/events")).json() == {"data": [], "has_more": False, "next_after": 0}


@pytest.mark.parametrize(
    ("query", "code"),
    [("type=Payment", "event_type_unknown"), ("type=*.paid", "event_type_unknown"), ("after=-1", "field_invalid")],
)
async def test_a_query_that_makes_no_sense_is_refused(database: Database, query: str, code: str) -> None:
    async with calling(database, fresh_scope(), [router]) as client:
        answer = await client.get(f"/events?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_an_id_nobody_gave_out_is_not_found(database: Database) -> None:
    async with calling(database, fresh_scope(), [router]) as client:
        assert (await client.get(f"/events/{EventId.new()}")).status_code == 404
        assert (await client.get("/events/pay_x")).json()["code"] == "id_invalid"


def test_the_catalogue_refuses_a_second_type_of_the_same_name_and_version() -> None:
    first = EventType("test.catalogued", 1, {"type": "object"}, {"a": 1}, "A test.")
    events.catalogue.register(first)
    events.catalogue.register(first)
    with pytest.raises(RuntimeError, match=r"two event types are called test\.catalogued version 1"):
        events.catalogue.register(EventType("test.catalogued", 1, {}, {}, "Another."))


async def test_the_catalogue_lists_each_version_with_schema_and_sample(database: Database) -> None:
    events.catalogue.register(EventType("test.listed", 1, {"type": "object"}, {"a": 1}, "A test."))
    async with calling(database, fresh_scope(), [router]) as client:
        types = (await client.get("/event-types")).json()["data"]
    assert next(each for each in types if each["name"] == "test.listed") == {
        "name": "test.listed",
        "version": 1,
        "description": "A test.",
        "json_schema": {"type": "object"},
        "sample": {"a": 1},
    }


async def _live(database: Database, scope: Any, wanted: int, headers: dict[str, str], query: str = "") -> list[Any]:
    """The first events of a stream, called as the server calls it, for the test client waits for a whole answer."""

    class StandIn:
        def __init__(self) -> None:
            self.scope = scope

        async def read(self, work: Any) -> Any:
            return await database.run(scope, work, label="test.stream")

    response = await stream_events(StandIn(), 0, None, headers.get("Last-Event-ID"))  # type: ignore[arg-type]
    seen: list[Any] = []
    async for part in response.body_iterator:
        fields = dict(line.split(": ", 1) for line in str(part).splitlines() if ": " in line and line[0] != ":")
        if "data" in fields:
            seen.append((int(fields["id"]), fields["event"], json.loads(fields["data"])["subject"]["id"]))
        if len(seen) == wanted:
            return seen
    return seen


async def test_the_stream_sends_what_was_and_then_what_happens(database: Database) -> None:
    scope = fresh_scope()
    await tell(database, scope, fact("before"))
    await publish_all(database)
    listening = asyncio.create_task(_live(database, scope, 2, {}))
    await asyncio.sleep(0.1)
    await tell(database, scope, fact("meanwhile"))
    await publish_all(database)
    seen = await asyncio.wait_for(listening, 3)
    assert seen == [(1, "thing.changed", "before"), (2, "thing.changed", "meanwhile")]


async def test_a_stream_resumes_after_the_last_event_it_sent(database: Database) -> None:
    scope = fresh_scope()
    await tell(database, scope, fact("a"), fact("b"), fact("c"))
    await publish_all(database)
    seen = await asyncio.wait_for(_live(database, scope, 1, {"Last-Event-ID": "2"}), 3)
    assert seen == [(3, "thing.changed", "c")]
