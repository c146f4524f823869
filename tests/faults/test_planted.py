"""Every small defect makes the test fail whose task it is, and the second fence holds where the first one is down."""

import importlib
import inspect
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import psycopg
import pytest
import pytest_asyncio
import structlog
from fastapi import FastAPI

from specie.kernel.pagination import CursorSigner
from specie.platform import problems
from specie.platform.config import Settings
from specie.platform.db import Database
from tests.app.test_selfcheck import safe
from tests.faults.planted import HARMLESS, PLANTED, Planted
from tests.faults.plants import Ground
from tests.platform import test_http
from tests.support.server import DatabaseUrls
from tests.support.shop import Shop
from tests.support.shop_fixtures import running, shop
from tests.webhooks.conftest import receiver, sender
from tests.webhooks.receiver import Receiver

__all__ = ["receiver", "running", "safe", "sender", "shop"]
pytestmark = pytest.mark.breaks_the_books


@pytest_asyncio.fixture
async def client(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    """A caller of the routes that try the edge."""
    app = FastAPI()
    app.include_router(test_http.router, prefix="/api")
    problems.install(app)
    app.state.authenticator, app.state.db = test_http.Tokens(), database
    app.state.cursors = CursorSigner(b"secret")
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test/api") as opened:
        yield opened


@pytest.fixture
def means(
    database: Database,
    database_urls: DatabaseUrls,
    shop: Shop,
    client: httpx2.AsyncClient,
    receiver: Receiver,
    sender: Any,
    superuser_connection: psycopg.Connection,
    safe: Settings,
) -> dict[str, Any]:
    """What the tests that find defects ask for, by the names of their fixtures."""
    asked = {"database": database, "database_urls": database_urls, "shop": shop, "client": client}
    return asked | {"receiver": receiver, "sender": sender, "superuser_connection": superuser_connection, "safe": safe}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What the defects break is not told at length: a traceback with all its values takes a second to write."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    structlog.configure(**before)


class Noted:
    """Whether the wrong code has run."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def ground(
    monkeypatch: pytest.MonkeyPatch,
    superuser_connection: psycopg.Connection,
    database_urls: DatabaseUrls,
    noted: Noted,
) -> Iterator[Ground]:
    made = Ground(monkeypatch, superuser_connection, database_urls.superuser, noted, [])
    yield made
    for statement in made.undo:
        superuser_connection.execute(statement)


async def tried(planted: Planted, means: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the test that is to find the defect."""
    test = getattr(importlib.import_module(planted.module), planted.test)
    has = means | {"monkeypatch": monkeypatch} | dict(planted.given)
    done = test(**{name: has[name] for name in inspect.signature(test).parameters})
    if inspect.isawaitable(done):
        await done


@pytest.mark.parametrize("planted", PLANTED, ids=[one.name for one in PLANTED])
async def test_a_small_defect_is_found_out(
    planted: Planted, ground: Ground, noted: Noted, means: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    planted.plant(ground)
    with pytest.raises(planted.fails):
        await tried(planted, means, monkeypatch)
    assert noted.times


async def test_a_query_that_forgets_the_tenant_meets_the_second_fence(
    ground: Ground, noted: Noted, means: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    HARMLESS.plant(ground)
    await tried(HARMLESS, means, monkeypatch)
    assert noted.times
