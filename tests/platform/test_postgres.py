"""The embedded server: safe to start from anywhere, and as durable as any other."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from specie.platform.database_facts import read_facts
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_binaries import PostgresUnavailable
from specie.platform.postgres_roles import APP, AUDITOR, OWNER, ROLES, SUPERUSER, SYSTEM, bootstrap
from tests.support.state import reachable_folder

DIES_WITH_PARENT = """
import sys, time
from pathlib import Path
from specie.platform.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start(die_with_parent=True)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """A server of this module's own, because these tests kill it."""
    with reachable_folder() as state:
        running = EmbeddedPostgres(state)
        running.start()
        bootstrap(running.url(SUPERUSER, "postgres"), database="specie", passwords=running.passwords())
        yield running
        running.stop()


def postmaster_pid(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def test_a_second_start_adopts_the_running_server(server: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(server.state)
    assert other.start() == "adopted"
    assert other.port == server.port


def test_adopt_starts_nothing_where_no_server_runs(state_folder: Path) -> None:
    assert not EmbeddedPostgres(state_folder).adopt()
    assert not (state_folder / "pg").exists()


def test_committed_rows_survive_a_killed_postmaster(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url(OWNER), autocommit=True) as connection:
        connection.execute("create table kept (id int)")
        connection.execute("insert into kept select generate_series(1, 100)")
    os.kill(postmaster_pid(server), signal.SIGKILL)
    assert server.start() == "started"
    with psycopg.connect(server.url(OWNER)) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (100,)


def test_no_role_of_the_platform_sees_through_row_security(server: EmbeddedPostgres) -> None:
    for role in ROLES:
        facts = read_facts(server.url(role))
        assert (facts.role, facts.sees_through_row_security) == (role, False)


def test_commits_are_durable(server: EmbeddedPostgres) -> None:
    assert read_facts(server.url(APP)).durability == {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
    }


def test_secrets_are_readable_by_their_owner_alone(server: EmbeddedPostgres) -> None:
    folder = server.state / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {file.name for file in folder.iterdir()} == {SUPERUSER, *ROLES}
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_every_role_has_a_password_of_its_own(server: EmbeddedPostgres) -> None:
    assert len({server.password(role) for role in (SUPERUSER, *ROLES)}) == 5


def test_a_wrong_password_is_refused(server: EmbeddedPostgres) -> None:
    url = server.url(APP).replace(server.password(APP), "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_a_second_bootstrap_changes_nothing(server: EmbeddedPostgres) -> None:
    bootstrap(server.url(SUPERUSER, "postgres"), database="specie", passwords=server.passwords())
    assert read_facts(server.url(SYSTEM)).role == SYSTEM


def test_the_application_role_creates_no_table(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url(APP)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("create table specie.mine (id int)")


def test_the_auditor_writes_nothing(server: EmbeddedPostgres) -> None:
    with (
        psycopg.connect(server.url(AUDITOR)) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("create table specie.mine (id int)")


def test_unqualified_names_resolve_to_the_platform_schema(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url(APP)) as connection:
        assert connection.execute("show search_path").fetchone() == ("specie, jobs",)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_the_server_shuts_down_cleanly_when_its_parent_is_killed(state_folder: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", DIES_WITH_PARENT, str(state_folder)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    parent.kill()
    parent.wait()
    log = state_folder / "postgres.log"
    for _ in range(100):
        if "database system is shut down" in log.read_text():
            break
        time.sleep(0.1)
    assert "database system is shut down" in log.read_text()
    assert not (state_folder / "pg" / "postmaster.pid").exists()


def test_an_interrupted_initdb_is_started_over(state_folder: Path) -> None:
    unfinished = state_folder / "pg.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(state_folder)
    assert server.start() == "started"
    server.stop()
    assert not unfinished.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to drop to another user")
def test_an_unreachable_state_folder_is_refused_with_advice(state_folder: Path) -> None:
    closed = state_folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresUnavailable, match="SPECIE_STATE"):
        EmbeddedPostgres(closed / "state").start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_data_of_another_major_version_is_refused(state_folder: Path) -> None:
    (state_folder / "pg").mkdir()
    (state_folder / "pg" / "PG_VERSION").write_text("12\n")
    with pytest.raises(PostgresUnavailable, match="made by PostgreSQL 12"):
        EmbeddedPostgres(state_folder).start()
