"""A PostgreSQL server that needs no installation: started from a wheel's programs, kept in the state folder.

Any number of processes may call `EmbeddedPostgres.start`: the first starts the server, the others adopt it.
"""

import ctypes
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from specie.platform.postgres_binaries import (
    OLDEST_MAJOR,
    PostgresUnavailable,
    can_enter,
    clean_environment,
    copy_programs,
    find_programs,
    identity,
    major_version,
    run_as,
    unprivileged_account,
)
from specie.platform.postgres_roles import ROLES, SUPERUSER
from specie.platform.secret_files import secret_file

HOST = "127.0.0.1"
# Durability is stated on the command line so that no edited configuration file can turn it off.
SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "listen_addresses": HOST,
    # Loopback TCP only: the same on every platform, and no limit on the length of a socket path.
    "unix_socket_directories": "",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "500ms",
    # Parameters carry personal data and must never reach a log.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_POLL_SECONDS = 0.05
_START_POLLS = 1200
_PR_SET_PDEATHSIG = 1


class EmbeddedPostgres:
    """The server of one state folder.

    `port` is a wish for the first start; without one a free port is taken. After `start` it is the real port.
    `settings` are server settings over the defaults, applied when this process is the one that starts it.
    """

    def __init__(self, state: Path, port: int | None = None, settings: Mapping[str, str] | None = None) -> None:
        self.state = state.absolute()
        self.data = self.state / "pg"
        self.log = self.state / "postgres.log"
        self.port = port
        self._settings = SETTINGS | dict(settings or {})
        self._secrets = self.state / "secrets"
        self._account = unprivileged_account()
        self._programs = find_programs()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, die_with_parent: bool = False) -> Literal["started", "adopted"]:
        """Start the server, or adopt the one already serving this state folder.

        With `die_with_parent` the server is a child of this process and shuts down cleanly when the calling
        thread's process dies, however it dies (Linux; elsewhere the next start adopts it).
        Raises PostgresUnavailable with what to change when it cannot run.
        """
        # The server's account must be able to pass through, never to read.
        self.state.mkdir(mode=0o711, parents=True, exist_ok=True)
        with self._locked():
            self._prepare_programs()
            self._prepare_data()
            if self._find_running():
                return "adopted"
            self._launch(die_with_parent)
            return "started"

    def adopt(self) -> bool:
        """Adopt the server already serving this state folder; return False where there is none."""
        if not self.data.exists():
            return False
        with self._locked():
            self._prepare_programs()
            return self._find_running()

    def stop(self) -> None:
        """Stop the server with a fast shutdown; connected clients are disconnected."""
        run_as(self._account, [self._programs / "pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop"])
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=30)
            self._process = None

    def is_ready(self) -> bool:
        """Return whether the server answers; a live process id alone may be a zombie or still recovering."""
        if self._process:
            self._process.poll()
        return self.port is not None and self._answers(self.port)

    def url(self, role: str, database: str = "specie") -> str:
        """Return a libpq URL for one of the roles, password included."""
        return f"postgresql://{role}:{self.password(role)}@{HOST}:{self.port}/{database}"

    def run(self, program: str, *arguments: str | Path) -> str:
        """Run one of the server's programs, such as `pg_ctl`, as its account; returns what it printed.

        Raises PostgresUnavailable with that when it fails.
        """
        answer = run_as(self._account, [self._programs / program, *arguments])
        if answer.returncode:
            raise PostgresUnavailable(f"{program} failed: {answer.stdout[-600:]}")
        return answer.stdout

    def follow(self, primary: "EmbeddedPostgres", name: str) -> None:
        """Fill the data folder with a copy of a running server, to be started as its standby of that name.

        Raises PostgresUnavailable when the copy cannot be made.
        """
        self.state.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._prepare_programs()
        # A password on the command line could be read by everybody on this machine.
        passwords = self.state / "standby-passwords"
        passwords.touch(mode=0o600)
        passwords.write_text(f"*:*:*:{SUPERUSER}:{primary.password(SUPERUSER)}\n")
        self.data.mkdir(mode=0o700)
        self._give_away(passwords, self.data)
        source = f"host={HOST} port={primary.port} user={SUPERUSER} passfile={passwords} application_name={name}"
        self.run("pg_basebackup", "-D", self.data, "-d", source, "-R", "-c", "fast", "-X", "stream")

    def password(self, role: str) -> str:
        """Return the role's password, made at random on first use and kept in a file of mode 0600."""
        return secret_file(self._secrets / role, lambda: secrets.token_urlsafe(24))

    def passwords(self) -> dict[str, str]:
        """Return the passwords of the four roles the platform connects as."""
        return {role: self.password(role) for role in ROLES}

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.state / ".postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prepare_programs(self) -> None:
        if not can_enter(self._account, self.state):
            raise PostgresUnavailable(
                f"{self.state} cannot be entered by the unprivileged user PostgreSQL runs as; "
                "set SPECIE_STATE to a folder it can reach (such as /var/lib/specie), or set DATABASE_URL"
            )
        version = major_version(self._programs, self._account)
        if version is None:
            self._programs = copy_programs(self._programs, self.state / "postgres-programs")
            version = major_version(self._programs, self._account)
        if version is None:
            raise PostgresUnavailable(f"{self._programs}/postgres cannot be executed; set DATABASE_URL")
        if version < OLDEST_MAJOR:
            raise PostgresUnavailable(f"PostgreSQL {version} is too old, {OLDEST_MAJOR} is needed; set DATABASE_URL")
        self._refuse_other_major(version)

    def _refuse_other_major(self, version: int) -> None:
        marker = self.data / "PG_VERSION"
        made_by = marker.read_text().strip() if marker.exists() else str(version)
        if made_by != str(version):
            raise PostgresUnavailable(
                f"{self.data} was made by PostgreSQL {made_by} and the programs are {version}; "
                "dump with the old programs and restore with the new ones"
            )

    def _prepare_data(self) -> None:
        if self.data.exists():
            return
        # Built aside and renamed, so that an interrupted initdb is never mistaken for a database.
        unfinished = self.state / "pg.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        # initdb reads the password as the server's account, so it gets a short-lived copy of its own.
        password_file = unfinished.with_name("initdb-password")
        password_file.touch(mode=0o600)
        try:
            password_file.write_text(self.password(SUPERUSER))
            self._give_away(unfinished, password_file)
            self._initdb(unfinished, password_file)
        finally:
            password_file.unlink()
        unfinished.rename(self.data)

    def _initdb(self, folder: Path, password_file: Path) -> None:
        answer = run_as(
            self._account,
            [
                *(self._programs / "initdb", "-D", folder, "-U", SUPERUSER, "-A", "scram-sha-256"),
                *(f"--pwfile={password_file}", "--data-checksums", "--encoding=UTF8", "--locale=C"),
                # The order of an index must not depend on the machine's C library.
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
        )
        if answer.returncode:
            raise PostgresUnavailable(f"initdb failed: {answer.stdout[-600:]}")

    def _give_away(self, *paths: Path) -> None:
        if self._account:
            for path in paths:
                os.chown(path, self._account.uid, self._account.gid)

    def _find_running(self) -> bool:
        """Wait while a server is recovering or going down; return True once one answers."""
        for _ in range(_START_POLLS):
            if self._process:
                self._process.poll()
            status = run_as(self._account, [self._programs / "pg_ctl", "-D", self.data, "status"])
            if status.returncode:
                return False
            port = self._recorded_port()
            if port and self._answers(port):
                self.port = port
                return True
            time.sleep(_POLL_SECONDS)
        raise PostgresUnavailable(f"a server holds {self.data} but does not answer; see {self.log}")

    def _recorded_port(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[3])
        except (OSError, IndexError, ValueError):
            return None

    def _answers(self, port: int) -> bool:
        command: list[str | Path] = [self._programs / "pg_isready", "-h", HOST, "-p", str(port)]
        return run_as(self._account, command).returncode == 0

    def _launch(self, die_with_parent: bool) -> None:
        self.log.touch(mode=0o600)
        self._give_away(self.log)
        self.port = self.port if self.port and _is_free(self.port) else _free_port()
        options = [f"{name}={value}" for name, value in (self._settings | {"port": str(self.port)}).items()]
        if die_with_parent and sys.platform == "linux":
            self._launch_child(options)
        else:
            self._launch_detached(options)

    def _launch_detached(self, options: list[str]) -> None:
        # pg_ctl hands its -o text to a shell, hence the quotes.
        text = " ".join(f"-c '{option}'" for option in options)
        pg_ctl = self._programs / "pg_ctl"
        answer = run_as(self._account, [pg_ctl, "-D", self.data, "-w", "-t", "60", "-l", self.log, "-o", text, "start"])
        if answer.returncode:
            raise PostgresUnavailable(f"PostgreSQL did not start: {self._end_of_log()}")

    def _launch_child(self, options: list[str]) -> None:
        arguments = [part for option in options for part in ("-c", option)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [str(self._programs / "postgres"), "-D", str(self.data), *arguments],
                cwd="/",
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent_by(signal.SIGINT),  # noqa: PLW1509
                **identity(self._account),
            )
        for _ in range(_START_POLLS):
            if self._process.poll() is not None:
                break
            if self.is_ready():
                return
            time.sleep(_POLL_SECONDS)
        raise PostgresUnavailable(f"PostgreSQL did not start: {self._end_of_log()}")

    def _end_of_log(self) -> str:
        return self.log.read_text(errors="replace")[-800:]


def die_with_parent_by(signal_number: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` by which Linux signals the child when its parent dies; None elsewhere.

    Only for a process that has not started threads: code between fork and exec may deadlock otherwise.
    """
    if sys.platform != "linux":
        return None
    # Loaded before the fork, because a child may not take the loader's locks.
    library = ctypes.CDLL(None)

    def ask_kernel() -> None:
        library.prctl(_PR_SET_PDEATHSIG, int(signal_number))

    return ask_kernel


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
