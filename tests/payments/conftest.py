"""A running shop for this folder's tests; every test gets a tenant of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from specie.platform.db import Database
from tests.support.shop import Shop, new_tenant, open_shop


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(database: Database, tmp_path_factory: object) -> AsyncIterator[Shop]:
    """Our API and a simulator, for the whole module."""
    folder: Path = tmp_path_factory.mktemp("simulator")  # type: ignore[attr-defined]
    async with open_shop(database, folder) as shop:
        yield shop


@pytest_asyncio.fixture(loop_scope="session")
async def shop(running: Shop) -> Shop:
    """A fresh tenant with a merchant and a connection."""
    return await new_tenant(running)
