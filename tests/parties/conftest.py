"""Fixtures of parties: where files are kept, and the keys they are sealed with."""

from pathlib import Path

import pytest

from specie.parties.documents import Files
from specie.platform.db import Database
from specie.platform.storage import open_storage
from specie.platform.vault import KeyRing

VAULT = KeyRing({1: bytes(range(32))}, 1)


@pytest.fixture
def files(database: Database, tmp_path: Path) -> Files:
    return Files(database, VAULT, open_storage(f"{tmp_path}/files"))
