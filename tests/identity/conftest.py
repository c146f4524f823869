"""The whole application over this module's database, called in process with the headers a browser would send."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI

from specie.app.api import create_app
from specie.identity import wiring
from specie.identity.passwords import PasswordHasher
from specie.identity.service import NewTenant, create_tenant
from specie.platform.config import Settings
from tests.identity.people import Installation
from tests.support.server import DatabaseUrls
from tests.support.settings import unhurried


@pytest.fixture(scope="module")
def settings(database_urls: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation behind TLS whose limits on requests no test meets by chance."""
    return unhurried(database_urls, tmp_path_factory.mktemp("state"), base_url="https://pay.example")


@pytest.fixture
def outbox(settings: Settings) -> Path:
    """Where mail is written."""
    return settings.state / "mail"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application as it is served, with cheap password hashes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "PasswordHasher", partial(PasswordHasher, kibibytes=1024))
        made = create_app(settings)
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(app: FastAPI) -> Installation:
    """The application's own identity, and its first tenant."""
    async with app.state.db.begin(None) as uow:
        live, _ = await create_tenant(uow, NewTenant("Kopi", "kopi"))
    return Installation(app.state.db, app.state.services["identity"], live)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def neighbour(house: Installation) -> Installation:
    """Another tenant of the same installation."""
    async with house.db.begin(None) as uow:
        live, _ = await create_tenant(uow, NewTenant("Teh", "teh"))
    return replace(house, tenant=live)
