"""A running shop, for the folders whose conftest takes these fixtures in; every test gets a tenant of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from specie.platform.db import Database
from tests.support.shop import Shop, new_tenant, open_shop


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """Our API and a simulator, for the whole module."""
    async with open_shop(database, tmp_path_factory.mktemp("simulator")) as shop:
        yield shop


@pytest_asyncio.fixture(loop_scope="session")
async def shop(running: Shop) -> Shop:
    """A fresh tenant with a merchant and a connection."""
    return await new_tenant(running)
