"""The whole application over this module's database."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from specie.app.api import create_app
from specie.platform.config import Settings
from tests.support.asgi import running
from tests.support.server import DatabaseUrls
from tests.support.settings import unhurried


@pytest.fixture(scope="module")
def settings(database_urls: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a development installation whose limits no test meets by chance."""
    return unhurried(database_urls, tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def app(settings: Settings) -> FastAPI:
    """The application as it is served."""
    return create_app(settings)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[httpx2.Client]:
    """A client of the running application, without any credential."""
    with running(app, "http://127.0.0.1:8000") as made:
        yield made


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[2]
