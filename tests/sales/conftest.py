"""A seller for every test."""

import pytest

from specie.platform.db import Database
from tests.sales.seller import Seller, open_seller


@pytest.fixture
async def seller(database: Database) -> Seller:
    return await open_seller(database)
