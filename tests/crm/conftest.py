"""A sales team of a fresh tenant for each test of this folder."""

import pytest_asyncio

from specie.platform.db import Database
from tests.crm.teams import Team, open_team


@pytest_asyncio.fixture(loop_scope="session")
async def team(database: Database) -> Team:
    """Two colleagues with the usual pipeline and two customers."""
    return await open_team(database)
