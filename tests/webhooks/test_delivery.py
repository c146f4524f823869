"""What a receiver gets: everything it subscribed to, verifiable, with the same id and bytes on every attempt."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from standardwebhooks import WebhookVerificationError

from specie import webhooks
from specie.app.deliveries import event_loops
from specie.kernel.clock import machine_now, monotonic
from specie.kernel.ids import PartyId
from specie.kernel.scope import Scope
from specie.platform import crashpoints
from specie.platform.db import Database
from specie.webhooks import Endpoint, Sender, sending_store, service
from specie.webhooks.model import SLOTS, Claim
from tests.events.facts import fact, feed, publish_all, tell
from tests.support.scopes import fresh_scope
from tests.webhooks.receiver import Receiver, deliver, make_due, sending, subscribe, until

pytestmark = pytest.mark.usefixtures("quiet_others")


async def test_a_delivery_verifies_with_the_public_library(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    _, secret = await subscribe(database, scope, receiver.url())
    await tell(database, scope, fact("a", version=3))
    await deliver(database, sender)
    [received] = receiver.got
    [event] = await feed(database, scope)
    message = received.verified(secret)
    assert received.headers["webhook-id"] == str(event.id)
    assert message["type"] == "thing.changed"
    assert message["timestamp"] == event.occurred_at.isoformat().replace("+00:00", "Z")
    assert message["data"]["n"] == 1
    assert message["data"]["object"] == {"name": "a", "kind": "thing", "id": "a", "version": 3}


async def test_a_strangers_secret_does_not_verify(database: Database, receiver: Receiver, sender: Sender) -> None:
    scope = fresh_scope()
    await subscribe(database, scope, receiver.url())
    _, other_secret = await subscribe(database, fresh_scope(), receiver.url("/other"))
    await tell(database, scope)
    await deliver(database, sender)
    with pytest.raises(WebhookVerificationError):
        receiver.got[0].verified(other_secret)


async def test_each_endpoint_gets_what_it_subscribed_to_once(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    await subscribe(database, scope, receiver.url("/all"))
    await subscribe(database, scope, receiver.url("/failing"), "webhook_endpoint.*")
    await tell(database, scope, fact("a"), fact("b", kind="webhook_endpoint.failing"))
    await deliver(database, sender)
    await webhooks.fan_out(database)
    await deliver(database, sender)
    types = {path: sorted(json.loads(r.body)["type"] for r in receiver.on(path)) for path in ("/all", "/failing")}
    assert types == {"/all": ["thing.changed", "webhook_endpoint.failing"], "/failing": ["webhook_endpoint.failing"]}


async def test_another_tenants_endpoint_gets_nothing(database: Database, receiver: Receiver, sender: Sender) -> None:
    await subscribe(database, fresh_scope(), receiver.url())
    await tell(database, fresh_scope())
    await deliver(database, sender)
    assert receiver.got == []


async def test_a_merchants_endpoint_gets_its_own_events_only(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    own, scope = PartyId.new(), fresh_scope()
    await subscribe(database, fresh_scope(scope.tenant_id, party_id=own), receiver.url())
    await tell(database, scope, fact("mine", party=own), fact("theirs", party=PartyId.new()), fact("nobody's"))
    await deliver(database, sender)
    assert [json.loads(each.body)["data"]["object"]["id"] for each in receiver.got] == ["mine"]


async def test_a_retry_carries_the_same_id_and_bytes(
    database: Database, receiver: Receiver, sender: Sender, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    _, secret = await subscribe(database, scope, receiver.url())
    receiver.answers["/hook"] = [500, 302, 204]
    await tell(database, scope)
    for _ in range(4):
        await deliver(database, sender)
        make_due(superuser_connection)
    assert len(receiver.got) == 3
    assert len({(each.headers["webhook-id"], each.body) for each in receiver.got}) == 1
    for each in receiver.got:
        each.verified(secret)


@pytest.mark.parametrize(
    ("point", "calls"),
    [
        ("webhooks.fan_out.commit_before", 1),
        ("webhooks.fan_out.commit_after", 1),
        ("webhooks.claim.commit_before", 1),
        ("webhooks.claim.commit_after", 1),
        ("webhooks.send.before", 1),
        ("webhooks.send.after", 2),
        ("webhooks.record.commit_before", 2),
        ("webhooks.record.commit_after", 1),
    ],
)
async def test_a_crash_anywhere_ends_in_a_delivery_with_the_same_id_and_bytes(
    database: Database,
    receiver: Receiver,
    sender: Sender,
    superuser_connection: psycopg.Connection,
    point: str,
    calls: int,
) -> None:
    scope = fresh_scope()
    _, secret = await subscribe(database, scope, receiver.url())
    await tell(database, scope)
    crashpoints.from_environment({"SPECIE_CRASH_POINT": f"{point}:raise"})
    try:
        await deliver(database, sender)
    except crashpoints.TrapSprung:
        pass
    finally:
        crashpoints.install(None)
    make_due(superuser_connection)
    await deliver(database, sender)
    assert len(receiver.got) == calls
    assert len({(each.headers["webhook-id"], each.body) for each in receiver.got}) == 1
    receiver.got[-1].verified(secret)
    states = superuser_connection.execute(
        "select state from specie.webhook_delivery where tenant_id = %s", [scope.tenant_id.uuid]
    ).fetchall()
    assert states == [("delivered",)]


async def test_a_late_sender_does_not_overwrite_the_result_of_the_next(
    database: Database, receiver: Receiver, sender: Sender, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    await subscribe(database, scope, receiver.url())
    late = asyncio.Event()
    receiver.answers["/hook"] = [late, 500]
    await tell(database, scope)
    await publish_all(database)
    await webhooks.fan_out(database)
    await sender.step()
    await until(lambda: len(receiver.got) == 1)
    make_due(superuser_connection)
    async with sending(database) as other:
        await other.step()
        await other.close()
    late.set()
    await sender.close()
    row = superuser_connection.execute(
        "select state, attempts from specie.webhook_delivery where tenant_id = %s", [scope.tenant_id.uuid]
    ).fetchone()
    assert row == ("pending", 2)


async def test_what_one_sender_claims_is_left_alone_by_another_at_the_same_moment(
    database: Database, receiver: Receiver
) -> None:
    scope = fresh_scope()
    await subscribe(database, scope, receiver.url())
    await tell(database, scope)
    await publish_all(database)
    await webhooks.fan_out(database)

    async def claimed_by_another() -> list[Claim]:
        async with database.system() as uow:
            return await sending_store.claim(uow, machine_now(), 100, suspects=False)

    async with database.system() as first:
        mine = await sending_store.claim(first, machine_now(), 100, suspects=False)
        other = asyncio.create_task(claimed_by_another())
        # Who does not stand back waits for the first to commit, and then goes on.
        await asyncio.wait([other], timeout=0.5)
    assert [one.attempt for one in mine if one.tenant_id == scope.tenant_id] == [1]
    assert [one.attempt for one in await other if one.tenant_id == scope.tenant_id] == []


async def test_versions_tell_the_newer_of_two_that_arrive_in_the_wrong_order(
    database: Database, receiver: Receiver, sender: Sender, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    await subscribe(database, scope, receiver.url())
    receiver.answers["/hook"] = [500, 204]
    await tell(database, scope, fact("a", version=1))
    await deliver(database, sender)
    await tell(database, scope, fact("a", version=2))
    await deliver(database, sender)
    make_due(superuser_connection)
    await deliver(database, sender)
    arrived = [json.loads(each.body)["data"]["object"]["version"] for each in receiver.got]
    assert arrived == [1, 2, 1]
    assert max(arrived) == 2


async def test_hanging_endpoints_delay_the_others_by_less_than_two_seconds(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    for number in range(4):
        await subscribe(database, scope, receiver.url(f"/hang{number}"))
        receiver.answers[f"/hang{number}"] = 2.5
    await subscribe(database, scope, receiver.url("/well"))
    await tell(database, scope, *(fact(f"t{number}") for number in range(20)))
    await publish_all(database)
    await webhooks.fan_out(database)
    started = monotonic()
    while len(receiver.on("/well")) < 20:
        await sender.step()
        await asyncio.sleep(0.02)
    assert max(each.at for each in receiver.on("/well")) - started < 2
    await sender.close()


async def test_fifty_endpoints_that_never_answer_do_not_hold_up_the_one_that_does(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope, hang = fresh_scope(), asyncio.Event()
    for number in range(49):
        await subscribe(database, scope, receiver.url(f"/hang{number}"))
        receiver.answers[f"/hang{number}"] = hang
    await subscribe(database, scope, receiver.url("/well"))
    await tell(database, scope, *(fact(f"t{number}") for number in range(40)))
    await publish_all(database)
    await webhooks.fan_out(database)
    steps = 0
    while len(receiver.on("/well")) < 40:
        steps += 1
        assert steps <= 250
        await sender.step()
        await asyncio.sleep(0.02)
    hanging = [each for each in receiver.got if each.path != "/well"]
    assert receiver.under_way >= len(hanging) >= 49
    assert len(hanging) <= 49 * SLOTS
    hang.set()
    await sender.close()


async def test_a_hanging_endpoint_is_not_called_again_until_it_answers(
    database: Database, receiver: Receiver, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("specie.webhooks.sender._SLOW_SECONDS", 0.0)
    scope, hang = fresh_scope(), asyncio.Event()
    receiver.answers["/hook"] = [hang, 204, 204]
    await subscribe(database, scope, receiver.url())
    await tell(database, scope, fact("a"))
    await publish_all(database)
    await webhooks.fan_out(database)
    assert await sender.step() == 1
    await until(lambda: len(receiver.got) == 1)
    await tell(database, scope, fact("b"))
    await publish_all(database)
    await webhooks.fan_out(database)
    assert await sender.step() == 0
    hang.set()
    await sender.close()
    assert await sender.step() == 1
    await sender.close()


async def test_what_happened_before_an_endpoint_is_history_to_it(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    past = replace(scope, clock=replace(scope.clock, offset=-timedelta(days=90)))
    await tell(database, past, fact("ninety days ago"))
    endpoint, _ = await subscribe(database, scope, receiver.url())
    await tell(database, scope, fact("now"))
    await deliver(database, sender)
    assert [json.loads(each.body)["data"]["object"]["id"] for each in receiver.got] == ["now"]
    await recover_all(database, scope, endpoint)
    await deliver(database, sender)
    arrived = [json.loads(each.body)["data"]["object"]["id"] for each in receiver.got]
    assert sorted(arrived) == ["ninety days ago", "now"]


async def test_an_endpoint_that_follows_the_feed_misses_nothing_when_the_clock_is_set_back(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    past = replace(scope, clock=replace(scope.clock, offset=-timedelta(hours=1)))
    await tell(database, past, fact("history"))
    await subscribe(database, scope, receiver.url())
    await tell(database, scope, fact("first"))
    await tell(database, past, fact("at once after, an hour earlier"))
    await deliver(database, sender)
    await tell(database, past, fact("later, an hour earlier"))
    await deliver(database, sender)
    arrived = [json.loads(each.body)["data"]["object"]["id"] for each in receiver.got]
    assert sorted(arrived) == ["at once after, an hour earlier", "first", "later, an hour earlier"]


async def recover_all(database: Database, scope: Scope, endpoint: Endpoint) -> None:
    """Repeat the whole feed for an endpoint, as the job of a recovery does."""
    async with database.begin(scope) as uow:
        await service.recover_part(uow, endpoint.id, 0, 100, include_delivered=False)


async def test_an_endpoint_is_called_so_many_times_at_once_by_all_senders_and_no_more(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    await subscribe(database, scope, receiver.url())
    receiver.answers["/hook"] = 0.2
    await tell(database, scope, *(fact(f"t{number}") for number in range(3 * SLOTS)))
    await publish_all(database)
    await webhooks.fan_out(database)
    async with sending(database) as other:
        while len(receiver.got) < 3 * SLOTS:
            await asyncio.gather(sender.step(), other.step())
            await asyncio.sleep(0.01)
        await asyncio.gather(sender.close(), other.close())
    assert receiver.most_at_once == SLOTS
    assert len({each.headers["webhook-id"] for each in receiver.got}) == 3 * SLOTS


async def test_a_call_that_has_ended_makes_room_for_the_next_at_once(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope, stopping = fresh_scope(), asyncio.Event()
    await subscribe(database, scope, receiver.url())
    await tell(database, scope, *(fact(f"t{number}") for number in range(3 * SLOTS)))
    await publish_all(database)
    await webhooks.fan_out(database)
    *_, sending_loop = event_loops(database, sender)
    # Who waited for its time would not be done within this test.
    sending_loop.pause = 60.0
    running = asyncio.create_task(sending_loop.run(stopping))
    await until(lambda: len(receiver.got) == 3 * SLOTS)
    stopping.set()
    await running
    await sender.close()


async def test_two_fan_outs_at_once_make_each_delivery_once(
    database: Database, receiver: Receiver, sender: Sender
) -> None:
    scope = fresh_scope()
    await subscribe(database, scope, receiver.url())
    await tell(database, scope, *(fact(f"t{number}") for number in range(50)))
    await publish_all(database)
    made = await asyncio.gather(*(webhooks.fan_out(database) for _ in range(2)))
    assert sum(made) == 50
    await deliver(database, sender)
    assert len(receiver.got) == 50
