"""Lints the SQL of the migrations with squawk; the settings are in `.squawk.toml`.

The statements come from Alembic's offline mode, so no database is needed.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path

from alembic import command
from sqlalchemy.engine.mock import MockConnection

from specie.platform.migrate import alembic_config

# How migrations run the job queue's own schema, which comes from its package and is not ours to lint.
THIRD_PARTY_SQL = "exec_driver_sql"
ROOT = Path(__file__).resolve().parent.parent


def migration_sql() -> str:
    """Every statement of every migration, in order."""
    out = io.StringIO()
    config = alembic_config("postgresql://offline/specie")
    config.output_buffer = out
    setattr(MockConnection, THIRD_PARTY_SQL, lambda _connection, _sql: None)
    # Alembic reports each revision on standard error; squawk's findings are all that matters here.
    with contextlib.redirect_stderr(io.StringIO()):
        command.upgrade(config, "head", sql=True)
    return out.getvalue()


def main() -> int:
    """Runs squawk over the SQL; returns its exit code."""
    squawk = Path(sys.executable).with_name("squawk")
    linted = subprocess.run(
        [squawk, "--stdin-filepath", "migrations.sql"],
        cwd=ROOT,
        input=migration_sql(),
        text=True,
        check=False,
    )
    return linted.returncode


if __name__ == "__main__":
    sys.exit(main())
