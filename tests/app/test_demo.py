"""The demo: made once, sound, with something to see in every list."""

import json
import signal
import stat

import psycopg
import pytest

from specie.app import demo
from specie.app.cli.exit_codes import ExitCode
from specie.platform.config import Settings
from specie.platform.postgres import EmbeddedPostgres
from tests.app.test_cli import specie, up
from tests.support.state import reachable_folder


@pytest.fixture(scope="module")
async def logins(settings: Settings) -> list[dict[str, str]]:
    return await demo.seed(settings)


async def test_a_second_seeding_changes_nothing_and_tells_the_same(
    settings: Settings, logins: list[dict[str, str]], superuser_connection: psycopg.Connection
) -> None:
    count = "select count(*) from specie.journal_entry"
    before = superuser_connection.execute(count).fetchone()
    assert await demo.seed(settings) == logins
    assert superuser_connection.execute(count).fetchone() == before


def test_there_is_a_login_for_each_role_and_two_keys_of_the_sandbox(logins: list[dict[str, str]]) -> None:
    assert [login["role"] for login in logins] == [
        *("owner", "admin", "finance", "operator", "sales", "viewer", "merchant", "customer", "customer"),
        *("customer waiting for review", "API key of the merchant", "API key of the sandbox"),
    ]
    assert all(login["api_key"].startswith("spc_test_") for login in logins[-2:])


def test_the_secrets_are_made_for_this_installation_and_readable_by_its_owner_alone(
    settings: Settings, logins: list[dict[str, str]]
) -> None:
    kept = settings.state / "secrets" / "demo.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    passwords = json.loads(kept.read_text())["passwords"]
    assert {login["password"] for login in logins if "password" in login} == set(passwords.values())
    assert len(set(passwords.values())) == len(passwords)


def test_payments_stand_in_every_state(logins: list[dict[str, str]], superuser_connection: psycopg.Connection) -> None:
    states = {state for (state,) in superuser_connection.execute("select distinct state from specie.payment")}
    assert states >= {"pending", "paid", "failed", "expired", "cancelled"}


def test_business_goes_back_ninety_days_in_three_currencies(
    logins: list[dict[str, str]], superuser_connection: psycopg.Connection
) -> None:
    row = superuser_connection.execute(
        "select max(business_date) - min(business_date), count(distinct business_date) from specie.journal_entry"
    ).fetchone()
    assert row is not None
    assert row[0] >= 88
    assert row[1] > 40
    wallets = superuser_connection.execute(
        "select count(distinct currency) from specie.account"
        " where code like 'liability:wallets:%' and balance_minor > 0"
    ).fetchone()
    assert wallets == (3,)


def test_the_command_makes_a_fresh_database_only_when_it_may() -> None:
    with reachable_folder() as state:
        place = {"SPECIE_STATE": str(state)}
        assert specie("demo", "--json", **place).returncode == ExitCode.USAGE
        made = specie("demo", "--yes", "--json", **place)
        assert made.returncode == ExitCode.OK, made.stderr
        kept = json.loads((state / "secrets" / "demo.json").read_text())["passwords"]
        told = {login["password"] for login in json.loads(made.stdout)["logins"] if "password" in login}
        assert told == set(kept.values())
        assert not EmbeddedPostgres(state).adopt()


def test_the_command_leaves_a_running_platform_and_a_given_database_alone() -> None:
    with reachable_folder() as state, up(state) as running:
        answer = specie("demo", "--yes", SPECIE_STATE=str(state))
        assert answer.returncode == ExitCode.DATABASE
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=40) == ExitCode.OK
    given = specie("demo", "--yes", DATABASE_URL="postgresql://specie_app@127.0.0.1:1/specie")
    assert given.returncode == ExitCode.SETTINGS
