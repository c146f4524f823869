"""Handing the feed on: in order, confirmed before it counts as sent, at least once whatever happens."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from specie.events import relay_store
from specie.events.relay import Message, NotConfirmed, relay
from specie.kernel.clock import machine_now
from specie.kernel.ids import TenantId
from specie.platform import crashpoints
from specie.platform.db import Database
from tests.events.facts import fact, publish_all, tell
from tests.support.scopes import fresh_scope


class Broker:
    """Keeps what it is given; says no to what it is told to."""

    def __init__(self) -> None:
        self.kept: list[Message] = []
        self.refused: set[int] = set()
        self.error: Exception | None = None

    async def publish(self, messages: Sequence[Message]) -> Sequence[bool]:
        if self.error is not None:
            raise self.error
        answers = [message.n not in self.refused for message in messages]
        self.kept += [message for message, is_kept in zip(messages, answers, strict=True) if is_kept]
        return answers

    def numbers(self, tenant_id: TenantId) -> list[int]:
        return [message.n for message in self.kept if message.tenant_id == tenant_id]


@pytest.fixture(autouse=True)
async def nothing_waits(database: Database) -> None:
    """What an earlier test left is out of the way."""
    await publish_all(database)
    while await relay(database, Broker()):
        pass


async def _position(database: Database, tenant_id: TenantId) -> int:
    async with database.system() as uow:
        return await relay_store.position(uow, tenant_id)


async def test_every_event_reaches_the_broker_in_the_order_of_its_tenant(database: Database) -> None:
    one, other, broker = fresh_scope(), fresh_scope(), Broker()
    for number in range(3):
        await tell(database, one, fact(f"a{number}"), fact(f"b{number}"))
        await tell(database, other)
    await publish_all(database)
    assert await relay(database, broker) == 9
    assert broker.numbers(one.tenant_id) == [1, 2, 3, 4, 5, 6]
    assert broker.numbers(other.tenant_id) == [1, 2, 3]
    assert await _position(database, one.tenant_id) == 6


async def test_a_feed_longer_than_a_step_is_handed_on_to_its_end(database: Database) -> None:
    scope, broker = fresh_scope(), Broker()
    await tell(database, scope, *[fact(str(number)) for number in range(450)])
    await publish_all(database)
    while await relay(database, broker):
        pass
    assert broker.numbers(scope.tenant_id) == list(range(1, 451))


async def test_the_key_names_tenant_and_subject_and_the_headers_the_number(database: Database) -> None:
    scope, broker = fresh_scope(), Broker()
    await tell(database, scope, fact("cup"))
    await publish_all(database)
    await relay(database, broker)
    (message,) = broker.kept
    assert message.key == f"{scope.tenant_id}/thing/cup"
    assert message.headers["n"] == "1"
    assert message.headers["type"] == "thing.changed"
    assert b'"name":"cup"' in message.body


async def test_nothing_new_means_that_the_broker_is_not_asked(database: Database) -> None:
    broker = Broker()
    broker.error = RuntimeError("asked")
    assert await relay(database, broker) == 0


async def test_a_broker_that_is_away_keeps_the_events_and_catches_up(database: Database) -> None:
    scope, broker = fresh_scope(), Broker()
    await tell(database, scope, fact("a"), fact("b"))
    await publish_all(database)
    broker.error = ConnectionError("no broker")
    with pytest.raises(ConnectionError):
        await relay(database, broker)
    assert await _position(database, scope.tenant_id) == 0
    broker.error = None
    await relay(database, broker)
    assert broker.numbers(scope.tenant_id) == [1, 2]


async def test_the_position_stops_before_what_was_not_confirmed(database: Database) -> None:
    scope, broker = fresh_scope(), Broker()
    await tell(database, scope, fact("a"), fact("b"), fact("c"), fact("d"))
    await publish_all(database)
    broker.refused = {3}
    with pytest.raises(NotConfirmed, match="1 of 4"):
        await relay(database, broker)
    assert await _position(database, scope.tenant_id) == 2
    broker.refused = set()
    await relay(database, broker)
    assert broker.numbers(scope.tenant_id) == [1, 2, 4, 3, 4]
    assert await _position(database, scope.tenant_id) == 4


async def test_one_tenant_without_an_answer_does_not_hold_up_another(database: Database) -> None:
    short, long, broker = fresh_scope(), fresh_scope(), Broker()
    await tell(database, short)
    await tell(database, long, fact("a"), fact("b"))
    await publish_all(database)
    broker.refused = {2}
    with pytest.raises(NotConfirmed):
        await relay(database, broker)
    assert await _position(database, short.tenant_id) == 1
    assert await _position(database, long.tenant_id) == 1


@pytest.mark.parametrize("point", ["events.relay.publish.after", "events.relay.settle.commit_before"])
async def test_a_worker_that_dies_after_sending_sends_again_and_loses_nothing(database: Database, point: str) -> None:
    scope, broker = fresh_scope(), Broker()
    await tell(database, scope, fact("a"), fact("b"))
    await publish_all(database)
    crashpoints.from_environment({"SPECIE_CRASH_POINT": f"{point}:raise"})
    try:
        with pytest.raises(crashpoints.TrapSprung):
            await relay(database, broker)
    finally:
        crashpoints.install(None)
    await _let_leases_end(database, scope.tenant_id)
    await relay(database, broker)
    assert sorted(set(broker.numbers(scope.tenant_id))) == [1, 2]
    assert await _position(database, scope.tenant_id) == 2


async def _let_leases_end(database: Database, tenant_id: TenantId) -> None:
    lapse = text("update specie.event_relay set leased_until = :then where tenant_id = :tenant")
    async with database.system() as uow:
        await uow.execute(lapse, {"then": machine_now() - timedelta(seconds=1), "tenant": tenant_id.uuid})


async def test_two_workers_never_hand_on_the_same_feed_at_once(database: Database) -> None:
    scope = fresh_scope()
    await tell(database, scope, *[fact(str(number)) for number in range(20)])
    await publish_all(database)
    slow, quick = Broker(), Broker()
    begun, go_on = asyncio.Event(), asyncio.Event()
    at_once = slow.publish

    async def linger(messages: Sequence[Message]) -> Sequence[bool]:
        begun.set()
        await go_on.wait()
        return await at_once(messages)

    slow.publish = linger  # type: ignore[method-assign]
    first = asyncio.create_task(relay(database, slow))
    await begun.wait()
    assert await relay(database, quick) == 0
    go_on.set()
    assert await first == 20
    assert quick.kept == []


async def test_an_answer_that_comes_after_the_lease_moves_nothing(database: Database) -> None:
    scope, broker = fresh_scope(), Broker()
    await tell(database, scope)
    await publish_all(database)
    now = machine_now()
    async with database.system() as uow:
        (late,) = await relay_store.claim(uow, now, now - timedelta(seconds=1), 10)
    await relay(database, broker)
    await tell(database, scope)
    await publish_all(database)
    async with database.system() as uow:
        await relay_store.settle(uow, [late], {scope.tenant_id: 2})
    assert await _position(database, scope.tenant_id) == 1


@pytest.mark.breaks_the_books
async def test_a_position_beyond_the_feed_is_reported(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    from specie.events import INVARIANTS

    scope = fresh_scope()
    await tell(database, scope)
    await publish_all(database)
    await relay(database, Broker())
    query = INVARIANTS["what the broker has confirmed is in the feed"]
    assert superuser_connection.execute(query).fetchall() == []
    superuser_connection.execute(
        "update specie.event_relay set last_n = 9 where tenant_id = %s", [scope.tenant_id.uuid]
    )
    assert [row[0] for row in superuser_connection.execute(query).fetchall()] == [scope.tenant_id.uuid]
