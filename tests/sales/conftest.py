"""A seller for every test."""

import pytest

from specie import billing, sales
from specie.platform.db import Database
from tests.sales.seller import Seller, open_seller


@pytest.fixture(scope="package", autouse=True)
def wired() -> None:
    """As `app` wires it."""
    billing.before_credit(sales.hold_credited)
    billing.follow_credit(sales.give_up_credited)


@pytest.fixture
async def seller(database: Database) -> Seller:
    return await open_seller(database)
