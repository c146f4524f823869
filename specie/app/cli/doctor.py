"""`specie doctor`: what is right, what is wrong, and what to do about it."""

import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psycopg
import typer

from specie.app.cli.database import pointed_at
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer
from specie.platform.config import Settings, SettingsInvalid, load_settings
from specie.platform.database_facts import read_facts
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_binaries import OLDEST_MAJOR, PostgresUnavailable

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
LEAST_FREE_BYTES = 2**30
_MARKS = {"ok": "ok  ", "warning": "warn", "failed": "FAIL"}


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; `fix` says what to do unless all is well."""

    check: str
    status: Literal["ok", "warning", "failed"]
    detail: str
    fix: str = ""

    def __str__(self) -> str:
        line = f"{_MARKS[self.status]}  {self.check}: {self.detail}"
        return f"{line}\n      fix: {self.fix}" if self.status != "ok" else line


def doctor_command(json: Json = False) -> None:
    """Check this machine, the settings and the database; exit 6 when something is wrong."""
    findings = list(examine())
    healthy = all(finding.status != "failed" for finding in findings)
    data = {"healthy": healthy, "findings": [asdict(finding) for finding in findings]}
    answer(json, data, "\n".join(map(str, findings)))
    if not healthy:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def examine() -> Iterator[Finding]:
    """Yield one finding for each check, in the order in which to repair them."""
    yield _python()
    yield _node()
    try:
        settings = load_settings()
    except SettingsInvalid as error:
        yield Finding("settings", "failed", str(error), "set the variables named; .env.example explains each")
        return
    yield Finding("settings", "ok", settings.environment)
    yield _state(settings)
    yield _secrets(settings)
    yield _storage(settings)
    yield _port(settings)
    yield from _database(settings)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return Finding("python", "ok", found)
    return Finding("python", "failed", found, "install Python 3.11 or newer and create the environment with it")


def _node() -> Finding:
    fix = f"install Node.js {OLDEST_NODE} or newer; only building the web console needs it"
    program = shutil.which("node")
    if program is None:
        return Finding("node", "warning", "not installed", fix)
    found = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = found.stdout.strip().removeprefix("v")
    major = version.split(".")[0]
    if major.isdigit() and int(major) >= OLDEST_NODE:
        return Finding("node", "ok", version)
    return Finding("node", "warning", version or "does not run", fix)


def _state(settings: Settings) -> Finding:
    folder = _existing(settings.state)
    if not _is_writable(folder):
        return Finding("state", "failed", f"{folder} is not writable", "set SPECIE_STATE to a folder of your own")
    free = shutil.disk_usage(folder).free
    detail = f"{settings.state}, {free // 2**20} MiB free"
    if free < LEAST_FREE_BYTES:
        return Finding("state", "warning", detail, "free some space, or set SPECIE_STATE to a larger disk")
    return Finding("state", "ok", detail)


def _secrets(settings: Settings) -> Finding:
    folder = settings.state / "secrets"
    files = sorted(folder.iterdir()) if folder.exists() else []
    loose = [file for file in files if stat.S_IMODE(file.stat().st_mode) & 0o077]
    if loose:
        names = " ".join(map(str, loose))
        return Finding("secrets", "failed", f"others can read {names}", f"chmod 600 {names}")
    given = all(key.get_secret_value() for key in (settings.secret_key, settings.master_key))
    return Finding("secrets", "ok", "given by the environment" if given else f"kept in {folder}")


def _storage(settings: Settings) -> Finding:
    if settings.files.startswith("s3://"):
        return Finding("storage", "ok", f"{settings.files}, reached when the first file is kept")
    folder = _existing(Path(settings.files))
    if _is_writable(folder):
        return Finding("storage", "ok", settings.files)
    return Finding("storage", "failed", f"{folder} is not writable", "set SPECIE_STORAGE_URL, or change the owner")


def _port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = settings.port and probe.connect_ex((settings.host, settings.port)) == 0
    if taken:
        return Finding(
            "port",
            "warning",
            f"{settings.port} is in use",
            "fine when it is Specie itself; else set SPECIE_PORT",
        )
    return Finding("port", "ok", f"{settings.port} is free")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        reachable = _reachable(settings)
    except PostgresUnavailable as error:
        yield Finding("database", "failed", str(error), "follow the advice above, or set DATABASE_URL")
        return
    if reachable is None:
        yield Finding("database", "ok", "the embedded server is not running; `specie up` starts it")
        return
    try:
        facts = read_facts(reachable.database_url)
    except psycopg.OperationalError as error:
        fix = "check DATABASE_URL, and that the server is running and lets this machine in"
        yield Finding("database", "failed", str(error).strip(), fix)
        return
    yield _version(facts.major_version, facts.server_version)
    yield _role(facts.role, facts.sees_through_row_security)
    yield _durability([name for name, value in facts.durability.items() if value in ("off", "local")])
    yield _schema(reachable)


def _reachable(settings: Settings) -> Settings | None:
    if not settings.uses_embedded_database:
        return settings
    server = EmbeddedPostgres(settings.state)
    return pointed_at(server, settings) if server.adopt() else None


def _version(major: int, found: str) -> Finding:
    if major >= OLDEST_MAJOR:
        return Finding("database", "ok", f"PostgreSQL {found}")
    return Finding("database", "failed", f"PostgreSQL {found}", f"upgrade the server to {OLDEST_MAJOR} or newer")


def _role(role: str, sees_through: bool) -> Finding:
    if not sees_through:
        return Finding("role", "ok", f"{role} obeys row security")
    fix = f"alter role {role} nosuperuser nobypassrls, or connect as specie_app"
    return Finding("role", "failed", f"{role} sees through row security", fix)


def _durability(weak: list[str]) -> Finding:
    if not weak:
        return Finding("durability", "ok", "commits survive a crash")
    names = ", ".join(weak)
    return Finding("durability", "failed", f"{names} can lose commits", f"set {names} to on in postgresql.conf")


def _schema(settings: Settings) -> Finding:
    if not settings.owner_url:
        return Finding("schema", "warning", "not looked at", "set SPECIE_OWNER_URL to compare it")
    from specie.platform import migrate

    pending = migrate.pending(settings.owner_url)
    if pending:
        return Finding("schema", "failed", f"{len(pending)} migrations are pending", "run specie migrate")
    return Finding("schema", "ok", f"at {migrate.current(settings.owner_url)}")


def _existing(folder: Path) -> Path:
    """The folder itself or the nearest parent that exists, where it would be created."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _is_writable(folder: Path) -> bool:
    probe = folder / ".specie-doctor"
    try:
        probe.touch()
    except OSError:
        return False
    probe.unlink()
    return True
