"""One PostgreSQL server for everybody who runs tests in this checkout, and throw-away databases on it.

Each process holds a shared lock while it uses the server, so that nobody stops it under somebody else: the
last one out stops it, and a process that finds itself alone first clears away what killed runs left behind.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from specie.platform import migrate
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_binaries import can_enter, unprivileged_account
from specie.platform.postgres_roles import APP, AUDITOR, OWNER, SUPERUSER, SYSTEM, bootstrap, create_database

ROOT = Path(__file__).parents[2]
ADMIN_DATABASE = "postgres"
# Durable as every server of the platform, which checks that itself; but thousands of short connections and hundreds
# of copied databases need neither slow passwords nor a compressed log.
SETTINGS = {"max_connections": "200", "scram_iterations": "1", "wal_compression": "off"}


@dataclass(frozen=True)
class DatabaseUrls:
    """The URLs of one database, by role."""

    app: str
    system: str
    owner: str
    auditor: str
    superuser: str


class ServerForTests:
    """The shared server, seen from one process."""

    def __init__(self, server: EmbeddedPostgres, template: str) -> None:
        self._server = server
        self._template = template
        self._numbers = count(1)
        self._dropping = ThreadPoolExecutor(max_workers=1)

    def create_database(self) -> str:
        """Copy the migrated template and return the copy's name, unique to this process."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        with self.connect() as connection:
            create_database(connection, name, self._template)
        return name

    def drop_database(self, name: str) -> None:
        """Have a database dropped soon, with whatever is still connected to it.

        Nobody waits: the server asks every session to let go first, and one that is busy lets it wait for a minute.
        """
        self._dropping.submit(self._drop, name)

    def close(self) -> None:
        """Wait until everything is dropped."""
        self._dropping.shutdown()

    def _drop(self, name: str) -> None:
        with self.connect() as connection:
            _drop(connection, name)

    @contextmanager
    def empty_database(self) -> Iterator[DatabaseUrls]:
        """A database with roles and schemas but no migration, dropped afterwards."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        admin = self._server.url(SUPERUSER, ADMIN_DATABASE)
        bootstrap(admin, database=name, passwords=self._server.passwords())
        try:
            yield self.urls(name)
        finally:
            self.drop_database(name)

    def connect(self, database: str = ADMIN_DATABASE) -> psycopg.Connection:
        """Connect as the superuser, in autocommit."""
        return psycopg.connect(self._server.url(SUPERUSER, database), autocommit=True)

    def urls(self, database: str) -> DatabaseUrls:
        """Return the URLs of a database for all roles."""
        url = self._server.url
        return DatabaseUrls(
            app=url(APP, database),
            system=url(SYSTEM, database),
            owner=url(OWNER, database),
            auditor=url(AUDITOR, database),
            superuser=url(SUPERUSER, database),
        )


@contextmanager
def shared_server() -> Iterator[ServerForTests]:
    """Start or join the test server for as long as the block runs."""
    state = _state()
    server = EmbeddedPostgres(state, settings=SETTINGS)
    template = _template_name()
    with (state / "users.lock").open("w") as users:
        if _is_alone(users):
            server.start()
            _clear_leftovers(server, keep=template)
        fcntl.flock(users, fcntl.LOCK_SH)
        # Again, because the last one out may have stopped it between the two locks.
        server.start()
        with _locked(state / "template.lock"):
            _prepare_template(server, template)
        shared = ServerForTests(server, template)
        try:
            yield shared
        finally:
            shared.close()
            if _is_alone(users):
                server.stop()


def _state() -> Path:
    """A folder of this checkout; one outside where the server's account cannot enter the checkout, as root's own."""
    inside = ROOT / ".specie" / "test"
    inside.mkdir(parents=True, exist_ok=True)
    if can_enter(unprivileged_account(), inside):
        return inside
    checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    outside = Path(tempfile.gettempdir()) / f"specie-test-server-{checkout}"
    outside.mkdir(mode=0o711, exist_ok=True)
    return outside


def _is_alone(users: object) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prepare_template(server: EmbeddedPostgres, template: str) -> None:
    with psycopg.connect(server.url(SUPERUSER, ADMIN_DATABASE), autocommit=True) as connection:
        if template in _databases(connection):
            return
        # Migrated under another name, so that a killed or failing run leaves no half-made template.
        unfinished = f"unfinished_{template}"
        _drop(connection, unfinished)
        bootstrap(server.url(SUPERUSER, ADMIN_DATABASE), database=unfinished, passwords=server.passwords())
        # The other roles have just been given theirs; the superuser's is still the slow one it was made with.
        quick = connection.pgconn.encrypt_password(server.password(SUPERUSER).encode(), SUPERUSER.encode())
        connection.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(SUPERUSER), sql.Literal(quick.decode()))
        )
        migrate.upgrade(server.url(OWNER, unfinished))
        connection.execute(
            sql.SQL("alter database {} rename to {}").format(sql.Identifier(unfinished), sql.Identifier(template))
        )


def _clear_leftovers(server: EmbeddedPostgres, keep: str) -> None:
    with psycopg.connect(server.url(SUPERUSER, ADMIN_DATABASE), autocommit=True) as connection:
        for name in _databases(connection):
            if name.startswith(("test_", "migrated_", "unfinished_")) and name != keep:
                _drop(connection, name)


def _databases(connection: psycopg.Connection) -> list[str]:
    return [name for (name,) in connection.execute("select datname from pg_database")]


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _template_name() -> str:
    """Name the template after everything that decides its content."""
    digest = hashlib.sha256()
    sources = [
        *sorted((ROOT / "migrations").rglob("*.py")),
        ROOT / "specie" / "platform" / "postgres_roles.py",
        Path(__file__),
    ]
    for source in sources:
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return f"migrated_{digest.hexdigest()[:16]}"
