"""Settings for applications that tests start."""

from pathlib import Path
from typing import Any

from specie.platform.config import Settings
from tests.support.server import DatabaseUrls


def unhurried(urls: DatabaseUrls, state: Path, **more: Any) -> Settings:
    """A development installation whose limits on requests no test meets by chance."""
    return Settings(
        state=state,
        database_url=urls.app,
        system_url=urls.system,
        auditor_url=urls.auditor,
        rate_limit_address=1_000_000,
        rate_limit_actor=1_000_000,
        rate_limit_login=1_000_000,
        _env_file=None,
        **more,
    )
