"""One installation with demo data for all journeys of this folder, and the browser that walks them."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from tests.support.browser import Visitors, launched
from tests.support.installation import Installation
from tests.support.state import reachable_folder


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """`specie up --demo`, as `make run` starts it."""
    with reachable_folder() as folder, Installation(folder) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium, one for all journeys; each visitor has a context of their own."""
    async with launched() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def visitors(browser: Browser, installation: Installation) -> Visitors:
    """Whoever comes to the installation."""
    return Visitors(browser, installation.url)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(visitors: Visitors) -> BrowserContext:
    """A fresh visitor at a desk, who has no cookies yet."""
    return await visitors.come()


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _everybody_leaves(visitors: Visitors) -> AsyncIterator[None]:
    """No page of an earlier test goes on asking the platform."""
    yield
    await visitors.leave()
