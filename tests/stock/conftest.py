"""An empty warehouse of a fresh tenant for each test of this folder."""

import pytest_asyncio

from specie.platform.db import Database
from tests.stock.rooms import Room, open_room


@pytest_asyncio.fixture(loop_scope="session")
async def room(database: Database) -> Room:
    """A warehouse and a product without stock."""
    return await open_room(database)
