"""A receiver on this machine, the sender that reaches it, and quiet around both."""

from collections.abc import AsyncIterator

import psycopg
import pytest
import pytest_asyncio

from specie.platform.db import Database
from specie.webhooks import Sender
from tests.webhooks.receiver import Receiver, receiving, sending


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Answers and remembers."""
    async with receiving() as running:
        yield running


@pytest_asyncio.fixture
async def sender(database: Database) -> AsyncIterator[Sender]:
    """Sends what is due."""
    async with sending(database) as running:
        yield running


@pytest.fixture
def quiet_others(superuser_connection: psycopg.Connection) -> None:
    """What an earlier test left failing is not sent in the next."""
    superuser_connection.execute("update specie.webhook_endpoint set state = 'paused' where state = 'enabled'")
