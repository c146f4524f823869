"""`specie user create`: the first owner, and nobody by halves."""

import base64
import json
import os
import pty
import sys
from typing import Any

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from specie.app.cli import app
from specie.app.cli.exit_codes import ExitCode
from specie.kernel.ids import UserId
from tests.app.test_cli import SPECIE, environment
from tests.support.server import DatabaseUrls

PASSWORD = "seven cups on the counter"
KEY = base64.b64encode(b"m" * 32).decode()
COUNTS = "select (select count(*) from specie.app_user), (select count(*) from specie.tenant)"


@pytest.fixture
def given(database_urls: DatabaseUrls) -> dict[str, str]:
    urls = {"DATABASE_URL": database_urls.app, "SPECIE_SYSTEM_URL": database_urls.system}
    return environment(**urls, SPECIE_SECRET_KEY="k" * 48, SPECIE_MASTER_KEY=KEY)


def create(given: dict[str, str], *arguments: str, password: str = PASSWORD) -> Result:
    """The command in this process: each start of another one takes seconds."""
    command = ["user", "create", *arguments, "--password-stdin"]
    return CliRunner(env=given).invoke(app, command, input=f"{password}\n")


def found(given: dict[str, str], slug: str) -> dict[str, Any]:
    answer = create(given, f"owner@{slug}.example", "--tenant", slug, "--found", "Kopi", "--json")
    assert answer.exit_code == ExitCode.OK, answer.output
    made: dict[str, Any] = json.loads(answer.stdout)
    return made


def test_the_first_owner_founds_the_tenant_and_joins_its_sandbox(
    given: dict[str, str], superuser_connection: psycopg.Connection
) -> None:
    made = found(given, "kopi")
    assert (made["tenant"], made["role"]) == ("kopi", "owner")
    query = """select t.slug, m.role from specie.membership m join specie.tenant t on t.id = m.tenant_id order by 1"""
    assert superuser_connection.execute(query).fetchall() == [("kopi", "owner"), ("kopi-sandbox", "owner")]


def test_a_colleague_is_one_sentence_and_the_password_is_nowhere_in_it(given: dict[str, str]) -> None:
    found(given, "teh")
    answer = create(given, "fitri@teh.example", "--tenant", "teh", "--role", "finance", "--name", "Fitri")
    assert answer.stdout == "fitri@teh.example is finance of Kopi (teh).\n"
    assert PASSWORD not in answer.output


@pytest.mark.parametrize(
    ("arguments", "password", "code"),
    [
        (["new@susu.example", "--tenant", "nowhere"], PASSWORD, "not_found"),
        (["owner@susu.example", "--tenant", "susu"], PASSWORD, "email_taken"),
        (["new@susu.example", "--tenant", "susu", "--found", "Susu"], PASSWORD, "slug_taken"),
        (["new@susu.example", "--tenant", "susu"], "short", "password_weak"),
        (["new@susu.example", "--tenant", "susu"], "", "password_weak"),
        (["no address", "--tenant", "susu"], PASSWORD, "field_invalid"),
    ],
)
def test_what_is_refused_names_its_code_and_makes_nothing(
    given: dict[str, str],
    superuser_connection: psycopg.Connection,
    arguments: list[str],
    password: str,
    code: str,
) -> None:
    if superuser_connection.execute("select 1 from specie.tenant where slug = 'susu'").fetchone() is None:
        found(given, "susu")
    before = superuser_connection.execute(COUNTS).fetchone()
    answer = create(given, *arguments, "--json", password=password)
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (ExitCode.REFUSED, code)
    assert superuser_connection.execute(COUNTS).fetchone() == before


@pytest.mark.parametrize(
    "arguments",
    [["--role", "king"], ["--role", "merchant"], ["--party", "pty_x"], ["--role", "customer", "--party", "x"]],
)
def test_a_command_line_that_cannot_be_meant_is_a_usage_error(given: dict[str, str], arguments: list[str]) -> None:
    assert create(given, "a@kopi.example", "--tenant", "kopi", *arguments).exit_code == ExitCode.USAGE


def test_without_a_terminal_the_password_comes_by_standard_input_only(given: dict[str, str]) -> None:
    command = ["user", "create", "a@kopi.example", "--tenant", "kopi"]
    answer = CliRunner(env=given).invoke(app, command, input=PASSWORD)
    assert answer.exit_code == ExitCode.USAGE
    assert "--password-stdin" in answer.stderr


def test_at_a_terminal_the_password_is_typed_twice_and_not_shown(given: dict[str, str]) -> None:
    found(given, "gula")
    command = [*SPECIE, "user", "create", "sri@gula.example", "--tenant", "gula"]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir("/")
        os.execve(sys.executable, command, given)
    shown = typed(terminal, "Password: ") + typed(terminal, "confirmation: ") + rest(terminal)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == ExitCode.OK, shown
    assert "sri@gula.example is owner of Kopi" in shown
    assert PASSWORD not in shown


def typed(terminal: int, until: str) -> str:
    """What is shown up to the question, which is then answered."""
    shown = ""
    while until not in shown:
        shown += os.read(terminal, 1024).decode()
    os.write(terminal, f"{PASSWORD}\n".encode())
    return shown


def rest(terminal: int) -> str:
    shown = ""
    try:
        while part := os.read(terminal, 1024):
            shown += part.decode()
    except OSError:
        # Linux tells the end of the other side this way.
        pass
    return shown


def test_whoever_runs_the_installation_lets_the_only_owner_in_again(
    given: dict[str, str], superuser_connection: psycopg.Connection
) -> None:
    made = found(given, "sirup")
    command = ["user", "remove-second-factor", "Owner@sirup.example", "--tenant", "sirup", "--json"]
    none = CliRunner(env=given).invoke(app, command)
    assert (none.exit_code, json.loads(none.stdout)["error"]["code"]) == (ExitCode.REFUSED, "totp_not_enrolled")
    user = UserId.parse(made["user_id"]).uuid
    superuser_connection.execute(
        "insert into specie.totp (user_id, seed_sealed, confirmed_at) values (%s, %s, now())", [user, b"sealed"]
    )
    answer = CliRunner(env=given).invoke(app, command)
    assert answer.exit_code == ExitCode.OK, answer.output
    factors = "select count(*) from specie.totp where user_id = %s"
    assert superuser_connection.execute(factors, [user]).fetchone() == (0,)
    noted = "select actor, subject_id from specie.audit where action = 'member.totp_remove'"
    assert superuser_connection.execute(noted).fetchall() == [("system:cli", made["member_id"])]
    mail = "select count(*) from jobs.procrastinate_jobs where task_name = 'identity.tell_second_factor_removed'"
    assert superuser_connection.execute(mail).fetchone() == (1,)


def test_nobody_is_let_in_where_they_do_not_work(given: dict[str, str]) -> None:
    found(given, "pandan")
    command = ["user", "remove-second-factor", "stranger@pandan.example", "--tenant", "pandan", "--json"]
    answer = CliRunner(env=given).invoke(app, command)
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (ExitCode.REFUSED, "not_found")
