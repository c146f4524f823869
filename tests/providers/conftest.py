"""A running shop for this folder's tests, and a tenant in the dialect a test is about."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.providers.counter import BY_NAME, Counter
from tests.support.shop import Shop, new_tenant
from tests.support.shop_fixtures import running, shop

__all__ = ["counter", "running", "shop"]


@pytest_asyncio.fixture(loop_scope="session")
async def counter(running: Shop, request: pytest.FixtureRequest) -> AsyncIterator[Counter]:
    """A fresh tenant for the dialect the test is about."""
    yield Counter(await new_tenant(running, request.param, timeout_ms=1000), BY_NAME[request.param])
