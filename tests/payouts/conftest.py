"""A running shop for this folder's tests, and a till whose money can leave."""

import pytest_asyncio

from tests.payouts.till import Till, open_till
from tests.support.shop import Shop
from tests.support.shop_fixtures import running, shop

__all__ = ["running", "shop"]


@pytest_asyncio.fixture(loop_scope="session")
async def till(shop: Shop) -> Till:
    """A merchant with IDR 1,000,000 and a confirmed account that has cooled off."""
    return await open_till(shop)
