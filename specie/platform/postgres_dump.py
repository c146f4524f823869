"""PostgreSQL's own dump and restore programs, run with the password out of sight."""

import os
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from specie.platform.postgres_binaries import PostgresUnavailable, clean_environment, find_programs

_PARALLEL = "2"


def dump(url: str, target: Path, snapshot: str) -> None:
    """Write the whole database as a transaction's exported snapshot sees it, in the custom format.

    The role must see through row security. Raises PostgresUnavailable with what pg_dump said.
    """
    options = ["--format=custom", "--compress=1", f"--snapshot={snapshot}", f"--file={target}"]
    _run(url, "pg_dump", *options)


def restore(url: str, source: Path) -> None:
    """Bring a dump into a database that has its roles, replacing what the set-up made. All of it or an error.

    Raises PostgresUnavailable with what pg_restore said.
    """
    options = ["--clean", "--if-exists", "--exit-on-error", f"--jobs={_PARALLEL}"]
    _run(url, "pg_restore", *options, str(source))


def _run(url: str, program: str, *arguments: str) -> None:
    parts = conninfo_to_dict(url)
    # The environment of a process is its owner's alone; its command line is everybody's.
    environment = clean_environment() | {
        "PGPASSWORD": str(parts.pop("password", None) or os.environ.get("PGPASSWORD", ""))
    }
    command = [str(find_programs() / program), f"--dbname={make_conninfo('', **parts)}", *arguments]
    done = subprocess.run(  # noqa: S603
        command, env=environment, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        raise PostgresUnavailable(f"{program} failed: {done.stderr.strip()[-600:]}")
