"""The whole application on a socket, with an API key, for programs that call it from outside."""

import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from specie.app.api import create_app
from tests.app.callers import sandbox_key
from tests.support.server import DatabaseUrls
from tests.support.settings import unhurried
from tests.support.shop import free_socket, served


@dataclass(frozen=True)
class Site:
    """Where the platform answers, and a key of a sandbox that may do everything a key can."""

    url: str
    key: str

    @property
    def environment(self) -> dict[str, str]:
        """For a program that is told where the platform is by its environment."""
        return {**os.environ, "SPECIE_URL": self.url, "SPECIE_API_KEY": self.key}


@contextlib.asynccontextmanager
async def open_site(urls: DatabaseUrls, folder: Path) -> AsyncIterator[Site]:
    """The application of a development installation, served in this process."""
    settings = unhurried(urls, folder)
    key = await sandbox_key(settings, "outside")
    async with served(create_app(settings), free_socket()) as url:
        yield Site(url, key)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(database_urls: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One for the whole module."""
    async with open_site(database_urls, tmp_path_factory.mktemp("state")) as opened:
        yield opened
