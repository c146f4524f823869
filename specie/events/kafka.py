"""Apache Kafka as the broker of the feed, through librdkafka. The library is optional: nothing else here needs it."""

import asyncio
import zlib
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import structlog

from specie.events.relay import SECONDS_TO_CONFIRM, Message
from specie.kernel.ids import TenantId
from specie.platform.db import refuse_inside_unit_of_work

if TYPE_CHECKING:
    from confluent_kafka import Producer

_SECONDS_TO_CONNECT = 5.0
_SECONDS_TO_FLUSH = SECONDS_TO_CONFIRM - _SECONDS_TO_CONNECT

# What makes a confirmation worth something. A message waits for the broker without an end of its own: one that
# timed out alone would let its successors pass it, so it is this program that gives up, and then on all of them.
_PROMISES = {"acks": "all", "enable.idempotence": True, "enable.gapless.guarantee": True, "message.timeout.ms": 0}

_log = structlog.get_logger(__name__)


class TopicMissing(Exception):
    """The broker has no such topic and does not make it, or has not made it yet."""


def is_installed() -> bool:
    """Whether the library is there: `pip install 'specie[kafka]'`."""
    return find_spec("confluent_kafka") is not None


def options_of(text: str) -> dict[str, str]:
    """Settings of librdkafka from `name=value` pairs with semicolons between them. Raises ValueError."""
    pairs = [part.strip() for part in text.split(";") if part.strip()]
    options = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise ValueError("must be name=value pairs with semicolons between them")
        if name.strip() in _PROMISES:
            raise ValueError(f"may not change {name.strip()}, on which the delivery of the feed rests")
        options[name.strip()] = value.strip()
    return options


def partition_of(tenant_id: TenantId, partitions: int) -> int:
    """The partition of all of a tenant's events: one, because Kafka keeps an order only within a partition."""
    return zlib.crc32(tenant_id.uuid.bytes) % partitions


class KafkaPublisher:
    """Publishes to one topic. Connects when there is something to say, and anew after any failure."""

    def __init__(self, bootstrap: str, topic: str, options: dict[str, str]) -> None:
        self._topic = topic
        self._settings: dict[str, Any] = {
            "client.id": "specie", "linger.ms": 5, **options, "bootstrap.servers": bootstrap, **_PROMISES,
        }  # fmt: skip
        self._producer: Producer | None = None
        self._partitions = 0

    async def publish(self, messages: Sequence[Message]) -> Sequence[bool]:
        """For each message, whether Kafka has confirmed it. Raises KafkaException or TopicMissing: nothing was sent."""
        refuse_inside_unit_of_work("kafka")
        return await asyncio.to_thread(self._publish, messages)

    async def close(self) -> None:
        """Leave; what was not confirmed stays in the feed."""
        await asyncio.to_thread(self._abandon)

    def _publish(self, messages: Sequence[Message]) -> list[bool]:
        producer = self._producer or self._connect()
        confirmed = [False] * len(messages)
        try:
            for nth, message in enumerate(messages):
                self._send(producer, message, _noting(confirmed, nth))
            producer.flush(_SECONDS_TO_FLUSH)
        finally:
            known = list(confirmed)
            if not all(known):
                self._abandon()
        return known

    def _send(self, producer: "Producer", message: Message, on_delivery: Callable[[Any, Any], None]) -> None:
        producer.produce(
            self._topic,
            key=message.key,
            value=message.body,
            headers=dict(message.headers),
            partition=partition_of(message.tenant_id, self._partitions),
            on_delivery=on_delivery,
        )

    def _connect(self) -> "Producer":
        # Imported here, so that an installation without Kafka needs no library for it.
        from confluent_kafka import Producer

        producer = Producer(self._settings)
        topic = producer.list_topics(self._topic, timeout=_SECONDS_TO_CONNECT).topics[self._topic]
        if topic.error is not None or not topic.partitions:
            raise TopicMissing(f"{self._topic}: {topic.error or 'it has no partitions yet'}")
        # Kept as long as the connection: a topic that grows moves feeds to other partitions at a restart only.
        self._producer, self._partitions = producer, len(topic.partitions)
        return producer

    def _abandon(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            # Whatever is still under way must not be sent after the next producer has sent it.
            producer.purge()
            producer.flush(1.0)


def _noting(confirmed: list[bool], nth: int) -> Callable[[Any, Any], None]:
    def note(error: Any, _message: Any) -> None:
        if error is None:
            confirmed[nth] = True
        elif not any(confirmed[nth:]):
            _log.warning("kafka_refused", reason=str(error))

    return note
