"""The database a command works on: the one in the settings, else the embedded server."""

from collections.abc import Iterator
from contextlib import contextmanager

from specie.platform.config import Settings, SettingsInvalid
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import APP, AUDITOR, OWNER, SUPERUSER, SYSTEM, bootstrap

DATABASE = "specie"


@contextmanager
def running_database(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with every database URL filled in.

    Without DATABASE_URL the embedded server is adopted, or started for as long as the block runs.
    Raises PostgresUnavailable when it cannot run.
    """
    if not settings.uses_embedded_database:
        yield settings
        return
    server = EmbeddedPostgres(settings.state)
    started = server.start() == "started"
    try:
        yield prepared(server, settings)
    finally:
        if started:
            server.stop()


def prepared(server: EmbeddedPostgres, settings: Settings) -> Settings:
    """Create the roles and the database where missing; return the settings pointing at them."""
    bootstrap(server.url(SUPERUSER, "postgres"), database=DATABASE, passwords=server.passwords())
    return pointed_at(server, settings)


def pointed_at(server: EmbeddedPostgres, settings: Settings) -> Settings:
    """Return the settings with the URLs of a running embedded server."""
    return settings.model_copy(
        update={
            "database_url": server.url(APP, DATABASE),
            "owner_url": server.url(OWNER, DATABASE),
            "system_url": server.url(SYSTEM, DATABASE),
            "auditor_url": server.url(AUDITOR, DATABASE),
        }
    )


def auditor_url(settings: Settings) -> str:
    """The read-only role's URL. Raises SettingsInvalid when a database was given without it."""
    if not settings.auditor_url:
        raise SettingsInvalid("SPECIE_AUDITOR_URL: needed to read the books of a database given by DATABASE_URL")
    return settings.auditor_url
