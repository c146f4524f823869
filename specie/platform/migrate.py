"""Running the schema migrations from code: no configuration file, the same in a checkout and in a wheel."""

import importlib
import sys

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.pool import NullPool

from specie.platform.postgres_roles import SCHEMA
from specie.platform.revisions import migrations_folder

VERSION_TABLE = "schema_version"


def upgrade(owner_url: str, revision: str = "head") -> list[str]:
    """Apply the pending migrations, connected as the owner role, and return those that were pending.

    Waits for another process that is migrating the same database, then finds nothing left to do. Call it from
    one thread at a time: Alembic's environment is global to the process.
    """
    applied = pending(owner_url)
    command.upgrade(alembic_config(owner_url), revision)
    left = pending(owner_url)
    return [name for name in applied if name not in left]


def current(owner_url: str) -> str | None:
    """Return the revision the database is at, or None for an empty one."""
    engine = sqlalchemy.create_engine(driver_url(owner_url), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "version_table_schema": SCHEMA}
        )
        return context.get_current_revision()


def pending(owner_url: str) -> list[str]:
    """Return the revisions the database still lacks, oldest first."""
    scripts = ScriptDirectory.from_config(alembic_config(owner_url))
    missing = scripts.iterate_revisions("heads", current(owner_url) or "base")
    return [script.revision for script in reversed(list(missing))]


def alembic_config(owner_url: str) -> Config:
    """Return the configuration Alembic's own commands work with."""
    folder = migrations_folder()
    if folder.name == "_migrations":
        # Revisions import their helpers as `migrations.helpers`, the package's name in a checkout.
        sys.modules.setdefault("migrations", importlib.import_module("specie._migrations"))
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    # Attributes, because main options would interpolate a percent sign in a password.
    config.attributes["url"] = driver_url(owner_url)
    return config


def driver_url(url: str) -> str:
    """Return a libpq URL in the form SQLAlchemy needs to choose psycopg."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme in ("postgres", "postgresql") else url
