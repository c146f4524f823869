"""A running shop for this folder's tests, and a till in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.checkout.till import Till, open_till
from tests.support.shop import Shop
from tests.support.shop_fixtures import running, shop

__all__ = ["running", "shop", "till"]


@pytest_asyncio.fixture(loop_scope="session")
async def till(running: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Till]:
    """A market in a tenant that people can sign in to."""
    # A whole platform composed earlier in this process would connect its own simulator, with a key not ours.
    monkeypatch.setattr("specie.identity.service._tenant_created", [])
    made = await open_till(running, tmp_path)
    yield made
    for client in made.clients:
        await client.aclose()
