"""Fixtures for every test: a real PostgreSQL, and one fresh database for each test module."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import pytest_asyncio

from tests.support.server import DatabaseUrls, ServerForTests, shared_server
from tests.support.state import reachable_folder

if TYPE_CHECKING:
    from starlette.requests import Request
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

    from specie.kernel.errors import SpecieError
    from specie.platform.db import Database
    from tests.support.soundness import Auditor


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[ServerForTests]:
    """The shared test server; started on first use, stopped by the last process that leaves."""
    with shared_server() as server:
        yield server


@pytest.fixture(scope="module")
def database_urls(postgres_server: ServerForTests) -> Iterator[DatabaseUrls]:
    """A freshly migrated database for this module, as URLs by role; dropped afterwards."""
    name = postgres_server.create_database()
    yield postgres_server.urls(name)
    postgres_server.drop_database(name)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(database_urls: DatabaseUrls) -> AsyncIterator[Database]:
    """The platform's own way into this module's database."""
    from specie.platform.db import Database

    connected = Database(app_url=database_urls.app, system_url=database_urls.system)
    yield connected
    await connected.close()


@pytest.fixture
def owner_connection(database_urls: DatabaseUrls) -> Iterator[psycopg.Connection]:
    """A connection as the role that owns the tables (row security still holds), in autocommit."""
    with psycopg.connect(database_urls.owner, autocommit=True) as connection:
        yield connection


@pytest.fixture
def superuser_connection(database_urls: DatabaseUrls) -> Iterator[psycopg.Connection]:
    """A connection that sees every row of every tenant and may tamper with them, in autocommit."""
    with psycopg.connect(database_urls.superuser, autocommit=True) as connection:
        yield connection


@pytest.fixture
def state_folder() -> Iterator[Path]:
    """A state folder that the server's unprivileged account can reach, unlike pytest's own."""
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def auditor(database_urls: DatabaseUrls) -> Iterator[Auditor]:
    """Whoever judges this module's books after each test."""
    from tests.support.soundness import Auditor

    judge = Auditor(database_urls.auditor)
    yield judge
    judge.close()


@pytest.fixture(autouse=True)
def sound_books(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every invariant holds after every test that used a database, unless the test says it broke them."""
    uses_database = "database_urls" in request.fixturenames
    auditor = request.getfixturevalue("auditor") if uses_database else None
    yield
    if auditor is None or request.node.get_closest_marker("breaks_the_books"):
        return
    assert auditor.broken() == []


@pytest.fixture(autouse=True)
def documented_refusals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a route refused during a test is in the route's OpenAPI document, under the same status and code."""
    from specie.platform import problems
    from tests.support.refusals import undocumented

    missing: list[str] = []
    told = problems.of_refusal

    def watched(request: Request, refusal: SpecieError) -> dict[str, Any]:
        missing.extend(undocumented(request, refusal))
        return told(request, refusal)

    monkeypatch.setattr(problems, "of_refusal", watched)
    yield
    assert missing == [], "name these refusals at their routes with @refuses"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Give each process whole files."""
    from tests.support.distribution import ByFile

    return ByFile(config, log)


def pytest_collection_finish() -> None:
    """What the tests are made of stays to the end, so the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The journeys first: they are one long piece, and no process should be left alone with it at the end."""
    items.sort(key=lambda item: item.path.parent.name != "journeys")
