"""The feed in Apache Kafka: against the mock cluster of librdkafka, and against a real broker where there is one."""

import asyncio
import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Producer

from specie import events
from specie.app import selfcheck
from specie.events import kafka, relay_store
from specie.events.kafka import KafkaPublisher, TopicMissing, options_of, partition_of
from specie.events.relay import Message, NotConfirmed, relay
from specie.kernel.ids import TenantId, uuid7
from specie.platform.config import load_settings
from specie.platform.db import Database
from tests.events.facts import fact, publish_all, tell
from tests.support import kafka as real
from tests.support.scopes import fresh_scope
from tests.support.state import reachable_folder

_NEEDS_A_BROKER = pytest.mark.skipif(not real.is_available(), reason="needs Apache Kafka: see .ci/run")


@pytest.fixture(scope="module")
def mock_cluster() -> Iterator[str]:
    # Yielded, not returned: the cluster lives as long as this producer.
    keeper = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 3, "log_level": 3})
    brokers = keeper.list_topics(timeout=10).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    keeper.flush(0)


@pytest.fixture(scope="module")
def own_broker() -> Iterator[real.Broker]:
    with reachable_folder() as folder, real.running_broker(Path(folder)) as broker:
        yield broker


@pytest.fixture(params=["mock", pytest.param("real", marks=_NEEDS_A_BROKER)])
def bootstrap(request: pytest.FixtureRequest) -> str:
    if request.param == "mock":
        return str(request.getfixturevalue("mock_cluster"))
    return os.environ.get("SPECIE_TEST_KAFKA") or request.getfixturevalue("own_broker").bootstrap


def _topic(bootstrap: str) -> tuple[str, int]:
    """A fresh topic, made by asking for it, and its number of partitions."""
    name = f"specie.{uuid7().hex}"
    asker = Producer({"bootstrap.servers": bootstrap})
    for _ in range(60):
        partitions = asker.list_topics(name, timeout=10).topics[name].partitions
        if partitions:
            return name, len(partitions)
        time.sleep(0.5)
    raise TimeoutError("Kafka makes no topic")


def _read(bootstrap: str, topic: str, count: int) -> list[Any]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": uuid7().hex, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    found: list[Any] = []
    for _ in range(120):
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            found.append(message)
        if len(found) >= count:
            break
    consumer.close()
    return found


def _numbers(messages: Sequence[Any], tenant_id: TenantId) -> list[int]:
    told = [dict(message.headers()) for message in messages]
    return [int(headers["n"]) for headers in told if headers["tenant"] == str(tenant_id).encode()]


@pytest.fixture(autouse=True)
async def nothing_waits(database: Database) -> None:
    class Sink:
        async def publish(self, messages: Sequence[Message]) -> Sequence[bool]:
            return [True] * len(messages)

    await publish_all(database)
    while await relay(database, Sink()):
        pass


async def test_each_tenants_events_are_in_one_partition_in_the_order_of_their_numbers(
    database: Database, bootstrap: str
) -> None:
    scopes = [fresh_scope() for _ in range(4)]
    for number in range(25):
        for scope in scopes:
            await tell(database, scope, fact(f"thing{number % 7}", number))
    await publish_all(database)
    topic, partitions = await asyncio.to_thread(_topic, bootstrap)
    publisher = KafkaPublisher(bootstrap, topic, {})
    while await relay(database, publisher):
        pass
    await publisher.close()
    messages = await asyncio.to_thread(_read, bootstrap, topic, 100)
    for scope in scopes:
        assert _numbers(messages, scope.tenant_id) == list(range(1, 26))
        assert {
            message.partition()
            for message in messages
            if dict(message.headers())["tenant"] == str(scope.tenant_id).encode()
        } == {partition_of(scope.tenant_id, partitions)}


async def test_a_message_says_what_the_feed_says(database: Database, bootstrap: str) -> None:
    scope = fresh_scope()
    await tell(database, scope, fact("cup", 3))
    await publish_all(database)
    topic, _ = await asyncio.to_thread(_topic, bootstrap)
    publisher = KafkaPublisher(bootstrap, topic, {})
    await relay(database, publisher)
    await publisher.close()
    (message,) = await asyncio.to_thread(_read, bootstrap, topic, 1)
    async with database.begin(scope) as uow:
        (event,) = await events.after(uow, scope.tenant_id, 0, 10)
    body = json.loads(message.value())
    assert body["id"] == str(event.id)
    assert (body["n"], body["type"], body["data"]) == (1, "thing.changed", {"name": "cup"})
    assert message.key().decode() == f"{scope.tenant_id}/thing/cup"


async def test_an_address_where_no_kafka_listens_keeps_the_events(database: Database) -> None:
    scope = fresh_scope()
    await tell(database, scope)
    await publish_all(database)
    publisher = KafkaPublisher("127.0.0.1:1", "specie.events", {})
    with pytest.raises(KafkaException):
        await relay(database, publisher)
    await publisher.close()
    async with database.system() as uow:
        assert await relay_store.position(uow, scope.tenant_id) == 0


@_NEEDS_A_BROKER
async def test_a_broker_that_is_lost_and_comes_back_gets_everything(
    database: Database, own_broker: real.Broker
) -> None:
    scope = fresh_scope()
    topic, _ = await asyncio.to_thread(_topic, own_broker.bootstrap)
    publisher = KafkaPublisher(own_broker.bootstrap, topic, {})
    await tell(database, scope, fact("before"))
    await publish_all(database)
    assert await relay(database, publisher) == 1
    await asyncio.to_thread(own_broker.stop)
    await tell(database, scope, fact("while away"), fact("still away"))
    await publish_all(database)
    with pytest.raises(NotConfirmed, match="2 of 2"):
        await relay(database, publisher)
    async with database.system() as uow:
        assert await relay_store.position(uow, scope.tenant_id) == 1
    await asyncio.to_thread(own_broker.start)
    await _until_relayed(database, publisher)
    await publisher.close()
    messages = await asyncio.to_thread(_read, own_broker.bootstrap, topic, 3)
    assert list(dict.fromkeys(_numbers(messages, scope.tenant_id))) == [1, 2, 3]


async def _until_relayed(database: Database, publisher: KafkaPublisher) -> None:
    for _ in range(30):
        try:
            if await relay(database, publisher) == 0:
                return
        except (KafkaException, NotConfirmed, TopicMissing):
            await asyncio.sleep(1)
    raise TimeoutError("the feed was not caught up")


def test_options_are_pairs_and_may_hold_equal_signs() -> None:
    assert options_of("security.protocol=SASL_SSL; sasl.password=a=b;") == {
        "security.protocol": "SASL_SSL",
        "sasl.password": "a=b",
    }


@pytest.mark.parametrize("text", ["nonsense", "=1", "acks=0", "enable.idempotence=false"])
def test_options_that_are_no_pairs_or_weaken_the_delivery_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"may not change|must be name=value"):
        options_of(text)


def test_kafka_asked_for_without_its_library_is_said_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "is_installed", lambda: False)
    settings = load_settings(kafka_bootstrap="kafka:9092", kafka_options="acks=0")
    missing, options = selfcheck.kafka_faults(settings)
    assert "pip install 'specie[kafka]'" in missing
    assert options.startswith("SPECIE_KAFKA_OPTIONS may not change acks")


def test_nothing_is_missing_where_no_kafka_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "is_installed", lambda: False)
    assert list(selfcheck.kafka_faults(load_settings())) == []
