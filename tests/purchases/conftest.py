"""A running shop, and a market in it: a merchant who sells in parts with cashback, and a customer who can pay."""

import pytest_asyncio

from tests.purchases.market import Market, open_market
from tests.support.shop import Shop
from tests.support.shop_fixtures import running, shop

assert running
assert shop


@pytest_asyncio.fixture(loop_scope="session")
async def market(shop: Shop) -> Market:
    """A fresh tenant's market."""
    return await open_market(shop)
