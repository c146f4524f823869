"""A merchant of a fresh tenant for each test of this folder."""

import pytest_asyncio

from specie.platform.db import Database
from tests.cashback.stalls import Stall, open_stall


@pytest_asyncio.fixture(loop_scope="session")
async def stall(database: Database) -> Stall:
    """A verified, activated merchant with IDR 100,000."""
    return await open_stall(database)
