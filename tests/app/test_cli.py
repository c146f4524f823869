"""The command line: one sentence or one JSON object, and an exit code scripts can rely on."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from specie.app.cli.exit_codes import ExitCode
from specie.platform.config import Settings, variable_name
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.revisions import migrations_folder
from tests.support.server import DatabaseUrls, ServerForTests
from tests.support.state import reachable_folder

ROOT = Path(__file__).parents[2]
SPECIE = [sys.executable, "-m", "specie.app.cli"]


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """One installation for the module; making it afresh takes a second."""
    with reachable_folder() as folder:
        yield folder


def environment(**variables: str) -> dict[str, str]:
    own = {variable_name(field) for field in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return kept | {"PYTHONPATH": str(ROOT)} | variables


def specie(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SPECIE, *arguments],
        cwd="/",
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )


def findings(answer: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    return {finding["check"]: finding for finding in json.loads(answer.stdout)["findings"]}


def test_version_is_a_line_or_an_object() -> None:
    assert specie("version").stdout.startswith("specie ")
    assert json.loads(specie("version", "--json").stdout)["version"]


def test_an_unknown_command_is_a_usage_error() -> None:
    assert specie("fly").returncode == ExitCode.USAGE


def test_a_wrong_setting_is_named_and_has_its_own_exit_code() -> None:
    answer = specie("migrate", SPECIE_PORT="eighty")
    assert answer.returncode == ExitCode.SETTINGS
    assert answer.stderr.startswith("SPECIE_PORT: ")
    assert "Traceback" not in answer.stderr


def test_failures_are_json_when_json_was_asked_for() -> None:
    answer = specie("migrate", "--json", SPECIE_PORT="eighty")
    assert json.loads(answer.stdout)["error"]["code"] == "settings"


def test_a_database_that_does_not_answer_has_its_own_exit_code() -> None:
    nowhere = "postgresql://specie_owner@127.0.0.1:1/specie"
    answer = specie("migrate", DATABASE_URL=nowhere, SPECIE_OWNER_URL=nowhere)
    assert answer.returncode == ExitCode.DATABASE
    assert "Traceback" not in answer.stderr


def test_migrating_a_given_database_needs_the_owner_url() -> None:
    answer = specie("migrate", DATABASE_URL="postgresql://specie_app@127.0.0.1:1/specie")
    assert answer.returncode == ExitCode.SETTINGS
    assert "SPECIE_OWNER_URL" in answer.stderr


def test_check_reports_pending_migrations_without_applying_them(postgres_server: ServerForTests) -> None:
    with postgres_server.empty_database() as urls:
        given = {"DATABASE_URL": urls.app, "SPECIE_OWNER_URL": urls.owner}
        for _ in range(2):
            answer = specie("migrate", "--check", "--json", **given)
            assert answer.returncode == ExitCode.SCHEMA_BEHIND
            assert len(json.loads(answer.stdout)["pending"]) == len(list(migrations_folder().glob("versions/*.py")))


def test_migrate_starts_the_embedded_server_and_stops_it_again(state: Path) -> None:
    answer = specie("migrate", "--json", SPECIE_STATE=str(state))
    assert answer.returncode == ExitCode.OK
    assert json.loads(answer.stdout)["current"] is not None
    assert not EmbeddedPostgres(state).adopt()


def test_doctor_is_content_with_a_migrated_database(database_urls: DatabaseUrls, state: Path) -> None:
    answer = specie(
        "doctor",
        "--json",
        SPECIE_STATE=str(state),
        DATABASE_URL=database_urls.app,
        SPECIE_OWNER_URL=database_urls.owner,
    )
    assert answer.returncode == ExitCode.OK, answer.stdout
    assert {findings(answer)[check]["status"] for check in ("database", "role", "durability", "schema")} == {"ok"}


def test_doctor_refuses_a_role_that_sees_through_row_security(database_urls: DatabaseUrls, state: Path) -> None:
    answer = specie("doctor", "--json", SPECIE_STATE=str(state), DATABASE_URL=database_urls.superuser)
    assert answer.returncode == ExitCode.CHECK_FAILED
    assert findings(answer)["role"]["status"] == "failed"
    assert "specie_app" in findings(answer)["role"]["fix"]


def test_doctor_finds_a_secret_that_others_can_read(state_folder: Path) -> None:
    secret = state_folder / "secrets" / "secret_key"
    secret.parent.mkdir(mode=0o700)
    secret.write_text("x")
    secret.chmod(0o644)
    answer = specie("doctor", "--json", SPECIE_STATE=str(state_folder))
    assert answer.returncode == ExitCode.CHECK_FAILED
    assert findings(answer)["secrets"]["fix"] == f"chmod 600 {secret}"


def test_doctor_gives_a_fix_line_for_a_wrong_setting() -> None:
    answer = specie("doctor", SPECIE_PORT="eighty")
    assert answer.returncode == ExitCode.CHECK_FAILED
    assert "FAIL  settings: SPECIE_PORT" in answer.stdout
    assert "fix: " in answer.stdout


def test_up_refuses_a_taken_port_with_its_own_exit_code(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = specie("up", SPECIE_STATE=str(state), SPECIE_PORT=str(taken.getsockname()[1]))
    assert answer.returncode == ExitCode.PORT_TAKEN
    assert "SPECIE_PORT" in answer.stderr


def test_the_worker_alone_needs_a_database_url() -> None:
    answer = specie("worker")
    assert answer.returncode == ExitCode.SETTINGS
    assert "DATABASE_URL" in answer.stderr


@contextmanager
def up(state: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `specie up` until it has announced itself; it is killed if the test does not stop it."""
    running = subprocess.Popen(
        [*SPECIE, "up", "--json"],
        cwd="/",
        env=environment(SPECIE_STATE=str(state), SPECIE_PORT="0"),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    try:
        assert json.loads(running.stdout.readline())["url"].startswith("http://127.0.0.1:")
        yield running
    finally:
        running.kill()
        running.wait()


def test_up_runs_everything_and_stops_cleanly(state: Path) -> None:
    with up(state) as running:
        assert EmbeddedPostgres(state).adopt()
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=40) == ExitCode.OK
    assert not EmbeddedPostgres(state).adopt()


def test_up_starts_a_killed_database_again(state: Path) -> None:
    with up(state) as running:
        killed = postmaster(state)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        for _ in range(100):
            if postmaster(state) not in (None, killed):
                break
            time.sleep(0.1)
        assert postmaster(state) != killed
        assert EmbeddedPostgres(state).adopt()
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=40) == ExitCode.OK


def postmaster(state: Path) -> int | None:
    """The process id the server has written down; None while the file is missing or only begun."""
    try:
        return int((state / "pg" / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, IndexError, ValueError):
        return None
